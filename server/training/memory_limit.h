// How much memory this process may have.
#pragma once

#include <cstdint>
#include <string>

namespace roicast {

// Bytes: the least of the machine's memory and the limits of the control groups around the process, version 2 or 1, as
// a container has them; never 0. Files that are not there or not readable limit nothing. root: where /proc and /sys
// are.
int64_t MemoryLimit(const std::string& root = "");

}  // namespace roicast

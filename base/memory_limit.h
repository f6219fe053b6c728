// The memory limit of this process.
#pragma once

#include <cstdint>
#include <string>

namespace roicast {

// Bytes: the least of the machine's memory and the limits of the control groups around the process, version 2 or 1, as
// a container has them; never 0. Files that are missing or cannot be read set no limit. root: the directory with
// /proc and /sys.
int64_t MemoryLimit(const std::string& root = "");

}  // namespace roicast

// ROICAST_CHECK(condition): a programmer's mistake ends the process with file, line and the condition. What input,
// disk, network or database can cause returns a Status instead.
#pragma once

namespace roicast::internal {
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);
}  // namespace roicast::internal

#define ROICAST_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::roicast::internal::CheckFailed(__FILE__, __LINE__, #condition))

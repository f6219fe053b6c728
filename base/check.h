// ROICAST_CHECK(condition): aborts with file, line and the condition if it is false. For programming errors only;
// errors caused by input, disk, network or database are returned as a Status.
#pragma once

namespace roicast::internal {
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);
}  // namespace roicast::internal

#define ROICAST_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::roicast::internal::CheckFailed(__FILE__, __LINE__, #condition))

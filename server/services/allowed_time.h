// The times that requests may have.
#pragma once

#include <cstdint>

namespace roicast {

// For messages, behind "expected ".
inline constexpr char kAllowedTimeRule[] = "a time in the years 1900 to 2199";

// Whether unix seconds lie in the years 1900 to 2199.
constexpr bool IsAllowedTime(int64_t unix_seconds) {
  constexpr int64_t kYear1900 = -2208988800;
  constexpr int64_t kYear2200 = 7258118400;
  return unix_seconds >= kYear1900 && unix_seconds < kYear2200;
}

}  // namespace roicast

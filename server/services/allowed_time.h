// The times that requests may have.
#pragma once

#include <cstdint>

#include "model/features/calendar.h"

namespace roicast {

// Whether unix seconds lie in the hours that a raw row may have; kAllowedTimeRule says which.
constexpr bool IsAllowedTime(int64_t unix_seconds) {
  return unix_seconds >= kMinHours * 3600 && unix_seconds < (kMaxHours + 1) * 3600;
}
static_assert(!IsAllowedTime(-2208988801) && IsAllowedTime(-2208988800));
static_assert(IsAllowedTime(7258118399) && !IsAllowedTime(7258118400));

}  // namespace roicast

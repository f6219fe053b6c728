// Spans of time that are no point in time: ranges of dates, times of day and durations. Thread-safe.
#pragma once

#include <optional>
#include <utility>

#include "absl/strings/string_view.h"

namespace roicast {

// The two ends of "2024-08-01 - 2024-08-31", "01.08.2024–07.08.2024", "Aug 1 to Aug 7, 2024", 2024-08-01/2024-08-31;
// whether they are dates is not looked at. Nullopt for a cell without such a mark in it.
std::optional<std::pair<absl::string_view, absl::string_view>> SplitRange(absl::string_view cell);

// 12:30, 9:05:10 PM, 125:30:15.5: a time of day or a duration.
bool IsClockTime(absl::string_view cell);

}  // namespace roicast

// Features that follow from a time, such as a column with its month.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/data/schema.h"

namespace roicast {

enum class CalendarRole { kYear, kQuarter, kMonth, kWeek, kWeekday };

// "month", for messages.
absl::string_view CalendarRoleName(CalendarRole role);

// The part of a time: the year, 1–4, 1–12, the week of ISO 8601, 1 (Monday) – 7.
int CalendarPart(CalendarRole role, int64_t unix_seconds);

// What a feature that is no time tells of the time feature in these rows; nullopt: nothing. It does if its name says so
// ("month", "iso_week", "Quartal") and its values do not always deny it, or if all its values agree with the times,
// which have at least three different parts. rows: [n, schema.size()], raw.
std::optional<CalendarRole> FindCalendarRole(const Schema& schema, int feature, int time, absl::Span<const float> rows);

}  // namespace roicast

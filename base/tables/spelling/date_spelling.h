// Dates in the formats that people write. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "base/tables/time_form.h"

namespace roicast {

// A set of formats that are decided by a cell's looks: bit i stands for TimeFormat i.
using TimeFormatSet = uint32_t;
constexpr TimeFormatSet TimeFormatBit(TimeFormat format) { return TimeFormatSet{1} << static_cast<unsigned>(format); }

// The formats in which the cell is a time, without epochs and serials, which any number is, and without years of two
// digits in front. kIso alone if it is ISO.
TimeFormatSet TimeFormatsOf(absl::string_view cell);

// The three numbers of 17/05/2024 in the order of the format, with a time of day or without. `format` is kDayFirst,
// kMonthFirst or kYearFirst; ISO is not understood.
std::optional<int64_t> ParseNumericDate(absl::string_view cell, TimeFormat format);
// A date of three numbers none of which has four digits: 24/08/16, 7/18/24. Its year may stand first or last.
struct ShortDate {
  int first = 0;
  int last = 0;
  // Whether it is a date with the year first.
  bool year_first = false;
};
// Of a range, the date with which it begins; nullopt for all other cells. 0 <= first, last <= 99.
std::optional<ShortDate> ParseShortDate(absl::string_view cell);
// Dates with a month's name.
std::optional<int64_t> ParseNamedDate(absl::string_view cell);
// Days since 1970-01-01; nullopt where there is no such day or the year is not 1900 to 2199.
std::optional<int64_t> DaysOfDate(int year, int month, int day);
// What follows a date: nothing, or a time of day with a zone or without. Seconds after that midnight, by the clock
// of the zone.
std::optional<int64_t> ParseTimeOfDay(absl::string_view text);

}  // namespace roicast

// Hours since 1970 → the parts of a calendar date that networks see. UTC, proleptic Gregorian calendar.
// Source: Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013).
#pragma once

#include <cstdint>

namespace roicast {

// Days from 1970-01-01 to the given date. month 1–12, day 1–31.
constexpr int64_t DaysFromCivil(int64_t year, int month, int day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

// Whole hours since 1970 that a raw row may have: the years 1900 to 2199.
inline constexpr int64_t kMinHours = DaysFromCivil(1900, 1, 1) * 24;
inline constexpr int64_t kMaxHours = DaysFromCivil(2200, 1, 1) * 24 - 1;

struct CalendarParts {
  int month = 0;    // 0 = January
  int weekday = 0;  // 0 = Monday
  int hour = 0;     // 0–23
};

// hours in [kMinHours, kMaxHours].
constexpr CalendarParts PartsOfHour(int64_t hours) {
  const int64_t shifted = hours - kMinHours;  // ≥ 0
  const int64_t day = shifted / 24 + kMinHours / 24;
  CalendarParts parts;
  parts.hour = static_cast<int>(shifted % 24);
  parts.weekday = static_cast<int>(((day + 3) % 7 + 7) % 7);  // 1970-01-01 was a Thursday
  const int64_t z = day + 719468;                             // days since 0000-03-01, > 0
  const int64_t day_of_era = z % 146097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;  // 0 = March
  parts.month = static_cast<int>(shifted_month < 10 ? shifted_month + 2 : shifted_month - 10);
  return parts;
}

}  // namespace roicast

// Hours since 1970 → the parts of a date that networks see. UTC, proleptic Gregorian calendar, as <chrono> has it.
#pragma once

#include <chrono>
#include <cstdint>

namespace roicast {

// Whole hours since 1970 that a raw row may have: the years 1900 to 2199.
inline constexpr int64_t kMinHours =
    std::chrono::sys_days(std::chrono::year(1900) / 1 / 1).time_since_epoch().count() * int64_t{24};
inline constexpr int64_t kMaxHours =
    std::chrono::sys_days(std::chrono::year(2200) / 1 / 1).time_since_epoch().count() * int64_t{24} - 1;

// Those years in messages, behind "expected ".
inline constexpr char kAllowedTimeRule[] = "a time in the years 1900 to 2199";

struct CalendarParts {
  int month = 0;    // 0 = January
  int weekday = 0;  // 0 = Monday
  int hour = 0;     // 0–23
};

// hours in [kMinHours, kMaxHours].
constexpr CalendarParts PartsOfHour(int64_t hours) {
  const std::chrono::sys_time<std::chrono::hours> time{std::chrono::hours(hours)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  CalendarParts parts;
  parts.month = static_cast<int>(static_cast<unsigned>(std::chrono::year_month_day(day).month())) - 1;
  parts.weekday = static_cast<int>(std::chrono::weekday(day).iso_encoding()) - 1;
  parts.hour = static_cast<int>((time - day).count());
  return parts;
}

}  // namespace roicast

// Dates of the Gregorian calendar, without the cost of a time zone library.
#pragma once

#include <cstdint>
#include <string>

namespace roicast {

struct CivilDay {
  int64_t year;
  // 1 to 12.
  int month;
  // 1 to 31.
  int day;
};

// Days since 1970-01-01 of a date, and back.
// Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013), days_from_civil and civil_from_days.
int64_t DaysFromCivil(CivilDay date);
CivilDay CivilFromDays(int64_t days);

// Appends YYYY-MM-DDTHH:MM:SSZ. Years 0 to 9999.
void AppendTime(int64_t unix_seconds, std::string* out);

}  // namespace roicast

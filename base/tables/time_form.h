// How the times of a column are written. All functions are thread-safe and ignore blanks around the cell.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace roicast {

enum class TimeFormat {
  kIso,         // YYYY-MM-DD with a time of day and a zone or without; months: 2024-05, 05/2024, 2024/05, 2024年5月
  kDayFirst,    // 17/05/2024, 17.5.24, 17-05-2024
  kMonthFirst,  // 05/17/2024
  kYearFirst,   // 2024/05/17, 2024.5.17, 24-05-17
  kMonthName,   // May 17, 2024; 17 May 2024; 17-May-24; 17. Mai 2024; Fri, 17 mai 2024; May 2024
  kCompact,     // 20240517, 202405, 2024051709, 202405170930, 20240517093000
  kIsoWeek,     // 2024-W20, KW 20/2024, Week 20, 2024, 2024年第20周, 202420: its Monday; 2024-W20-5: the day
  kQuarter,     // 2024-Q2, Q2 2024, 2024Q2: its first day
  kEpochSeconds,
  kEpochMilliseconds,
  kExcelSerial,  // days since 1899-12-30
};
inline constexpr int kTimeFormats = 11;

// As flags write it: "iso", "day-first", "month-first", "year-first", "month-name", "compact", "iso-week", "quarter",
// "epoch", "epoch-ms", "excel".
absl::string_view TimeFormatName(TimeFormat format);
std::optional<TimeFormat> ParseTimeFormat(absl::string_view name);

// Seconds from 1970-01-01T00:00:00 to the date and the time of day that the cell shows. A zone behind them changes
// nothing: the day of the week and the hour are those of the place where they were written. ISO is understood in every
// format; a month with a dot, 05.2024 or 2024.05, in all but those that are numbers. Dates may be followed by a blank,
// a comma or a T and a time of day, H:MM[:SS[.fraction]], with AM or PM, and a zone (Z, UTC, GMT, ±HH:MM, ±HHMM or
// ±HH). Fractions are truncated. Two digits of a year are 1969 to 2068. Month names are English, German, French,
// Spanish, Italian, Portuguese, Dutch, Scandinavian, Polish, Turkish and Russian. A range of two dates is its start:
// "2024-05-01 - 2024-05-31". Years 1900 to 2199, as in the API; nullopt for all else.
std::optional<int64_t> ParseTime(absl::string_view cell, TimeFormat format);

// YYYY-MM-DD, optionally followed by a T or a space, HH:MM[:SS[.fraction]] and a zone, and nothing else.
std::optional<int64_t> ParseIsoTime(absl::string_view cell);

// YYYY-MM-DDTHH:MM:SSZ, which ParseTime reads back. Years 0 to 9999.
std::string FormatTime(int64_t unix_seconds);
// Appends the same.
void AppendTime(int64_t unix_seconds, std::string* out);

}  // namespace roicast

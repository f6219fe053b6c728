#include "base/tables/time_form.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "absl/strings/ascii.h"
#include "base/tables/cell_text.h"
#include "base/tables/number_form.h"
#include "base/tables/spelling/date_spelling.h"
#include "base/tables/spelling/period_spelling.h"
#include "base/tables/spelling/span_spelling.h"
#include "base/tables/spelling/zone_spelling.h"

namespace roicast {
namespace {

constexpr int64_t kSecondsPerDay = 86400;

constexpr std::array<absl::string_view, kTimeFormats> kNames = {"iso",        "day-first", "month-first", "year-first",
                                                                "month-name", "compact",   "iso-week",    "quarter",
                                                                "epoch",      "epoch-ms",  "excel"};

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// Consumes exactly `digits` decimal digits.
bool TakeNumber(absl::string_view& text, size_t digits, int& value) {
  if (text.size() < digits) return false;
  value = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (!IsDigit(text[i])) return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool Take(absl::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

bool TakeTimeOfDay(absl::string_view& text, int64_t& seconds) {
  int hour = 0, minute = 0, second = 0;
  if (!TakeNumber(text, 2, hour) || !Take(text, ':') || !TakeNumber(text, 2, minute)) return false;
  if (Take(text, ':')) {
    if (!TakeNumber(text, 2, second)) return false;
    if (Take(text, '.')) {
      int digit = 0;
      if (!TakeNumber(text, 1, digit)) return false;
      while (TakeNumber(text, 1, digit)) {
      }
    }
  }
  if (hour > 23 || minute > 59 || second > 59) return false;
  seconds = hour * 3600 + minute * 60 + second;
  return true;
}

// YYYYMM, YYYYMMDD, and a time of day behind it: HH, HHMM or HHMMSS.
std::optional<int64_t> ParseCompact(absl::string_view text) {
  int year = 0, month = 0, day = 1, hour = 0, minute = 0, second = 0;
  if (!TakeNumber(text, 4, year) || !TakeNumber(text, 2, month)) return std::nullopt;
  for (int* part : {&day, &hour, &minute, &second}) {
    if (!text.empty() && !TakeNumber(text, 2, *part)) return std::nullopt;
  }
  const std::optional<int64_t> days = DaysOfDate(year, month, day);
  if (!days.has_value() || !text.empty() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return *days * kSecondsPerDay + hour * 3600 + minute * 60 + second;
}

std::optional<int64_t> DaysAsSeconds(std::optional<int64_t> days) {
  if (!days.has_value()) return std::nullopt;
  return *days * kSecondsPerDay;
}

// A number of units since an origin; nullopt outside of the years 1900 to 2199.
std::optional<int64_t> ParseSerial(absl::string_view cell, double origin, double seconds_per_unit) {
  const std::optional<double> number = ParsePlainNumber(cell);
  if (!number.has_value()) return std::nullopt;
  const double seconds = std::floor((*number - origin) * seconds_per_unit + 1e-3);
  constexpr double kFirst = -2208988800.0;  // 1900-01-01
  constexpr double kEnd = 7258118400.0;     // 2200-01-01
  if (seconds < kFirst || seconds >= kEnd) return std::nullopt;
  return static_cast<int64_t>(seconds);
}

}  // namespace

absl::string_view TimeFormatName(TimeFormat format) { return kNames[static_cast<size_t>(format)]; }

std::optional<TimeFormat> ParseTimeFormat(absl::string_view name) {
  const auto* found = std::find(kNames.begin(), kNames.end(), absl::string_view(absl::AsciiStrToLower(name)));
  if (found == kNames.end()) return std::nullopt;
  return static_cast<TimeFormat>(found - kNames.begin());
}

std::optional<int64_t> ParseIsoTime(absl::string_view cell) {
  cell = TrimCell(cell);
  int year = 0, month = 0, day = 0;
  if (!TakeNumber(cell, 4, year) || !Take(cell, '-') || !TakeNumber(cell, 2, month) || !Take(cell, '-') ||
      !TakeNumber(cell, 2, day)) {
    return std::nullopt;
  }
  const std::optional<int64_t> days = DaysOfDate(year, month, day);
  if (!days.has_value() || cell.empty()) return DaysAsSeconds(days);
  int64_t seconds = 0;
  if (!Take(cell, 'T') && !Take(cell, 't') && !Take(cell, ' ')) return std::nullopt;
  if (!TakeTimeOfDay(cell, seconds) || (!cell.empty() && !ParseZone(cell).has_value())) return std::nullopt;
  return *days * kSecondsPerDay + seconds;
}

namespace {

bool IsNumberFormat(TimeFormat format) {
  return format == TimeFormat::kEpochSeconds || format == TimeFormat::kEpochMilliseconds ||
         format == TimeFormat::kExcelSerial;
}

// Not a range.
std::optional<int64_t> ParsePoint(absl::string_view cell, TimeFormat format) {
  if (cell.size() > 6 && cell[4] == '-') {
    if (const std::optional<int64_t> iso = ParseIsoTime(cell); iso.has_value()) return iso;
    // Looser times of day behind an ISO date, such as "2024-05-17 9:30 PM UTC".
    if (cell.size() > 10) {
      const std::optional<int64_t> date = ParseIsoTime(cell.substr(0, 10));
      const std::optional<int64_t> time = ParseTimeOfDay(cell.substr(10));
      if (date.has_value() && time.has_value()) return *date + *time;
    }
  }
  if (const std::optional<int64_t> month = ParseMonth(cell, !IsNumberFormat(format)); month.has_value()) {
    return DaysAsSeconds(month);
  }
  switch (format) {
    case TimeFormat::kIso:
      return std::nullopt;
    case TimeFormat::kDayFirst:
    case TimeFormat::kMonthFirst:
    case TimeFormat::kYearFirst:
      return ParseNumericDate(cell, format);
    case TimeFormat::kMonthName:
      return ParseNamedDate(cell);
    case TimeFormat::kCompact:
      return ParseCompact(cell);
    case TimeFormat::kIsoWeek:
      return DaysAsSeconds(ParseIsoWeek(cell));
    case TimeFormat::kQuarter:
      return DaysAsSeconds(ParseQuarter(cell));
    case TimeFormat::kEpochSeconds:
      return ParseSerial(cell, 0, 1);
    case TimeFormat::kEpochMilliseconds:
      return ParseSerial(cell, 0, 1e-3);
    case TimeFormat::kExcelSerial:
      return ParseSerial(cell, 25569, kSecondsPerDay);
  }
  return std::nullopt;
}

}  // namespace

std::optional<int64_t> ParseTime(absl::string_view cell, TimeFormat format) {
  cell = CellText(cell);
  const std::optional<int64_t> time = ParsePoint(cell, format);
  constexpr size_t kShortestRange = 12;
  if (time.has_value() || cell.size() < kShortestRange || IsNumberFormat(format)) return time;
  const auto range = SplitRange(cell);
  if (!range.has_value() || !ParsePoint(range->second, format).has_value()) return std::nullopt;
  return ParsePoint(range->first, format);
}

void AppendTime(int64_t unix_seconds, std::string* out) {
  const std::chrono::sys_seconds time{std::chrono::seconds(unix_seconds)};
  const auto midnight = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(midnight);
  const int64_t second = (time - midnight).count();
  char text[] = "0000-00-00T00:00:00Z";
  const auto put = [&text](int position, int digits, int64_t value) {
    for (int i = position + digits - 1; i >= position; --i, value /= 10) text[i] = static_cast<char>('0' + value % 10);
  };
  put(0, 4, static_cast<int>(date.year()));
  put(5, 2, static_cast<unsigned>(date.month()));
  put(8, 2, static_cast<unsigned>(date.day()));
  put(11, 2, second / 3600);
  put(14, 2, second / 60 % 60);
  put(17, 2, second % 60);
  out->append(text, sizeof(text) - 1);
}

std::string FormatTime(int64_t unix_seconds) {
  std::string text;
  AppendTime(unix_seconds, &text);
  return text;
}

}  // namespace roicast

#include "base/tables/spelling/date_spelling.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "base/tables/cell_text.h"
#include "base/tables/spelling/month_names.h"
#include "base/tables/spelling/span_spelling.h"
#include "base/tables/spelling/zone_spelling.h"

namespace roicast {
namespace {

// Longer cells are no dates.
constexpr size_t kLongestDate = 64;

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// Takes up to `most` digits; returns how many.
size_t TakeDigits(absl::string_view& text, size_t most, int& value) {
  size_t count = 0;
  for (value = 0; count < most && count < text.size() && IsDigit(text[count]); ++count) {
    value = value * 10 + (text[count] - '0');
  }
  text.remove_prefix(count);
  return count;
}

bool TakeChar(absl::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

// As POSIX does.
int FullYear(int two_digits) { return two_digits + (two_digits < 69 ? 2000 : 1900); }

// Takes AM or PM and turns the hour of a 12-hour clock into one of 24; false if that hour does not exist.
bool TakeHalfOfDay(absl::string_view& text, int& hour) {
  absl::string_view rest = absl::StripLeadingAsciiWhitespace(text);
  // Browsers write a narrow no-break space.
  if (!absl::ConsumePrefix(&rest, "\u202f")) absl::ConsumePrefix(&rest, "\u00a0");
  const bool after_noon = absl::StartsWithIgnoreCase(rest, "pm") || absl::StartsWithIgnoreCase(rest, "p.m.");
  if (!after_noon && !absl::StartsWithIgnoreCase(rest, "am") && !absl::StartsWithIgnoreCase(rest, "a.m.")) return true;
  rest.remove_prefix(rest[1] == '.' ? 4 : 2);
  text = rest;
  if (hour < 1 || hour > 12) return false;
  hour = hour % 12 + (after_noon ? 12 : 0);
  return true;
}

// What Chinese and Japanese, and Korean, write behind the year, the month and the day: 2024年8月16日.
constexpr absl::string_view kUnitsOfDate[][3] = {{"年", "月", "日"}, {"년", "월", "일"}};

// Three numbers with one separator between them, or each with its unit behind it.
struct DateParts {
  std::array<int, 3> values{};
  std::array<size_t, 3> digits{};
  absl::string_view rest;
};

std::optional<DateParts> SplitDateWithUnits(absl::string_view text) {
  DateParts parts;
  parts.digits[0] = TakeDigits(text, 4, parts.values[0]);
  if (parts.digits[0] != 4) return std::nullopt;
  for (const auto& units : kUnitsOfDate) {
    if (!absl::StartsWith(text, units[0])) continue;
    for (size_t i = 0; i < 3; ++i) {
      if (i > 0) {
        text = absl::StripLeadingAsciiWhitespace(text);
        parts.digits[i] = TakeDigits(text, 2, parts.values[i]);
      }
      if (parts.digits[i] == 0 || !absl::ConsumePrefix(&text, units[i])) return std::nullopt;
    }
    parts.rest = text;
    return parts;
  }
  return std::nullopt;
}

// 2024/07/20(土), 2024/07/20 (Sat).
absl::string_view WithoutWeekday(absl::string_view rest) {
  constexpr size_t kLongest = 16;
  const size_t open = rest.find_first_not_of(' ');
  if (open == absl::string_view::npos || rest[open] != '(') return rest;
  const size_t close = rest.find(')');
  if (close == absl::string_view::npos || close > kLongest) return rest;
  return rest.substr(close + 1);
}

// Sa, 20.07.2024 and Sat 07/20/2024: what stands behind the weekday.
absl::string_view BehindWeekday(absl::string_view text) {
  size_t size = 0;
  while (size < text.size() && (absl::ascii_isalpha(static_cast<unsigned char>(text[size])) ||
                                static_cast<unsigned char>(text[size]) >= 0x80)) {
    ++size;
  }
  if (size == 0 || !IsDateFiller(text.substr(0, size))) return text;
  const size_t digit = text.find_first_not_of(" .,", size);
  return digit != absl::string_view::npos && IsDigit(text[digit]) ? text.substr(digit) : text;
}

std::optional<DateParts> SplitDate(absl::string_view text) {
  if (!text.empty() && !IsDigit(text[0])) text = BehindWeekday(text);
  if (text.size() > 4 && static_cast<unsigned char>(text[4]) >= 0x80) return SplitDateWithUnits(text);
  DateParts parts;
  char separator = 0;
  for (size_t i = 0; i < 3; ++i) {
    parts.digits[i] = TakeDigits(text, 4, parts.values[i]);
    if (parts.digits[i] == 0 || parts.digits[i] == 3) return std::nullopt;
    if (i == 2) break;
    if (text.empty() || (text[0] != '/' && text[0] != '.' && text[0] != '-')) return std::nullopt;
    if (separator != 0 && text[0] != separator) return std::nullopt;
    separator = text[0];
    text.remove_prefix(1);
    if (separator == '.') TakeChar(text, ' ');
  }
  if (parts.digits[1] > 2) return std::nullopt;
  // 2024.05.17. as in Hungary and Korea.
  if (separator == '.') TakeChar(text, '.');
  parts.rest = WithoutWeekday(text);
  return parts;
}

std::optional<int64_t> DaysOf(const DateParts& parts, TimeFormat format) {
  const auto year = [&parts](size_t i) { return parts.digits[i] == 4 ? parts.values[i] : FullYear(parts.values[i]); };
  if (format == TimeFormat::kYearFirst) {
    if (parts.digits[0] == 1 || parts.digits[2] > 2) return std::nullopt;
    return DaysOfDate(year(0), parts.values[1], parts.values[2]);
  }
  if (parts.digits[0] > 2 || parts.digits[2] == 1) return std::nullopt;
  return format == TimeFormat::kDayFirst ? DaysOfDate(year(2), parts.values[1], parts.values[0])
                                         : DaysOfDate(year(2), parts.values[0], parts.values[1]);
}

// The words and numbers of a date with a month's name.
class NamedDate {
 public:
  // False for what is no such date. `rest` is what follows: nothing or a time of day.
  bool Split(absl::string_view text, absl::string_view* rest) {
    while (!text.empty() && !Complete()) {
      if (IsDigit(text[0])) {
        if (!TakeDateNumber(text)) return false;
      } else if (IsLetter(text[0])) {
        if (!TakeDateWord(text)) return false;
      } else if (absl::StrContains(" .,-/'", text[0])) {
        joined_ = text[0] == '-' || text[0] == '\'' || text[0] == '/';
        text.remove_prefix(1);
      } else {
        return false;
      }
    }
    *rest = text;
    return month_ != 0 && count_ > 0;
  }

  std::optional<int64_t> Days() const {
    const auto is_year = [this](int i) { return digits_[i] == 4; };
    if (count_ == 1) {
      // May 2024, and May-24 as spreadsheets write it; May 17 has no year.
      if (is_year(0)) return DaysOfDate(values_[0], month_, 1);
      return month_first_ && last_joined_ && digits_[0] == 2 ? DaysOfDate(FullYear(values_[0]), month_, 1)
                                                             : std::nullopt;
    }
    if (is_year(0) && is_year(1)) return std::nullopt;
    if (is_year(0)) return DaysOfDate(values_[0], month_, values_[1]);
    return DaysOfDate(is_year(1) ? values_[1] : FullYear(values_[1]), month_, values_[0]);
  }

 private:
  static bool IsLetter(char c) {
    return absl::ascii_isalpha(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) >= 0x80;
  }
  bool Complete() const { return month_ != 0 && count_ == 2; }

  bool TakeDateNumber(absl::string_view& text) {
    // The time of day of "May 2024 10:15" would be a day.
    if (count_ == 2) return false;
    digits_[count_] = TakeDigits(text, 4, values_[count_]);
    if (digits_[count_] == 3 || (!text.empty() && IsDigit(text[0]))) return false;
    if (count_ == 0) month_first_ = month_ != 0;
    ++count_;
    last_joined_ = joined_;
    joined_ = false;
    return true;
  }

  bool TakeDateWord(absl::string_view& text) {
    size_t size = 0;
    while (size < text.size() && IsLetter(text[size])) ++size;
    const absl::string_view word = text.substr(0, size);
    text.remove_prefix(size);
    joined_ = false;
    const int month = MonthOfName(word);
    if (month == 0) return IsDateFiller(word);
    if (month_ != 0 && !perhaps_tuesday_) return false;
    perhaps_tuesday_ = month_ == 0 && absl::EqualsIgnoreCase(word, "mar");
    month_ = month;
    return true;
  }

  int month_ = 0;
  std::array<int, 2> values_{};
  std::array<size_t, 2> digits_{};
  int count_ = 0;
  bool month_first_ = false;
  // "mar. 5 mars 2024".
  bool perhaps_tuesday_ = false;
  // Whether the number that follows, and the last one, is joined to what stands before it: May-24, May '24.
  bool joined_ = false;
  bool last_joined_ = false;
};

std::optional<int64_t> DateAndTime(std::optional<int64_t> days, absl::string_view rest) {
  if (!days.has_value()) return std::nullopt;
  const std::optional<int64_t> seconds = ParseTimeOfDay(rest);
  if (!seconds.has_value()) return std::nullopt;
  return *days * 86400 + *seconds;
}

}  // namespace

std::optional<int64_t> DaysOfDate(int year, int month, int day) {
  if (year < 1900 || year > 2199 || month < 1 || day < 1) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

std::optional<int64_t> ParseTimeOfDay(absl::string_view text) {
  if (text.empty()) return 0;
  TakeChar(text, ',');
  // The colon is that of SAS: 20JUL2024:01:30:00.
  if (!TakeChar(text, ' ') && !TakeChar(text, 'T') && !TakeChar(text, 't') && !TakeChar(text, ':')) return std::nullopt;
  text = absl::StripLeadingAsciiWhitespace(text);
  int hour = 0, minute = 0, second = 0;
  if (TakeDigits(text, 2, hour) == 0 || text.empty()) return std::nullopt;
  const char separator = text[0] == '.' ? '.' : ':';
  if (!TakeChar(text, separator) || TakeDigits(text, 2, minute) != 2) return std::nullopt;
  if (TakeChar(text, separator)) {
    if (TakeDigits(text, 2, second) != 2) return std::nullopt;
    if (separator == ':' && TakeChar(text, '.')) {
      if (text.empty() || !IsDigit(text[0])) return std::nullopt;
      while (!text.empty() && IsDigit(text[0])) text.remove_prefix(1);
    }
  }
  if (!TakeHalfOfDay(text, hour) || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  text = absl::StripAsciiWhitespace(text);
  if (!text.empty() && !ParseZone(text).has_value()) return std::nullopt;
  return hour * 3600 + minute * 60 + second;
}

std::optional<int64_t> ParseNumericDate(absl::string_view cell, TimeFormat format) {
  const std::optional<DateParts> parts = SplitDate(TrimCell(cell));
  if (!parts.has_value()) return std::nullopt;
  return DateAndTime(DaysOf(*parts, format), parts->rest);
}

std::optional<ShortDate> ParseShortDate(absl::string_view cell) {
  cell = TrimCell(cell);
  if (cell.size() < 6 || cell.size() > kLongestDate || !IsDigit(cell[0])) return std::nullopt;
  if (const auto range = SplitRange(cell); range.has_value()) cell = range->first;
  const std::optional<DateParts> parts = SplitDate(cell);
  if (!parts.has_value() || std::any_of(parts->digits.begin(), parts->digits.end(), [](size_t n) { return n > 2; }) ||
      !ParseTimeOfDay(parts->rest).has_value()) {
    return std::nullopt;
  }
  return ShortDate{parts->values[0], parts->values[2], DaysOf(*parts, TimeFormat::kYearFirst).has_value()};
}

std::optional<int64_t> ParseNamedDate(absl::string_view cell) {
  cell = TrimCell(cell);
  if (cell.size() > kLongestDate) return std::nullopt;
  NamedDate date;
  absl::string_view rest;
  if (!date.Split(cell, &rest)) return std::nullopt;
  absl::ConsumePrefix(&rest, " г.");
  return DateAndTime(date.Days(), rest);
}

namespace {

TimeFormatSet FormatsOfPoint(absl::string_view cell) {
  if (cell.size() < 6) return 0;
  // Only the formats that the first characters allow are tried: most cells of words are none.
  if (ParseTime(cell, TimeFormat::kIso).has_value()) return TimeFormatBit(TimeFormat::kIso);
  TimeFormatSet formats = 0;
  if (const std::optional<DateParts> parts = SplitDate(cell); parts.has_value()) {
    for (const TimeFormat format : {TimeFormat::kDayFirst, TimeFormat::kMonthFirst, TimeFormat::kYearFirst}) {
      // 17-05-24 is rarely a day of 2017.
      if (format == TimeFormat::kYearFirst && parts->digits[0] != 4) continue;
      if (DateAndTime(DaysOf(*parts, format), parts->rest).has_value()) formats |= TimeFormatBit(format);
    }
    return formats;
  }
  for (const TimeFormat format :
       {TimeFormat::kMonthName, TimeFormat::kCompact, TimeFormat::kIsoWeek, TimeFormat::kQuarter}) {
    if (ParseTime(cell, format).has_value()) return TimeFormatBit(format);
  }
  return 0;
}

}  // namespace

TimeFormatSet TimeFormatsOf(absl::string_view cell) {
  cell = TrimCell(cell);
  if (cell.size() > kLongestDate) return 0;
  if (const auto range = SplitRange(cell); range.has_value()) {
    const TimeFormatSet formats = FormatsOfPoint(range->first) & FormatsOfPoint(range->second);
    if (formats != 0) return formats;
  }
  return FormatsOfPoint(cell);
}

}  // namespace roicast

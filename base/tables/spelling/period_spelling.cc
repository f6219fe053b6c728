#include "base/tables/spelling/period_spelling.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "base/tables/spelling/date_spelling.h"

namespace roicast {
namespace {

bool IsDigitAt(absl::string_view text, size_t i) {
  return i < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[i]));
}

// Consumes `least` to `most` digits with no digit behind them.
bool TakeWholeNumber(absl::string_view& text, size_t least, size_t most, int& value) {
  size_t size = 0;
  for (value = 0; size <= most && IsDigitAt(text, size); ++size) value = value * 10 + (text[size] - '0');
  if (size < least || size > most) return false;
  text.remove_prefix(size);
  return true;
}

bool TakeAny(absl::string_view& text, absl::string_view characters) {
  if (text.empty() || !absl::StrContains(characters, text[0])) return false;
  text.remove_prefix(1);
  return true;
}

// 2024年5月, 2024년 5월.
std::optional<int64_t> ParseMonthWithUnits(absl::string_view text) {
  int year = 0, month = 0;
  if (!TakeWholeNumber(text, 4, 4, year)) return std::nullopt;
  const bool korean = absl::ConsumePrefix(&text, "년");
  if (!korean && !absl::ConsumePrefix(&text, "年")) return std::nullopt;
  text = absl::StripLeadingAsciiWhitespace(text);
  if (!TakeWholeNumber(text, 1, 2, month) || text != (korean ? "월" : "月")) return std::nullopt;
  return DaysOfDate(year, month, 1);
}

// What stands before or behind the number of a week.
bool TakeWeekWord(absl::string_view& text) {
  static constexpr absl::string_view kWords[] = {"week", "woche",   "kw",     "cw",       "wk",
                                                 "w",    "semaine", "semana", "settimana"};
  size_t size = 0;
  while (size < text.size() && absl::ascii_isalpha(static_cast<unsigned char>(text[size]))) ++size;
  for (const absl::string_view word : kWords) {
    if (!absl::EqualsIgnoreCase(text.substr(0, size), word)) continue;
    text.remove_prefix(size);
    TakeAny(text, ".");
    return true;
  }
  return false;
}

std::optional<int64_t> DaysOfIsoWeek(int year, int week, int day) {
  // The Monday of the week in which 4 January is; it was a Thursday that 1970 began with.
  const auto first_monday = [](int of_year) -> std::optional<int64_t> {
    const std::optional<int64_t> fourth = DaysOfDate(of_year, 1, 4);
    if (!fourth.has_value()) return std::nullopt;
    return *fourth - ((*fourth + 3) % 7 + 7) % 7;
  };
  const std::optional<int64_t> monday = first_monday(year);
  if (!monday.has_value() || week < 1 || day < 1 || day > 7) return std::nullopt;
  const std::optional<int64_t> next_year = first_monday(year + 1);
  const int64_t weeks = next_year.has_value() ? (*next_year - *monday) / 7 : 52;
  if (week > weeks) return std::nullopt;
  return *monday + (week - 1) * 7 + day - 1;
}

// The year first: 2024-W20, 2024-W20-5, 2024 KW 20, 2024年第20周, 202420.
std::optional<int64_t> ParseWeekOfYear(absl::string_view text) {
  constexpr size_t kCompactWeek = 6;
  int compact = 0;
  if (text.size() == kCompactWeek && absl::SimpleAtoi(text, &compact)) {
    return DaysOfIsoWeek(compact / 100, compact % 100, 1);
  }
  int year = 0, week = 0, day = 1;
  if (!TakeWholeNumber(text, 4, 4, year)) return std::nullopt;
  if (absl::ConsumePrefix(&text, "年")) {
    absl::ConsumePrefix(&text, "第");
    if (!TakeWholeNumber(text, 1, 2, week) || (text != "周" && text != "週")) return std::nullopt;
    return DaysOfIsoWeek(year, week, day);
  }
  TakeAny(text, "-/ ");
  if (!TakeWeekWord(text)) return std::nullopt;
  TakeAny(text, " ");
  if (!TakeWholeNumber(text, 1, 2, week)) return std::nullopt;
  if (!text.empty() && (!TakeAny(text, "-") || !TakeWholeNumber(text, 1, 1, day) || !text.empty())) return std::nullopt;
  return DaysOfIsoWeek(year, week, day);
}

}  // namespace

std::optional<int64_t> ParseMonth(absl::string_view text, bool dotted) {
  constexpr size_t kShortest = 6;
  constexpr size_t kLongest = 12;
  if (text.size() < kShortest || text.size() > kLongest) return std::nullopt;
  const absl::string_view separators = dotted ? "-/." : "-/";
  int first = 0, second = 0;
  absl::string_view rest = text;
  if (TakeWholeNumber(rest, 4, 4, first)) {
    if (!TakeAny(rest, separators)) return ParseMonthWithUnits(text);
    if (!TakeWholeNumber(rest, 2, 2, second) || !rest.empty()) return std::nullopt;
    return DaysOfDate(first, second, 1);
  }
  rest = text;
  if (!TakeWholeNumber(rest, 1, 2, first) || !TakeAny(rest, separators)) return std::nullopt;
  if (!TakeWholeNumber(rest, 4, 4, second) || !rest.empty()) return std::nullopt;
  return DaysOfDate(second, first, 1);
}

std::optional<int64_t> ParseIsoWeek(absl::string_view text) {
  if (IsDigitAt(text, 0)) return ParseWeekOfYear(text);
  int year = 0, week = 0;
  if (!TakeWeekWord(text)) return std::nullopt;
  TakeAny(text, " ");
  if (!TakeWholeNumber(text, 1, 2, week)) return std::nullopt;
  if (!TakeAny(text, "/-, ")) return std::nullopt;
  text = absl::StripLeadingAsciiWhitespace(text);
  if (!TakeWholeNumber(text, 4, 4, year) || !text.empty()) return std::nullopt;
  return DaysOfIsoWeek(year, week, 1);
}

std::optional<int64_t> ParseQuarter(absl::string_view text) {
  int year = 0, quarter = 0;
  const auto take_quarter = [&quarter](absl::string_view& from) {
    return TakeAny(from, "Qq") && TakeWholeNumber(from, 1, 1, quarter);
  };
  if (IsDigitAt(text, 0)) {
    if (!TakeWholeNumber(text, 4, 4, year)) return std::nullopt;
    TakeAny(text, "- /");
    if (!take_quarter(text)) return std::nullopt;
  } else if (!take_quarter(text) || !TakeAny(text, "- /") || !TakeWholeNumber(text, 4, 4, year)) {
    return std::nullopt;
  }
  if (!text.empty() || quarter < 1 || quarter > 4) return std::nullopt;
  return DaysOfDate(year, quarter * 3 - 2, 1);
}

}  // namespace roicast

#include "server/services/decision/calendar_feature.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace roicast {
namespace {

constexpr CalendarRole kRoles[] = {CalendarRole::kYear, CalendarRole::kQuarter, CalendarRole::kMonth,
                                   CalendarRole::kWeek, CalendarRole::kWeekday};
// Fewer parts agree by chance.
constexpr size_t kFewestParts = 3;

std::vector<absl::string_view> NamesOf(CalendarRole role) {
  switch (role) {
    case CalendarRole::kYear:
      return {"year", "yr", "jahr", "annee", "anno", "ano"};
    case CalendarRole::kQuarter:
      return {"quarter", "qtr", "quartal", "trimestre"};
    case CalendarRole::kMonth:
      return {"month", "monat", "mois", "mes", "mese"};
    case CalendarRole::kWeek:
      return {"week", "wk", "kw", "woche", "semaine", "semana", "weekofyear", "weeknumber"};
    case CalendarRole::kWeekday:
      return {"weekday", "dow", "dayofweek", "wochentag"};
  }
  return {};
}

// "iso_week", "Week no." and "month" have such a word.
bool IsNamed(absl::string_view name, CalendarRole role) {
  const std::string lower = absl::AsciiStrToLower(name);
  std::string whole;
  std::vector<std::string> words(1);
  for (const char c : lower) {
    if (absl::ascii_isalpha(static_cast<unsigned char>(c))) {
      words.back() += c;
      whole += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  for (const absl::string_view known : NamesOf(role)) {
    if (whole == known) return true;
    // "day_of_week" is the weekday; "price_per_month" and "months_active" are amounts.
    const bool alone = words.front() == known || (words.front() == "iso" && words.size() > 1 && words[1] == known);
    const bool amount = std::any_of(words.begin(), words.end(), [](const std::string& word) {
      return word == "per" || word == "count" || word == "since" || word == "active" || word == "budget";
    });
    if (alone && !amount) return true;
  }
  return false;
}

std::optional<int> PositionOf(absl::string_view word, absl::Span<const absl::string_view> names) {
  const std::string begin = absl::AsciiStrToLower(word.substr(0, 3));
  for (size_t i = 0; i < names.size(); ++i) {
    if (begin == names[i]) return static_cast<int>(i) + 1;
  }
  return std::nullopt;
}

// "Jan", "january", "01", "Q1", "W3", "2025-01".
std::optional<int> PartOfWord(CalendarRole role, absl::string_view word) {
  constexpr absl::string_view kMonths[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                           "jul", "aug", "sep", "oct", "nov", "dec"};
  constexpr absl::string_view kDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  if (role == CalendarRole::kMonth) {
    if (const auto month = PositionOf(word, kMonths)) return month;
  }
  if (role == CalendarRole::kWeekday) {
    if (const auto day = PositionOf(word, kDays)) return day;
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(word, absl::ByAnyChar("-/ "), absl::SkipEmpty());
  if (parts.empty()) return std::nullopt;
  absl::string_view last = role == CalendarRole::kYear ? parts.front() : parts.back();
  while (!last.empty() && absl::ascii_isalpha(static_cast<unsigned char>(last.front()))) last.remove_prefix(1);
  int number = 0;
  return absl::SimpleAtoi(last, &number) ? std::optional<int>(number) : std::nullopt;
}

std::optional<int> PartOfValue(const Feature& feature, CalendarRole role, float value) {
  if (feature.kind == FeatureKind::kNumeric) {
    if (!(std::fabs(value) < 1e6f) || value != std::floor(value)) return std::nullopt;
    return static_cast<int>(value);
  }
  if (!(value >= 0.0f && value < static_cast<float>(feature.vocabulary.size()))) return std::nullopt;
  return PartOfWord(role, feature.vocabulary[static_cast<size_t>(value)]);
}

// Weeks are counted in several ways, and so are the days of the week.
bool Agrees(CalendarRole role, int part, int value) {
  if (role == CalendarRole::kWeek) return std::abs(part - value) <= 1 || part >= 52;
  if (role == CalendarRole::kWeekday) return (part - value) % 7 == 0 || part - value == 1;
  return part == value;
}

struct Agreement {
  int agree = 0, differ = 0;  // rows
  std::set<int> parts;        // of those that agree
};

Agreement CompareValues(const Schema& schema, int feature, int time, CalendarRole role, absl::Span<const float> rows) {
  Agreement found;
  const auto width = static_cast<size_t>(schema.size());
  for (size_t row = 0; row + width <= rows.size(); row += width) {
    const float hours = rows[row + static_cast<size_t>(time)], value = rows[row + static_cast<size_t>(feature)];
    if (!std::isfinite(hours) || std::isnan(value)) continue;
    const int part = CalendarPart(role, static_cast<int64_t>(hours) * 3600);
    const auto own = PartOfValue(schema.features[static_cast<size_t>(feature)], role, value);
    const bool agrees = own.has_value() && Agrees(role, part, *own);
    ++(agrees ? found.agree : found.differ);
    if (agrees) found.parts.insert(part);
  }
  return found;
}

}  // namespace

absl::string_view CalendarRoleName(CalendarRole role) { return NamesOf(role).front(); }

int CalendarPart(CalendarRole role, int64_t unix_seconds) {
  const absl::CivilDay day = absl::ToCivilDay(absl::FromUnixSeconds(unix_seconds), absl::UTCTimeZone());
  const int weekday = static_cast<int>(absl::GetWeekday(day)) + 1;
  switch (role) {
    case CalendarRole::kYear:
      return static_cast<int>(day.year());
    case CalendarRole::kQuarter:
      return (day.month() + 2) / 3;
    case CalendarRole::kMonth:
      return day.month();
    case CalendarRole::kWeek: {
      // The week is that of its Thursday.
      const absl::CivilDay thursday = day + (4 - weekday);
      return (absl::GetYearDay(thursday) - 1) / 7 + 1;
    }
    case CalendarRole::kWeekday:
      return weekday;
  }
  return 0;
}

std::optional<CalendarRole> FindCalendarRole(const Schema& schema, int feature, int time,
                                             absl::Span<const float> rows) {
  const Feature& told = schema.features[static_cast<size_t>(feature)];
  if (told.kind == FeatureKind::kTime) return std::nullopt;
  for (const CalendarRole role : kRoles) {
    const Agreement found = CompareValues(schema, feature, time, role, rows);
    // "year_founded" is named like one, and never agrees.
    const bool named = IsNamed(told.name, role) && (found.agree > 0 || found.differ == 0);
    if (named || (found.differ == 0 && found.parts.size() >= kFewestParts)) return role;
  }
  return std::nullopt;
}

}  // namespace roicast

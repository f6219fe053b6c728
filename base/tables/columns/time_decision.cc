#include "base/tables/columns/time_decision.h"

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace roicast {
namespace {

constexpr TimeFormatSet kDay = TimeFormatBit(TimeFormat::kDayFirst);
constexpr TimeFormatSet kMonth = TimeFormatBit(TimeFormat::kMonthFirst);

int64_t Readable(const ColumnFacts& facts, TimeFormatSet formats) {
  int64_t count = 0;
  for (const TimeGroup& group : facts.times) {
    if ((group.formats & (formats | TimeFormatBit(TimeFormat::kIso))) != 0) count += group.cells.count;
  }
  return count;
}

int64_t Exactly(const ColumnFacts& facts, TimeFormatSet formats, std::vector<int64_t>* lines) {
  for (const TimeGroup& group : facts.times) {
    if (group.formats != formats) continue;
    for (const CellExample& example : group.cells.examples) {
      if (lines->size() < 3) lines->push_back(example.first);
    }
    return group.cells.count;
  }
  return 0;
}

// The span of the numbers in a set.
struct Span {
  explicit Span(const std::bitset<100>& numbers) : count(numbers.count()) {
    while (first < numbers.size() && !numbers[first]) ++first;
    last = numbers.size();
    while (last > first && !numbers[last - 1]) --last;
    last -= last > first ? 1 : 0;
  }
  // Of recent years: few, and not the days on which months begin or end.
  bool LooksLikeYears() const { return first >= 10 && first < 28 && last < 50 && last - first <= 15; }
  // As good as all days of a month; as years, they would reach far back and into the future.
  bool LooksLikeDays() const { return first <= 5 && last >= 27 && last <= 31; }

  size_t first = 0;
  size_t last = 0;
  size_t count;
};

enum class YearPlace { kOpen, kFirst, kLast };

// Where the years of two digits stand.
YearPlace PlaceOfShortYears(const ShortDates& dates) {
  const Span firsts(dates.firsts), lasts(dates.lasts);
  if (dates.only_year_last > 0) return YearPlace::kLast;
  if (firsts.LooksLikeYears() && dates.year_first > dates.year_last) return YearPlace::kFirst;
  if (firsts.LooksLikeYears() && lasts.LooksLikeDays() && lasts.count >= 2 * firsts.count) return YearPlace::kFirst;
  if (lasts.LooksLikeYears() && firsts.LooksLikeDays() && firsts.count >= 2 * lasts.count) return YearPlace::kLast;
  return YearPlace::kOpen;
}

// How many cells a format reads that was given, from what was kept of them.
int64_t ReadableAsGiven(const ColumnFacts& facts, TimeFormat format) {
  int64_t numbers = 0;
  for (const CellGroup& group : facts.digits) numbers += group.count;
  switch (format) {
    case TimeFormat::kCompact:
      return Readable(facts, 0) + facts.compact_dates + facts.compact_months;
    case TimeFormat::kEpochSeconds:
    case TimeFormat::kEpochMilliseconds:
    case TimeFormat::kExcelSerial:
      return Readable(facts, 0) + numbers;
    case TimeFormat::kIsoWeek:
      return Readable(facts, TimeFormatBit(format)) + facts.digits[static_cast<size_t>(DigitClass::kInteger)].count;
    case TimeFormat::kYearFirst:
      return Readable(facts, TimeFormatBit(format)) + facts.short_dates.year_first;
    default:
      return Readable(facts, TimeFormatBit(format));
  }
}

}  // namespace

bool SpeaksOfTime(absl::string_view name) {
  static constexpr absl::string_view kWords[] = {
      "date", "time",   "timestamp", "datetime", "datehour", "day",   "month", "yearmonth", "yearweek",
      "week", "period", "datum",     "zeit",     "monat",    "tag",   "woche", "fecha",     "mes",
      "hora", "semana", "data",      "m\u00eas", "mese",     "heure", "mois",  "jour",      "semaine"};
  static constexpr absl::string_view kParts[] = {"\u65e5\u671f", "\u65f6\u95f4", "\u6708\u4efd", "\u65e5\u4ed8",
                                                 "\u5e74\u6708"};
  const std::string lower = absl::AsciiStrToLower(name);
  const std::vector<std::string> words = absl::StrSplit(lower, absl::ByAnyChar(" _-.()/"), absl::SkipEmpty());
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) {
                       return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
                     }) ||
         std::any_of(std::begin(kParts), std::end(kParts),
                     [&lower](absl::string_view part) { return absl::StrContains(lower, part); });
}

TimeDecision DecideTimeFormat(const ColumnFacts& facts, std::optional<TimeFormat> preferred,
                              std::optional<TimeFormat> forced) {
  TimeDecision decision;
  if (forced.has_value()) {
    decision.format = forced;
    decision.readable = ReadableAsGiven(facts, *forced);
    return decision;
  }
  const int64_t in_some_order = Readable(facts, kDay | kMonth);
  TimeFormat best = TimeFormat::kIso;
  int64_t most = Readable(facts, 0);
  for (const TimeFormat format :
       {TimeFormat::kYearFirst, TimeFormat::kMonthName, TimeFormat::kIsoWeek, TimeFormat::kQuarter}) {
    if (const int64_t readable = Readable(facts, TimeFormatBit(format)); readable > most) {
      best = format;
      most = readable;
    }
  }
  if (most == 0 && in_some_order == 0) return decision;
  if (in_some_order <= most) {
    decision.format = best;
    decision.readable = most;
    return decision;
  }
  decision.short_years = facts.short_dates.year_last > 0;
  if (decision.short_years) {
    const YearPlace place = PlaceOfShortYears(facts.short_dates);
    decision.open_years = place == YearPlace::kOpen;
    const bool wanted = place == YearPlace::kFirst || (decision.open_years && preferred == TimeFormat::kYearFirst);
    if (wanted && facts.short_dates.year_first >= in_some_order) {
      decision.format = TimeFormat::kYearFirst;
      decision.open_years = false;
      decision.readable = Readable(facts, TimeFormatBit(TimeFormat::kYearFirst)) + facts.short_dates.year_first;
      return decision;
    }
  }
  const int64_t day_first = Exactly(facts, kDay, &decision.day_first_lines);
  const int64_t month_first = Exactly(facts, kMonth, &decision.month_first_lines);
  const bool helps = preferred == TimeFormat::kDayFirst || preferred == TimeFormat::kMonthFirst;
  decision.contradictory = day_first > 0 && month_first > 0;
  decision.ambiguous = day_first == 0 && month_first == 0 && !helps;
  if ((decision.contradictory && !helps) || decision.ambiguous) {
    decision.readable = in_some_order;
    return decision;
  }
  if (day_first > 0 && month_first == 0) {
    decision.format = TimeFormat::kDayFirst;
  } else if (month_first > 0 && day_first == 0) {
    decision.format = TimeFormat::kMonthFirst;
  } else {
    decision.format = preferred;
    decision.contradictory = false;
  }
  decision.readable = Readable(facts, TimeFormatBit(*decision.format));
  return decision;
}

}  // namespace roicast

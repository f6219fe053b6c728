#include "base/tables/columns/time_notes.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/tables/columns/time_decision.h"
#include "base/tables/number_form.h"
#include "base/tables/spelling/month_names.h"

namespace roicast {
namespace {

TableNote Warning(std::string message, std::vector<int64_t> lines, std::vector<std::string> flags) {
  return {true, "", std::move(lines), std::move(message), std::move(flags)};
}

// Whether the zones may be the winter and the summer of one place.
bool OfOnePlace(const std::vector<ZoneGroup>& zones) {
  constexpr int kSummerTimeMinutes = 60;
  if (zones.size() == 1) return true;
  if (zones.size() > 2 || !zones[0].zone.offset.has_value() || !zones[1].zone.offset.has_value()) return false;
  const int difference = *zones[0].zone.offset - *zones[1].zone.offset;
  return difference >= -kSummerTimeMinutes && difference <= kSummerTimeMinutes;
}

TableNote DifferentZones(const std::vector<ZoneGroup>& zones) {
  constexpr size_t kShown = 3;
  std::vector<std::string> cells;
  std::vector<int64_t> lines;
  for (const ZoneGroup& group : zones) {
    const CellExample& example = group.cells.examples.front();
    const int64_t count = group.cells.count;
    cells.push_back(absl::StrCat(count, count == 1 ? " cell such as \"" : " cells such as \"", example.second, "\""));
    if (lines.size() < CellGroup::kExamples) lines.push_back(example.first);
  }
  if (cells.size() > kShown) {
    cells.resize(kShown);
    cells.emplace_back("…");
  }
  return Warning(absl::StrCat("the times are of different zones (", absl::StrJoin(cells, ", "),
                              "): the local time of each was kept, so they are hours apart from each other, and some "
                              "may be of another day; write all of them in one zone"),
                 std::move(lines), {});
}

// Of numbers with a decimal point, the first few stand for all.
struct Range {
  bool Within(double first, double last) const { return smallest >= first && largest <= last; }

  double smallest = std::numeric_limits<double>::infinity();
  double largest = -std::numeric_limits<double>::infinity();
  bool whole = true;
};

Range RangeOf(const ColumnFacts& facts) {
  Range range;
  if (facts.smallest <= facts.largest) {
    range.smallest = static_cast<double>(facts.smallest);
    range.largest = static_cast<double>(facts.largest);
  }
  for (const CellExample& example : facts.digits[static_cast<size_t>(DigitClass::kDotDecimal)].examples) {
    const std::optional<double> number = ParsePlainNumber(example.second);
    if (!number.has_value()) continue;
    range.whole = false;
    range.smallest = std::min(range.smallest, *number);
    range.largest = std::max(range.largest, *number);
  }
  return range;
}

// The years 2000 to 2100 in days of a spreadsheet's calendar.
bool IsSerial(const Range& range) { return range.Within(36'526, 73'052); }

}  // namespace

std::optional<TableNote> NoteOfZones(const ColumnFacts& facts, TimeFormat format) {
  const auto first = std::find_if(facts.zones.begin(), facts.zones.end(),
                                  [](const ZoneGroup& group) { return group.zone.offset.has_value(); });
  if (first == facts.zones.end()) return std::nullopt;
  if (!OfOnePlace(facts.zones)) return DifferentZones(facts.zones);
  const std::string& cell = first->cells.examples.front().second;
  const std::optional<int64_t> time = ParseTime(cell, format);
  if (!time.has_value()) return std::nullopt;
  std::string read = FormatTime(*time).substr(0, 16);
  read[10] = ' ';
  TableNote note;
  note.message = absl::StrCat("times with a zone offset: the local time was kept: \"", cell, "\" is read as ", read);
  return note;
}

std::optional<TableNote> NoteOfSerialsAndDates(const ColumnFacts& facts) {
  const CellGroup& serials = facts.digits[static_cast<size_t>(DigitClass::kInteger)];
  int64_t dates = 0;
  const CellExample* date = nullptr;
  for (const TimeGroup& group : facts.times) {
    dates += group.cells.count;
    if (group.cells.examples.empty()) continue;
    const CellExample& first = group.cells.examples.front();
    if (date == nullptr || first.first < date->first) date = &first;
  }
  const bool all = (serials.count + dates) * 20 >= facts.present() * 19;
  const Range range = RangeOf(facts);
  if (serials.examples.empty() || date == nullptr || !all || !range.whole || !IsSerial(range)) return std::nullopt;
  const CellExample& serial = serials.examples.front();
  const std::optional<int64_t> day = ParseTime(serial.second, TimeFormat::kExcelSerial);
  return Warning(absl::StrCat("dates of two kinds: \"", serial.second, "\" in line ", serial.first,
                              " looks like a day of a spreadsheet's calendar",
                              day.has_value() ? absl::StrCat(" (", FormatTime(*day).substr(0, 10), ")") : "", ", \"",
                              date->second, "\" in line ", date->first,
                              " is a date as text; the column is read as words until they are written alike"),
                 {std::min(serial.first, date->first), std::max(serial.first, date->first)}, {});
}

namespace {

// "Aug 24", "08/24", "24-08", "2024/8", "Q3 24".
bool IsOpenMonth(absl::string_view cell) {
  const std::vector<absl::string_view> parts = absl::StrSplit(cell, absl::ByAnyChar(" ./-"), absl::SkipEmpty());
  if (parts.size() != 2) return false;
  const auto digits = [](absl::string_view part) {
    return std::all_of(part.begin(), part.end(), absl::ascii_isdigit) ? part.size() : 0;
  };
  const size_t first = digits(parts[0]), last = digits(parts[1]);
  if (first > 0 && last > 0) return (first <= 2 && last <= 2) || (first == 4 && last <= 2) || (first <= 2 && last == 4);
  const absl::string_view word = first > 0 ? parts[1] : parts[0];
  const size_t number = std::max(first, last);
  const bool quarter = word.size() == 2 && absl::ascii_toupper(word[0]) == 'Q' && word[1] >= '1' && word[1] <= '4';
  return (number == 2 || number == 4) && (quarter || MonthOfName(word) > 0);
}

}  // namespace

std::optional<TableNote> NoteOfOpenMonths(const ColumnFacts& facts, absl::string_view name) {
  if (!SpeaksOfTime(name)) return std::nullopt;
  int64_t cells = 0;
  const CellExample* first = nullptr;
  const auto look_at = [&](const CellGroup& group) {
    for (const CellExample& example : group.examples) {
      if (!IsOpenMonth(example.second)) return;
    }
    if (group.examples.empty()) return;
    cells += group.count;
    if (first == nullptr || group.examples.front().first < first->first) first = &group.examples.front();
  };
  look_at(facts.others);
  for (const CellGroup& group : facts.worded) look_at(group);
  if (first == nullptr || cells * 10 < facts.present() * 9) return std::nullopt;
  return Warning(absl::StrCat("cells such as \"", first->second,
                              "\" may be months or days, which they do not tell: they are read as words, and no time. "
                              "Write them as 2024-08 or 2024-08-24"),
                 {first->first}, {});
}

std::optional<TableNote> NoteOfNumbersOfTimes(const ColumnFacts& facts, absl::string_view name) {
  if (!SpeaksOfTime(name)) return std::nullopt;
  const Range range = RangeOf(facts);
  if (range.smallest > range.largest) return std::nullopt;
  // "7 Day Total Sales" are amounts.
  if (!range.whole && !SpeaksOfTime(name.substr(name.find_last_of(" _-./(") + 1))) return std::nullopt;
  const auto may_be = [name](absl::string_view what, absl::string_view format) {
    return Warning(absl::StrCat("the numbers may be ", what, "; they are read as numbers"), {},
                   {ColumnFlag("--dates", name, format)});
  };
  // The years 2000 to 2100.
  if (range.Within(946'684'800, 4'102'444'800)) return may_be("seconds since 1970", "epoch");
  if (range.Within(946'684'800'000, 4'102'444'800'000)) return may_be("milliseconds since 1970", "epoch-ms");
  if (IsSerial(range)) return may_be("days of a spreadsheet's calendar", "excel");
  const auto is_week = [](double number) { return std::fmod(number, 100) >= 1 && std::fmod(number, 100) <= 53; };
  if (range.Within(200'001, 209'953) && range.whole && is_week(range.smallest) && is_week(range.largest)) {
    return may_be("years with their weeks, such as 202433", "iso-week");
  }
  return std::nullopt;
}

}  // namespace roicast

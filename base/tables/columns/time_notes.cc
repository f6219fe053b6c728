#include "base/tables/columns/time_notes.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/tables/columns/time_decision.h"

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

std::optional<TableNote> NoteOfNumbersOfTimes(const ColumnFacts& facts, absl::string_view name) {
  if (!SpeaksOfTime(name) || facts.smallest > facts.largest) return std::nullopt;
  const auto within = [&facts](int64_t first, int64_t last) {
    return facts.smallest >= first && facts.largest <= last;
  };
  // The years 2000 to 2100.
  if (within(946'684'800, 4'102'444'800)) {
    return Warning("the numbers may be seconds since 1970; they are read as numbers", {},
                   {ColumnFlag("--dates", name, "epoch")});
  }
  if (within(946'684'800'000, 4'102'444'800'000)) {
    return Warning("the numbers may be milliseconds since 1970; they are read as numbers", {},
                   {ColumnFlag("--dates", name, "epoch-ms")});
  }
  if (within(36'526, 73'051)) {
    return Warning("the numbers may be days of a spreadsheet's calendar; they are read as numbers", {},
                   {ColumnFlag("--dates", name, "excel")});
  }
  return std::nullopt;
}

}  // namespace roicast

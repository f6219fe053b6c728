#include "base/tables/columns/spreadsheet_notes.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"

namespace roicast {

std::optional<TableNote> NoteOfMergedCells(const ColumnFacts& facts, ColumnKind kind) {
  const BlockStarts& starts = facts.block_starts;
  if (kind == ColumnKind::kNumber || !starts.LookMerged()) return std::nullopt;
  TableNote note;
  note.warning = true;
  note.message =
      absl::StrCat(starts.blank(), " of ", starts.cells(),
                   " cells are blank, and values stand only where blocks of rows begin, as in merged cells; the blanks "
                   "count as missing: where a blank means the value above it, fill the values down first");
  return note;
}

std::optional<TableNote> NoteOfRoundedNumbers(const ColumnFacts& facts) {
  if (facts.rounded.count * 2 <= facts.present()) return std::nullopt;
  TableNote note;
  note.warning = true;
  for (const CellExample& example : facts.rounded.examples) note.lines.push_back(example.first);
  note.message = absl::StrCat("long numbers such as \"", facts.rounded.examples.front().second,
                              "\" were rounded by a spreadsheet, so that different identifiers became the same: export "
                              "the column as text");
  return note;
}

std::optional<TableNote> NoteOfNarrowColumn(const ColumnFacts& facts) {
  constexpr size_t kFewestSigns = 3;
  constexpr size_t kLines = 5;
  int64_t cells = 0;
  std::string example;
  TableNote note;
  for (const TextCounter* words : {&facts.missing_words, &facts.other_words}) {
    for (const TextCounter::Entry& entry : words->entries()) {
      const bool signs = entry.text.size() >= kFewestSigns && entry.text.find_first_not_of('#') == std::string::npos;
      if (!signs) continue;
      if (cells == 0) example = entry.text;
      cells += entry.count;
      note.lines.insert(note.lines.end(), entry.lines.begin(), entry.lines.end());
    }
  }
  if (cells == 0) return std::nullopt;
  std::sort(note.lines.begin(), note.lines.end());
  note.lines.resize(std::min(note.lines.size(), kLines));
  note.warning = true;
  note.message = absl::StrCat(cells, cells == 1 ? " cell is " : " cells are ", example,
                              ": the spreadsheet's column was too narrow when it was exported, so their values are "
                              "lost; widen the column and export it again");
  return note;
}

}  // namespace roicast

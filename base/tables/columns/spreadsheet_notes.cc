#include "base/tables/columns/spreadsheet_notes.h"

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

}  // namespace roicast

// Says what a spreadsheet has done to the cells of a column. Functions are thread-safe; notes are without the column's
// name.
#pragma once

#include <optional>

#include "base/tables/column_form.h"
#include "base/tables/columns/column_facts.h"
#include "base/tables/note.h"

namespace roicast {

// A warning about words and times that stand only where blocks of rows begin: the blanks below them are no missing
// values. None for numbers: amounts are blank where there were none.
std::optional<TableNote> NoteOfMergedCells(const ColumnFacts& facts, ColumnKind kind);

// A warning about identifiers of which an exponent has kept a few digits.
std::optional<TableNote> NoteOfRoundedNumbers(const ColumnFacts& facts);

// A warning about cells such as ########, which a spreadsheet shows, and exports, where a column is too narrow.
std::optional<TableNote> NoteOfNarrowColumn(const ColumnFacts& facts);

}  // namespace roicast

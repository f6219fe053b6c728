// Says what is uncertain about the times of a column. Functions are thread-safe.
#pragma once

#include <optional>

#include "absl/strings/string_view.h"
#include "base/tables/columns/column_facts.h"
#include "base/tables/note.h"
#include "base/tables/time_form.h"

namespace roicast {

// Of times with an offset from UTC, whose local time is kept: a warning where they are not those of one place. The note
// is without the column's name.
std::optional<TableNote> NoteOfZones(const ColumnFacts& facts, TimeFormat format);

// A warning about numbers that may be times, if the column's name speaks of times.
std::optional<TableNote> NoteOfNumbersOfTimes(const ColumnFacts& facts, absl::string_view name);

// A warning about a column in which days of a spreadsheet's calendar, such as 45545, stand beside dates as text.
std::optional<TableNote> NoteOfSerialsAndDates(const ColumnFacts& facts);

}  // namespace roicast

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

// A warning about words such as "Aug 24", "08/24" or "Q3 24" in a column whose name speaks of times: a month of a year,
// or a day of a month, which the cells do not tell.
std::optional<TableNote> NoteOfOpenMonths(const ColumnFacts& facts, absl::string_view name);

}  // namespace roicast

// Finds out how a table is written: its file and each of its columns.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/tables/byte_source.h"
#include "base/tables/column_evidence.h"
#include "base/tables/file_form.h"
#include "base/tables/note.h"
#include "base/tables/table_options.h"
#include "base/tables/table_reader.h"
#include "base/tables/table_row.h"

namespace roicast {

// Everything that was found out about a table. Can be recorded, and the table read again in just that way: see
// OptionsFrom.
struct TableReading {
  FileForm file;
  // Of the columns, all different.
  std::vector<std::string> names;
  std::vector<ColumnReading> columns;
  std::vector<LeftOutCount> left_out;
  // Of the table, without what was left out.
  int64_t rows = 0;
  // The spellings of "missing" that a person gave, beside the usual ones (MissingSpellings).
  std::vector<std::string> missing_values;
  // About the file, then about the columns, without those that the columns hold themselves.
  std::vector<TableNote> notes;
};

// Reads the whole source once (again if the first bytes misled, from which Rewind must be able to recover), and
// decides. Memory does not grow with the rows, and is drawn from options.memory. Errors: those of the source and of
// TableReader, which name line and column; RESOURCE_EXHAUSTED of options.memory; those of options.stop.
absl::StatusOr<TableReading> DetectTable(ByteSource& source, const TableOptions& options);

// The same from the first bytes alone, such as those of a pipe. more: whether others follow; then what is incomplete at
// their end is left out, and rows and counts are those of the sample.
absl::StatusOr<TableReading> DetectSample(absl::string_view bytes, bool more, const TableOptions& options);

// What a reader has to be told to read the same bytes in just this way again.
TableOptions OptionsFrom(const TableReading& reading, const TableOptions& original);

}  // namespace roicast

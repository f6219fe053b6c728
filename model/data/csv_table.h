// CSV in, Table out. Streams: memory is that of the table plus one chunk.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/data/table.h"

namespace roicast {

struct CsvTableOptions {
  char delimiter = ',';
  // False: columns are called c0, c1, c2 …
  bool header = true;
  // Empty: the default spellings of base/csv/csv_values.h.
  std::vector<std::string> missing_values;
  // Kinds that are known beforehand (column → kind); the others are inferred from all of their values. Names that the
  // file lacks are passed over: whoever needs a column says so himself.
  std::vector<std::pair<std::string, FeatureKind>> kinds;
  int64_t max_rows = 100'000'000;

  absl::Status Validate() const;
};

// A row or cell that could not be read. line counts from 1; column from 1, 0 = the whole row.
struct CsvIssue {
  int64_t line = 0;
  int column = 0;
  std::string message;
};

// Rows from `row` on stand on lines from `line` on, one line each, until the next run.
struct CsvLineRun {
  int64_t row = 0;
  int64_t line = 1;
};

struct CsvTable {
  Table table;
  // Rows of the file, without the header; table.rows() + malformed rows.
  int64_t rows_in = 0;
  // Rows that were left out because their number of cells differs from the header's.
  int64_t malformed_rows = 0;
  // The first kMaxCsvIssues, in order of lines; cells that do not fit their column's kind, or are not UTF-8, are
  // missing in the table.
  std::vector<CsvIssue> issues;
  int64_t issue_count = 0;
  // Where the table's rows stand in the file; empty where it came from no file.
  std::vector<CsvLineRun> lines;

  // Line on which a row of the table begins. Without a file: its number, from 1.
  int64_t LineOf(int64_t row) const;
};
inline constexpr int kMaxCsvIssues = 100;

// A column is numeric where all present cells are numbers, time where all are dates or times, otherwise categorical; a
// few cells (at most 1 %) which do not fit an otherwise numeric or time column are reported and become missing. A
// column without any value is numeric. Categories are spelled as in the file; only a column with over 65,536 distinct
// values, 99 % of the first of which are numbers, may have its numbers spelled anew ("1.50" → "1.5") if it ends up
// categorical. Errors: InvalidArgument (no header, one that is not UTF-8, duplicate names, unterminated quote, a column
// of known kind in which no cell fits), NotFound, ResourceExhausted (max_rows).
absl::StatusOr<CsvTable> ReadCsvFile(const std::string& path, const CsvTableOptions& options);
absl::StatusOr<CsvTable> ReadCsvText(absl::string_view text, const CsvTableOptions& options);

}  // namespace roicast

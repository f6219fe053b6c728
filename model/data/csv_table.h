// Reads CSV into a Table. Streaming: the memory is that of the table plus one chunk.
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
  // If false, columns are named c0, c1, c2 …
  bool header = true;
  // Empty: the default spellings of base/csv/csv_values.h.
  std::vector<std::string> missing_values;
  // Known kinds (column → kind); the others are inferred from all of their values. Names that the file lacks are
  // ignored: the code that needs a column reports its absence.
  std::vector<std::pair<std::string, FeatureKind>> kinds;
  int64_t max_rows = 100'000'000;

  absl::Status Validate() const;
};

// A row or cell that could not be parsed. line and column count from 1; column 0 = the whole row.
struct CsvIssue {
  int64_t line = 0;
  int column = 0;
  std::string message;
};

// The rows from `row` on begin at the lines from `line` on, one line each, until the next run.
struct CsvLineRun {
  int64_t row = 0;
  int64_t line = 1;
};

// Cells of one column with a text that is no value of its kind; missing in the table.
struct UnreadCells {
  std::vector<int64_t> rows;          // of the table, ascending
  std::vector<std::string> examples;  // the texts of the first 5
};

struct CsvTable {
  Table table;
  // Rows in the file without the header: table.rows() + malformed rows.
  int64_t rows_in = 0;
  // Rows skipped because their number of cells differs from the header's.
  int64_t malformed_rows = 0;
  // The first kMaxCsvIssues, in line order. Cells that do not match their column's kind, or are not UTF-8, are missing
  // in the table.
  std::vector<CsvIssue> issues;
  int64_t issue_count = 0;
  // Where the table's rows are in the file; empty if it does not come from a file.
  std::vector<CsvLineRun> lines;

  // Per column of the table; empty if it does not come from a file.
  std::vector<UnreadCells> unread;

  // What the numbers of a column were multiplied by; 1 if it is not known.
  double ScaleOf(absl::string_view column) const;
  // Number of its cells that were written in per cent.
  int64_t PerCentCells(absl::string_view column) const;
  // In which currencies its cells were written, if any.
  std::vector<std::string> CurrenciesOf(absl::string_view column) const;
  // The line on which a row of the table begins; without a file, its number from 1.
  int64_t LineOf(int64_t row) const;
};
inline constexpr int kMaxCsvIssues = 100;

// A column is numeric if all of its values are numbers, time if all are dates or times, otherwise categorical. A few
// cells (at most 1 %) that do not match an otherwise numeric or time column are reported and become missing. A column
// without values is numeric. Categories keep the file's spelling; only a column with over 65,536 distinct values, 99 %
// of the first of which are numbers, may have its numbers reformatted ("1.50" → "1.5") if it turns out to be
// categorical. Errors: InvalidArgument (no header, a header that is not UTF-8, duplicate names, an unterminated quote,
// a column of known kind in which no cell matches), NotFound, ResourceExhausted (max_rows).
absl::StatusOr<CsvTable> ReadCsvFile(const std::string& path, const CsvTableOptions& options);
absl::StatusOr<CsvTable> ReadCsvText(absl::string_view text, const CsvTableOptions& options);

}  // namespace roicast

// Reads a file of rows into a Table, in whichever form it is written. Streaming: the memory is that of the table plus
// one chunk.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/memory_budget.h"
#include "base/stop_check.h"
#include "base/tables/byte_source.h"
#include "base/tables/table_detection.h"
#include "model/data/table.h"

namespace roicast {

// What is unset is detected from the whole file.
struct CsvTableOptions {
  FileOptions file;
  std::vector<ColumnOptions> columns;
  // Beside the usual spellings, as of base/tables/missing_spellings.h.
  std::vector<std::string> missing_values;
  // Per column, words that are words there though they mean "missing" elsewhere (column → word).
  std::vector<std::pair<std::string, std::string>> words;
  // How the same bytes were read before: nothing else is detected but columns whose kind is given and differs.
  std::optional<TableReading> reading;
  // Known kinds (column → kind); the others are inferred from all of their values. Names that the file lacks are
  // ignored: the code that needs a column reports its absence.
  std::vector<std::pair<std::string, FeatureKind>> kinds;
  // Of known kind numeric: categorical where no cell is a number and there are at most two words, but for their case,
  // such as the target of a yes or no.
  std::vector<std::string> two_valued;
  int64_t max_rows = 100'000'000;
  // Asked every few milliseconds.
  StopCheck stop;
  // What the table draws from, before it is read: as much as its first rows show that it will need; and what reading
  // it needs meanwhile.
  MemoryBudget* memory = MemoryBudget::Unlimited();

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
  // Rows in the file without the header and what stands around the table: table.rows() + malformed rows.
  int64_t rows_in = 0;
  // Rows skipped because they are no rows of this table.
  int64_t malformed_rows = 0;
  // The first kMaxCsvIssues, in line order. Cells that do not match their column's form are missing in the table.
  std::vector<CsvIssue> issues;
  int64_t issue_count = 0;
  // Where the table's rows are in the file; empty if it does not come from a file.
  std::vector<CsvLineRun> lines;
  // Per column of the table; empty if it does not come from a file.
  std::vector<UnreadCells> unread;
  // How the file was read; unset if the table does not come from one.
  std::optional<TableReading> reading;
  // What it holds of CsvTableOptions::memory; shared by its copies. nullptr: nothing.
  std::shared_ptr<MemoryClaim> memory;

  // How the cells of a column were read; nullptr if that is not known.
  const ColumnReading* ReadingOf(absl::string_view column) const;
  // The line on which a row of the table begins; without a file, its number from 1.
  int64_t LineOf(int64_t row) const;
  // Of all that grows with the rows.
  int64_t memory_bytes() const;
};
inline constexpr int kMaxCsvIssues = 100;

// Detects how the file and its columns are written (base/tables), unless the options say it, and reads it: numbers,
// times, and else categories in the file's spelling. A column without values is numeric. Numbers of a column whose name
// says that they name something (model/data/meaning/identifier_names.h), and whose kind is not given, are categories,
// unless there are more than 65,536 of them. The source is read twice. Errors: InvalidArgument (no table, no header, a
// column of known kind in which no cell matches), NotFound, ResourceExhausted (max_rows; memory, with what
// the table takes), those of the source and of
// `stop`.
absl::StatusOr<CsvTable> ReadCsvFile(const std::string& path, const CsvTableOptions& options);
absl::StatusOr<CsvTable> ReadCsvText(absl::string_view text, const CsvTableOptions& options);
absl::StatusOr<CsvTable> ReadCsv(ByteSource& source, const CsvTableOptions& options);

// Only finds out how the file is written, with the options.
absl::StatusOr<TableReading> DetectCsvFile(const std::string& path, const CsvTableOptions& options);

}  // namespace roicast

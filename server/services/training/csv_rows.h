// The rows of uploaded columns as CSV, on their way to a dataset's file.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/memory_budget.h"
#include "base/stop_check.h"
#include "base/tables/file_form.h"
#include "base/tables/table_writer.h"
#include "server/store/store.h"

namespace roicast {

// Appends to the dataset and asks `stop` every few milliseconds. Errors: those of DatasetWriter::Append and of `stop`.
absl::Status AppendOrStop(absl::string_view bytes, const StopCheck& stop, DatasetWriter& out);

// As TableWriter, cell by cell; refuses what no table reader takes. What it holds, a row and some bytes more, draws
// from a budget. Errors of all: InvalidArgument (a cell or a row that is longer than FileOptions allows, as it is
// written), MemoryShort, those of DatasetWriter::Append and of `stop`, which is asked every few milliseconds. After an
// error, only destroy it. Not thread-safe.
class CsvRows {
 public:
  // All outlive it.
  CsvRows(DatasetWriter* out, MemoryBudget* memory, const StopCheck* stop);
  CsvRows(const CsvRows&) = delete;
  CsvRows& operator=(const CsvRows&) = delete;

  absl::Status Text(absl::string_view cell);
  absl::Status Number(double value);
  absl::Status Number(float value);
  absl::Status Missing();
  absl::Status EndRow();
  // Hands over what is left. Call at the end.
  absl::Status Flush();

 private:
  // Before a cell of so many bytes, without its quotes.
  absl::Status BeginCell(size_t bytes);
  absl::Status EndCell();

  DatasetWriter& out_;
  const StopCheck& stop_;
  RareStopCheck rare_stop_;
  const FileOptions limits_;
  MemoryClaim memory_;
  std::string text_;
  TableWriter csv_{&text_};
  size_t cell_begin_ = 0;  // in the row
};

}  // namespace roicast

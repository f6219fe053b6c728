// From the parts of an upload to a stored dataset.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/memory_budget.h"
#include "base/stop_check.h"
#include "roicast/v1/training.pb.h"
#include "server/services/training/csv_rows.h"
#include "server/store/store.h"

namespace roicast {

// InvalidArgument: an option that no file can have, such as more than one byte of delimiter.
absl::StatusOr<DatasetFormat> DatasetFormatFromProto(const v1::CsvOptions& options);

// With its reading and warnings, if they are recorded.
v1::Dataset DatasetToProto(const DatasetRecord& record);

// Takes an upload's messages in their order. Columns are stored as the CSV that has the same cells. Not thread-safe.
class DatasetUpload {
 public:
  // store and memory outlive it. memory: what columns draw from while they are written.
  DatasetUpload(Store* store, MemoryBudget* memory, StopCheck stop)
      : store_(*store),
        memory_(*memory),
        stop_(std::move(stop)),
        names_memory_(memory->EmptyClaim(MemoryUse::kUploads)) {}

  // Errors: InvalidArgument (no header first, mixed forms, columns of unequal length or other columns than before, more
  // columns or a longer cell or row than readers take), ResourceExhausted (dataset size, memory), those of the store
  // and of `stop`, which is asked every few milliseconds.
  absl::Status Add(const v1::UploadDatasetRequest& part);
  absl::StatusOr<DatasetRecord> Finish();

 private:
  enum class Form { kNone, kCsv, kColumns };
  absl::Status Begin(Form form);
  absl::Status AddColumns(const v1::Columns& columns);
  // Of the first part.
  absl::Status TakeNames(const v1::Columns& columns, CsvRows& csv);
  // Of the others.
  absl::Status CheckNames(const v1::Columns& columns) const;

  Store& store_;
  MemoryBudget& memory_;
  const StopCheck stop_;
  std::optional<v1::UploadDatasetHeader> header_;
  Form form_ = Form::kNone;
  std::unique_ptr<DatasetWriter> writer_;
  // The names in the first part.
  std::vector<std::string> column_names_;
  MemoryClaim names_memory_;
};

}  // namespace roicast

// From the parts of an upload to a stored dataset.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "roicast/v1/training.pb.h"
#include "server/store/store.h"

namespace roicast {

// InvalidArgument: an option that no file can have, such as more than one byte of delimiter.
absl::StatusOr<DatasetFormat> DatasetFormatFromProto(const v1::CsvOptions& options);

// With its reading and warnings, if they are recorded.
v1::Dataset DatasetToProto(const DatasetRecord& record);

// Takes an upload's messages in their order. Columns are stored as the CSV that has the same cells. Not thread-safe.
class DatasetUpload {
 public:
  explicit DatasetUpload(Store* store) : store_(*store) {}

  // Errors: InvalidArgument (no header first, mixed forms, columns of unequal length or other columns than before),
  // ResourceExhausted (dataset size).
  absl::Status Add(const v1::UploadDatasetRequest& part);
  absl::StatusOr<DatasetRecord> Finish();

 private:
  enum class Form { kNone, kCsv, kColumns };
  absl::Status Begin(Form form);
  absl::Status AddColumns(const v1::Columns& columns);

  Store& store_;
  std::optional<v1::UploadDatasetHeader> header_;
  Form form_ = Form::kNone;
  std::unique_ptr<DatasetWriter> writer_;
  // The names in the first part.
  std::vector<std::string> column_names_;
};

}  // namespace roicast

// The CSV files of a store: <folder>/<digest>.csv, and temporary files while they arrive. dataset_sweep.h tidies the
// folder at a start.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/sha256.h"
#include "server/store/store.h"
#include "server/store/store_space.h"

namespace roicast {

// Bytes from which the format can be read again. They go into the digest before the content, so that one content in two
// formats is two datasets.
std::string EncodeDatasetFormat(const DatasetFormat& format);
// DataLoss: not what EncodeDatasetFormat gives.
absl::StatusOr<DatasetFormat> DecodeDatasetFormat(absl::string_view bytes);

// What begins the names of unfinished uploads; six letters and digits follow.
inline constexpr absl::string_view kDatasetTempPrefix = ".roicast-upload-";
// In the folder: files whose record is not in the database.
inline constexpr absl::string_view kOrphanedFolder = "orphaned";

// Const methods are safe to call concurrently.
class DatasetFiles {
 public:
  explicit DatasetFiles(std::string folder) : folder_(std::move(folder)) {}

  std::string PathOf(absl::string_view digest) const;
  const std::string& folder() const { return folder_; }
  // DataLoss if the file is missing or has another size.
  absl::Status Check(const DatasetRecord& dataset) const;
  // Check, and compares the digest of format and content. Constant memory.
  absl::Status Verify(const DatasetRecord& dataset, const StopCheck& stop) const;

 private:
  const std::string folder_;
};

// A file under a temporary name, hashed as it grows; removed when destroyed before Keep. It takes its space as it
// grows, and gives it back if it is removed. Not thread-safe.
class DatasetTempFile {
 public:
  // `files` and `space` outlive it. ResourceExhausted: the disk or the store is full.
  static absl::StatusOr<std::unique_ptr<DatasetTempFile>> Create(const DatasetFiles& files, const DatasetFormat& format,
                                                                 int64_t max_bytes, StoreSpace& space);
  ~DatasetTempFile();
  DatasetTempFile(const DatasetTempFile&) = delete;
  DatasetTempFile& operator=(const DatasetTempFile&) = delete;

  // See DatasetWriter::Append.
  absl::Status Append(absl::string_view bytes);
  int64_t size_bytes() const { return size_bytes_; }
  // No Append may follow.
  std::string Digest();
  // Makes it durable under its digest's name; a file of that name is replaced.
  absl::Status Keep(const std::string& digest);

 private:
  DatasetTempFile(const DatasetFiles& files, int64_t max_bytes, StoreSpace& space)
      : files_(files), max_bytes_(max_bytes), space_(space) {}
  // In all, for a file of this size.
  absl::Status TakeSpace(int64_t size_bytes);

  const DatasetFiles& files_;
  const int64_t max_bytes_;
  StoreSpace& space_;
  int64_t taken_ = 0;  // Of the space: what is given back at the end.
  std::string path_;   // Empty once it is kept.
  int descriptor_ = -1;
  int64_t size_bytes_ = 0;
  Sha256 sha_;
};

}  // namespace roicast

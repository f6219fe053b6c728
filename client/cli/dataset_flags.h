// Flags that name a dataset: a file to upload, or one already on the server.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/cli/column_names.h"
#include "client/cli/command.h"
#include "client/cli/csv_flags.h"
#include "client/cli/input_file.h"
#include "client/training_client.h"
#include "roicast/v1/training.pb.h"

namespace roicast::client {

// What the flags name, opened. Use once.
class DatasetSource {
 public:
  // Of the file's header, or what AskColumns learnt.
  const ColumnNames& columns() const { return columns_; }
  // A dataset on the server: asks for its columns. They stay unknown if the server cannot tell without more of the
  // spec.
  void AskColumns(const TrainingClient& client, const v1::TargetSpec& target);
  // Uploads the file, and shows the progress. For a dataset on the server: its digest alone.
  absl::StatusOr<v1::Dataset> Resolve(const CommandContext& context, const TrainingClient& client) const;

 private:
  friend struct DatasetFlags;
  std::string digest_;
  std::unique_ptr<InputFile> input_;
  v1::UploadDatasetHeader header_;
  ColumnNames columns_;
};

struct DatasetFlags {
  std::string file;
  std::string digest;
  CsvFlags csv;
  void AddTo(CLI::App& command);
  // Reads the header of the file, and checks the flags about it and its columns. Errors: those of the file;
  // usage errors.
  absl::StatusOr<DatasetSource> Open() const;
};

}  // namespace roicast::client

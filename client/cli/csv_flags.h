// Flags for reading a CSV and uploading it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/command.h"
#include "client/training_client.h"
#include "roicast/v1/common.pb.h"

namespace roicast::client {

struct CsvFlags {
  std::string delimiter = ",";
  bool no_header = false;
  std::vector<std::string> missing_values;
  void AddTo(CLI::App& command);
  // The delimiter as one byte; "\t" and "tab" mean a tab. Errors: INVALID_ARGUMENT.
  absl::StatusOr<char> DelimiterByte() const;
  absl::StatusOr<v1::CsvOptions> ToProto() const;
};

// A dataset: a file to upload, or one already on the server.
struct DatasetFlags {
  std::string file;
  std::string digest;
  CsvFlags csv;
  void AddTo(CLI::App& command);
  // Uploads the file, if any, and returns the dataset's digest.
  absl::StatusOr<std::string> Resolve(const CommandContext& context, const TrainingClient& client) const;
};

}  // namespace roicast::client

// How a command reads its CSV, and how it gets to the server.
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
  // The delimiter as one byte; "\t" and "tab" mean a tabulator. Errors: INVALID_ARGUMENT.
  absl::StatusOr<char> DelimiterByte() const;
  absl::StatusOr<v1::CsvOptions> ToProto() const;
};

// A table: a file to upload, or one that the server has.
struct DatasetFlags {
  std::string file;
  std::string digest;
  CsvFlags csv;
  void AddTo(CLI::App& command);
  // The dataset's digest, after the upload where there is a file.
  absl::StatusOr<std::string> Resolve(const CommandContext& context, const TrainingClient& client) const;
};

}  // namespace roicast::client

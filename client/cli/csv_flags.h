// Flags that say how a table is written; what they leave out is detected.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/tables/column_form.h"
#include "base/tables/file_form.h"
#include "base/tables/table_options.h"
#include "client/cli/column_names.h"
#include "roicast/v1/common.pb.h"

namespace CLI {
class App;
}

namespace roicast::client {

// All errors are usage errors and name the flag, what was expected and what came.
class CsvFlags {
 public:
  // The heading of these flags in the help.
  static constexpr char kGroup[] = "How the file is written (detected unless given)";

  void AddTo(CLI::App& command);

  bool no_header() const { return no_header_; }
  // The first of these flags that was given, such as "--decimal"; empty if there is none.
  std::string First() const;

  // What is said about the file.
  absl::StatusOr<FileOptions> ToFileOptions() const;
  // What is said about columns; an entry without a name is for all that have none of their own. Each name is checked.
  absl::StatusOr<std::vector<ColumnOptions>> ToColumnOptions(const ColumnNames& columns) const;
  // All of it, for a file that is read here. Its header can be read with ToFileOptions alone.
  absl::StatusOr<TableOptions> ToTableOptions(const ColumnNames& columns) const;
  // Cells that mean missing; empty: the usual ones.
  std::vector<std::string> MissingValues() const;
  // All of it, for an upload.
  absl::StatusOr<v1::CsvOptions> ToProto(const ColumnNames& columns) const;

 private:
  absl::StatusOr<std::optional<char>> Delimiter() const;
  absl::StatusOr<std::vector<v1::ColumnFormat>> Columns(const ColumnNames& columns) const;

  std::string encoding_;
  std::string delimiter_;
  bool no_header_ = false;
  std::optional<int64_t> header_line_;
  bool keep_totals_ = false;
  std::vector<std::string> decimal_, dates_, scale_;
  std::vector<std::string> missing_values_;
};

}  // namespace roicast::client

// A table of campaigns in memory, as rows of a model: what the commands about decisions read and write.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/tables/table_detection.h"
#include "client/channel.h"
#include "client/cli/command.h"
#include "client/cli/csv_flags.h"
#include "client/scoring/feature_columns.h"
#include "client/scoring/table_findings.h"
#include "roicast/v1/decision.pb.h"
#include "roicast/v1/model.pb.h"

namespace CLI {
class App;
}

namespace roicast::client {

struct TableFlags {
  std::string input;
  CsvFlags csv;
  ModelFlags model;
  // meaning: of the table, for the help.
  void AddTo(CLI::App& command, const std::string& meaning);
};

// The server's serving version, or the one that the flags name.
struct ModelConnection {
  std::shared_ptr<ChannelPool> channels;
  v1::Model model;

  // The version that was answered, so that all calls mean the same.
  v1::ModelRef ref() const;
  // Index in the schema; −1: none.
  int FeatureIndex(absl::string_view name) const;
  // The feature that is the spend: `named` if that is not empty, else the server's (Model.spend_feature); of a server
  // that does not say it, the training spec's, else "spend". Empty: none.
  std::string SpendFeature(const std::string& named) const;
};
absl::StatusOr<ModelConnection> ConnectToModel(const CommandContext& context, const ModelFlags& flags);

struct CampaignTable {
  TableReading reading;
  FeatureColumns columns;
  v1::RowInput rows;
  // Of each row: its line in the file, and the row as it stands there.
  std::vector<int64_t> lines;
  std::vector<std::string> raw;
  std::vector<std::string> raw_header;
  // The cells of columns that were wanted beside the features: [column][row].
  std::vector<std::vector<std::string>> extra;
  TableFindings findings;

  int64_t size() const { return static_cast<int64_t>(lines.size()); }
  // The row's value of a feature; NaN: missing.
  float Value(int64_t row, int feature) const;
};

struct CampaignTableOptions {
  // Columns whose cells are wanted, each as it was given on the command line: flag and name. Without a name: none.
  struct Extra {
    std::string flag;
    std::string column;
  };
  std::vector<Extra> extra;
  // Feature → column, where a person named one.
  std::map<std::string, std::string> given;
  // The feature that is the spend, where the command is about money: without its column nothing can be said. Empty:
  // none.
  std::string spend_feature;
  // False: the first bad cell ends the command. True: its row is told and left out.
  bool leave_out_bad_rows = false;
};

// Reads all of the table. How it was read is said on stderr, unless --json is given, and so are its findings. Errors:
// of the file; a cell that a feature cannot take, by line and column; INVALID_ARGUMENT where the spend has no column
// and is needed; usage errors for columns that are not there.
absl::StatusOr<CampaignTable> ReadCampaignTable(const CommandContext& context, const ModelConnection& connection,
                                                const TableFlags& flags, const CampaignTableOptions& options);

// The answer for --json, with the table's findings.
nlohmann::ordered_json WithFindings(nlohmann::ordered_json answer, const CampaignTable& table);

// Index of the row on a line of the file; 0: the first row. Errors: a usage error of --line.
absl::StatusOr<int64_t> RowAtLine(const CampaignTable& table, const std::string& file, int64_t line);
// Rows of the table, begin ≤ i < begin + rows; and one of them.
v1::RowInput SomeRows(const CampaignTable& table, int64_t begin, int64_t rows);
v1::RowInput OneRow(const CampaignTable& table, int64_t row);

// The server names a row by its index, from 0; a person knows its line: "rows: row 3: spend: …" becomes "FILE: line 5:
// spend: …".
absl::Status WithLine(const absl::Status& status, const std::string& file, const CampaignTable& table);

// The number whose cell a column has in a row; NaN: the cell is empty. Errors: INVALID_ARGUMENT with line and column.
absl::StatusOr<double> NumberOf(const CampaignTable& table, const std::string& file, size_t extra,
                                const std::string& column, int64_t row);

// Refuses an output that is the table itself. input, output: paths as given. Errors: a usage error of --output.
absl::Status CheckOutput(const std::string& output, const std::string& input);

// A column to write beside those of the table.
struct AddedColumn {
  std::string name;
  // The cell beside the row at this position of the order; numbers by NumberCell.
  std::function<std::string(size_t at)> cell;
};

// With the decimal mark of the table, at most `decimals` of them; empty for NaN.
std::string NumberCell(double value, const CampaignTable& table, int decimals = 6);

// The rows in the given order, which may repeat them, as they stand in the file, with the added columns, in the file's
// encoding. path "-": standard output. Errors: a column of that name is there already; those of the file.
absl::Status WriteCampaignTable(const std::string& path, const CampaignTable& table, const std::vector<int64_t>& order,
                                const std::vector<AddedColumn>& added);

}  // namespace roicast::client

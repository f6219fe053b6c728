#include "client/cli/decisions/campaign_table.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/one_line.h"
#include "base/printable.h"
#include "base/status_macros.h"
#include "base/tables/cell_text.h"
#include "base/tables/number_form.h"
#include "base/tables/table_reader.h"
#include "base/tables/table_writer.h"
#include "client/cell_error.h"
#include "client/cli/column_names.h"
#include "client/cli/decisions/unusual_cells.h"
#include "client/cli/file_error.h"
#include "client/cli/findings_view.h"
#include "client/cli/input_file.h"
#include "client/cli/interrupts.h"
#include "client/cli/output_file.h"
#include "client/cli/score_report.h"
#include "client/cli/table_header.h"
#include "client/cli/usage_error.h"
#include "client/model_client.h"
#include "client/scoring/column_options.h"
#include "client/scoring/row_encoder.h"
#include "client/serving_model.h"

namespace roicast::client {
namespace {

constexpr size_t kReadBytes = size_t{1} << 20;
constexpr int kMostBadRowsShown = 20;
constexpr size_t kMostNameBytes = 100;

absl::StatusOr<std::string> ReadAll(InputFile& input, const std::atomic<bool>& stop) {
  std::string bytes;
  while (true) {
    const size_t had = bytes.size();
    bytes.resize(had + kReadBytes);
    ROICAST_ASSIGN_OR_RETURN(const size_t got, input.Read(bytes.data() + had, kReadBytes, stop));
    bytes.resize(had + got);
    if (got == 0) return bytes;
  }
}

// Fills a table from the bytes of its file.
class TableFill {
 public:
  TableFill(const v1::Model& model, const TableFlags& flags, const CampaignTableOptions& options,
            const TableOptions& said, CampaignTable* table)
      : flags_(flags),
        options_(options),
        table_(*table),
        encoder_(model.schema(), table->columns, said.missing),
        findings_(model, table->reading, encoder_),
        matrix_(*table->rows.mutable_matrix()) {
    matrix_.set_schema_digest(model.schema().digest());
    table_.extra.resize(options.extra.size());
  }

  absl::Status Run(absl::string_view bytes, const TableOptions& said) {
    for (const CampaignTableOptions::Extra& extra : options_.extra) {
      if (extra.column.empty()) {
        extra_columns_.push_back(std::nullopt);
        continue;
      }
      ROICAST_RETURN_IF_ERROR(
          ColumnNames(table_.reading.names).Check(GivenFlag(extra.flag, extra.column), extra.column));
      extra_columns_.push_back(ColumnIndex(table_.reading, extra.column));
    }
    TableReader::Events events;
    events.on_row = [this](const TableRow& row) { return AddRow(row); };
    events.on_left_out = [this](const LeftOutRow& row) {
      if (row.reason != LeftOut::kMalformed || !malformed_.ok()) return;
      malformed_ = absl::InvalidArgumentError(absl::StrCat(flags_.input, ": line ", row.line, ": ", row.message));
    };
    TableReader reader(OptionsFrom(table_.reading, said).file, std::move(events));
    ROICAST_RETURN_IF_ERROR(reader.Feed(bytes));
    ROICAST_RETURN_IF_ERROR(reader.Finish());
    table_.raw_header = reader.raw_header();
    table_.findings = findings_.Take();
    if (!options_.leave_out_bad_rows) ROICAST_RETURN_IF_ERROR(malformed_);
    if (bad_rows_ > kMostBadRowsShown) {
      std::fprintf(stderr, "... %s rows are left out in all\n", absl::StrCat(bad_rows_).c_str());
    }
    if (table_.size() > 0) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(flags_.input, ": expected at least one row, got none"));
  }

 private:
  absl::Status AddRow(const TableRow& row) {
    values_.resize(encoder_.features());
    const absl::Status encoded = encoder_.Encode(row.cells, values_.data());
    if (!encoded.ok()) {
      const std::string message = absl::StrCat(flags_.input, ": line ", row.line, ": ", encoded.message());
      if (!options_.leave_out_bad_rows) return absl::InvalidArgumentError(message);
      if (++bad_rows_ <= kMostBadRowsShown) {
        std::fprintf(stderr, "%s; left out\n", Printable(message).c_str());
      }
      return absl::OkStatus();
    }
    findings_.Count(row.line, row.cells, values_.data());
    matrix_.mutable_values()->Add(values_.begin(), values_.end());
    matrix_.set_rows(matrix_.rows() + 1);
    table_.lines.push_back(row.line);
    table_.raw.emplace_back(row.raw);
    for (size_t i = 0; i < extra_columns_.size(); ++i) {
      if (extra_columns_[i].has_value()) table_.extra[i].emplace_back(CellText(row.cells[*extra_columns_[i]]));
    }
    return absl::OkStatus();
  }

  const TableFlags& flags_;
  const CampaignTableOptions& options_;
  CampaignTable& table_;
  const RowEncoder encoder_;
  FindingsCounter findings_;
  v1::DenseMatrix& matrix_;
  std::vector<std::optional<size_t>> extra_columns_;
  std::vector<float> values_;
  absl::Status malformed_;
  int bad_rows_ = 0;
};

// A typical spend for all rows would make every amount of the answer wrong.
absl::Status CheckSpend(const std::string& file, const FeatureColumns& columns, const std::string& spend) {
  for (const AbsentFeature& absent : columns.absent) {
    if (absent.name != spend) continue;
    const std::string name = OneLine(spend, kMostNameBytes);
    return WithHint(absl::InvalidArgumentError(absl::StrCat(file, ": ", AbsentText({absent}), ", which is the spend")),
                    absent.near_column.empty()
                        ? absl::StrCat("add a column \"", name, "\" with today's spends; its cells may be blank")
                        : absl::StrCat("name the column \"", name, "\", as in training"));
  }
  return absl::OkStatus();
}

char DecimalMarkOf(const CampaignTable& table) {
  for (const FeatureColumn& column : table.columns.found) {
    if (column.form.kind == ColumnKind::kNumber && column.form.number.decimal_mark == ',') return ',';
  }
  return '.';
}

}  // namespace

void TableFlags::AddTo(CLI::App& command, const std::string& meaning) {
  command.add_option("input", input, absl::StrCat(meaning, "; - for standard input"))->required()->type_name("FILE");
  csv.AddTo(command);
  model.AddTo(command);
}

v1::ModelRef ModelConnection::ref() const {
  v1::ModelRef ref;
  ref.set_name(model.name());
  ref.set_version(model.version());
  return ref;
}

int ModelConnection::FeatureIndex(absl::string_view name) const {
  for (int i = 0; i < model.schema().features_size(); ++i) {
    if (model.schema().features(i).name() == name) return i;
  }
  return -1;
}

std::string ModelConnection::SpendFeature(const std::string& named) const {
  const std::string& learnt = model.provenance().spec().target().spend_column();
  for (const std::string& name : {named, model.spend_feature(), learnt, std::string("spend")}) {
    if (!name.empty() && (FeatureIndex(name) >= 0 || name == named)) return name;
  }
  return "";
}

absl::StatusOr<ModelConnection> ConnectToModel(const CommandContext& context, const ModelFlags& flags) {
  ModelConnection connection;
  ROICAST_ASSIGN_OR_RETURN(connection.channels, context.Connect());
  ROICAST_ASSIGN_OR_RETURN(connection.model, ModelClient(connection.channels, context.Calls()).GetModel(flags.ref()));
  ROICAST_RETURN_IF_ERROR(CheckServes(flags.ref(), connection.model));
  return connection;
}

float CampaignTable::Value(int64_t row, int feature) const {
  const auto width = static_cast<int64_t>(rows.matrix().values_size()) / std::max<int64_t>(1, size());
  return rows.matrix().values(static_cast<int>(row * width + feature));
}

absl::StatusOr<CampaignTable> ReadCampaignTable(const CommandContext& context, const ModelConnection& connection,
                                                const TableFlags& flags, const CampaignTableOptions& options) {
  const Interrupts interrupts(nullptr);
  ROICAST_ASSIGN_OR_RETURN(const std::unique_ptr<InputFile> input, InputFile::Open(flags.input));
  ROICAST_ASSIGN_OR_RETURN(const FileOptions file, flags.csv.ToFileOptions());
  ROICAST_ASSIGN_OR_RETURN(const ColumnNames names, ReadTableHeader(*input, file, interrupts.flag()));
  ROICAST_ASSIGN_OR_RETURN(TableOptions said, flags.csv.ToTableOptions(names));
  said.missing = MissingOf(connection.model, flags.csv.MissingValues());
  ROICAST_ASSIGN_OR_RETURN(const std::string bytes, ReadAll(*input, interrupts.flag()));
  CampaignTable table;
  ROICAST_ASSIGN_OR_RETURN(table.reading, DetectSample(bytes, false, said));
  ROICAST_ASSIGN_OR_RETURN(table.columns, BindFeatures(connection.model, table.reading, said.columns, options.given));
  ROICAST_RETURN_IF_ERROR(CheckSpend(flags.input, table.columns, options.spend_feature));
  // A column that a flag names is used, though it holds no feature.
  for (const CampaignTableOptions::Extra& extra : options.extra) std::erase(table.columns.unused, extra.column);
  if (!context.json) std::fputs(ScoreStartText(table.reading, table.columns, Terminal::Of(stderr)).c_str(), stderr);
  ROICAST_RETURN_IF_ERROR(TableFill(connection.model, flags, options, said, &table).Run(bytes, said));
  if (!context.json) {
    const Terminal terminal = Terminal::Of(stderr);
    std::fputs(FindingsText(table.findings, terminal).c_str(), stderr);
    std::fputs(UnusualCellsText(connection.model.schema(), table, terminal).c_str(), stderr);
  }
  return table;
}

nlohmann::ordered_json WithFindings(nlohmann::ordered_json answer, const CampaignTable& table) {
  AddFindings(table.findings, answer);
  return answer;
}

absl::Status WithLine(const absl::Status& status, const std::string& file, const CampaignTable& table) {
  constexpr absl::string_view kRow = "rows: row ";
  const size_t at = status.message().find(kRow);
  if (status.ok() || at == absl::string_view::npos) return status;
  absl::string_view rest = status.message().substr(at + kRow.size());
  const size_t colon = rest.find(':');
  int64_t row = -1;
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(rest.substr(0, colon), &row) || row < 0 ||
      row >= table.size()) {
    return status;
  }
  absl::Status named(status.code(),
                     absl::StrCat(file, ": line ", table.lines[static_cast<size_t>(row)], rest.substr(colon)));
  status.ForEachPayload([&](absl::string_view type, const absl::Cord& payload) { named.SetPayload(type, payload); });
  return named;
}

absl::StatusOr<int64_t> RowAtLine(const CampaignTable& table, const std::string& file, int64_t line) {
  if (line == 0) return 0;
  const auto found = std::find(table.lines.begin(), table.lines.end(), line);
  if (found != table.lines.end()) return found - table.lines.begin();
  return UnexpectedValue(
      "--line", absl::StrCat("a line of ", file, " with a row, ", table.lines.front(), " to ", table.lines.back()),
      absl::StrCat(line));
}

v1::RowInput SomeRows(const CampaignTable& table, int64_t begin, int64_t rows) {
  v1::RowInput input;
  const v1::DenseMatrix& all = table.rows.matrix();
  const int64_t width = all.values_size() / table.size();
  v1::DenseMatrix& some = *input.mutable_matrix();
  some.set_schema_digest(all.schema_digest());
  some.set_rows(rows);
  const auto first = all.values().begin() + begin * width;
  some.mutable_values()->Add(first, first + rows * width);
  return input;
}

v1::RowInput OneRow(const CampaignTable& table, int64_t row) { return SomeRows(table, row, 1); }

absl::StatusOr<double> NumberOf(const CampaignTable& table, const std::string& file, size_t extra,
                                const std::string& column, int64_t row) {
  const std::string& cell = table.extra[extra][static_cast<size_t>(row)];
  if (cell.empty()) return std::numeric_limits<double>::quiet_NaN();
  const std::optional<size_t> index = ColumnIndex(table.reading, column);
  const std::optional<double> number =
      index.has_value() ? ParseNumber(cell, table.reading.columns[*index].form.number) : std::nullopt;
  if (number.has_value()) return *number;
  return CellError(absl::StrCat(file, ": line ", table.lines[static_cast<size_t>(row)], ": \"", column, "\""),
                   v1::FEATURE_KIND_NUMERIC, cell);
}

std::string NumberCell(double value, const CampaignTable& table, int decimals) {
  if (std::isnan(value)) return "";
  std::string text = absl::StrFormat("%.*f", decimals, value);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  if (text == "-0") text = "0";
  if (DecimalMarkOf(table) == ',') std::replace(text.begin(), text.end(), '.', ',');
  return text;
}

absl::Status CheckOutput(const std::string& output, const std::string& input) {
  std::error_code unknown;
  if (output.empty() || output == "-" || !std::filesystem::equivalent(output, input, unknown)) return absl::OkStatus();
  return UsageError(absl::StrCat(GivenFlag("--output", output),
                                 ": this is the table that is read, which would be lost; name another file"));
}

absl::Status WriteCampaignTable(const std::string& path, const CampaignTable& table, const std::vector<int64_t>& order,
                                const std::vector<AddedColumn>& added) {
  for (const AddedColumn& column : added) {
    if (!ColumnIndex(table.reading, column.name).has_value()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("header: the file already has a column \"", column.name, "\"; rename it first"));
  }
  ROICAST_ASSIGN_OR_RETURN(const std::unique_ptr<OutputFile> output, OutputFile::Create(path));
  std::string text;
  TableWriter writer(&text, table.reading.file);
  if (table.reading.file.header_line != 0) {
    for (const std::string& name : table.raw_header) writer.Text(name);
    for (const AddedColumn& column : added) writer.Text(column.name);
    writer.EndRow();
  }
  for (size_t at = 0; at < order.size(); ++at) {
    writer.Raw(table.raw[static_cast<size_t>(order[at])]);
    for (const AddedColumn& column : added) writer.Text(column.cell(at));
    writer.EndRow();
    ROICAST_RETURN_IF_ERROR(output->Write(text));
    text.clear();
  }
  return output->Commit();
}

}  // namespace roicast::client

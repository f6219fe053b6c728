// roicast explain: why each row of a table is predicted as it is.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/number_range.h"
#include "base/printable.h"
#include "base/result_columns.h"
#include "base/status_macros.h"
#include "client/cli/command.h"
#include "client/cli/decisions/campaign_table.h"
#include "client/cli/decisions/feature_text.h"
#include "client/cli/format.h"
#include "client/cli/json_output.h"
#include "client/cli/text_table.h"
#include "client/cli/usage.h"
#include "client/cli/verdict.h"
#include "client/decision_client.h"

namespace roicast::client {
namespace {

constexpr int64_t kRowsPerCall = 500;
constexpr int kBarCells = 20;

struct ExplainFlags {
  static constexpr NumberRange kTop{1, 1000};
  static constexpr NumberRange kRowsShown{0, 1e6};
  static constexpr NumberRange kRounds{2, 10000};

  TableFlags table;
  std::string background;
  std::string output;
  int top = 5;
  int64_t rows = 10;
  int rounds = 0;
};

// The numbers of one row.
struct Explained {
  double prediction = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> values, errors;
  std::string refused;
};

class Explaining {
 public:
  Explaining(const CommandContext& context, const ExplainFlags& flags) : context_(context), flags_(flags) {}

  absl::StatusOr<int> Run() {
    ROICAST_RETURN_IF_ERROR(CheckOutput(flags_.output, flags_.table.input));
    ROICAST_ASSIGN_OR_RETURN(connection_, ConnectToModel(context_, flags_.table.model));
    CampaignTableOptions options;
    options.leave_out_bad_rows = true;
    ROICAST_ASSIGN_OR_RETURN(table_, ReadCampaignTable(context_, connection_, flags_.table, options));
    if (!flags_.background.empty()) {
      TableFlags background = flags_.table;
      background.input = flags_.background;
      ROICAST_ASSIGN_OR_RETURN(CampaignTable rows, ReadCampaignTable(context_, connection_, background, {}));
      background_ = std::move(rows.rows);
    }
    ROICAST_RETURN_IF_ERROR(AskAll());
    if (!flags_.output.empty()) ROICAST_RETURN_IF_ERROR(Write());
    // Standard output holds either the table or what is said about it.
    if (flags_.output == "-") return kOk;
    if (context_.json) {
      PrintJson(WithFindings(Json(), table_));
    } else {
      Print();
    }
    return kOk;
  }

 private:
  absl::Status AskAll() {
    const DecisionClient client(connection_.channels, context_.Calls());
    const int width = connection_.model.schema().features_size();
    const v1::DenseMatrix& all = table_.rows.matrix();
    for (int64_t begin = 0; begin < table_.size(); begin += kRowsPerCall) {
      const int64_t end = std::min(table_.size(), begin + kRowsPerCall);
      v1::ExplainRequest request;
      *request.mutable_model() = connection_.ref();
      v1::DenseMatrix& part = *request.mutable_rows()->mutable_matrix();
      part.set_schema_digest(all.schema_digest());
      part.set_rows(end - begin);
      part.mutable_values()->Add(all.values().begin() + begin * width, all.values().begin() + end * width);
      if (background_.has_matrix()) *request.mutable_background() = background_;
      request.set_rounds(flags_.rounds);
      ROICAST_ASSIGN_OR_RETURN(const v1::ExplainResponse response, client.Explain(request));
      Take(response, end - begin, width);
    }
    return absl::OkStatus();
  }

  void Take(const v1::ExplainResponse& response, int64_t rows, int width) {
    base_value_ = response.base_value();
    const size_t first = explained_.size();
    for (int row = 0; row < static_cast<int>(rows); ++row) {
      Explained& one = explained_.emplace_back();
      if (row >= response.predictions_size() || (row + 1) * width > response.attributions_size()) continue;
      one.prediction = response.predictions(row);
      for (int i = row * width; i < (row + 1) * width; ++i) {
        one.values.push_back(response.attributions(i));
        one.errors.push_back(i < response.standard_errors_size() ? response.standard_errors(i) : 0.0);
      }
    }
    for (const v1::RowIssue& issue : response.issues()) {
      if (issue.status().code() == 0 || issue.row() < 0 || issue.row() >= rows) continue;
      explained_[first + static_cast<size_t>(issue.row())].refused = issue.status().message();
    }
  }

  const v1::Feature& FeatureAt(size_t i) const { return connection_.model.schema().features(static_cast<int>(i)); }

  // The features of a row, the one that moves its prediction the most first.
  static std::vector<size_t> Order(const Explained& one) {
    std::vector<size_t> order(one.values.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&one](size_t a, size_t b) { return std::fabs(one.values[a]) > std::fabs(one.values[b]); });
    return order;
  }

  void Print() const {
    const Terminal terminal = context_.Output();
    const int64_t shown = std::min(table_.size(), flags_.rows == 0 ? table_.size() : flags_.rows);
    std::printf("%s: typical prediction %s\n", FormatVersion(connection_.model).c_str(),
                FormatNumber(base_value_).c_str());
    for (int64_t row = 0; row < shown; ++row) PrintRow(row, terminal);
    if (shown < table_.size()) {
      std::printf("\n... and %s more rows: --rows 0 shows all, --output FILE writes them\n",
                  FormatCount(table_.size() - shown).c_str());
    }
  }

  void PrintRow(int64_t row, const Terminal& terminal) const {
    const Explained& one = explained_[static_cast<size_t>(row)];
    const int64_t line = table_.lines[static_cast<size_t>(row)];
    if (std::isnan(one.prediction)) {
      std::printf("\nline %s: no prediction%s%s\n", absl::StrCat(line).c_str(), one.refused.empty() ? "" : ": ",
                  Printable(one.refused).c_str());
      return;
    }
    std::printf("\nline %s: %s\n", absl::StrCat(line).c_str(),
                terminal.Paint(absl::StrFormat("%.4f", one.prediction), ToneOfRoi(one.prediction)).c_str());
    const std::vector<size_t> order = Order(one);
    const double largest = order.empty() ? 0.0 : std::fabs(one.values[order.front()]);
    const size_t top = std::min(order.size(), static_cast<size_t>(flags_.top));
    TextTable reasons({"because",
                       {"is", TextTable::WhenNarrow::kCut},
                       "adds",
                       {"±", TextTable::WhenNarrow::kDrop},
                       {"", TextTable::WhenNarrow::kDrop}});
    double rest = 0;
    for (size_t i = 0; i < order.size(); ++i) {
      const size_t feature = order[i];
      if (i >= top) {
        rest += one.values[feature];
        continue;
      }
      const double value = one.values[feature];
      const auto cells = static_cast<size_t>(largest > 0 ? std::lround(kBarCells * std::fabs(value) / largest) : 0);
      reasons.AddRow({FeatureAt(feature).name(),
                      FeatureText(FeatureAt(feature), table_.Value(row, static_cast<int>(feature))), SignedText(value),
                      one.errors[feature] > 0 ? FormatNumber(one.errors[feature]) : "",
                      Toned(std::string(cells, value < 0 ? '-' : '+'), value < 0 ? Tone::kBad : Tone::kGood)});
    }
    if (order.size() > top) {
      reasons.AddRow({absl::StrCat(order.size() - top, " others"), "", SignedText(rest), "", ""});
    }
    std::fputs(reasons.ToString(terminal, "  ").c_str(), stdout);
  }

  nlohmann::ordered_json Json() const {
    nlohmann::ordered_json json = {{"model", connection_.model.name()},
                                   {"version", connection_.model.version()},
                                   {"base_value", NumberToJson(base_value_)},
                                   {"rows", nlohmann::ordered_json::array()}};
    for (int64_t row = 0; row < table_.size(); ++row) {
      const Explained& one = explained_[static_cast<size_t>(row)];
      nlohmann::ordered_json reasons = nlohmann::ordered_json::array();
      for (const size_t feature : Order(one)) {
        reasons.push_back({{"feature", FeatureAt(feature).name()},
                           {"value", FeatureText(FeatureAt(feature), table_.Value(row, static_cast<int>(feature)))},
                           {"adds", NumberToJson(one.values[feature])},
                           {"standard_error", NumberToJson(one.errors[feature])}});
      }
      nlohmann::ordered_json added = {{"line", table_.lines[static_cast<size_t>(row)]},
                                      {"prediction", NumberToJson(one.prediction)}};
      if (!one.refused.empty()) added["error"] = one.refused;
      added["reasons"] = std::move(reasons);
      json["rows"].push_back(std::move(added));
    }
    return json;
  }

  absl::Status Write() const {
    std::vector<int64_t> order(static_cast<size_t>(table_.size()));
    std::iota(order.begin(), order.end(), int64_t{0});
    std::vector<AddedColumn> added = {
        {std::string(result_columns::kPrediction),
         [this](size_t row) { return NumberCell(explained_[row].prediction, table_); }},
        {std::string(result_columns::kBaseValue), [this](size_t) { return NumberCell(base_value_, table_); }}};
    for (int i = 0; i < connection_.model.schema().features_size(); ++i) {
      added.push_back(
          {absl::StrCat(result_columns::kAddsPrefix, FeatureAt(static_cast<size_t>(i)).name()), [this, i](size_t row) {
             const Explained& one = explained_[row];
             return one.values.empty() ? "" : NumberCell(one.values[static_cast<size_t>(i)], table_);
           }});
    }
    return WriteCampaignTable(flags_.output, table_, order, added);
  }

  const CommandContext& context_;
  const ExplainFlags& flags_;
  ModelConnection connection_;
  CampaignTable table_;
  v1::RowInput background_;
  std::vector<Explained> explained_;
  double base_value_ = 0;
};

}  // namespace

void AddExplainCommand(CLI::App& app, CommandContext& context) {
  CLI::App& command = *app.add_subcommand("explain", "Say why each row of a table is predicted as it is");
  command.footer(
      "What each feature adds to the prediction, compared with typical campaigns: the\n"
      "typical prediction and all that is added make the prediction.\n"
      "  roicast explain campaigns.csv\n"
      "  roicast explain campaigns.csv --top 3 --rows 0\n"
      "  roicast explain campaigns.csv --output why.csv\n"
      "--output adds columns prediction, base_value and adds_FEATURE to the table.");
  const auto flags = std::make_shared<ExplainFlags>();
  flags->table.AddTo(command, "Table of campaigns");
  command.add_option("--top", flags->top, "Reasons per row; the others are added up")
      ->check(Within(ExplainFlags::kTop))
      ->capture_default_str();
  command.add_option("--rows", flags->rows, "Rows to show; 0: all")
      ->check(Within(ExplainFlags::kRowsShown))
      ->capture_default_str();
  command
      .add_option("--background", flags->background,
                  "Table of up to 64 typical rows to compare with; default: those stored in training")
      ->type_name("FILE");
  command.add_option("--rounds", flags->rounds, "More are slower and more exact; default: the server's choice")
      ->check(Within(ExplainFlags::kRounds));
  command.add_option("-o,--output", flags->output, "Also write all of it to a file; - for standard output")
      ->type_name("FILE");
  SetCommand(command, context, [&context, flags] { return Explaining(context, *flags).Run(); });
}

}  // namespace roicast::client

// roicast predict: predicts one or a few campaigns from the command line or JSON.
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "base/tables/number_form.h"
#include "base/tables/time_form.h"
#include "client/cell_error.h"
#include "client/cli/command.h"
#include "client/cli/input_file.h"
#include "client/cli/json_output.h"
#include "client/cli/prediction_view.h"
#include "client/cli/uncertainty_flags.h"
#include "client/cli/usage_error.h"
#include "client/model_client.h"
#include "client/prediction_client.h"
#include "client/serving_model.h"

namespace roicast::client {
namespace {

struct PredictFlags {
  std::vector<std::string> cells;
  std::string file;
  ModelFlags model;
  UncertaintyFlags uncertainty;
};

// Names that an object has twice: the parser keeps the last value without a word.
class RepeatedNames {
 public:
  void See(nlohmann::json::parse_event_t event, const nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) names_.emplace_back();
    if (event == Event::object_end) names_.pop_back();
    if (event != Event::key || names_.back().insert(parsed.get<std::string>()).second || first_.has_value()) return;
    first_ = parsed.get<std::string>();
  }

  const std::optional<std::string>& first() const { return first_; }

 private:
  std::vector<std::set<std::string>> names_;  // of the objects around
  std::optional<std::string> first_;
};

absl::StatusOr<CampaignCells> RowFromJson(const nlohmann::json& json) {
  if (!json.is_object())
    return absl::InvalidArgumentError("JSON: expected an object {\"feature\": value}, or a list of them");
  CampaignCells row;
  for (const auto& [name, value] : json.items()) {
    if (value.is_null()) continue;
    if (value.is_structured()) {
      return absl::InvalidArgumentError(absl::StrCat("JSON: \"", name, "\": expected a number or a string"));
    }
    row[name] = value.is_string() ? value.get<std::string>() : value.dump();
  }
  return row;
}

absl::StatusOr<std::vector<CampaignCells>> RowsFromJson(const std::string& text) {
  nlohmann::json json;
  RepeatedNames repeated;
  try {
    json = nlohmann::json::parse(text, [&](int, nlohmann::json::parse_event_t event, const nlohmann::json& parsed) {
      repeated.See(event, parsed);
      return true;
    });
  } catch (const nlohmann::json::parse_error& error) {
    const std::string where = error.byte > text.size()
                                  ? "an unexpected end"
                                  : absl::StrCat("an error at byte ", error.byte, " of ", text.size());
    return absl::InvalidArgumentError(absl::StrCat(
        "JSON: cannot be parsed: expected a campaign such as {\"channel\": \"search\", \"spend\": 2500}, got ", where));
  } catch (const nlohmann::json::out_of_range& error) {
    // "... number overflow parsing '1e400'": a number that a double cannot hold.
    const std::string_view what = error.what();
    const size_t quoted = what.find('\'');
    return absl::InvalidArgumentError(absl::StrCat(
        "JSON: expected numbers up to 1.8e308 in size, got ",
        quoted == std::string_view::npos ? std::string("a larger one") : std::string(what.substr(quoted))));
  }
  if (repeated.first().has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("JSON: \"", *repeated.first(), "\" is given twice"));
  }
  std::vector<CampaignCells> rows;
  if (!json.is_array()) {
    ROICAST_ASSIGN_OR_RETURN(CampaignCells row, RowFromJson(json));
    rows.push_back(std::move(row));
    return rows;
  }
  for (const nlohmann::json& item : json) {
    ROICAST_ASSIGN_OR_RETURN(CampaignCells row, RowFromJson(item));
    rows.push_back(std::move(row));
  }
  if (rows.empty()) return absl::InvalidArgumentError("JSON: expected at least one campaign, got an empty list");
  return rows;
}

absl::StatusOr<std::vector<CampaignCells>> ReadRows(const PredictFlags& flags) {
  if (!flags.file.empty()) {
    ROICAST_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(flags.file));
    return RowsFromJson(text);
  }
  // CLI11 splits [a,b] at its commas; several objects in a row are a list, too.
  if (!flags.cells.empty() && absl::StartsWith(absl::StripLeadingAsciiWhitespace(flags.cells[0]), "{")) {
    return RowsFromJson(flags.cells.size() == 1 ? flags.cells[0]
                                                : absl::StrCat("[", absl::StrJoin(flags.cells, ","), "]"));
  }
  if (flags.cells.empty()) {
    return UsageError("expected name=value ..., a JSON object or --file FILE, got nothing");
  }
  CampaignCells row;
  for (const std::string& cell : flags.cells) {
    const size_t equals = cell.find('=');
    if (equals == std::string::npos || equals == 0) {
      return UsageError(absl::StrCat("expected name=value, got \"", cell, "\""));
    }
    if (!row.emplace(cell.substr(0, equals), cell.substr(equals + 1)).second) {
      return UsageError(absl::StrCat("\"", cell.substr(0, equals), "\" is given twice"));
    }
  }
  return std::vector<CampaignCells>{row};
}

absl::Status CheckNames(const std::vector<CampaignCells>& rows, const v1::Model& model) {
  std::vector<std::string> known;
  for (const v1::Feature& feature : model.schema().features()) known.push_back(feature.name());
  for (const CampaignCells& row : rows) {
    for (const auto& [name, value] : row) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      return absl::InvalidArgumentError(absl::StrCat("model ", model.name(), " has no feature \"", name, "\"",
                                                     DidYouMeanOrList(name, known, "it has")));
    }
  }
  return absl::OkStatus();
}

// The cells as values of the kinds that the schema says. The server would refuse wrong ones, too, but knows neither the
// text nor the position of a campaign in the list.
absl::StatusOr<v1::Row> ToRow(const CampaignCells& cells, const v1::Schema& schema, absl::string_view where) {
  v1::Row row;
  for (const v1::Feature& feature : schema.features()) {
    const auto cell = cells.find(feature.name());
    if (cell == cells.end()) continue;
    const auto refused = [&] {
      return CellError(absl::StrCat(where, "\"", feature.name(), "\""), feature.kind(), cell->second);
    };
    v1::NamedValue& value = *row.add_values();
    value.set_name(feature.name());
    if (feature.kind() == v1::FEATURE_KIND_NUMERIC) {
      const std::optional<double> number = ParsePlainNumber(cell->second);
      if (!number.has_value()) return refused();
      value.set_number(*number);
    } else if (feature.kind() == v1::FEATURE_KIND_TIME) {
      const std::optional<int64_t> time = ParseIsoTime(cell->second);
      if (!time.has_value()) return refused();
      value.mutable_time()->set_seconds(*time);
    } else {
      value.set_word(cell->second);
    }
  }
  return row;
}

absl::StatusOr<std::vector<v1::Row>> ToRows(const std::vector<CampaignCells>& all, const v1::Schema& schema) {
  std::vector<v1::Row> rows;
  for (size_t i = 0; i < all.size(); ++i) {
    const std::string where = all.size() == 1 ? "" : absl::StrCat("campaign ", i + 1, ": ");
    ROICAST_ASSIGN_OR_RETURN(v1::Row row, ToRow(all[i], schema, where));
    rows.push_back(std::move(row));
  }
  return rows;
}

v1::ModelRef VersionOf(const v1::Model& model) {
  v1::ModelRef ref;
  ref.set_name(model.name());
  ref.set_version(model.version());
  return ref;
}

absl::StatusOr<PredictionAnswer> PredictRow(const PredictionClient& client, const v1::Model& model,
                                            const UncertaintyFlags& uncertainty, v1::Row row) {
  v1::PredictRequest request;
  *request.mutable_model() = VersionOf(model);
  *request.mutable_row() = std::move(row);
  if (uncertainty.asked()) *request.mutable_uncertainty() = uncertainty.ToProto();
  ROICAST_ASSIGN_OR_RETURN(const v1::PredictResponse response, client.Predict(request));
  PredictionAnswer answer{response.roi(), absl::OkStatus(), {response.warnings().begin(), response.warnings().end()}};
  if (response.has_interval()) {
    answer.interval = {uncertainty.level(), response.interval().low(), response.interval().high()};
  }
  if (response.has_profit_probability()) answer.profit_probability = response.profit_probability();
  return answer;
}

absl::StatusOr<std::vector<PredictionAnswer>> PredictRows(const PredictionClient& client, const v1::Model& model,
                                                          const UncertaintyFlags& uncertainty,
                                                          std::vector<v1::Row> rows) {
  v1::BatchPredictRequest request;
  *request.mutable_model() = VersionOf(model);
  request.set_max_issues(static_cast<int32_t>(rows.size()));
  if (uncertainty.asked()) *request.mutable_uncertainty() = uncertainty.ToProto();
  for (v1::Row& row : rows) *request.mutable_rows()->add_rows() = std::move(row);
  ROICAST_ASSIGN_OR_RETURN(const v1::BatchPredictResponse response, client.BatchPredict(request));
  std::vector<PredictionAnswer> answers(rows.size());
  for (size_t i = 0; i < rows.size() && static_cast<int>(i) < response.roi_size(); ++i) {
    const int at = static_cast<int>(i);
    answers[i].roi = response.roi(at);
    if (at < response.interval_low_size() && at < response.interval_high_size()) {
      answers[i].interval = {uncertainty.level(), response.interval_low(at), response.interval_high(at)};
    }
    if (at < response.profit_probability_size()) answers[i].profit_probability = response.profit_probability(at);
  }
  for (const v1::RowIssue& issue : response.issues()) {
    if (issue.row() < 0 || issue.row() >= static_cast<int64_t>(rows.size())) continue;
    PredictionAnswer& answer = answers[static_cast<size_t>(issue.row())];
    answer.status = absl::Status(static_cast<absl::StatusCode>(issue.status().code()), issue.status().message());
    answer.warnings.assign(issue.warnings().begin(), issue.warnings().end());
  }
  return answers;
}

absl::StatusOr<int> Predict(const CommandContext& context, const PredictFlags& flags) {
  ROICAST_ASSIGN_OR_RETURN(const std::vector<CampaignCells> rows, ReadRows(flags));
  ROICAST_ASSIGN_OR_RETURN(const auto channels, context.Connect());
  ROICAST_ASSIGN_OR_RETURN(const v1::Model model, ModelClient(channels, context.Calls()).GetModel(flags.model.ref()));
  ROICAST_RETURN_IF_ERROR(CheckServes(flags.model.ref(), model));
  ROICAST_RETURN_IF_ERROR(CheckNames(rows, model));
  ROICAST_ASSIGN_OR_RETURN(std::vector<v1::Row> values, ToRows(rows, model.schema()));
  const PredictionClient client(channels, context.Calls());
  std::vector<PredictionAnswer> answers;
  if (rows.size() == 1) {
    ROICAST_ASSIGN_OR_RETURN(PredictionAnswer answer,
                             PredictRow(client, model, flags.uncertainty, std::move(values[0])));
    answers.push_back(std::move(answer));
  } else {
    ROICAST_ASSIGN_OR_RETURN(answers, PredictRows(client, model, flags.uncertainty, std::move(values)));
  }
  if (context.json) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (size_t i = 0; i < answers.size(); ++i) json.push_back(AnswerJson(answers[i], rows[i], model));
    PrintJson(rows.size() == 1 ? json[0] : json);
    return kOk;
  }
  for (size_t i = 0; i < answers.size(); ++i) {
    std::fputs(AnswerText(answers[i], rows[i], model, context.Output()).c_str(), stdout);
  }
  return kOk;
}

}  // namespace

void AddPredictCommand(CLI::App& app, CommandContext& context) {
  CLI::App& command = *app.add_subcommand("predict", "Predict the ROI of one campaign or a few");
  command.footer(
      "Features not given count as missing; roicast models show lists all features.\n"
      "  roicast predict channel=search spend=2500 start_time=2025-03-01\n"
      "  roicast predict channel=search spend=2500 --interval 0.9 --profit-probability\n"
      "  roicast predict '{\"channel\": \"search\", \"spend\": 2500}' --json");
  const auto flags = std::make_shared<PredictFlags>();
  CLI::Option* cells =
      command.add_option("campaign", flags->cells, "name=value ..., or a JSON object or a list of objects")
          ->type_name("NAME=VALUE|JSON");
  command.add_option("-f,--file", flags->file, "Read JSON from a file; - for standard input")
      ->type_name("FILE")
      ->excludes(cells);
  flags->uncertainty.AddTo(command);
  flags->model.AddTo(command);
  SetCommand(command, context, [&context, flags] { return Predict(context, *flags); });
}

}  // namespace roicast::client

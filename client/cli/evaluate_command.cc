// roicast evaluate: measures a version on a dataset with known outcomes.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/printable.h"
#include "base/status_macros.h"
#include "base/tables/cell_text.h"
#include "client/cli/command.h"
#include "client/cli/dataset_flags.h"
#include "client/cli/display_width.h"
#include "client/cli/findings_view.h"
#include "client/cli/format.h"
#include "client/cli/json_output.h"
#include "client/cli/reading_view.h"
#include "client/cli/report_view.h"
#include "client/cli/target_flags.h"
#include "client/cli/terminal.h"
#include "client/cli/warning_view.h"
#include "client/model_client.h"
#include "client/scoring/feature_columns.h"
#include "client/scoring/table_findings.h"

namespace roicast::client {
namespace {

constexpr absl::Duration kTimeout = absl::Minutes(10);

struct EvaluateFlags {
  DatasetFlags dataset;
  ModelFlags model;
  TargetFlags target;
};

// With the columns that may be meant.
std::vector<AbsentFeature> AbsentFeatures(const v1::EvaluateModelResponse& response,
                                          const std::vector<std::string>& columns) {
  std::vector<AbsentFeature> absent;
  for (const std::string& name : response.features_without_column())
    absent.push_back({name, NearColumn(name, columns)});
  return absent;
}

const v1::ColumnReading* FindReading(const v1::TableReading& reading, const std::string& name) {
  for (const v1::ColumnReading& column : reading.columns()) {
    if (column.name() == name) return &column;
  }
  return nullptr;
}

// Columns, that of the target among them, that have another unit than in training. Empty if that is not recorded.
std::vector<TableNote> UnitNotes(const v1::Model& model, const v1::TableReading& here) {
  std::vector<std::pair<std::string, const v1::Feature*>> names;
  for (const v1::Feature& feature : model.schema().features()) {
    if (feature.kind() == v1::FEATURE_KIND_NUMERIC) names.emplace_back(feature.name(), &feature);
  }
  if (!model.report().target().name().empty()) names.emplace_back(model.report().target().name(), nullptr);
  std::vector<TableNote> notes;
  for (const auto& [name, feature] : names) {
    const v1::ColumnReading* const learnt = FindReading(model.report().cleaning().reading(), name);
    const v1::ColumnReading* const column = FindReading(here, name);
    const bool scaled = column != nullptr && column->scale() != 0 && column->scale() != 1;
    if (learnt == nullptr || column == nullptr || scaled) continue;
    UnitCells cells{{column->examples().begin(), column->examples().end()}, {}, feature};
    if (column->decimal_mark() == v1::DECIMAL_MARK_COMMA) cells.form = {',', Grouping::kDot};
    std::optional<TableNote> note = UnitNote(name, learnt->unit(), column->unit(), cells);
    if (note.has_value() && note->warning) notes.push_back(*std::move(note));
  }
  return notes;
}

// Columns that had one value in all of training and have another one among the first cells here. A time goes on by
// itself.
std::vector<ChangedConstant> ChangedConstants(const v1::Model& model, const v1::TableReading& here) {
  std::vector<ChangedConstant> all;
  for (const v1::LeftOutColumn& left_out : model.report().cleaning().left_out()) {
    const v1::ColumnReading* const column = FindReading(here, left_out.column());
    if (left_out.value().empty() || column == nullptr || column->kind() == v1::FEATURE_KIND_TIME) continue;
    std::optional<NumberForm> form;
    if (column->kind() == v1::FEATURE_KIND_NUMERIC) {
      form = column->decimal_mark() == v1::DECIMAL_MARK_COMMA ? NumberForm{',', Grouping::kDot}
                                                              : NumberForm{'.', Grouping::kComma};
    }
    const auto changed = std::find_if(
        column->examples().begin(), column->examples().end(),
        [&](const std::string& cell) { return !IsLearntConstant(left_out.value(), CellText(cell), form); });
    if (changed == column->examples().end()) continue;
    all.push_back({left_out.column(), left_out.value(), std::string(CellText(*changed)), 0, 0});
  }
  return all;
}

void PrintNotes(const std::vector<TableNote>& notes, const Terminal& terminal) {
  for (const TableNote& note : notes) {
    const std::string line = absl::StrCat("  warning: ", Printable(note.column), ": ", Printable(note.message));
    std::printf("%s\n", terminal.Paint(WrapToWidth(line, terminal.width, 4), Tone::kWarning).c_str());
    for (const std::string& flag : note.flags) std::printf("    to change it: %s\n", Printable(flag).c_str());
  }
}

// All rows; and, if there are both, those that were learnt from and the others.
std::vector<MetricsColumn> Parts(const v1::EvaluateModelResponse& response) {
  std::vector<MetricsColumn> parts = {{"model", &response.metrics()}};
  const v1::LearntRowsCheck& check = response.learnt_rows();
  if (check.has_learnt() && check.has_fresh()) {
    parts[0].title = "all rows";
    parts.push_back({"new", &check.fresh()});
    parts.push_back({"learnt from", &check.learnt()});
  }
  return parts;
}

absl::StatusOr<int> Evaluate(const CommandContext& context, const EvaluateFlags& flags) {
  ROICAST_ASSIGN_OR_RETURN(const DatasetSource source, flags.dataset.Open());
  ROICAST_RETURN_IF_ERROR(flags.target.Check(source.columns()));
  ROICAST_ASSIGN_OR_RETURN(const auto channels, context.Connect());
  const TrainingClient client(channels, context.Calls());
  v1::EvaluateModelRequest request;
  *request.mutable_model() = flags.model.ref();
  ROICAST_ASSIGN_OR_RETURN(const v1::Dataset dataset, source.Resolve(context, client));
  request.set_dataset_digest(dataset.digest());
  if (!flags.target.empty()) flags.target.MergeInto(request.mutable_target());
  if (flags.target.profit_threshold) request.set_profit_threshold(*flags.target.profit_threshold);
  ROICAST_ASSIGN_OR_RETURN(const v1::EvaluateModelResponse response, client.Evaluate(request, kTimeout));
  // Only the digest is known of a dataset that was on the server.
  std::vector<TableNote> notes;
  std::vector<ChangedConstant> changed;
  if (dataset.has_reading()) {
    v1::ModelRef evaluated;
    evaluated.set_name(response.evaluated().model());
    evaluated.set_version(response.evaluated().version());
    ROICAST_ASSIGN_OR_RETURN(const v1::Model model, ModelClient(channels, context.Calls()).GetModel(evaluated));
    notes = UnitNotes(model, dataset.reading());
    changed = ChangedConstants(model, dataset.reading());
  }
  if (context.json) {
    nlohmann::ordered_json json = ToJson(response);
    json["unit_warnings"] = nlohmann::ordered_json::array();
    for (const TableNote& note : notes) {
      json["unit_warnings"].push_back({{"column", note.column}, {"message", note.message}, {"flags", note.flags}});
    }
    json["changed_constants"] = nlohmann::ordered_json::array();
    for (const ChangedConstant& one : changed) {
      json["changed_constants"].push_back({{"column", one.column}, {"learnt", one.learnt}, {"value", one.value}});
    }
    if (dataset.has_reading()) json["dataset"] = ToJson(dataset);
    PrintJson(json);
    return kOk;
  }
  const Terminal terminal = context.Output();
  if (dataset.has_reading()) {
    std::printf("%s%s\n", FileText(dataset.reading().file(), terminal).c_str(),
                WarningsText(dataset.warnings(), terminal).c_str());
  }
  std::printf("%s (%s)\n%s\n%s%s", FormatVersion(response.evaluated()).c_str(),
              FormatDigest(response.evaluated().artifact_digest()).c_str(),
              terminal.Paint(MetricsTitle(response.target()), Tone::kHeading).c_str(),
              ConclusionText(response.conclusion(), terminal).c_str(),
              MetricsText(Parts(response), response.target(), terminal).c_str());
  int64_t rows = response.metrics().model().rows();
  for (const v1::DroppedRows& dropped : response.dropped()) rows += dropped.rows();
  std::fputs(DroppedText(response.dropped(), "left out", rows, terminal).c_str(), stdout);
  std::printf("  rows with warnings: %s\n", FormatCount(response.rows_with_warnings()).c_str());
  const std::string absent = AbsentText(AbsentFeatures(response, source.columns().names()));
  if (!absent.empty()) {
    const std::string line = absl::StrCat("  ", Printable(absent), ": typical values were used");
    std::printf("%s\n", terminal.Paint(WrapToWidth(line, terminal.width, 4), Tone::kWarning).c_str());
  }
  PrintNotes(notes, terminal);
  for (const ChangedConstant& one : changed) {
    const std::string line = absl::StrCat("  warning: ", ChangedConstantText(one, ""));
    std::printf("%s\n", terminal.Paint(WrapToWidth(line, terminal.width, 4), Tone::kWarning).c_str());
  }
  return kOk;
}

}  // namespace

void AddEvaluateCommand(CLI::App& app, CommandContext& context) {
  CLI::App& command = *app.add_subcommand("evaluate", "Measure a model on a CSV with known outcomes");
  command.footer("The target is the one the model was trained on, unless flags say otherwise.");
  const auto flags = std::make_shared<EvaluateFlags>();
  flags->dataset.AddTo(command);
  flags->model.AddTo(command);
  flags->target.AddTo(command);
  SetCommand(command, context, [&context, flags] { return Evaluate(context, *flags); });
}

}  // namespace roicast::client

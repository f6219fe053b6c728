// roicast analyze: what a model has learnt on the whole.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/number_range.h"
#include "base/printable.h"
#include "base/status_macros.h"
#include "client/cli/command.h"
#include "client/cli/dataset_flags.h"
#include "client/cli/decisions/blamed_flag.h"
#include "client/cli/decisions/caveat_view.h"
#include "client/cli/decisions/curve_plot.h"
#include "client/cli/display_width.h"
#include "client/cli/file_error.h"
#include "client/cli/format.h"
#include "client/cli/json_output.h"
#include "client/cli/reading_view.h"
#include "client/cli/terminal.h"
#include "client/cli/text_table.h"
#include "client/cli/usage.h"
#include "client/decision_client.h"
#include "client/status.h"

namespace roicast::client {
namespace {

constexpr absl::Duration kLeastAnalysisTimeout = absl::Minutes(10);
// Rules that tell less of the model are not shown.
constexpr double kLeastFidelity = 0.3;
constexpr int kDependencePlotWidth = 72;
constexpr int kDependencePlotHeight = 11;

struct AnalyzeFlags {
  static constexpr NumberRange kShuffles{2, 100};
  static constexpr NumberRange kPoints{2, 200};
  static constexpr NumberRange kDepth{0, 6};

  DatasetFlags dataset;
  ModelFlags model;
  std::vector<std::string> dependence, interactions;
  int shuffles = 0, points = 0, depth = 3;
  int64_t seed = 0;
};

std::string RangeOf(const v1::Range& range) {
  return absl::StrCat(FormatNumber(range.low()), " to ", FormatNumber(range.high()));
}

std::string ImportanceText(const v1::AnalyzeModelResponse& answer, const Terminal& terminal) {
  const bool truth = answer.against_truth();
  std::vector<TextTable::Column> columns = {
      {"feature", TextTable::WhenNarrow::kCut}, truth ? "error rises by" : "moves predictions by", "90 %"};
  if (truth) columns.push_back({"times the error", TextTable::WhenNarrow::kDrop});
  columns.push_back({"", TextTable::WhenNarrow::kDrop});
  TextTable table(columns);
  for (const v1::FeatureImportance& one : answer.importance()) {
    std::vector<Toned> cells = {Toned(Printable(one.feature())), Toned(FormatNumber(one.importance())),
                                Toned(RangeOf(one.interval()))};
    if (truth) cells.emplace_back(absl::StrFormat("%.2f", one.ratio()));
    cells.emplace_back(one.interval().low() <= 0 ? "may be of no use" : "");
    table.AddRow(std::move(cells));
  }
  return table.ToString(terminal);
}

std::string DependenceText(const v1::FeatureDependence& dependence, const Terminal& terminal) {
  std::string text =
      terminal.Paint(absl::StrCat("predictions along ", Printable(dependence.feature())), Tone::kHeading);
  absl::StrAppend(&text, "\n");
  if (dependence.values_size() > 2) {
    Plot plot;
    plot.x.assign(dependence.values().begin(), dependence.values().end());
    plot.y.assign(dependence.mean().begin(), dependence.mean().end());
    plot.inside_low = plot.x.front();
    plot.inside_high = plot.x.back();
    const int width = static_cast<int>(std::min<size_t>(terminal.width, kDependencePlotWidth));
    absl::StrAppend(&text, DrawPlot(plot, std::max(20, width), kDependencePlotHeight), "\n");
  }
  TextTable table(
      {{"", TextTable::WhenNarrow::kCut}, "mean", {"most rows", TextTable::WhenNarrow::kDrop}, "rows near"});
  for (int i = 0; i < dependence.labels_size() && i < dependence.mean_size(); ++i) {
    const bool range = i < dependence.low_size() && i < dependence.high_size();
    table.AddRow({Printable(dependence.labels(i)), FormatNumber(dependence.mean(i)),
                  range ? absl::StrCat(FormatNumber(dependence.low(i)), " to ", FormatNumber(dependence.high(i))) : "",
                  i < dependence.rows_size() ? FormatCount(dependence.rows(i)) : ""});
  }
  absl::StrAppend(&text, table.ToString(terminal));
  return text;
}

std::string InteractionsText(const v1::AnalyzeModelResponse& answer, const Terminal& terminal) {
  TextTable table({{"features", TextTable::WhenNarrow::kCut}, "beyond each alone", "of both"});
  for (const v1::FeatureInteraction& pair : answer.interactions()) {
    table.AddRow({absl::StrCat(Printable(pair.first()), " and ", Printable(pair.second())),
                  FormatNumber(pair.strength()), absl::StrFormat("%.0f %%", 100 * pair.h())});
  }
  return table.ToString(terminal);
}

std::string TreeText(const v1::SurrogateTree& tree, const Terminal& terminal) {
  std::string text = terminal.Paint("the model as a few rules", Tone::kHeading);
  if (!(tree.fidelity() >= kLeastFidelity)) {
    absl::StrAppend(&text, "\n",
                    absl::StrFormat("none: those that were tried tell %.0f %% of its predictions' variance "
                                    "on other rows (--json has them)\n",
                                    100 * std::max(0.0, tree.fidelity())));
    return text;
  }
  TextTable table({{"if", TextTable::WhenNarrow::kCut}, "prediction", "of the rows"});
  for (const v1::TreeRule& rule : tree.rules()) {
    table.AddRow({Printable(rule.conditions()), FormatNumber(rule.prediction()),
                  absl::StrFormat("%.0f %%", 100 * rule.share())});
  }
  absl::StrAppend(&text, "\n", table.ToString(terminal),
                  absl::StrFormat("they tell %.0f %% of its predictions' variance on other rows%s\n",
                                  100 * std::max(0.0, tree.fidelity()),
                                  tree.fidelity() < 0.7 ? ": do not read them as the model" : ""));
  return text;
}

std::string RowsText(const v1::AnalyzeModelResponse& answer, bool dataset) {
  std::string text = dataset ? absl::StrCat("on ", FormatCount(answer.rows()), " rows")
                             : absl::StrCat("on the ", answer.rows(), " typical rows that were stored in training");
  if (answer.dataset_rows() > answer.rows()) {
    absl::StrAppend(&text, " of ", FormatCount(answer.dataset_rows()), ", evenly spread");
  }
  if (answer.rows_refused() > 0) {
    absl::StrAppend(&text, "; ", FormatCount(answer.rows_refused()), " cannot be predicted and are left out");
  }
  return text;
}

std::string AnalysisText(const v1::AnalyzeModelResponse& answer, bool dataset, const Terminal& terminal) {
  std::string text = absl::StrCat(FormatVersion(answer.served_by()), ", ", RowsText(answer, dataset), "\n");
  const auto warn = [&](const std::string& line) {
    absl::StrAppend(&text, terminal.Paint(WrapToWidth(line, terminal.width, 2), Tone::kWarning), "\n");
  };
  if (!answer.no_truths_because().empty()) {
    warn(absl::StrCat("what came true is not known: ", Printable(answer.no_truths_because())));
  }
  if (answer.features_without_column_size() > 0) {
    warn(absl::StrCat("no column for ", Printable(absl::StrJoin(answer.features_without_column(), ", ")),
                      ": typical values were used"));
  }
  absl::StrAppend(&text, "\n", ImportanceText(answer, terminal));
  for (const v1::FeatureDependence& dependence : answer.dependence()) {
    absl::StrAppend(&text, "\n", DependenceText(dependence, terminal));
  }
  if (answer.interactions_size() > 0) absl::StrAppend(&text, "\n", InteractionsText(answer, terminal));
  if (!answer.no_tree_because().empty()) {
    absl::StrAppend(&text, "\n",
                    WrapToWidth(absl::StrCat("no rules: ", Printable(answer.no_tree_because())), terminal.width, 2),
                    "\n");
  }
  if (answer.has_tree()) absl::StrAppend(&text, "\n", TreeText(answer.tree(), terminal));
  absl::StrAppend(&text, CaveatsText(answer.caveats(), terminal));
  return text;
}

absl::StatusOr<int> Analyze(const CommandContext& context, const AnalyzeFlags& flags) {
  v1::AnalyzeModelRequest request;
  *request.mutable_model() = flags.model.ref();
  request.set_importance(true);
  request.set_shuffles(flags.shuffles);
  for (const std::string& feature : flags.dependence) request.add_dependence(feature);
  request.set_grid_points(flags.points);
  for (const std::string& feature : flags.interactions) request.add_interactions(feature);
  request.set_tree_depth(flags.depth);
  request.set_seed(flags.seed);
  const bool has_dataset = !flags.dataset.file.empty() || !flags.dataset.digest.empty();
  CallOptions calls = context.Calls();
  calls.timeout = std::max(calls.timeout, kLeastAnalysisTimeout);
  std::string reading;
  ROICAST_ASSIGN_OR_RETURN(const auto channels, context.Connect());
  if (has_dataset) {
    ROICAST_ASSIGN_OR_RETURN(const DatasetSource source, flags.dataset.Open());
    ROICAST_ASSIGN_OR_RETURN(const v1::Dataset dataset,
                             source.Resolve(context, TrainingClient(channels, context.Calls())));
    request.set_dataset_digest(dataset.digest());
    if (dataset.has_reading()) reading = absl::StrCat(FileText(dataset.reading().file(), context.Output()), "\n");
  }
  const absl::StatusOr<v1::AnalyzeModelResponse> answered = DecisionClient(channels, calls).AnalyzeModel(request);
  if (ReasonOf(answered.status()) == v1::NO_BACKGROUND) {
    return WithHint(answered.status(),
                    "say what to analyze it on: roicast analyze FILE, or train a new version: roicast train FILE");
  }
  ROICAST_RETURN_IF_ERROR(BlameFlag(answered.status(), {{"dependence", "--along", flags.dependence},
                                                        {"interactions", "--interactions", flags.interactions}}));
  const v1::AnalyzeModelResponse& answer = *answered;
  if (context.json) {
    nlohmann::ordered_json json = ToJson(answer);
    if (has_dataset) json["dataset_digest"] = request.dataset_digest();
    PrintJson(json);
    return kOk;
  }
  std::fputs(reading.c_str(), stdout);
  std::fputs(AnalysisText(answer, has_dataset, context.Output()).c_str(), stdout);
  return kOk;
}

}  // namespace

void AddAnalyzeCommand(CLI::App& app, CommandContext& context) {
  CLI::App& command = *app.add_subcommand("analyze", "Say what a model has learnt: what matters, and how");
  command.footer(
      "Importance is by how much the error rises when a feature's values are shuffled among\n"
      "the rows; features that go together share it. Without a file it is by how much\n"
      "predictions move, on the typical rows that were stored in training.\n"
      "  roicast analyze new_campaigns.csv\n"
      "  roicast analyze new_campaigns.csv --along spend --along channel\n"
      "  roicast analyze --dataset DIGEST --interactions spend,channel,price --rules 4");
  const auto flags = std::make_shared<AnalyzeFlags>();
  flags->dataset.AddTo(command);
  flags->model.AddTo(command);
  command.add_option("--along", flags->dependence, "How predictions move along this feature; repeatable")
      ->type_name("FEATURE")
      ->allow_extra_args(false);
  command.add_option("--points", flags->points, "Values of each such feature; default: 24")
      ->check(Within(AnalyzeFlags::kPoints));
  command
      .add_option("--interactions", flags->interactions,
                  "Features of which each two are looked at for what they do together")
      ->type_name("FEATURE,...")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_option("--rules", flags->depth, "Conditions in the longest of the rules that tell the model; 0: none")
      ->check(Within(AnalyzeFlags::kDepth))
      ->capture_default_str();
  command.add_option("--shuffles", flags->shuffles, "Shuffles per feature; default: 10")
      ->check(Within(AnalyzeFlags::kShuffles));
  command.add_option("--seed", flags->seed, "Of the shuffles: the same seed gives the same answer");
  SetCommand(command, context, [&context, flags] { return Analyze(context, *flags); });
}

}  // namespace roicast::client

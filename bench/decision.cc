// Decisions: how long they take, and what they are worth in worlds whose law is known.
//
//   decision [--json FILE] [--repeats 5] [--worlds 200] [--first 0] [--cache FOLDER] [--accurate] [--verbose]
//           [--data ../shared/data] [--refits 24] [--only speed|search|worlds|roas]
#include <algorithm>
#include <cmath>
#include <ctime>
#include <iostream>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "bench/alike_curves.h"
#include "bench/decision_worlds.h"
#include "bench/recovered_roas.h"
#include "bench/report.h"
#include "client/generator/campaign_csv.h"
#include "client/generator/campaign_generator.h"
#include "model/decision/budget_optimizer.h"
#include "model/decision/rank.h"
#include "model/decision/response_curve.h"
#include "model/training/new_rows.h"
#include "model/training/train_model.h"

namespace roicast::bench {
namespace {

constexpr int kTrainingRows = 4'000;

std::string Generate(uint64_t seed, int rows) {
  client::GeneratorOptions options;
  options.seed = seed;
  auto generator = client::CampaignGenerator::Create(options);
  std::string csv;
  client::AppendCampaignHeader(false, &csv);
  for (int i = 0; i < rows; ++i) client::AppendCampaignRow(generator->Next(), false, &csv);
  return csv;
}

absl::StatusOr<std::vector<float>> FreshRows(const Schema& schema, int rows) {
  auto data = ReadCsvText(Generate(43, rows), {});
  if (!data.ok()) return data.status();
  const RowMajorMatrix raw = ToRawRows(data->table, schema);
  return std::vector<float>(raw.data(), raw.data() + raw.size());
}

// Processor time of this thread.
template <typename Function>
absl::StatusOr<double> MedianSeconds(int repeats, const Function& function) {
  std::vector<double> seconds;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    const std::clock_t start = std::clock();
    const absl::Status status = function();
    if (!status.ok()) return status;
    seconds.push_back(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  return Median(seconds);
}

absl::Status Add(Report& report, const std::string& name, absl::StatusOr<double> seconds, double limit) {
  if (!seconds.ok()) return seconds.status();
  report.Add({"decision", name, 1e3 * *seconds, "ms", "limit", 1e3 * limit, limit / *seconds, 1.0});
  return absl::OkStatus();
}

// What the report on new rows adds to a training, on a fifth of its rows.
absl::Status AddNewRows(const Artifact& artifact, int repeats, double training_seconds, Report& report) {
  constexpr int kNewRows = kTrainingRows / 5;
  auto fresh = FreshRows(artifact.schema, kNewRows);
  if (!fresh.ok()) return fresh.status();
  const RowMajorMatrix raw = Eigen::Map<const RowMajorMatrix>(fresh->data(), kNewRows, artifact.schema.size());
  const std::vector<double> truth(kNewRows, 0.5);
  const auto seconds =
      MedianSeconds(repeats, [&] { return ReportNewRows(artifact, raw, truth, MovesWithSpend(), StopCheck()).status(); });
  if (!seconds.ok()) return seconds.status();
  report.Add({"decision", absl::StrCat("report on ", kNewRows, " new rows, in training"), 1e3 * *seconds, "ms",
              "training", 1e3 * training_seconds, training_seconds / *seconds});
  return absl::OkStatus();
}

// Campaigns that differ from one of those by a millionth of each number.
std::vector<float> AlikeRows(const Schema& schema, absl::Span<const float> rows, int64_t of, size_t campaigns) {
  const auto features = static_cast<size_t>(schema.size());
  rows.remove_prefix(static_cast<size_t>(of) * features);
  Random random(12);
  std::vector<float> alike;
  for (size_t i = 0; i < campaigns * features; ++i) {
    const size_t f = i % features;
    const bool numeric = schema.features[f].kind == FeatureKind::kNumeric;
    alike.push_back(rows[f] * (numeric ? 1.0f + 1e-6f * static_cast<float>(random.Uniform()) : 1.0f));
  }
  return alike;
}

// with_steps: the problem of campaigns that get whole steps. Those that are alike are like the most profitable one.
absl::Status MeasureAlikeCampaigns(const DecisionModel& model, BudgetProblem with_steps, int repeats, Report& report) {
  ROICAST_ASSIGN_OR_RETURN(const Ranking ranking,
                           Rank(model, with_steps.rows, {.count = 1, .by = RankBy::kProfit}, {}));
  with_steps.rows =
      AlikeRows(model.predictor->schema(), with_steps.rows, ranking.best.front().row, with_steps.campaigns.size());
  BudgetProblem any = with_steps;
  for (BudgetCampaign& campaign : any.campaigns) campaign = BudgetCampaign();
  BudgetProblem all = any;
  all.spend_all = true;
  for (const auto& [name, problem] : {std::pair(", 100 levels", &any), std::pair(", 100 levels, all spent", &all),
                                      std::pair(", steps of 100", &with_steps)}) {
    double missed = 0.0;
    const auto optimize = [&] {
      const auto answer = OptimizeBudget(model, *problem, {});
      if (answer.ok()) missed = answer->at_most_missed / std::abs(answer->optimum.promise.profit);
      return answer.status();
    };
    ROICAST_RETURN_IF_ERROR(
        Add(report, absl::StrCat("1,000 alike campaigns", name), MedianSeconds(repeats, optimize), 1.0));
    report.Add({"decision", "  at most missed on the levels", missed, "share", "limit", 0.001, 0.0});
  }
  return absl::OkStatus();
}

absl::Status MeasureSpeed(int repeats, Report& report) {
  auto data = ReadCsvText(Generate(42, kTrainingRows), {});
  if (!data.ok()) return data.status();
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.target = {"", "revenue", "spend"};
  const std::clock_t training_start = std::clock();
  auto artifact = TrainModel(*data, spec, {});
  if (!artifact.ok()) return artifact.status();
  const double training = static_cast<double>(std::clock() - training_start) / CLOCKS_PER_SEC;
  absl::Status added = AddNewRows(*artifact, repeats, training, report);
  if (!added.ok()) return added;
  auto predictor = Predictor::Compile(*artifact);
  if (!predictor.ok()) return predictor.status();
  const Uncertainty uncertainty(*artifact);
  const DecisionFacts facts = DecisionFactsOf(*artifact);
  const DecisionModel model = {predictor->get(), &uncertainty, &facts};
  const int spend = artifact->schema.IndexOf("spend");

  auto rows = FreshRows(artifact->schema, 1'000);
  if (!rows.ok()) return rows.status();
  BudgetProblem problem;
  problem.rows = *rows;
  problem.campaigns.resize(1'000);
  double budget = 0.0;
  for (size_t i = 0; i < 1'000; ++i) {
    budget += problem.rows[i * static_cast<size_t>(artifact->schema.size()) + static_cast<size_t>(spend)];
  }
  problem.budget = std::floor(budget);
  for (const bool spend_all : {false, true}) {
    problem.spend_all = spend_all;
    double missed = 0.0;
    added = Add(report, absl::StrCat("1,000 campaigns, 100 levels", spend_all ? ", all spent" : ""),
                MedianSeconds(repeats,
                              [&] {
                                auto answer = OptimizeBudget(model, problem, {});
                                if (answer.ok()) missed = answer->at_most_missed / answer->optimum.promise.profit;
                                return answer.status();
                              }),
                1.0);
    if (!added.ok()) return added;
    report.Add({"decision", "  at most missed on the levels", missed, "share", "limit", 0.001, 0.0});
  }
  problem.spend_all = false;
  for (BudgetCampaign& campaign : problem.campaigns) {
    campaign.min = 0.0;
    campaign.step = 100.0;
    campaign.max = 10'000.0;
  }
  added = Add(report, "1,000 campaigns, steps of 100",
              MedianSeconds(repeats, [&] { return OptimizeBudget(model, problem, {}).status(); }), 1.0);
  if (!added.ok()) return added;
  added = MeasureAlikeCampaigns(model, problem, repeats, report);
  if (!added.ok()) return added;

  auto candidates = FreshRows(artifact->schema, 100'000);
  if (!candidates.ok()) return candidates.status();
  for (const bool lower : {false, true}) {
    RankOptions options;
    options.by = RankBy::kProfit;
    if (lower) options.lower_bound_level = 0.9;
    if (lower) options.group_feature = "channel", options.most_per_group = 3;
    added = Add(report, absl::StrCat("rank 100,000", lower ? " by lower bound, 3 per channel" : " by profit"),
                MedianSeconds(repeats, [&] { return Rank(model, *candidates, options, {}).status(); }), 0.05);
    if (!added.ok()) return added;
  }
  const std::vector<float> some(candidates->begin(), candidates->begin() + 1'000 * artifact->schema.size());
  ResponseCurveOptions curve;
  curve.points = 100;
  return Add(report, "1,000 response curves of 100 values",
             MedianSeconds(repeats, [&] { return ResponseCurves(model, some, curve, {}).status(); }), 1.0);
}

int Main(int argc, char** argv) {
  std::string json, only, data;
  int repeats = 5, refits = 24;
  DecisionWorldsOptions worlds;
  CLI::App app("Decisions: how long they take, and what they are worth.");
  app.add_option("--json", json, "appends results to this file");
  app.add_option("--repeats", repeats)->check(CLI::PositiveNumber);
  app.add_option("--worlds", worlds.worlds)->check(CLI::PositiveNumber);
  app.add_option("--first", worlds.first)->check(CLI::NonNegativeNumber);
  app.add_option("--rows", worlds.rows, "past campaigns in each world")->check(CLI::PositiveNumber);
  app.add_option("--campaigns", worlds.campaigns)->check(CLI::PositiveNumber);
  app.add_flag("--accurate", worlds.accurate, "models of the preset accurate instead of compact");
  app.add_option("--cache", worlds.cache, "folder for trained artifacts");
  app.add_option("--only", only)->check(CLI::IsMember({"speed", "search", "worlds", "roas"}));
  app.add_option("--data", data, "folder of public tables, whose pymc_roas has a known truth");
  app.add_option("--refits", refits, "models that its intervals are of")->check(CLI::Range(2, 1000));
  app.add_flag("--verbose", worlds.verbose);
  CLI11_PARSE(app, argc, argv);
  Report report(json);
  absl::Status status;
  if (only.empty() || only == "speed" || only == "search") status = MeasureAlikeCurves(repeats, report);
  if (status.ok() && (only.empty() || only == "speed")) status = MeasureSpeed(repeats, report);
  if (status.ok() && (only.empty() || only == "roas")) {
    if (data.empty()) {
      std::cerr << "decision: recovered ROAS is skipped: no --data\n";
    } else {
      status = MeasureRecoveredRoas(data, refits, report);
    }
  }
  if (status.ok() && (only.empty() || only == "worlds")) status = MeasureDecisionWorlds(worlds, report);
  if (status.ok()) return 0;
  std::cerr << "decision: " << status.message() << "\n";
  return 1;
}

}  // namespace
}  // namespace roicast::bench

int main(int argc, char** argv) { return roicast::bench::Main(argc, argv); }

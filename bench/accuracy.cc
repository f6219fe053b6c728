// Accuracy of the presets, compared with scikit-learn on the same rows and inputs.
//
//   accuracy [--data FOLDER] [--json FILE] [--runs 5] [--only TEXT] [--preset compact|classic] [--hidden 64,32] …
//
// FOLDER has online_advertising/ and uci/. The peers' figures are from its README; split, inputs and scale are the
// same. Each figure is the median over `runs` training seeds; the split is fixed. The ratio compares errors, which are
// 1 − R², 1 − accuracy, or RMSE: the peer's error divided by ours, so that above 1 roicast is better.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "bench/interval_quality.h"
#include "bench/numpy_permutation.h"
#include "bench/report.h"
#include "bench/worlds.h"
#include "client/generator/campaign_csv.h"
#include "client/generator/campaign_generator.h"
#include "model/data/cleaning.h"
#include "model/data/copies.h"
#include "model/data/two_values.h"
#include "model/training/evaluate_artifact.h"
#include "model/training/train_model.h"

namespace roicast::bench {
namespace {

struct Options {
  std::string data = ROICAST_SOURCE_DIR "/../shared/data";
  std::string json, only, preset, set;
  bool served = false;
  int runs = 5, splits = 10, threads = 1;
  double time_budget = 60.0;  // seconds, of the preset auto
  // For tuning: settings that differ from the preset.
  std::vector<int> hidden;
  std::string activation, loss;
  int epochs = -1, batch_size = -1, patience = -1, warmup_epochs = -1;
  double learning_rate = -1, weight_decay = -1, dropout = -1, validation_fraction = -1, fence_quantile = -1;
};

void Tune(const Options& options, TrainingSpec& spec) {
  if (!options.hidden.empty()) spec.network.hidden = options.hidden;
  for (const Activation activation : kAllActivations) {
    if (absl::EqualsIgnoreCase(options.activation, ActivationName(activation))) spec.network.activation = activation;
  }
  if (options.loss == "huber") spec.training.loss = Loss::kHuber;
  if (options.loss == "squared") spec.training.loss = Loss::kSquared;
  if (options.epochs >= 0) {
    spec.training.epochs = options.epochs;
    spec.choose_capacity = false;
  }
  if (options.batch_size >= 0) spec.training.batch_size = options.batch_size;
  if (options.patience >= 0) spec.training.patience = options.patience;
  if (options.warmup_epochs >= 0) spec.training.warmup_epochs = options.warmup_epochs;
  if (options.learning_rate >= 0) spec.training.learning_rate = options.learning_rate;
  if (options.weight_decay >= 0) spec.training.weight_decay = options.weight_decay;
  if (options.dropout >= 0) spec.network.dropout = options.dropout;
  if (options.validation_fraction >= 0) spec.split.validation_fraction = options.validation_fraction;
  if (options.fence_quantile > 0) spec.cleaning.fence_quantile = options.fence_quantile;
}

ColumnOverride Exclude(std::string column) {
  ColumnOverride excluded;
  excluded.name = std::move(column);
  excluded.exclude = true;
  return excluded;
}

// The column whose value "test" marks the holdout rows.
constexpr char kPart[] = "part";

absl::Status AddPart(const std::vector<bool>& test, Table& table) {
  Column part;
  part.name = kPart;
  part.kind = FeatureKind::kCategorical;
  part.dictionary = {"train", "test"};
  for (const bool held_out : test) part.codes.push_back(held_out);
  return table.AddColumn(std::move(part));
}

void HoldOut(std::string column, std::string value, TrainingSpec& spec) {
  // The peers trained on copies of their test rows, too.
  spec.split.keep_copies_together = false;
  spec.split.holdout = SplitSpec::Holdout::kByValue;
  spec.split.column = std::move(column);
  spec.split.value = std::move(value);
}

// Metrics on the holdout, one per seed.
absl::StatusOr<std::vector<Metrics>> Repeat(const CsvTable& data, TrainingSpec spec, int runs, int threads = 1) {
  TrainModelInputs inputs;
  inputs.threads = threads;
  std::vector<Metrics> metrics;
  for (int run = 0; run < runs; ++run) {
    spec.training.seed = 42 + static_cast<uint64_t>(run);
    ROICAST_ASSIGN_OR_RETURN(const Artifact artifact, TrainModel(data, spec, inputs));
    metrics.push_back(artifact.report.holdout.model);
  }
  return metrics;
}

double MedianOf(const std::vector<Metrics>& metrics, const std::function<double(const Metrics&)>& figure) {
  std::vector<double> values;
  for (const Metrics& run : metrics) values.push_back(figure(run));
  return Median(values);
}

// For figures where 1 is perfect, such as R²: compares the distances from 1.
Result ShareResult(std::string test_case, std::string unit, double value, std::string peer, double peer_value) {
  return {"accuracy",
          std::move(test_case),
          value,
          std::move(unit),
          std::move(peer),
          peer_value,
          (1.0 - peer_value) / (1.0 - value)};
}

// For errors, such as RMSE.
Result ErrorResult(std::string test_case, std::string unit, double value, std::string peer, double peer_value) {
  return {"accuracy", std::move(test_case), value, std::move(unit), std::move(peer), peer_value, peer_value / value};
}

// --- online_advertising
// -------------------------------------------------------------------------------------------------

struct AdvertisingPeer {
  Preset preset;
  std::string name, peer;
  double r2, mse, accuracy, june_r2;
};

// Duplicate rows and rows without cost are removed, so that the permutation refers to the same rows as the peers'.
absl::StatusOr<CsvTable> ReadAdvertising(const Options& options) {
  ROICAST_ASSIGN_OR_RETURN(CsvTable csv, ReadCsvFile(options.data + "/online_advertising/online_advertising.csv", {}));
  ROICAST_ASSIGN_OR_RETURN(const Target target, ComputeTarget(csv.table, {"", "revenue", "cost"}));
  std::vector<int64_t> rows;
  for (int64_t row = 0; row < csv.table.rows(); ++row) {
    if (!std::isnan(target.values[row])) rows.push_back(row);
  }
  CsvTable kept;
  kept.table = csv.table.Select(WithoutDuplicates(csv.table, rows));
  kept.rows_in = kept.table.rows();
  const std::vector<int64_t> order = NumpyPermutation(42, kept.rows_in);
  std::vector<bool> test(order.size(), false);
  for (size_t i = order.size() * 4 / 5; i < order.size(); ++i) test[order[i]] = true;
  ROICAST_RETURN_IF_ERROR(AddPart(test, kept.table));
  return kept;
}

absl::Status MeasureAdvertising(const Options& options, Report& report) {
  ROICAST_ASSIGN_OR_RETURN(const CsvTable data, ReadAdvertising(options));
  for (const AdvertisingPeer& peer :
       {AdvertisingPeer{Preset::kCompact, "compact", "scikit-learn MLP 64-64", 0.975, 0.0312, 0.980, 0.921},
        AdvertisingPeer{Preset::kAccurate, "accurate", "scikit-learn gradient boosting", 0.974, 0.0323, 0.971, 0.913},
        AdvertisingPeer{Preset::kAttention, "attention", "scikit-learn MLP 64-64", 0.975, 0.0312, 0.980, 0.921},
        AdvertisingPeer{Preset::kClassic, "classic", "scikit-learn MLP 5 ReLU", 0.936, 0.0783, 0.961, 0.890}}) {
    if (options.preset.empty() ? (peer.name == "attention" || peer.name == "accurate") : options.preset != peer.name)
      continue;
    TrainingSpec spec = SpecFromPreset(peer.preset);
    spec.target = {"", "revenue", "cost"};
    spec.target_transform = TargetTransform::kAsinh;
    // The peers, too, take the sign of the prediction on the asinh scale.
    spec.statistic = PredictionStatistic::kMedian;
    for (const char* column : {kPart, "month", "post_click_conversions", "post_click_sales_amount"}) {
      spec.columns.push_back(Exclude(column));
    }
    Tune(options, spec);
    HoldOut(kPart, "test", spec);
    ROICAST_ASSIGN_OR_RETURN(const std::vector<Metrics> random, Repeat(data, spec, options.runs));
    HoldOut("month", "June", spec);
    ROICAST_ASSIGN_OR_RETURN(const std::vector<Metrics> june, Repeat(data, spec, options.runs));
    const auto r2 = [](const Metrics& metrics) { return metrics.transformed.r2; };
    const std::string prefix = absl::StrCat("online_advertising ", peer.name, " ");
    report.Add(ShareResult(prefix + "random", "R2", MedianOf(random, r2), peer.peer, peer.r2));
    report.Add(ErrorResult(prefix + "random", "MSE",
                           MedianOf(random, [](const Metrics& m) { return m.transformed.mse; }), peer.peer, peer.mse));
    report.Add(ShareResult(prefix + "random ROI>0", "accuracy",
                           MedianOf(random, [](const Metrics& m) { return m.profitable.accuracy; }), peer.peer,
                           peer.accuracy));
    report.Add(ShareResult(prefix + "June", "R2", MedianOf(june, r2), peer.peer, peer.june_r2));
  }
  return absl::OkStatus();
}

// --- uci
// ----------------------------------------------------------------------------------------------------------------

struct UciPeer {
  std::string name;
  int splits;
  double rmse;           // scikit-learn, MLP 64-64
  double boosting_rmse;  // scikit-learn, histogram gradient boosting
};

absl::StatusOr<CsvTable> ReadUci(const Options& options, const std::string& name, int split) {
  CsvTableOptions csv_options;
  csv_options.file.has_header = false;
  const std::string folder = absl::StrCat(options.data, "/uci/", name);
  ROICAST_ASSIGN_OR_RETURN(CsvTable csv, ReadCsvFile(folder + "/data.csv", csv_options));
  ROICAST_ASSIGN_OR_RETURN(const CsvTable mask, ReadCsvFile(folder + "/test_mask.csv", csv_options));
  if (mask.table.rows() != csv.table.rows() || split >= static_cast<int>(mask.table.columns().size())) {
    return absl::InvalidArgumentError(absl::StrCat(folder, ": test_mask.csv does not fit data.csv"));
  }
  std::vector<bool> test;
  for (const double held_out : mask.table.column(split).numbers) test.push_back(held_out == 1.0);
  ROICAST_RETURN_IF_ERROR(AddPart(test, csv.table));
  return csv;
}

// The means over the splits; seconds of CPU time, and by the clock.
struct UciFigures {
  double rmse = 0.0, seconds = 0.0, wall_seconds = 0.0;
};

// Of what serves a user who has the training rows alone: its own holdout is a part of these, and it has learnt from
// all.
absl::StatusOr<Metrics> MeasureServed(const CsvTable& data, const TrainingSpec& spec) {
  CsvTable train, test;
  std::vector<int64_t> train_rows, test_rows;
  const std::vector<int32_t>& part = data.table.columns().back().codes;
  for (size_t row = 0; row < part.size(); ++row) {
    (part[row] == 1 ? test_rows : train_rows).push_back(static_cast<int64_t>(row));
  }
  train.table = data.table.Select(train_rows);
  train.rows_in = train.table.rows();
  test.table = data.table.Select(test_rows);
  test.rows_in = test.table.rows();
  ROICAST_ASSIGN_OR_RETURN(const Artifact artifact, TrainModel(train, spec, {}));
  ROICAST_ASSIGN_OR_RETURN(const ModelEvaluation evaluation,
                           EvaluateArtifact(artifact, test, {spec.target.column, "", ""}, 0.0));
  return evaluation.metrics.model;
}

absl::StatusOr<UciFigures> MeasureUciSet(const Options& options, const UciPeer& set, Preset preset) {
  UciFigures figures;
  const int splits = std::min(set.splits, options.splits);
  for (int split = 0; split < splits; ++split) {
    ROICAST_ASSIGN_OR_RETURN(const CsvTable data, ReadUci(options, set.name, split));
    TrainingSpec spec = SpecFromPreset(preset);
    const std::vector<Column>& columns = data.table.columns();
    spec.target.column = columns[columns.size() - 2].name;
    spec.target_transform = TargetTransform::kNone;
    spec.cleaning.copies = CopyPolicy::kKeep;
    spec.columns.push_back(Exclude(kPart));
    Tune(options, spec);
    spec.extra.time_budget = absl::Seconds(options.time_budget);
    const std::clock_t start = std::clock();
    const auto wall_start = std::chrono::steady_clock::now();
    std::vector<Metrics> metrics;
    if (options.served) {
      ROICAST_ASSIGN_OR_RETURN(metrics.emplace_back(), MeasureServed(data, spec));
    } else {
      HoldOut(kPart, "test", spec);
      ROICAST_ASSIGN_OR_RETURN(metrics, Repeat(data, spec, 1, options.threads));
    }
    figures.seconds += static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / splits;
    figures.wall_seconds +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_start).count() / splits;
    figures.rmse += metrics[0].roi.rmse / splits;
  }
  return figures;
}

absl::Status MeasureUci(const Options& options, Report& report) {
  for (const UciPeer& set :
       {UciPeer{"concrete", 10, 4.761, 4.228}, UciPeer{"energy", 10, 0.774, 0.485}, UciPeer{"wine", 10, 0.499, 0.466},
        UciPeer{"yacht", 10, 0.266, 0.244}, UciPeer{"airfoil", 10, 1.796, 1.778}, UciPeer{"autompg", 10, 2.660, 2.682},
        UciPeer{"parkinsons", 3, 1.917, 0.668}}) {
    if (!options.set.empty() && options.set != set.name) continue;
    ROICAST_ASSIGN_OR_RETURN(const UciFigures compact, MeasureUciSet(options, set, Preset::kCompact));
    report.Add(ErrorResult(absl::StrCat("uci ", set.name, " compact"), "RMSE", compact.rmse, "scikit-learn MLP 64-64",
                           set.rmse));
    if (options.preset == "accurate" || options.preset == "auto") {
      ROICAST_ASSIGN_OR_RETURN(const UciFigures accurate, MeasureUciSet(options, set, Preset::kAccurate));
      report.Add(ErrorResult(absl::StrCat("uci ", set.name, " accurate"), "RMSE", accurate.rmse,
                             "scikit-learn gradient boosting", set.boosting_rmse));
      report.Add(ErrorResult(absl::StrCat("uci ", set.name, " accurate"), "CPU s", accurate.seconds, "compact",
                             compact.seconds));
    }
    if (options.preset == "auto") {
      ROICAST_ASSIGN_OR_RETURN(const UciFigures found, MeasureUciSet(options, set, Preset::kAuto));
      report.Add(ErrorResult(absl::StrCat("uci ", set.name, " auto"), "RMSE", found.rmse, "compact", compact.rmse));
      report.Add(ErrorResult(absl::StrCat("uci ", set.name, " auto"), "wall s", found.wall_seconds, "time budget",
                             options.time_budget));
      report.Add(ErrorResult(absl::StrCat("uci ", set.name, " auto"), "CPU s", found.seconds, "time budget",
                             options.time_budget));
    }
    if (options.preset != "attention") continue;
    ROICAST_ASSIGN_OR_RETURN(const UciFigures attention, MeasureUciSet(options, set, Preset::kAttention));
    report.Add(ErrorResult(absl::StrCat("uci ", set.name, " attention"), "RMSE", attention.rmse, "compact, same splits",
                           compact.rmse));
    report.Add(ErrorResult(absl::StrCat("uci ", set.name, " attention"), "CPU s", attention.seconds, "compact",
                           compact.seconds));
  }
  return absl::OkStatus();
}

// --- generated campaigns
// ------------------------------------------------------------------------------------------------

absl::StatusOr<CsvTable> Generate(const client::GeneratorOptions& options, int skip, int rows) {
  ROICAST_ASSIGN_OR_RETURN(client::CampaignGenerator generator, client::CampaignGenerator::Create(options));
  std::string text;
  client::AppendCampaignHeader(true, &text);
  for (int i = 0; i < skip + rows; ++i) {
    const client::GeneratedCampaign campaign = generator.Next();
    if (i >= skip) client::AppendCampaignRow(campaign, true, &text);
  }
  return ReadCsvText(text, {});
}

// Trains as a new user would, on 20,000 campaigns; compares with the generator's expected ROI on 4,000 new ones.
absl::Status MeasureGenerated(const Options& options, Report& report) {
  constexpr int kRows = 20'000, kFreshRows = 4'000;
  client::GeneratorOptions clean, damaged;
  damaged.missing_share = 0.02;
  damaged.duplicate_share = 0.02;
  damaged.outlier_share = 0.01;
  ROICAST_ASSIGN_OR_RETURN(const CsvTable fresh, Generate(clean, kRows, kFreshRows));
  for (const auto& [name, generator] : {std::pair("clean", clean), std::pair("damaged", damaged)}) {
    ROICAST_ASSIGN_OR_RETURN(const CsvTable data, Generate(generator, 0, kRows));
    TrainingSpec spec = SpecFromPreset(Preset::kCompact);
    spec.target = {"", "revenue", "spend"};
    Tune(options, spec);
    std::vector<double> r2;
    for (int run = 0; run < options.runs; ++run) {
      spec.training.seed = 42 + static_cast<uint64_t>(run);
      ROICAST_ASSIGN_OR_RETURN(const Artifact artifact, TrainModel(data, spec, {}));
      ROICAST_ASSIGN_OR_RETURN(const ModelEvaluation evaluation,
                               EvaluateArtifact(artifact, fresh, {"true_roi", "", ""}, 0.0));
      r2.push_back(evaluation.metrics.model.roi.r2);
    }
    report.Add(
        ShareResult(absl::StrCat("generated ", name, " compact vs true ROI"), "R2", Median(r2), "our limit", 0.97));
  }
  return absl::OkStatus();
}

// --- worlds
// -------------------------------------------------------------------------------------------------------------

double R2Of(const std::vector<double>& truth, const std::vector<double>& predicted) {
  return EvaluateRegression(truth, predicted).r2;
}

// Trains on the first rows of a world, and compares with the expected ROI itself and with a linear model of the same
// inputs on 5,000 new ones. R² in ROI units; the median over worlds of `runs` seeds.
absl::Status MeasureWorld(const Options& options, const WorldOptions& base, Report& report) {
  constexpr int kFresh = 5'000;
  std::vector<double> compact, linear, truth;
  for (int run = 0; run < options.runs; ++run) {
    WorldOptions train_options = base, fresh_options = base;
    train_options.seed = 42 + static_cast<uint64_t>(run);
    fresh_options.seed = 1042 + static_cast<uint64_t>(run);
    fresh_options.rows = kFresh;
    const World fresh = MakeWorld(fresh_options);
    ROICAST_ASSIGN_OR_RETURN(const CsvTable data, ReadCsvText(MakeWorld(train_options).csv, {}));
    ROICAST_ASSIGN_OR_RETURN(const CsvTable fresh_data, ReadCsvText(fresh.csv, {}));
    const auto measure = [&](bool only_linear) -> absl::StatusOr<double> {
      TrainingSpec spec = SpecFromPreset(Preset::kCompact);
      spec.target.column = "roi";
      if (only_linear) spec.network.hidden.clear();
      Tune(options, spec);
      ROICAST_ASSIGN_OR_RETURN(const Artifact artifact, TrainModel(data, spec, {}));
      ROICAST_ASSIGN_OR_RETURN(const ModelEvaluation evaluation,
                               EvaluateArtifact(artifact, fresh_data, {"roi", "", ""}, 0.0));
      return evaluation.metrics.model.roi.r2;
    };
    ROICAST_ASSIGN_OR_RETURN(const double of_compact, measure(false));
    ROICAST_ASSIGN_OR_RETURN(const double of_linear, measure(true));
    compact.push_back(of_compact);
    linear.push_back(of_linear);
    truth.push_back(R2Of(fresh_data.table.Find("roi")->numbers, fresh.truth_roi));
  }
  const std::string noise = base.nothing ? "alone" : absl::StrCat(base.noise);
  report.Add(ShareResult(absl::StrFormat("world %d rows, %d columns, noise %s (truth: %.3f)", base.rows, base.columns,
                                         noise, Median(truth)),
                         "R2", Median(compact), "linear model", Median(linear)));
  return absl::OkStatus();
}

absl::Status MeasureWorlds(const Options& options, Report& report) {
  for (const int rows : {300, 3'000, 30'000}) {
    for (const int columns : {4, 30}) {
      for (const double noise : {0.0, 0.4, 1.0}) {
        ROICAST_RETURN_IF_ERROR(MeasureWorld(options, {rows, columns, noise, false, 0}, report));
      }
      ROICAST_RETURN_IF_ERROR(MeasureWorld(options, {rows, columns, 0.4, true, 0}, report));
    }
  }
  return absl::OkStatus();
}

// --- intervals
// ----------------------------------------------------------------------------------------------------------

// The level of the intervals is 0.9, the bars 0.88 to 0.92 and an error of 0.03.
void AddQuality(const std::string& name, const IntervalQuality& quality, Report& report) {
  report.Add({"accuracy", name + " in 90 % interval", quality.coverage(), "share", "level", 0.9, 0.0});
  if (!std::isnan(quality.relative_width())) {
    report.Add({"accuracy", name + " interval", quality.relative_width(), "width", "one width for all", 1.0,
                1.0 / quality.relative_width()});
  }
  report.Add({"accuracy", name + " probability", quality.ReliabilityError(), "reliability error", "bar", 0.03,
              0.03 / quality.ReliabilityError()});
  const double chance = quality.ReliabilityErrorOfChance();
  report.Add({"accuracy", name + " probability", quality.ReliabilityError(), "reliability error", "chance", chance,
              chance / quality.ReliabilityError()});
}

struct Parts {
  CsvTable train, fresh;
};

Parts Divide(const CsvTable& data, const std::function<bool(int64_t)>& is_fresh) {
  std::vector<int64_t> train, fresh;
  for (int64_t row = 0; row < data.table.rows(); ++row) (is_fresh(row) ? fresh : train).push_back(row);
  Parts parts;
  parts.train.table = data.table.Select(train);
  parts.fresh.table = data.table.Select(fresh);
  parts.train.rows_in = static_cast<int64_t>(train.size());
  parts.fresh.rows_in = static_cast<int64_t>(fresh.size());
  return parts;
}

Parts DivideByPart(const CsvTable& data) {
  const Column& part = *data.table.Find(kPart);
  return Divide(data, [&](int64_t row) { return part.codes[static_cast<size_t>(row)] == 1; });
}

// Trains on the training rows as a user would; the test rows are new.
absl::Status AddSplit(const Options& options, const Parts& parts, TrainingSpec spec, double threshold,
                      IntervalQuality& quality) {
  Tune(options, spec);
  spec.profit_threshold = threshold;
  ROICAST_ASSIGN_OR_RETURN(const Artifact artifact, TrainModel(parts.train, spec, {}));
  return quality.Add(artifact, parts.fresh, artifact.provenance.spec.target, threshold);
}

absl::Status MeasureUciIntervals(const Options& options, Report& report) {
  for (const auto& [name, splits] :
       {std::pair("concrete", 10), std::pair("energy", 10), std::pair("wine", 10), std::pair("yacht", 10),
        std::pair("airfoil", 10), std::pair("autompg", 10), std::pair("parkinsons", 3)}) {
    if (!options.set.empty() && options.set != name) continue;
    IntervalQuality quality;
    for (int split = 0; split < std::min(splits, 2 * options.runs); ++split) {
      ROICAST_ASSIGN_OR_RETURN(const CsvTable data, ReadUci(options, name, split));
      const std::vector<Column>& columns = data.table.columns();
      TrainingSpec spec = SpecFromPreset(Preset::kCompact);
      const Column& target = columns[columns.size() - 2];
      spec.target.column = target.name;
      spec.target_transform = TargetTransform::kNone;
      spec.columns.push_back(Exclude(kPart));
      ROICAST_RETURN_IF_ERROR(AddSplit(options, DivideByPart(data), spec, Median(target.numbers), quality));
    }
    AddQuality(absl::StrCat("uci ", name), quality, report);
  }
  return absl::OkStatus();
}

absl::Status MeasureAdvertisingIntervals(const Options& options, Report& report) {
  ROICAST_ASSIGN_OR_RETURN(const CsvTable data, ReadAdvertising(options));
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.target = {"", "revenue", "cost"};
  for (const char* column : {kPart, "month", "post_click_conversions", "post_click_sales_amount"}) {
    spec.columns.push_back(Exclude(column));
  }
  IntervalQuality random;
  for (int run = 0; run < options.runs; ++run) {
    const std::vector<int64_t> order = NumpyPermutation(42 + run, data.table.rows());
    std::vector<bool> test(order.size(), false);
    for (size_t i = order.size() * 4 / 5; i < order.size(); ++i) test[order[i]] = true;
    const Parts parts = Divide(data, [&](int64_t row) { return test[static_cast<size_t>(row)]; });
    ROICAST_RETURN_IF_ERROR(AddSplit(options, parts, spec, 0.0, random));
  }
  AddQuality("online_advertising random", random, report);
  return absl::OkStatus();
}

absl::Status MeasureGeneratedIntervals(const Options& options, Report& report) {
  constexpr int kFresh = 4'000;
  for (const int rows : {300, 2'000, 20'000}) {
    if (!options.set.empty() && options.set != absl::StrCat(rows)) continue;
    IntervalQuality quality;
    for (int run = 0; run < options.runs; ++run) {
      client::GeneratorOptions generator;
      generator.seed = 42 + static_cast<uint64_t>(run);
      ROICAST_ASSIGN_OR_RETURN(const CsvTable data, Generate(generator, 0, rows + kFresh));
      TrainingSpec spec = SpecFromPreset(Preset::kCompact);
      spec.target = {"", "revenue", "spend"};
      spec.columns.push_back(Exclude("true_roi"));
      const Parts parts = Divide(data, [&](int64_t row) { return row >= rows; });
      ROICAST_RETURN_IF_ERROR(AddSplit(options, parts, spec, 0.0, quality));
    }
    AddQuality(absl::StrCat("generated ", rows, " rows"), quality, report);
  }
  return absl::OkStatus();
}

absl::Status MeasureWorldIntervals(const Options& options, bool zero_heavy, Report& report) {
  constexpr int kFresh = 4'000;
  for (const int rows : {zero_heavy ? 1'000 : 300, 3'000}) {
    if (!options.set.empty() && options.set != absl::StrCat(rows)) continue;
    for (const double noise : {0.4, 1.0}) {
      IntervalQuality quality;
      for (int run = 0; run < 2 * options.runs; ++run) {
        WorldOptions world;
        world.rows = rows + kFresh;
        world.noise = noise;
        world.zero_heavy = zero_heavy;
        world.seed = 42 + static_cast<uint64_t>(run);
        ROICAST_ASSIGN_OR_RETURN(const CsvTable data, ReadCsvText(MakeWorld(world).csv, {}));
        TrainingSpec spec = SpecFromPreset(Preset::kCompact);
        spec.target.column = "roi";
        if (zero_heavy) spec.target.kind = TargetKind::kZeroHeavy;
        const Parts parts = Divide(data, [&](int64_t row) { return row >= rows; });
        ROICAST_RETURN_IF_ERROR(AddSplit(options, parts, spec, 0.0, quality));
      }
      AddQuality(absl::StrCat(zero_heavy ? "zero-heavy " : "", "world ", rows, " rows, noise ", noise), quality,
                 report);
    }
  }
  return absl::OkStatus();
}

// --- two-valued targets
// -------------------------------------------------------------------------------------------------

struct TwoValuedSet {
  std::string folder, target;
  // Of scikit-learn's histogram gradient boosting and MLP 64-64, from the data's README, and the AUC that is asked for.
  double boosting_auc, mlp_auc, boosting_log_loss, bar;
};

// The part of each row, from 0: rows of each value are shuffled and dealt out in turn.
Column StratifiedParts(const std::vector<double>& values, int parts, uint64_t seed) {
  Column column;
  column.name = kPart;
  column.kind = FeatureKind::kCategorical;
  for (int k = 0; k < parts; ++k) column.dictionary.push_back(absl::StrCat("part", k));
  column.codes.assign(values.size(), kMissingCode);
  Random random(seed);
  for (const double value : {0.0, 1.0}) {
    std::vector<int64_t> rows;
    for (size_t row = 0; row < values.size(); ++row) {
      if (values[row] == value) rows.push_back(static_cast<int64_t>(row));
    }
    random.Shuffle(rows);
    for (size_t i = 0; i < rows.size(); ++i) column.codes[rows[i]] = static_cast<int32_t>(i % parts);
  }
  return column;
}

// The mean over a stratified 5-fold cross-validation.
absl::Status MeasureTwoValuedSet(const Options& options, const TwoValuedSet& set, Preset preset, Report& report) {
  constexpr int kFolds = 5;
  TrainingSpec spec = SpecFromPreset(preset);
  spec.target.column = set.target;
  CsvTableOptions reading;
  reading.kinds = KnownKinds(spec);
  reading.two_valued = ColumnsOfTwoValues(spec.target);
  ROICAST_ASSIGN_OR_RETURN(CsvTable data,
                           ReadCsvFile(absl::StrCat(options.data, "/", set.folder, "/", set.folder, ".csv"), reading));
  ROICAST_ASSIGN_OR_RETURN(const Target target, ComputeTarget(data, spec.target));
  ROICAST_RETURN_IF_ERROR(data.table.AddColumn(StratifiedParts(target.values, kFolds, 42)));
  Tune(options, spec);
  double auc = 0.0, log_loss = 0.0;
  const int measured = std::min(kFolds, options.splits);
  for (int k = 0; k < measured; ++k) {
    HoldOut(kPart, absl::StrCat("part", k), spec);
    ROICAST_ASSIGN_OR_RETURN(const Artifact artifact, TrainModel(data, spec, {}));
    const ClassificationMetrics& metrics = *artifact.report.holdout.model.two_valued;
    auc += metrics.auc / measured;
    log_loss += metrics.log_loss / measured;
  }
  const std::string name = absl::StrCat(set.folder, preset == Preset::kAccurate ? " accurate " : " compact ");
  report.Add(ShareResult(name + "5-fold", "AUC", auc, "asked for", set.bar));
  report.Add(ShareResult(name + "5-fold", "AUC", auc, "gradient boosting", set.boosting_auc));
  report.Add(ShareResult(name + "5-fold", "AUC", auc, "MLP 64-64", set.mlp_auc));
  report.Add(ErrorResult(name + "5-fold", "log loss", log_loss, "gradient boosting", set.boosting_log_loss));
  return absl::OkStatus();
}

absl::Status MeasureTwoValued(const Options& options, Report& report) {
  for (const TwoValuedSet& set : {TwoValuedSet{"online_shoppers", "Revenue", 0.9320, 0.9151, 0.2275, 0.932},
                                  TwoValuedSet{"telco_churn", "Churn", 0.8354, 0.8410, 0.4339, 0.846}}) {
    if (!std::filesystem::exists(options.data + "/" + set.folder)) {
      std::printf("accuracy: skipped: %s/%s does not exist (set --data)\n", options.data.c_str(), set.folder.c_str());
      continue;
    }
    for (const Preset preset : {Preset::kCompact, Preset::kAccurate}) {
      ROICAST_RETURN_IF_ERROR(MeasureTwoValuedSet(options, set, preset, report));
    }
  }
  return absl::OkStatus();
}

absl::Status Run(const Options& options) {
  Report report(options.json);
  const auto wanted = [&](absl::string_view name) {
    return options.only.empty() || absl::StrContains(name, options.only);
  };
  const auto present = [&](const std::string& folder) {
    if (std::filesystem::exists(options.data + "/" + folder)) return true;
    std::printf("accuracy: skipped: %s/%s does not exist (set --data)\n", options.data.c_str(), folder.c_str());
    return false;
  };
  if (wanted("online_advertising") && present("online_advertising")) {
    ROICAST_RETURN_IF_ERROR(MeasureAdvertising(options, report));
  }
  if (wanted("two-valued")) ROICAST_RETURN_IF_ERROR(MeasureTwoValued(options, report));
  if (wanted("generated")) ROICAST_RETURN_IF_ERROR(MeasureGenerated(options, report));
  if (wanted("worlds")) ROICAST_RETURN_IF_ERROR(MeasureWorlds(options, report));
  if (wanted("uci") && present("uci")) ROICAST_RETURN_IF_ERROR(MeasureUci(options, report));
  if (wanted("intervals generated")) ROICAST_RETURN_IF_ERROR(MeasureGeneratedIntervals(options, report));
  if (wanted("intervals worlds")) ROICAST_RETURN_IF_ERROR(MeasureWorldIntervals(options, false, report));
  if (wanted("intervals zero-heavy")) ROICAST_RETURN_IF_ERROR(MeasureWorldIntervals(options, true, report));
  if (wanted("intervals uci") && present("uci")) ROICAST_RETURN_IF_ERROR(MeasureUciIntervals(options, report));
  if (wanted("intervals online_advertising") && present("online_advertising")) {
    ROICAST_RETURN_IF_ERROR(MeasureAdvertisingIntervals(options, report));
  }
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Accuracy of the presets, compared with scikit-learn on the same rows and inputs.");
  app.add_option("--data", options.data, "Folder with online_advertising/ and uci/")->envname("ROICAST_TEST_DATA");
  app.add_option("--json", options.json, "Append one JSON object per line to this file");
  app.add_option("--runs", options.runs, "Number of training seeds; the median is reported")->check(CLI::Range(1, 100));
  app.add_option("--set", options.set,
                 "uci: only this set, such as airfoil; intervals: also only tables of so many rows");
  app.add_option("--splits", options.splits, "uci and two-valued: the first so many splits")->check(CLI::Range(1, 10));
  app.add_flag("--served", options.served,
               "uci: what serves after a training on the training rows alone, instead of the model of the metrics");
  app.add_option("--only", options.only, "online_advertising, two-valued, generated, worlds, uci or intervals");
  app.add_option("--preset", options.preset,
                 "On online_advertising, run only this preset: compact, classic, accurate or attention (slow); on uci, "
                 "accurate, auto (beside accurate) or attention "
                 "beside compact");
  app.add_option("--time_budget", options.time_budget, "uci, of the preset auto: seconds");
  app.add_option("--threads", options.threads, "uci: threads that train")->check(CLI::Range(1, 64));
  app.add_option("--hidden", options.hidden, "Tuning: units per hidden layer")->delimiter(',');
  app.add_option("--activation", options.activation, "Tuning: ReLU, SiLU, GELU …");
  app.add_option("--loss", options.loss, "Tuning: squared or huber");
  app.add_option("--epochs", options.epochs, "Tuning");
  app.add_option("--batch_size", options.batch_size, "Tuning");
  app.add_option("--patience", options.patience, "Tuning");
  app.add_option("--warmup_epochs", options.warmup_epochs, "Tuning");
  app.add_option("--learning_rate", options.learning_rate, "Tuning");
  app.add_option("--weight_decay", options.weight_decay, "Tuning");
  app.add_option("--dropout", options.dropout, "Tuning");
  app.add_option("--validation_fraction", options.validation_fraction, "Tuning");
  app.add_option("--fence_quantile", options.fence_quantile, "Tuning");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = Run(options);
  if (!status.ok()) std::fprintf(stderr, "accuracy: %s\n", std::string(status.message()).c_str());
  return status.ok() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace roicast::bench

int main(int argc, char** argv) { return roicast::bench::Main(argc, argv); }

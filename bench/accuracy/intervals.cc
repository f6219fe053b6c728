#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "bench/accuracy/data_sets.h"
#include "bench/accuracy/measures.h"
#include "bench/interval_quality.h"
#include "bench/numpy_permutation.h"
#include "bench/worlds.h"
#include "model/training/train_model.h"

namespace roicast::bench {
namespace {

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

// Trains on the training rows as a user would; the test rows are new.
absl::Status AddSplit(const Options& options, const Parts& parts, TrainingSpec spec, double threshold,
                      IntervalQuality& quality) {
  Tune(options, spec);
  spec.profit_threshold = threshold;
  ROICAST_ASSIGN_OR_RETURN(const Artifact artifact, TrainModel(parts.train, spec, {}));
  return quality.Add(artifact, parts.fresh, artifact.provenance.spec.target, threshold);
}

}  // namespace

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
      ROICAST_RETURN_IF_ERROR(AddSplit(options, DivideByPart(data), spec, Median(target.numbers.ToVector()), quality));
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

}  // namespace roicast::bench

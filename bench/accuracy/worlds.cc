#include "bench/worlds.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "bench/accuracy/measures.h"
#include "model/training/evaluate_artifact.h"
#include "model/training/train_model.h"

namespace roicast::bench {
namespace {

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
    truth.push_back(R2Of(fresh_data.table.Find("roi")->numbers.ToVector(), fresh.truth_roi));
  }
  const std::string noise = base.nothing ? "alone" : absl::StrCat(base.noise);
  report.Add(ShareResult(absl::StrFormat("world %d rows, %d columns, noise %s (truth: %.3f)", base.rows, base.columns,
                                         noise, Median(truth)),
                         "R2", Median(compact), "linear model", Median(linear)));
  return absl::OkStatus();
}

}  // namespace

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

}  // namespace roicast::bench

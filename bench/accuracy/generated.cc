#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "bench/accuracy/data_sets.h"
#include "bench/accuracy/measures.h"
#include "model/training/evaluate_artifact.h"
#include "model/training/train_model.h"

namespace roicast::bench {

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

}  // namespace roicast::bench

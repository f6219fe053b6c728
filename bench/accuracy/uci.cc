#include <algorithm>
#include <chrono>
#include <ctime>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "bench/accuracy/data_sets.h"
#include "bench/accuracy/measures.h"
#include "model/training/evaluate_artifact.h"
#include "model/training/train_model.h"

namespace roicast::bench {
namespace {

struct UciPeer {
  std::string name;
  int splits;
  double rmse;           // scikit-learn, MLP 64-64
  double boosting_rmse;  // scikit-learn, histogram gradient boosting
};

// The means over the splits; seconds of CPU time, and by the clock.
struct UciFigures {
  double rmse = 0.0, seconds = 0.0, wall_seconds = 0.0;
};

// Of what serves a user who has the training rows alone: its own holdout is a part of these, and it has learnt from
// all.
absl::StatusOr<Metrics> MeasureServed(const CsvTable& data, const TrainingSpec& spec) {
  const Parts parts = DivideByPart(data);
  ROICAST_ASSIGN_OR_RETURN(const Artifact artifact, TrainModel(parts.train, spec, {}));
  ROICAST_ASSIGN_OR_RETURN(const ModelEvaluation evaluation,
                           EvaluateArtifact(artifact, parts.fresh, {spec.target.column, "", ""}, 0.0));
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

}  // namespace

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

}  // namespace roicast::bench

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "bench/accuracy/measures.h"
#include "model/data/two_values.h"
#include "model/training/train_model.h"

namespace roicast::bench {
namespace {

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
    for (size_t i = 0; i < rows.size(); ++i)
      column.codes.set(static_cast<size_t>(rows[i]), static_cast<int32_t>(i % parts));
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

}  // namespace

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

}  // namespace roicast::bench

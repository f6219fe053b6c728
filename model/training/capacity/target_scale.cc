#include "model/training/capacity/target_scale.h"

#include <cmath>
#include <vector>

#include "base/status_macros.h"
#include "model/evaluation/metrics.h"
#include "model/features/mean_fit.h"
#include "model/training/capacity/folds.h"
#include "model/training/capacity/linear_out_of_fold.h"
#include "model/training/search/target_choice.h"

namespace roicast {
namespace {

constexpr int kScaleFolds = 5;
constexpr size_t kFewestRowsOfScale = 100;
constexpr Loss kLossOfScale = Loss::kSquared;

std::vector<int> FoldsOfScale(const RowPart& rows, const std::vector<int64_t>& groups, uint64_t seed) {
  return AssignFolds(rows.ForTrainer(), groups, kScaleFolds, kLossOfScale, seed);
}

// In the target's own unit.
absl::StatusOr<std::vector<double>> MeansOutOfFold(const ScaledRows& scaled, const std::vector<int>& fold_of,
                                                   const std::vector<int64_t>& groups, const StopCheck& stop) {
  ROICAST_ASSIGN_OR_RETURN(const std::vector<double> z,
                           PredictOutOfFold(*scaled.rows, fold_of, kScaleFolds, kLossOfScale, stop));
  FittedTarget target = *scaled.target;
  std::vector<double> predicted, residuals, means;
  for (size_t i = 0; i < z.size(); ++i) {
    predicted.push_back(target.ToTransformed(z[i]));
    residuals.push_back(target.Transform(scaled.rows->roi[i]) - predicted.back());
  }
  ROICAST_RETURN_IF_ERROR(FitMean({predicted, residuals, groups}, MeanChoice::kTested, stop, target));
  for (const double each : z) means.push_back(target.ToRoi(each));
  return means;
}

}  // namespace

absl::StatusOr<bool> IsLikelierScale(const ScaledRows& usual, const ScaledRows& other, uint64_t seed,
                                     const StopCheck& stop) {
  const size_t n = usual.rows->roi.size();
  if (n < kFewestRowsOfScale) return false;
  ROICAST_ASSIGN_OR_RETURN(const std::vector<int64_t> groups, usual.rows->EqualRows(stop));
  const std::vector<int> fold_of = FoldsOfScale(*usual.rows, groups, seed);
  const auto densities = [&](const ScaledRows& scaled) -> absl::StatusOr<std::vector<double>> {
    ROICAST_ASSIGN_OR_RETURN(const std::vector<double> predicted,
                             PredictOutOfFold(*scaled.rows, fold_of, kScaleFolds, kLossOfScale, stop));
    return LogDensities(*scaled.target, scaled.rows->roi, predicted);
  };
  ROICAST_ASSIGN_OR_RETURN(const std::vector<double> without, densities(usual));
  ROICAST_ASSIGN_OR_RETURN(const std::vector<double> with, densities(other));
  double sum = 0.0, squares = 0.0;
  for (size_t i = 0; i < n; ++i) sum += with[i] - without[i];
  const double mean = sum / static_cast<double>(n);
  for (size_t i = 0; i < n; ++i) squares += std::pow(with[i] - without[i] - mean, 2);
  return mean > kNormalQuantile95 * std::sqrt(squares) / static_cast<double>(n);
}

absl::StatusOr<bool> IsNearerScale(const ScaledRows& usual, const ScaledRows& other, uint64_t seed,
                                   const StopCheck& stop) {
  const std::vector<double>& truth = usual.rows->roi;
  if (truth.size() < kFewestRowsOfScale) return false;
  ROICAST_ASSIGN_OR_RETURN(const std::vector<int64_t> groups, usual.rows->EqualRows(stop));
  const std::vector<int> fold_of = FoldsOfScale(*usual.rows, groups, seed);
  ROICAST_ASSIGN_OR_RETURN(const std::vector<double> without, MeansOutOfFold(usual, fold_of, groups, stop));
  ROICAST_ASSIGN_OR_RETURN(const std::vector<double> with, MeansOutOfFold(other, fold_of, groups, stop));
  double of_usual = 0.0, of_other = 0.0;
  for (size_t i = 0; i < truth.size(); ++i) {
    of_usual += std::pow(truth[i] - without[i], 2);
    of_other += std::pow(truth[i] - with[i], 2);
  }
  if (!(of_usual > 0.0)) return false;
  const double deviation = RelativeR2StandardError(truth, with, without, groups);
  return 1.0 - of_other / of_usual > kNormalQuantile95 * deviation;
}

}  // namespace roicast

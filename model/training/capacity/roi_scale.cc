#include "model/training/capacity/roi_scale.h"

#include <cmath>
#include <vector>

#include "base/status_macros.h"
#include "model/evaluation/metrics.h"
#include "model/training/capacity/folds.h"
#include "model/training/capacity/linear_out_of_fold.h"
#include "model/training/search/target_choice.h"

namespace roicast {
namespace {

constexpr int kScaleFolds = 5;
constexpr size_t kFewestRowsOfScale = 100;

}  // namespace

absl::StatusOr<bool> IsLikelierScale(const ScaledRows& usual, const ScaledRows& other, uint64_t seed,
                                     const StopCheck& stop) {
  const size_t n = usual.rows->roi.size();
  if (n < kFewestRowsOfScale) return false;
  constexpr Loss kLoss = Loss::kSquared;
  ROICAST_ASSIGN_OR_RETURN(const std::vector<int64_t> groups, usual.rows->EqualRows(stop));
  const std::vector<int> fold_of = AssignFolds(usual.rows->ForTrainer(), groups, kScaleFolds, kLoss, seed);
  const auto densities = [&](const ScaledRows& scaled) -> absl::StatusOr<std::vector<double>> {
    ROICAST_ASSIGN_OR_RETURN(const std::vector<double> predicted,
                             PredictOutOfFold(*scaled.rows, fold_of, kScaleFolds, kLoss, stop));
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

}  // namespace roicast

#include "model/training/capacity/trend.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/status_macros.h"
#include "model/evaluation/equal_rows.h"
#include "model/evaluation/metrics.h"
#include "model/training/capacity/folds.h"
#include "model/training/capacity/linear_out_of_fold.h"

namespace roicast {
namespace {

constexpr int kTimeFolds = 5;
constexpr int64_t kFewestDays = 10;
constexpr double kLeastGain = 0.005;

// Per row, the number of its days: those of all time features.
absl::StatusOr<std::vector<int64_t>> DaysOf(const RowMajorMatrix& raw, const Schema& schema, const StopCheck& stop) {
  std::vector<float> days;
  int64_t times = 0;
  for (const Feature& feature : schema.features) times += feature.kind == FeatureKind::kTime ? 1 : 0;
  days.reserve(static_cast<size_t>(raw.rows() * times));
  for (Eigen::Index row = 0; row < raw.rows(); ++row) {
    for (int f = 0; f < schema.size(); ++f) {
      if (schema.features[f].kind == FeatureKind::kTime) days.push_back(std::floor(raw(row, f) / 24.0f));
    }
  }
  return GroupEqualRows(days, times, stop);
}

}  // namespace

absl::StatusOr<TimeEvidence> JudgeTimeInputs(const RowPart& plain, const RowPart& more, const Schema& schema, Loss loss,
                                             uint64_t seed, const StopCheck& stop) {
  ROICAST_ASSIGN_OR_RETURN(const std::vector<int64_t> days, DaysOf(plain.raw, schema, stop));
  if (days.empty() || *std::max_element(days.begin(), days.end()) + 1 < kFewestDays) return TimeEvidence();
  const std::vector<int> fold_of = AssignFolds(plain.ForTrainer(), days, kTimeFolds, loss, seed);
  ROICAST_ASSIGN_OR_RETURN(const std::vector<double> without, PredictOutOfFold(plain, fold_of, kTimeFolds, loss, stop));
  ROICAST_ASSIGN_OR_RETURN(const std::vector<double> with, PredictOutOfFold(more, fold_of, kTimeFolds, loss, stop));
  double errors_without = 0.0, errors_with = 0.0;
  for (size_t row = 0; row < without.size(); ++row) {
    errors_without += std::pow(without[row] - plain.standardised[row], 2);
    errors_with += std::pow(with[row] - plain.standardised[row], 2);
  }
  TimeEvidence evidence;
  if (!(errors_without > 0.0)) return evidence;
  evidence.gain = 1.0 - errors_with / errors_without;
  const std::vector<double> truth(plain.standardised.begin(), plain.standardised.end());
  const double deviation = RelativeR2StandardError(truth, with, without, days);
  evidence.better = evidence.gain > kLeastGain;
  evidence.holds = evidence.better && evidence.gain > kNormalQuantile95 * deviation;
  return evidence;
}

}  // namespace roicast

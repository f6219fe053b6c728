#include "model/training/capacity/fold_criterion.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"
#include "model/training/capacity/logistic_path.h"

namespace roicast {
namespace {

constexpr int kMostShareSteps = 50;
constexpr double kMostShare = 10.0;

}  // namespace

absl::StatusOr<LinearModel> FitLinearPath(Loss loss, const RowMajorMatrix& x, absl::Span<const float> y,
                                          absl::Span<const float> row_weights, const LinearInput* bounds,
                                          const StopCheck& stop) {
  if (bounds != nullptr) {
    ROICAST_CHECK(loss != Loss::kLogistic);
    return FitRidgeWithin(*bounds, x, y, row_weights, stop);
  }
  return loss == Loss::kLogistic ? FitLogisticRidge(x, y, row_weights, stop) : FitRidge(x, y, row_weights, stop);
}

FoldCriterion::FoldCriterion(Loss loss, absl::Span<const float> truth, absl::Span<const float> weights)
    : loss_(loss), truth_(truth), weights_(weights) {
  // Ratios of squared errors do not depend on it, to the bit.
  if (loss == Loss::kLogistic && !weights.empty()) {
    mean_weight_ = std::accumulate(weights.begin(), weights.end(), 0.0) / static_cast<double>(weights.size());
  }
}

double FoldCriterion::Score(absl::Span<const double> predicted) const {
  double errors = 0.0, total = 0.0;
  if (loss_ != Loss::kLogistic) {
    for (size_t i = 0; i < predicted.size(); ++i) {
      const double error = truth_[i] - predicted[i];
      errors += WeightOf(i) * error * error;
      total += WeightOf(i) * truth_[i] * truth_[i];
    }
    return total > 0.0 ? 1.0 - errors / total : 0.0;
  }
  double positives = 0.0, rows = 0.0;
  for (size_t i = 0; i < predicted.size(); ++i) {
    positives += WeightOf(i) * truth_[i];
    rows += WeightOf(i);
  }
  if (!(positives > 0.0 && positives < rows)) return 0.0;
  const double constant = LogOdds(positives / rows);
  for (size_t i = 0; i < predicted.size(); ++i) {
    errors += WeightOf(i) * LossValue(loss_, predicted[i], truth_[i], 1.0);
    total += WeightOf(i) * LossValue(loss_, constant, truth_[i], 1.0);
  }
  return 1.0 - errors / total;
}

ShareFit FoldCriterion::FitShare(absl::Span<const double> linear, absl::Span<const double> network) const {
  return loss_ == Loss::kLogistic ? FitShareOfLikelihood(linear, network) : FitShareOfSquares(linear, network);
}

// The slope of a regression through the origin.
ShareFit FoldCriterion::FitShareOfSquares(absl::Span<const double> linear, absl::Span<const double> network) const {
  double squares = 0.0, product = 0.0;
  for (size_t i = 0; i < network.size(); ++i) {
    squares += WeightOf(i) * network[i] * network[i];
    product += WeightOf(i) * network[i] * (truth_[i] - linear[i]);
  }
  if (!(squares > 0.0)) return {};
  ShareFit fit{product / squares, 0.0};
  double errors = 0.0;
  for (size_t i = 0; i < network.size(); ++i) {
    const double error = truth_[i] - linear[i] - fit.share * network[i];
    errors += WeightOf(i) * error * error;
  }
  fit.deviation = std::sqrt(errors / squares / static_cast<double>(network.size()));
  return fit;
}

// Newton's method; the deviance is convex in the share. The error is that of a maximum of the likelihood.
ShareFit FoldCriterion::FitShareOfLikelihood(absl::Span<const double> linear, absl::Span<const double> network) const {
  ShareFit fit;
  for (int step = 0; step < kMostShareSteps; ++step) {
    double slope = 0.0, curvature = 0.0;
    for (size_t i = 0; i < network.size(); ++i) {
      const double p = Probability(linear[i] + fit.share * network[i]);
      slope += WeightOf(i) * (p - truth_[i]) * network[i];
      curvature += WeightOf(i) * p * (1.0 - p) * network[i] * network[i];
    }
    if (!(curvature > 0.0)) return {};
    fit.deviation = 1.0 / std::sqrt(curvature);
    // Within one unit, where the curvature holds.
    const double move = std::clamp(slope / curvature, -1.0, 1.0);
    fit.share = std::clamp(fit.share - move, -kMostShare, kMostShare);
    if (std::abs(move) < 1e-10) break;
  }
  return fit;
}

}  // namespace roicast

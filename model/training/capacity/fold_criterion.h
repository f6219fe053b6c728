// How predictions for rows that were not learnt from are judged, for each loss.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/matrix.h"
#include "model/network/loss.h"
#include "model/training/capacity/linear_path.h"

namespace roicast {

// FitRidge, within the bounds of one input if there are any; for the logistic loss, which has none, FitLogisticRidge.
// Errors: those of `stop`.
absl::StatusOr<LinearModel> FitLinearPath(Loss loss, const RowMajorMatrix& x, absl::Span<const float> y,
                                          absl::Span<const float> row_weights, const LinearInput* bounds,
                                          const StopCheck& stop);

// The share of a network that fits best what a linear path leaves, and its standard error; 0 and 0 for a network that
// is 0 everywhere.
struct ShareFit {
  double share = 0.0;
  double deviation = 0.0;
};

// Truth and weights of rows, as standardised targets, or 0 and 1 for the logistic loss; all other losses are judged by
// the squared error. The weights, ≥ 0, count relative to their mean; empty: all 1. The spans outlive this.
class FoldCriterion {
 public:
  FoldCriterion(Loss loss, absl::Span<const float> truth, absl::Span<const float> weights);

  // 1 − squared error / squared error of 0, the mean of the standardised targets; logistic: 1 − deviance / deviance of
  // the base rate (Cohen et al., Applied Multiple Regression, 3rd ed., 2002, 13.2). 0 if the constant has no error.
  double Score(absl::Span<const double> predicted) const;

  // For linear + share · network.
  ShareFit FitShare(absl::Span<const double> linear, absl::Span<const double> network) const;

 private:
  double WeightOf(size_t row) const { return weights_.empty() ? 1.0 : weights_[row] / mean_weight_; }
  ShareFit FitShareOfSquares(absl::Span<const double> linear, absl::Span<const double> network) const;
  ShareFit FitShareOfLikelihood(absl::Span<const double> linear, absl::Span<const double> network) const;

  const Loss loss_;
  const absl::Span<const float> truth_, weights_;
  double mean_weight_ = 1.0;
};

}  // namespace roicast

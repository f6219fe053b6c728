// Calibrates the probabilities of a two-valued target.
#pragma once

#include "absl/types/span.h"
#include "model/network/mlp.h"

namespace roicast {

// z becomes intercept + slope · z.
struct LogOddsScale {
  double slope = 1.0;  // > 0
  double intercept = 0.0;

  bool IsIdentity() const { return slope == 1.0 && intercept == 0.0; }
  double Apply(double z) const { return intercept + slope * z; }
};

// The most likely scale of the log odds of rows that were not learnt from: Platt, "Probabilistic Outputs for Support
// Vector Machines" (1999), after Cox, "Two Further Applications of a Model for Binary Regression" (1958). The identity
// unless twice the log of the likelihood ratio is above the quantile 0.99 of its distribution by chance (χ² with two
// degrees of freedom), and where slope would be ≤ 0 or one of the values is absent.
// truth [n] in [0, 1]; log_odds [n]; weights [n] ≥ 0 or empty, relative to their mean.
LogOddsScale FitLogOddsScale(absl::Span<const float> truth, absl::Span<const double> log_odds,
                             absl::Span<const float> weights);

// Into the last layer, which is linear.
void ScaleLogOdds(const LogOddsScale& scale, Mlp& mlp);

}  // namespace roicast

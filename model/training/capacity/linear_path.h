// The linear path beside a network: ridge regression, and how a network carries it.
#pragma once

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/matrix.h"
#include "model/network/linear_input.h"
#include "model/network/mlp.h"

namespace roicast {

// More inputs than this have no linear path: its cost grows with their cube.
inline constexpr int kMaxLinearInputs = 512;

// z = weights · x + bias, on the standardised scale.
struct LinearModel {
  Eigen::VectorXd weights;  // [inputs]
  double bias = 0.0;
  double penalty = 0.0;  // of Σ weights²

  double Evaluate(const float* encoded_row) const;
};

// Ridge regression without a penalty of the bias (Hoerl and Kennard, Technometrics 12, 1970). The penalty is the one of
// the least generalised cross-validation error (Golub, Heath and Wahba, Technometrics 21, 1979) among the powers of 2
// from 2⁻¹⁰ to 2²⁰ times the mean square of an input over all rows.
// x [n, inputs], n ≥ 1; y [n]; row_weights [n] ≥ 0 or empty = all 1, relative to their mean. More than kMaxLinearInputs
// inputs: weights of 0 and the mean. O(n · inputs² + inputs³) time. Errors: those of `stop`, which is asked after each
// few thousand rows.
absl::StatusOr<LinearModel> FitRidge(const RowMajorMatrix& x, absl::Span<const float> y,
                                     absl::Span<const float> row_weights, const StopCheck& stop = nullptr);

// The same with the weight of one input within its bounds: where it would be outside, it is the nearer bound, and the
// others are fitted to what that leaves.
absl::StatusOr<LinearModel> FitRidgeWithin(const LinearInput& bounds, const RowMajorMatrix& x,
                                           absl::Span<const float> y, absl::Span<const float> row_weights,
                                           const StopCheck& stop = nullptr);

// One linear layer.
Mlp LinearNetwork(const LinearModel& linear);
// The network whose output is share · network + linear. Each hidden layer has two units more, which pass on the linear
// sum. Requires PassesLinearSums for every hidden layer.
Mlp WithLinearPath(const Mlp& network, double share, const LinearModel& linear);

}  // namespace roicast

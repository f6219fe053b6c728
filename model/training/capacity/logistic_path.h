// The linear path of a two-valued target: ridge logistic regression.
#pragma once

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/matrix.h"
#include "model/training/capacity/linear_path.h"

namespace roicast {

// z = weights · x + bias is the log of the odds that y is 1. Maximises the likelihood less ½ penalty · Σ weights²,
// without a penalty of the bias (le Cessie and van Houwelingen, "Ridge Estimators in Logistic Regression", 1992), by
// iteratively reweighted least squares. The penalty is the one of the least prediction error that the fit's effective
// degrees of freedom let expect (the unbiased risk estimate, Craven and Wahba, 1979) in each of the first iterations,
// as in Gu, "Cross-Validating Non-Gaussian Data" (1992); it is then kept. Among the powers of 2 from 2⁻¹⁰ to 2²⁰ times
// a quarter of the mean square of an input over all rows. It is never 0: rows that a plane separates have a solution,
// too. x [n, inputs], n ≥ 1; y [n] in [0, 1]; row_weights [n] ≥ 0 or empty = all 1, relative to their mean. More than
// kMaxLinearInputs inputs: weights of 0 and the base rate, which is held off 0 and 1 by half a row.
// O(n · inputs² + inputs³) time, about ten times. Errors: those of `stop`, which is asked after each few thousand rows.
absl::StatusOr<LinearModel> FitLogisticRidge(const RowMajorMatrix& x, absl::Span<const float> y,
                                             absl::Span<const float> row_weights, const StopCheck& stop = nullptr);

// 1 / (1 + e^−z).
double Probability(double z);
// ln(p / (1 − p)).
double LogOdds(double probability);

}  // namespace roicast

// Why a row is predicted as it is: what each feature adds to the prediction, compared with a background.
//
// Shapley values of the game v(S) = Σ_b w_b f(x_S, b_rest), the interventional expectation (Lundberg and Lee, "A
// Unified Approach to Interpreting Model Predictions", 2017; Janzing, Minorics and Blöbaum, "Feature Relevance
// Quantification in Explainable AI", 2020): of the prediction f, in the target's unit, over raw features. A one-hot
// group, an embedding and a time are one feature each.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/stop_check.h"
#include "model/explanation/background.h"
#include "model/predictor/predictor.h"

namespace roicast {

inline constexpr int kMaxExactFeatures = 16;
inline constexpr int kMaxShapleyRounds = 10000;

struct ShapleyOptions {
  // Antithetic pairs of permutations for each background row, 2 to kMaxShapleyRounds. The standard error falls with the
  // square root.
  int rounds = 2;
  // Against a background row that differs from the row in at most so many features, all sets of features are counted:
  // an exact result, from 2^features predictions. 0 to kMaxExactFeatures.
  int exact_features = 8;
  uint64_t seed = 1;

  // Errors: InvalidArgument naming the field.
  absl::Status Validate() const;
};

struct Attributions {
  double base_value = 0.0;  // Σ_b w_b f(b): the mean prediction of the background
  // [n], as Predict gives it. NaN: the row has no explanation, because serving rejects it (Predictor::Explain tells
  // why) or because a prediction on the way to it is not finite.
  std::vector<float> predictions;
  // [n, features], in the target's unit; the sum of a row is its prediction − base_value, up to rounding in double. NaN
  // in rows without an explanation.
  std::vector<double> values;
  // [n, features]: of `values`, from the differences between pairs of permutations; 0 where all is counted.
  std::vector<double> standard_errors;
  int64_t evaluations = 0;  // rows that were predicted
};

// rows [n, features], raw. A row's explanation does not depend on its neighbours. background: valid for the predictor's
// schema. Takes about background rows × rounds × 2 × features predictions a row; features that are equal in a row and a
// background row cost nothing and get nothing. Scratch memory: 1,024 raw rows, or 2 × features if that is more. Errors:
// InvalidArgument (options, background), FailedPrecondition (the background has no finite prediction), what `stop`
// returns.
absl::StatusOr<Attributions> ExplainRows(const Predictor& predictor, const Background& background, const float* rows,
                                         int64_t n, const ShapleyOptions& options = {}, const StopCheck& stop = {});

}  // namespace roicast

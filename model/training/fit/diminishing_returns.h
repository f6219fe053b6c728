// Models of which more spend never brings less revenue, and each further unit of it less than the one before.
//
//   ln(1 + ROI) = a(x) − b · ln(1 + spend),  0 ≤ b ≤ 1
//
// where a network beside a linear path tells a from all features but the spend, and the linear path holds b. With spend
// C, revenue is (1 + ROI) · C = e^a · C · (1 + C)^−b. Its derivative e^a · (1 + C)^(−b−1) · (1 + (1 − b) · C) is above
// 0, and its second derivative −b · e^a · (1 + C)^(−b−2) · (2 + (1 − b) · C) not. For spends far above 1, 1 % more of
// it brings 1 − b % more revenue: the elasticity, one number for all campaigns.
//
// The spend is not clipped, as other numbers are: beyond the range of training the law goes on.
#pragma once

#include "absl/status/statusor.h"
#include "model/features/preprocessor.h"
#include "model/features/target_transform.h"
#include "model/network/linear_input.h"
#include "model/network/mlp.h"
#include "model/training/preparation/prepared_data.h"
#include "model/training/training_spec.h"

namespace roicast {

// The spec with what the law takes: the logarithm of the target and of the spend, and no two-part model. Errors:
// InvalidArgument (the target is no ROI, or is −1 somewhere; another transform is asked for; no feature holds the
// spend).
absl::StatusOr<TrainingSpec> WithDiminishingReturns(const PreparedData& data, TrainingSpec spec);

// The index of the feature that holds the spend. Errors: InvalidArgument (there is none).
absl::StatusOr<int> SpendFeatureOf(const PreparedData& data);

// The same preprocessing, with a spend that is neither clipped nor cut into ramps.
absl::StatusOr<Preprocessor> WithPlainSpend(const Preprocessor& preprocessor, int spend);

// The bounds of the linear path's weight of the spend that keep b within [0, 1].
LinearInput BoundSpend(const Preprocessor& preprocessor, const FittedTarget& target, int spend);

// 1 − b.
double SpendElasticity(const Preprocessor& preprocessor, const FittedTarget& target, const Mlp& mlp, int spend);

}  // namespace roicast

// What a fit chooses before any network is trained, judged by linear models on ramps: the inputs of times and the
// target's scale.
#pragma once

#include "absl/status/statusor.h"
#include "model/features/preprocessor.h"
#include "model/features/target_transform.h"
#include "model/training/capacity/trend.h"
#include "model/training/fit/encoded_fit.h"

namespace roicast {

struct TimeInputs {
  PreprocessingOptions encoding;  // with month, without_month, half_year, trend and trend_ramps as chosen
  TimeEvidence trend;             // of days that are later than what was learnt from
};

// Trend and season of a schema with times. The month of a time that covers less than a year is left out: season and
// trend are the same thing there. A trend, straight or with ramps, is taken if it tells more than the season does, both
// of other days and of later ones. What the spec asks for is kept. Errors: as EncodeFit.
absl::StatusOr<TimeInputs> ChooseTimeInputs(const FitTask& task, PreprocessingOptions encoding);

// Whether the logarithm of what money returns is learnt, or a skewed target as it is; the usual rule,
// TargetTransform::kAuto, if neither is better. Errors: as EncodeFit.
absl::StatusOr<TargetTransform> ChooseScale(const FitTask& task, const PreprocessingOptions& encoding);

}  // namespace roicast

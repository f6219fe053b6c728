// What a mean of outcomes is on the scale of asinh, fitted to rows that were not learnt from.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/features/target_transform.h"

namespace roicast {

// An entry per row. predicted: m on the transformed scale; residuals: transform(outcome) − m. groups: rows with the
// same inputs have the same number, ≥ 0, or empty if no two have. Whoever has no other rows passes those that were
// learnt from, whose errors are too small.
struct MeanRows {
  absl::Span<const double> predicted, residuals;
  absl::Span<const int64_t> groups;
};

enum class MeanChoice {
  kTested,    // as the rows show
  kSmearing,  // FitSmearing
  kFitted,    // fitted to the outcomes where that is possible and better, whatever the test says
};

// Sets the smearing terms by FitSmearing, which takes errors to be spread alike around every prediction. Where outcomes
// are a mixture, such as of sales and refunds, they are not: asinh of the one is about ln, of the other about −ln of
// the same amount, so that a prediction is a power of the mean (docs/adr/0101-mean-of-asinh.md). Where the outcomes of
// at least 200 rows and 30 groups contradict FitSmearing's means (score test of level and slope, 1 %; a group counts
// once), the mean is u · e^(b m) − v · e^(−b m) with the u, v ≥ 0 and the mean_slope b that have the least squared
// error, each row's in relation to √(1 + prediction²); smear_cosh is u + v, smear_sinh u − v.
// FitSmearing's means stay if b ends at a bound of the search: 0.25, and 4 or, if it is less, 1.5 · σ(asinh(outcome)) /
// σ(m), so that beyond the largest m the mean does not grow much faster than outcomes differ. They stay, too, if the
// fitted ones have more error or contradict the outcomes more.
// Only of a mean of numbers on kAsinh; else this is FitSmearing. Errors: those of `stop`; then `target` is as before.
absl::Status FitMean(const MeanRows& rows, MeanChoice choice, const StopCheck& stop, FittedTarget& target);

}  // namespace roicast

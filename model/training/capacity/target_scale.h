// On which scale a target is learnt: its own, asinh, or the logarithm of what money returns, on which equal errors are
// equal factors of the revenue.
//
// Campaigns' outcomes tend to be products (of a channel's return, a season, a discount …) with noise that is a factor,
// too. On the ROI's own scale a network has to learn each product; an optimum of a budget, which lives off the shape of
// curves, pays for what it misses (docs/adr/0094-honest-promise.md).
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "base/stop_check.h"
#include "model/features/target_transform.h"
#include "model/training/fit/row_part.h"

namespace roicast {

// Rows with their target on one scale.
struct ScaledRows {
  const RowPart* rows;
  const FittedTarget* target;
};

// Whether rows out of fold are likelier on the scale of `other`, by linear models, and by more than chance (one-sided,
// 5 %): LogDensities of search/target_choice.h. False of fewer than 100 rows. usual, other: the same rows, encoded
// alike. Errors: those of `stop`.
absl::StatusOr<bool> IsLikelierScale(const ScaledRows& usual, const ScaledRows& other, uint64_t seed,
                                     const StopCheck& stop = nullptr);

// Whether the means that the scale of `other` gives of rows out of fold are nearer, by linear models: the squared error
// in the target's own unit, which is what a mean makes least, is less by more than chance (one-sided, 5 %). False of
// fewer than 100 rows. usual, other, errors: as above.
absl::StatusOr<bool> IsNearerScale(const ScaledRows& usual, const ScaledRows& other, uint64_t seed,
                                   const StopCheck& stop = nullptr);

}  // namespace roicast

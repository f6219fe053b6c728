// Whether a target drifts with time, beyond what month, weekday and hour tell.
#pragma once

#include <cstdint>

#include "model/data/schema.h"
#include "model/network/loss.h"
#include "model/training/row_part.h"

namespace roicast {

// Linear models with and without a trend predict days that they had not learnt from, as whole days: rows of one day
// have more in common than a trend, and the noise of a day must not pass for one.
struct TrendEvidence {
  bool holds = false;  // more than chance (one-sided, 5 %), and not next to nothing
  double gain = 0.0;   // share of the squared error that the trend takes away
};

// Both parts have the same rows; `trend` is encoded with PreprocessingOptions::trend. For Loss::kLogistic probabilities
// are judged. Fewer than 10 different days show nothing. seed: of the folds.
TrendEvidence JudgeTrend(const RowPart& plain, const RowPart& trend, const Schema& schema, Loss loss, uint64_t seed);

}  // namespace roicast

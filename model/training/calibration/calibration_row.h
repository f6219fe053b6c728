// What is known of a row whose error tells about those of new rows.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>

namespace roicast {

// Errors in standard deviations of the transformed target.
struct CalibrationRow {
  int64_t index = 0;       // in CalibrationRows
  float location = 0.0f;   // the prediction, transformed scale
  double error = 0.0;      // truth − prediction
  double excess = 0.0;     // SquaredExcess
  int32_t code = -1;       // of the group feature; −1: missing, unseen, or no group feature
  int fold = 0;            // 0 to kScaleFolds − 1
  double log_scale = 0.0;  // of a head that was not fitted to the row, with the excess
  // Zero-heavy: the probability of another value than `rest`, whether it has `rest`, and then which share of its
  // probability counts as below it, [0, 1). Then `error` means nothing.
  double share = 1.0;
  bool at_rest = false;
  double tie = 0.0;

  double score() const { return error * std::exp(-log_scale); }
};

using CalibrationRowFilter = std::function<bool(const CalibrationRow&)>;

}  // namespace roicast

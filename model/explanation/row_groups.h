// Cuts rows into groups of similar rows.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "base/stop_check.h"
#include "model/data/matrix.h"
#include "model/data/schema.h"

namespace roicast {

// The middle and the typical distance from it of a feature's values that are not missing: median and interquartile
// range; where that is 0, the standard deviation; where that is 0, too, or there are no values, 1.
struct RobustScale {
  double center = 0.0;
  double scale = 1.0;  // > 0
};
RobustScale RobustScaleOf(std::vector<float> values);  // NaN: missing

// rows [n, schema.size()], raw, without rejected values; 1 ≤ groups ≤ n. The group of each row, 0 to groups − 1; all
// groups have equally many rows, or one more. A group that is to become several is cut across its first principal
// direction, in values that are robustly scaled (numbers and times; within ± 3, missing ones in the middle) or one-hot
// (the most frequent words). Deterministic. Errors: those of `stop`.
absl::StatusOr<std::vector<int>> GroupRows(const RowMajorMatrix& rows, const Schema& schema, int groups,
                                           const StopCheck& stop = nullptr);

}  // namespace roicast

// Finds the few values that carry most of the variance, such as an ROI of 47,999 among 400 between −1 and 4.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace roicast {

struct Leverage {
  // Positions, ascending: the fewest values that carry more than half of Σ(value − median)², and others that stand
  // apart with them. Empty: there are no such few values.
  std::vector<int64_t> positions;
  double share = 0.0;  // of Σ(value − median)² that they carry, in (0.5, 1]
  double median = 0.0;
  // They stand apart from the rest: on the asinh scale, they and no other value are beyond the quartiles by more than
  // three interquartile ranges (Tukey, Exploratory Data Analysis, 1977, "far out"), and three such ranges without a
  // value lie between them and the rest. The end of a heavy tail, such as a log-normal or Pareto one, hardly ever does;
  // a target of which half is equal may have no range, and then nothing stands apart.
  bool stands_apart = false;
  // The smallest and the largest of the other values.
  double rest_min = 0.0, rest_max = 0.0;
};

// "Few" is at most 0.5 % of the values, or three if that is more, and never more than 5 %. Values are finite.
// O(n).
Leverage FindLeverage(absl::Span<const double> values);

}  // namespace roicast

// Moments of a sample, on which the choice of transforms and scales is based.
#pragma once

#include "absl/types/span.h"

namespace roicast {

struct Moments {
  double min = 0.0, max = 0.0;
  double mean = 0.0;
  double standard_deviation = 0.0;  // of the population (divided by n)
  double skewness = 0.0;            // 0 if all values are equal
  double excess_kurtosis = 0.0;     // 0 if all values are equal
};

// Two passes. All 0 without values.
Moments ComputeMoments(absl::Span<const double> values);

}  // namespace roicast

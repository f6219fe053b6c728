// Rows whose intervals are computed. Plain data, because the kernels include it.
#pragma once

#include <stdint.h>

namespace roicast {

// Arrays of n values that the caller owns. location and log_scale: of Predictor::PredictWithSpread; NaN in location
// gives NaN. σ = e^log_scale times a standard deviation of the transformed target.
struct IntervalRows {
  int64_t n = 0;
  const float* location = nullptr;
  const float* log_scale = nullptr;
  // The interval goes from location + low_score · σ to location + high_score · σ, on the transformed scale, and is
  // brought to ROI without the smearing correction, and not below the floor. low, high: null = not wanted.
  const float* low_score = nullptr;
  const float* high_score = nullptr;
  float* low = nullptr;
  float* high = nullptr;
  // score: (threshold − location) / σ; null = not wanted. threshold: on the transformed scale.
  float threshold = 0.0f;
  float* score = nullptr;
};

}  // namespace roicast

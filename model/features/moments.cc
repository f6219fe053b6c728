#include "model/features/moments.h"

#include <algorithm>
#include <cmath>

namespace roicast {

Moments ComputeMoments(absl::Span<const double> values) {
  Moments moments;
  if (values.empty()) return moments;
  const auto n = static_cast<double>(values.size());
  moments.min = moments.max = values.front();
  double sum = 0.0;
  for (const double x : values) {
    sum += x;
    moments.min = std::min(moments.min, x);
    moments.max = std::max(moments.max, x);
  }
  moments.mean = sum / n;
  double second = 0.0, third = 0.0, fourth = 0.0;
  for (const double x : values) {
    const double d = x - moments.mean;
    second += d * d;
    third += d * d * d;
    fourth += d * d * d * d;
  }
  const double variance = second / n;
  moments.standard_deviation = std::sqrt(variance);
  if (moments.max > moments.min && variance > 0.0) {
    moments.skewness = third / n / (variance * moments.standard_deviation);
    moments.excess_kurtosis = fourth / n / (variance * variance) - 3.0;
  }
  return moments;
}

}  // namespace roicast

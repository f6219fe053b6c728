#include "model/predictor/plain_intervals.h"

#include <algorithm>
#include <cmath>

namespace roicast::predictor {
namespace {

constexpr double kMaxLogScale = 40.0;

}  // namespace

void FillIntervalsPlainly(const FittedTarget& target, const IntervalRows& rows) {
  const FittedTarget median = target.WithoutSmearing();
  for (int64_t i = 0; i < rows.n; ++i) {
    const double location = rows.location[i];
    const double scale =
        std::exp(std::clamp(static_cast<double>(rows.log_scale[i]), -kMaxLogScale, kMaxLogScale)) * median.factor;
    const auto end = [&](double score) {
      return static_cast<float>(median.ToRoi((location + score * scale - median.offset) / median.factor));
    };
    if (rows.low != nullptr) {
      rows.low[i] = std::isnan(location) ? rows.location[i] : end(rows.low_score[i]);
      rows.high[i] = std::isnan(location) ? rows.location[i] : end(rows.high_score[i]);
    }
    if (rows.score != nullptr) rows.score[i] = static_cast<float>((rows.threshold - location) / scale);
  }
}

}  // namespace roicast::predictor

#include "model/uncertainty/score_shapes.h"

#include <algorithm>

#include "model/predictor/kernels.h"
#include "model/uncertainty/conformal.h"

namespace roicast {

ScoreShapes::ScoreShapes(const std::vector<CalibrationGroup>& shapes) {
  if (shapes.empty()) return;
  tables_.Reset(shapes.size() * predictor::kSearchTable);
  for (size_t k = 0; k < shapes.size(); ++k) {
    locations_.push_back(shapes[k].location);
    if (k > 0) per_location_.push_back(1.0f / (locations_[k] - locations_[k - 1]));
    float* const table = tables_.data() + k * predictor::kSearchTable;
    for (int i = 0; i < kQuantiles; ++i) {
      table[i] = static_cast<float>(roicast::ScoreAt(shapes[k], (i + 0.5) / kQuantiles));
    }
    predictor::FillPivots(table);
  }
}

ScoreShapes::Place ScoreShapes::At(float location) const {
  int32_t shape = 0;
  for (int32_t k = 1; k + 1 < size(); ++k) shape += locations_[static_cast<size_t>(k)] < location ? 1 : 0;
  const float distance = location - locations_[static_cast<size_t>(shape)];
  const float weight = distance > 0.0f ? distance * per_location_[static_cast<size_t>(shape)] : 0.0f;
  return {shape, std::min(weight, 1.0f)};
}

double ScoreShapes::ScoreAt(const Place& place, double share) const {
  const double at = std::clamp(share * kQuantiles - 0.5, 0.0, kQuantiles - 1.0);
  const auto below = std::min(static_cast<int32_t>(at), kQuantiles - 2);
  const double low = Quantile(place, below), high = Quantile(place, below + 1);
  return low + (at - below) * (high - low);
}

double ScoreShapes::DistributionAt(const Place& place, float score) const {
  int32_t at_most = 0;
  for (int32_t step = kQuantiles / 2; step > 0; step /= 2) {
    at_most += Quantile(place, at_most + step - 1) <= score ? step : 0;
  }
  at_most += Quantile(place, at_most) <= score ? 1 : 0;
  return DistributionAt(place, score, at_most);
}

double ScoreShapes::DistributionAt(const Place& place, float score, int32_t at_most) const {
  constexpr double kStep = 1.0 / kQuantiles;
  if (at_most <= 0) return 0.25 * kStep;
  if (at_most >= kQuantiles) return 1.0 - 0.25 * kStep;
  const double low = Quantile(place, at_most - 1), high = Quantile(place, at_most);
  const double share = high > low ? std::clamp((score - low) / (high - low), 0.0, 1.0) : 0.0;
  return kStep * (at_most - 0.5 + share);
}

}  // namespace roicast

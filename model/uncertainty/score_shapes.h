// Scores whose distribution changes with the prediction, as where noise multiplies and small returns err less far down
// than up: those of rows with similar predictions. Between two such groups quantiles are means of theirs, weighted by
// the distance (Ratcliff, "Group Reaction Time Distributions and an Analysis of Distribution Statistics", 1979), and
// outside those of the nearest. Quantiles of the whole are set right by Calibration::levels.
#pragma once

#include <cstdint>
#include <vector>

#include "model/network/aligned_buffer.h"
#include "model/predictor/compiled_model.h"
#include "model/uncertainty/calibration.h"

namespace roicast {

class ScoreShapes {
 public:
  // Quantiles of a group: of the shares (i + ½) / kQuantiles.
  static constexpr int kQuantiles = predictor::kSearchValues;

  ScoreShapes() = default;
  // Calibration::shapes: none, or at least two, ascending by location.
  explicit ScoreShapes(const std::vector<CalibrationGroup>& shapes);

  int size() const { return static_cast<int>(locations_.size()); }
  // [size()][predictor::kSearchTable], for the kernels.
  const float* tables() const { return tables_.data(); }

  // Between which groups a prediction is. The rest requires size() ≥ 2.
  struct Place {
    int32_t shape = 0;    // and the next one
    float weight = 0.0f;  // of the next one, [0, 1]
  };
  // NaN: as of the lowest.
  Place At(float location) const;
  // Where a group alone counts.
  Place PlaceOf(int32_t shape) const { return shape + 1 < size() ? Place{shape, 0.0f} : Place{shape - 1, 1.0f}; }

  // O(1), and O(log kQuantiles).
  double ScoreAt(const Place& place, double share) const;
  double DistributionAt(const Place& place, float score) const;
  // The same if the number of quantiles that are at most `score` is known.
  double DistributionAt(const Place& place, float score, int32_t at_most) const;

 private:
  float Quantile(const Place& place, int32_t i) const {
    const float* const low = tables() + int64_t{place.shape} * predictor::kSearchTable + i;
    return low[0] + place.weight * (low[predictor::kSearchTable] - low[0]);
  }

  std::vector<float> locations_;
  std::vector<float> per_location_;  // 1 / distance to the next
  AlignedBuffer tables_;
};

}  // namespace roicast

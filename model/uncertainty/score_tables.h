// The scores of a calibration, laid out for the kernels that search them.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "model/network/aligned_buffer.h"
#include "model/predictor/kernels.h"
#include "model/uncertainty/calibration.h"
#include "model/uncertainty/conformal.h"
#include "model/uncertainty/score_shapes.h"

namespace roicast {

// Immutable and thread-safe. Refers to the calibration.
class ScoreTables {
 public:
  static constexpr int kMostRows = 256;

  explicit ScoreTables(const Calibration& calibration);

  const ScoreShapes& shapes() const { return shapes_; }

  // For at most kMostRows scores, the share of calibration rows with at most this score: of their groups, or by their
  // places between shapes (whose numbers are in `table`). below has the size of `scores`. NaN: anything.
  void DistributionOfGroups(const int32_t* table, absl::Span<const float> scores, double* below) const;
  void DistributionOfShapes(const int32_t* table, const float* weight, absl::Span<const float> scores,
                            double* below) const;
  // Replaces the levels below[i], [0, 1], by the share of Calibration::levels that are at most as large.
  void CorrectLevels(absl::Span<double> below) const;

 private:
  void Add(const CalibrationGroup& group, float* table);

  AlignedBuffer tables_;                         // [groups][kSearchTable]; of the levels behind them
  std::vector<FastDistribution> distributions_;  // of the same
  ScoreShapes shapes_;
  const predictor::Kernels& kernels_;
};

}  // namespace roicast

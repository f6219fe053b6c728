#include "model/uncertainty/two_part_scores.h"

#include <algorithm>
#include <limits>

#include "base/status_macros.h"

namespace roicast {

absl::StatusOr<LevelRange> IntervalLevels(const CalibrationGroup& levels, double level) {
  ROICAST_ASSIGN_OR_RETURN(const ScoreRange both_tails, IntervalScores(levels, level));
  return LevelRange{both_tails.low, both_tails.high, ScoreAt(levels, level)};
}

ScoreRange TwoPartScores(const LevelRange& range, double share, const CalibrationGroup& amounts) {
  const double at_rest = 1.0 - share;
  const auto score = [&](double level) {
    return level <= at_rest || share <= 0.0 ? -std::numeric_limits<double>::infinity()
                                            : ScoreAt(amounts, (level - at_rest) / share);
  };
  const double high =
      std::max(std::min(range.high, range.high_with_rest), range.high - std::max(0.0, at_rest - range.low));
  return {score(range.low), score(high)};
}

}  // namespace roicast

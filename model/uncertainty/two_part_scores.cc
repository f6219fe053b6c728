#include "model/uncertainty/two_part_scores.h"

#include "base/status_macros.h"

namespace roicast {

absl::StatusOr<LevelRange> IntervalLevels(const CalibrationGroup& levels, double level) {
  ROICAST_ASSIGN_OR_RETURN(const ScoreRange both_tails, IntervalScores(levels, level));
  return LevelRange{both_tails.low, both_tails.high, ScoreAt(levels, level)};
}

}  // namespace roicast

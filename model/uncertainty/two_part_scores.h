// Intervals and probabilities of zero-heavy targets.
//
// What is predicted of a row is a distribution: `rest` with the probability 1 − p, otherwise an amount whose score is
// distributed as those of the calibration rows. With G, DistributionAt of these scores, the probability of a value up
// to y > rest is F(y) = 1 − p + p · G(score of y), and that of `rest` is F(rest) = 1 − p. F at the truth of calibration
// rows, with a random share of F(rest) for those at `rest`, would be uniform if p and G were right together
// (Rosenblatt, "Remarks on a Multivariate Transformation", 1952; Dawid, "Present Position and Potential Developments",
// 1984). How it is distributed (Calibration::levels) corrects F, and makes the share of new rows inside intervals that
// of calibration rows: distributional conformal prediction of Chernozhukov et al. (2021).
#pragma once

#include <algorithm>
#include <limits>

#include "absl/status/statusor.h"
#include "model/uncertainty/conformal.h"

namespace roicast {

// Between which levels of F the truth is. Where more than the lower tail is at `rest`, nothing is below the interval;
// then less is above it: down to high_with_rest, as much as both tails.
struct LevelRange {
  double low = 0.0, high = 1.0;
  double high_with_rest = 1.0;
};

// Errors: as of IntervalScores.
absl::StatusOr<LevelRange> IntervalLevels(const CalibrationGroup& levels, double level);

// The scores at the interval's ends; −∞ stands for `rest`. share: p, in [0, 1]. score_at: G's inverse.
template <typename ScoreAtShare>
ScoreRange TwoPartScores(const LevelRange& range, double share, const ScoreAtShare& score_at) {
  const double at_rest = 1.0 - share;
  const auto score = [&](double level) {
    return level <= at_rest || share <= 0.0 ? -std::numeric_limits<double>::infinity()
                                            : score_at((level - at_rest) / share);
  };
  const double high =
      std::max(std::min(range.high, range.high_with_rest), range.high - std::max(0.0, at_rest - range.low));
  return {score(range.low), score(high)};
}

// F, not corrected. below: G(score of y); 0 at `rest`.
inline double TwoPartLevel(double share, double below) { return 1.0 - share + share * below; }

}  // namespace roicast

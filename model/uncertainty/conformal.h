// Intervals and probabilities from the scores of calibration rows.
//
// Split-conformal intervals: Lei et al., "Distribution-Free Predictive Inference for Regression" (2018), of equal tails
// and with the correction for n rows: the truth of a new row that is exchangeable with the calibration rows is inside
// with the level's probability at least. Probabilities are those of the conformal predictive distribution of Vovk et
// al., "Nonparametric Predictive Distributions Based on Conformal Prediction" (2019), of the same scores: an interval's
// ends are its quantiles.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/uncertainty/calibration.h"

namespace roicast {

struct ScoreRange {
  double low = 0.0, high = 0.0;
};

// The scores of a group: sorted, and all of them or kMaxStoredScores evenly spaced by rank.
CalibrationGroup MakeGroup(int32_t code, std::vector<double> scores);

// Of this category, or else the first, of all rows. groups: not empty.
const CalibrationGroup& GroupOfCode(const std::vector<CalibrationGroup>& groups, int32_t code);

// The fewest rows that an interval of this level, in (0, 1), needs: 2 / (1 − level) − 1, so that each tail has one.
int64_t FewestRowsFor(double level);
// The scores between which the truth is with this probability.
// Errors: InvalidArgument (level outside (0, 1), or fewer rows than FewestRowsFor).
absl::StatusOr<ScoreRange> IntervalScores(const CalibrationGroup& group, double level);

// The share of scores that are at most `score`: k / (n + 1) at the k-th of n scores, a straight line between
// neighbours, half of 1 / (n + 1) below the first, and as much less than 1 above the last. O(log n).
double DistributionAt(const CalibrationGroup& group, double score);
// The same for many scores of a group whose number of stored scores at most as large is known. Refers to the group.
class FastDistribution {
 public:
  explicit FastDistribution(const CalibrationGroup& group);
  // at_most: more than there are count as all.
  double At(float score, int32_t at_most) const;

 private:
  const float* scores_;
  int32_t stored_;
  double first_, step_;  // the share at the first score, and from one stored score to the next
};

// The score that this share of rows is at or below: the inverse of DistributionAt between the first and the last score,
// and these beyond them. O(1).
double ScoreAt(const CalibrationGroup& group, double share);

// Half the distance between the quantiles 0.16 and 0.84: the standard deviation if errors are normal. ≥ 1e-9.
double TypicalScore(const CalibrationGroup& group);

// The interval around a share of positives, of Wilson, "Probable Inference, the Law of Succession, and Statistical
// Inference" (1927). 0 ≤ positives ≤ rows, rows ≥ 1, level in (0, 1).
ScoreRange WilsonInterval(int64_t positives, int64_t rows, double level);

// The z with Φ(z) = p, p in (0, 1): Acklam's rational approximation with a step of Halley's method; error below 1e-9.
double NormalQuantile(double p);

}  // namespace roicast

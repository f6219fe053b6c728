#include "model/uncertainty/two_part_scores.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace roicast {
namespace {

// 99 scores: k / 100 of the rows are at or below k.
CalibrationGroup Amounts() {
  std::vector<double> scores;
  for (int k = 1; k < 100; ++k) scores.push_back(k);
  return MakeGroup(-1, scores);
}

// Levels as they should be.
CalibrationGroup Uniform() {
  std::vector<double> levels;
  for (int k = 1; k < 100; ++k) levels.push_back(k / 100.0);
  return MakeGroup(-1, levels);
}

TEST(TwoPartScores, LevelsAreQuantiles) {
  const auto range = IntervalLevels(Uniform(), 0.8);
  ASSERT_TRUE(range.ok()) << range.status();
  EXPECT_NEAR(range->low, 0.1, 1e-6);
  EXPECT_NEAR(range->high, 0.9, 1e-6);
  EXPECT_NEAR(range->high_with_rest, 0.8, 1e-6);
  EXPECT_EQ(IntervalLevels(Uniform(), 0.99).status().message(),
            "interval_level: a level of 0.99 needs at least 199 calibration rows, there are 99");
}

TEST(TwoPartScores, ScoreAtIsTheInverseOfTheDistribution) {
  for (const double share : {0.01, 0.1, 0.5, 0.955, 0.99}) {
    EXPECT_NEAR(DistributionAt(Amounts(), ScoreAt(Amounts(), share)), share, 1e-6);
  }
  EXPECT_EQ(ScoreAt(Amounts(), 0.0), 1.0);
  EXPECT_EQ(ScoreAt(Amounts(), 1.0), 99.0);
}

TEST(TwoPartScores, GoesOverFromBothTailsToOne) {
  const LevelRange range = *IntervalLevels(Uniform(), 0.8);
  const CalibrationGroup group = Amounts();
  const auto amounts = [&](double share) { return ScoreAt(group, share); };
  // Nobody at rest: equal tails.
  EXPECT_NEAR(TwoPartScores(range, 1.0, amounts).low, 10.0, 1e-4);
  EXPECT_NEAR(TwoPartScores(range, 1.0, amounts).high, 90.0, 1e-4);
  // Up to the lower tail at rest: it is made up by amounts. 0.05 of 0.95.
  EXPECT_NEAR(TwoPartScores(range, 0.95, amounts).low, 100.0 * 0.05 / 0.95, 1e-4);
  EXPECT_NEAR(TwoPartScores(range, 0.95, amounts).high, 100.0 * 0.85 / 0.95, 1e-4);
  // More: nothing is below the interval, and the share inside stays 80 %.
  EXPECT_EQ(TwoPartScores(range, 0.7, amounts).low, -INFINITY);
  EXPECT_NEAR(TwoPartScores(range, 0.7, amounts).high, 100.0 * 0.5 / 0.7, 1e-4);
  // All of it at rest.
  EXPECT_EQ(TwoPartScores(range, 0.1, amounts).high, -INFINITY);
  EXPECT_EQ(TwoPartScores(range, 0.0, amounts).high, -INFINITY);
  // Without a jump.
  double before = TwoPartScores(range, 1.0, amounts).high;
  for (double share = 0.999; share > 0.3; share -= 0.001) {
    const double high = TwoPartScores(range, share, amounts).high;
    EXPECT_NEAR(high, before, 0.5) << share;
    before = high;
  }
}

}  // namespace
}  // namespace roicast

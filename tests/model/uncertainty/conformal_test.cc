#include "model/uncertainty/conformal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "base/random.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

// The scores 1 … n.
CalibrationGroup Counting(int n) {
  std::vector<double> scores(n);
  std::iota(scores.begin(), scores.end(), 1.0);
  return MakeGroup(-1, scores);
}

TEST(Conformal, TailsAreRanksOfNPlusOne) {
  // (99 + 1) · 0.05 = 5: the 5th from each side.
  const auto range = IntervalScores(Counting(99), 0.9);
  ASSERT_TRUE(range.ok()) << range.status();
  EXPECT_DOUBLE_EQ(range->low, 5.0);
  EXPECT_DOUBLE_EQ(range->high, 95.0);
  // 51 · 0.05 = 2.55 is rounded outwards.
  const auto small = IntervalScores(Counting(50), 0.9);
  ASSERT_TRUE(small.ok()) << small.status();
  EXPECT_DOUBLE_EQ(small->low, 2.0);
  EXPECT_DOUBLE_EQ(small->high, 49.0);
}

TEST(Conformal, ALevelThatIsTooHighForTheRowsIsRefused) {
  EXPECT_TRUE(IntervalScores(Counting(19), 0.9).ok());
  EXPECT_EQ(FewestRowsFor(0.9), 19);
  EXPECT_EQ(FewestRowsFor(0.99), 199);
  const auto refused = IntervalScores(Counting(60), 0.99);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(refused.status().message(),
            "interval_level: a level of 0.99 needs at least 199 calibration rows, there are 60");
}

TEST(Conformal, ALevelOutsideZeroAndOneIsRefused) {
  for (const double level : {0.0, 1.0, -0.5, 90.0, std::nan("")}) {
    const auto refused = IntervalScores(Counting(60), level);
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument) << level;
    EXPECT_THAT(refused.status().message(), HasSubstr("interval_level: expected a number above 0 and below 1, got "));
  }
}

TEST(Conformal, NewRowsAreInsideWithTheLevelsProbability) {
  Random random(3);
  int inside = 0, above = 0;
  constexpr int kRuns = 4000;
  for (int run = 0; run < kRuns; ++run) {
    std::vector<double> scores(99);
    for (double& score : scores) score = std::exp(random.Normal());
    const auto range = IntervalScores(MakeGroup(-1, scores), 0.8);
    const double truth = std::exp(random.Normal());
    inside += truth >= range->low && truth <= range->high;
    above += truth > range->high;
  }
  EXPECT_NEAR(inside / double{kRuns}, 0.8, 0.02);
  EXPECT_NEAR(above / double{kRuns}, 0.1, 0.015);
}

TEST(Conformal, ManyScoresAreThinnedWithTheirQuantilesKept) {
  const CalibrationGroup group = Counting(100'000);
  EXPECT_EQ(group.scores.size(), kMaxStoredScores);
  EXPECT_EQ(group.rows, 100'000);
  EXPECT_EQ(group.scores.front(), 1.0f);
  EXPECT_EQ(group.scores.back(), 100'000.0f);
  EXPECT_NEAR(IntervalScores(group, 0.9)->low, 5'000.0, 2.0);
  EXPECT_NEAR(DistributionAt(group, 25'000.0), 0.25, 1e-4);
}

TEST(Conformal, DistributionIsTheInverseOfItsQuantiles) {
  const CalibrationGroup group = Counting(99);
  EXPECT_DOUBLE_EQ(DistributionAt(group, 5.0), 0.05);
  EXPECT_DOUBLE_EQ(DistributionAt(group, 95.0), 0.95);
  EXPECT_DOUBLE_EQ(DistributionAt(group, 50.5), 0.505);
  EXPECT_DOUBLE_EQ(DistributionAt(group, 99.0), 0.99);
  EXPECT_DOUBLE_EQ(DistributionAt(group, 0.0), 0.005);
  EXPECT_DOUBLE_EQ(DistributionAt(group, 1e9), 0.995);
  double last = 0.0;
  for (double score = -1.0; score < 102.0; score += 0.01) {
    const double share = DistributionAt(group, score);
    EXPECT_GE(share, last);
    last = share;
  }
}

TEST(Conformal, EqualScoresCountAtTheirValue) {
  const CalibrationGroup group = MakeGroup(-1, {1.0, 2.0, 2.0, 2.0, 3.0});
  EXPECT_DOUBLE_EQ(DistributionAt(group, 2.0), 4.0 / 6.0);
  EXPECT_LE(DistributionAt(group, 1.999), 2.0 / 6.0);
  EXPECT_DOUBLE_EQ(DistributionAt(MakeGroup(-1, {4.0}), 4.0), 0.5);
}

TEST(Conformal, TypicalScoreOfNormalScoresIsTheirStandardDeviation) {
  Random random(5);
  std::vector<double> scores(20'000);
  for (double& score : scores) score = 0.3 * random.Normal() + 1.0;
  EXPECT_NEAR(TypicalScore(MakeGroup(-1, scores)), 0.3, 0.01);
  EXPECT_EQ(TypicalScore(MakeGroup(-1, {2.0, 2.0, 2.0})), 1e-9);
}

TEST(Conformal, WilsonIntervalMatchesPublishedValues) {
  // Newcombe, "Two-Sided Confidence Intervals for the Single Proportion" (1998), table I, method 3.
  const ScoreRange some = WilsonInterval(81, 263, 0.95);
  EXPECT_NEAR(some.low, 0.2553, 5e-5);
  EXPECT_NEAR(some.high, 0.3662, 5e-5);
  const ScoreRange none = WilsonInterval(0, 20, 0.95);
  EXPECT_NEAR(none.low, 0.0, 1e-12);
  EXPECT_NEAR(none.high, 0.1611, 5e-5);
  const ScoreRange one = WilsonInterval(1, 29, 0.95);
  EXPECT_NEAR(one.low, 0.0061, 5e-5);
  EXPECT_NEAR(one.high, 0.1718, 5e-5);
}

TEST(Conformal, NormalQuantileInvertsTheDistribution) {
  for (const double p : {1e-6, 0.001, 0.02, 0.1, 0.5, 0.7, 0.975, 0.9999}) {
    EXPECT_NEAR(0.5 * std::erfc(-NormalQuantile(p) / std::sqrt(2.0)), p, 1e-9 * std::max(p, 1e-3)) << p;
  }
}

}  // namespace
}  // namespace roicast

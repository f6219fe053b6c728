#include "client/report/row_statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace roicast::client {
namespace {

using ::testing::ElementsAre;

TEST(MeasureErrors, EqualsTheFormulas) {
  OutcomeRows rows;
  rows.actual = {1, 2, 3, 6};
  rows.predicted = {1.5, 2, 2, 7};
  const ErrorMeasures measures = MeasureErrors(rows);
  EXPECT_DOUBLE_EQ(measures.mean_actual, 3);
  EXPECT_DOUBLE_EQ(measures.mae, 2.5 / 4);
  EXPECT_DOUBLE_EQ(measures.mae_of_mean, 1.5);
  EXPECT_DOUBLE_EQ(measures.bias, 0.5 / 4);
  EXPECT_DOUBLE_EQ(measures.r2, 1 - 2.25 / 14);
  rows.actual = {2, 2, 2, 2};
  EXPECT_EQ(MeasureErrors(rows).r2, 0);
}

TEST(RankingQuality, CountsPairsInOrder) {
  // Pairs of (positive, negative): 3 > 1, 3 > 2, 2 = 2 (half), 2 > 1.
  EXPECT_DOUBLE_EQ(RankingQuality({3, 2, 2, 1}, {1, 1, 0, 0}, 0.5), 3.5 / 4);
  EXPECT_TRUE(std::isnan(RankingQuality({1, 2}, {1, 1}, 0.5)));
}

TEST(GroupByScore, SplitsInEqualParts) {
  std::vector<double> scores, actual;
  for (int i = 0; i < 100; ++i) {
    scores.push_back(99 - i);
    actual.push_back(2.0 * (99 - i));
  }
  const auto groups = GroupByScore(scores, actual, 10, 5);
  ASSERT_EQ(groups.size(), 10u);
  for (size_t g = 0; g < 10; ++g) {
    EXPECT_EQ(groups[g].rows, 10);
    EXPECT_DOUBLE_EQ(groups[g].mean_score, 4.5 + 10.0 * static_cast<double>(g));
    EXPECT_DOUBLE_EQ(groups[g].mean_actual, 9 + 20.0 * static_cast<double>(g));
    EXPECT_NEAR(groups[g].standard_error, std::sqrt(4 * 82.5 / 90), 1e-9);
  }
  EXPECT_EQ(GroupByScore({1, 2, 3}, {1, 2, 3}, 10, 5).size(), 1u);
  EXPECT_EQ(GroupByScore(std::vector<double>(12, 1.0), std::vector<double>(12, 1.0), 10, 5).size(), 2u);
}

TEST(CoverageOf, CountsEndsAsInside) {
  const RowIntervals intervals{0.9, {0, 0, 0, 0}, {1, 1, 1, 1}};
  EXPECT_DOUBLE_EQ(CoverageOf(intervals, {0, 1, 1.1, 0.5}), 0.75);
}

TEST(HistogramOf, CountsEachValueOnce) {
  Random random(1);
  std::vector<double> values;
  for (int i = 0; i < 5000; ++i) values.push_back(random.Normal());
  const Histogram histogram = HistogramOf(values, 20);
  int64_t all = histogram.below + histogram.above;
  for (const int64_t count : histogram.counts) all += count;
  EXPECT_EQ(all, 5000);
  EXPECT_NEAR(static_cast<double>(histogram.below), 50, 2);
  EXPECT_NEAR(static_cast<double>(histogram.above), 50, 2);
  const Histogram same = HistogramOf({3, 3, 3}, 5);
  EXPECT_THAT(same.counts, ElementsAre(0, 0, 3, 0, 0));
}

TEST(SpreadPositions, AreEvenAndInRange) {
  EXPECT_THAT(SpreadPositions(3, 5), ElementsAre(0, 1, 2));
  EXPECT_THAT(SpreadPositions(100, 4), ElementsAre(12, 37, 62, 87));
}

}  // namespace
}  // namespace roicast::client

#include "model/evaluation/first_metric.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "base/random.h"
#include "tests/testing/stop_after.h"

namespace roicast {
namespace {

std::vector<int64_t> EachItsOwn(size_t rows) {
  std::vector<int64_t> groups(rows);
  std::iota(groups.begin(), groups.end(), int64_t{0});
  return groups;
}

MetricsWithBaseline MeasureNumbers(const std::vector<double>& truth, const std::vector<double>& predicted,
                                   const std::vector<int64_t>& groups, int64_t distinct) {
  MetricsWithBaseline metrics;
  metrics.model.rows = static_cast<int64_t>(truth.size());
  metrics.model.roi = EvaluateRegression(truth, predicted);
  metrics.distinct_inputs = distinct;
  EXPECT_TRUE(SetFirstMetricInterval(truth, predicted, groups, metrics).ok());
  return metrics;
}

MetricsWithBaseline MeasureNumbers(const std::vector<double>& truth, const std::vector<double>& predicted) {
  return MeasureNumbers(truth, predicted, EachItsOwn(truth.size()), static_cast<int64_t>(truth.size()));
}

struct World {
  std::vector<double> truth, predicted;
};

// R² is 1 / (1 + noise²) in the long run.
World LinearWorld(size_t rows, double noise, uint64_t seed) {
  Random random(seed);
  World world;
  for (size_t i = 0; i < rows; ++i) {
    world.predicted.push_back(random.Normal());
    world.truth.push_back(world.predicted.back() + noise * random.Normal());
  }
  return world;
}

TEST(FirstMetric, IsR2InTheTargetsOwnUnitOrTheAuc) {
  Metrics metrics;
  metrics.roi.r2 = 0.25;
  metrics.transformed.r2 = 0.75;
  EXPECT_EQ(FirstMetric(metrics), 0.25);
  EXPECT_EQ(FirstMetricName(metrics), "R²");
  EXPECT_EQ(FirstMetricOfConstant(metrics), 0.0);
  metrics.two_valued = ClassificationMetrics();
  metrics.two_valued->auc = 0.8;
  EXPECT_EQ(FirstMetric(metrics), 0.8);
  EXPECT_EQ(FirstMetricName(metrics), "AUC");
  EXPECT_EQ(FirstMetricOfConstant(metrics), 0.5);
}

TEST(FirstMetric, ItsIntervalHoldsTheTruthInNineOfTenWorlds) {
  constexpr int kWorlds = 300;
  int covered = 0;
  for (int seed = 0; seed < kWorlds; ++seed) {
    const World world = LinearWorld(200, 1.0, static_cast<uint64_t>(seed));
    const MetricsWithBaseline metrics = MeasureNumbers(world.truth, world.predicted);
    ASSERT_LT(metrics.first_metric_low, metrics.first_metric_high);
    covered += metrics.first_metric_low <= 0.5 && 0.5 <= metrics.first_metric_high;
  }
  EXPECT_GE(covered, 0.84 * kWorlds);
  EXPECT_LE(covered, 0.95 * kWorlds);
}

TEST(FirstMetric, CopiesOfARowAddNothingToItsInterval) {
  World world = LinearWorld(60, 0.5, 1);
  const MetricsWithBaseline once = MeasureNumbers(world.truth, world.predicted);
  std::vector<int64_t> groups = EachItsOwn(60);
  const World copy = world;
  for (size_t i = 0; i < 60; ++i) {
    world.truth.push_back(copy.truth[i]);
    world.predicted.push_back(copy.predicted[i]);
    groups.push_back(static_cast<int64_t>(i));
  }
  const MetricsWithBaseline twice = MeasureNumbers(world.truth, world.predicted, groups, 60);
  EXPECT_NEAR(twice.first_metric_low, once.first_metric_low, 1e-12);
  EXPECT_NEAR(twice.first_metric_high, once.first_metric_high, 1e-12);
}

// Beyond 20,000 groups they are drawn in parts: beside the delta method's standard error.
TEST(FirstMetric, ItsIntervalOfManyRowsAgreesWithTheDeltaMethod) {
  const World world = LinearWorld(50'000, 1.0, 7);
  const MetricsWithBaseline metrics = MeasureNumbers(world.truth, world.predicted);
  const std::vector<double> constant(world.truth.size(), std::accumulate(world.truth.begin(), world.truth.end(), 0.0) /
                                                             static_cast<double>(world.truth.size()));
  const double expected =
      1.645 * RelativeR2StandardError(world.truth, world.predicted, constant, EachItsOwn(world.truth.size()));
  const double half = 0.5 * (metrics.first_metric_high - metrics.first_metric_low);
  EXPECT_NEAR(half / expected, 1.0, 0.15);
}

TEST(FirstMetric, HasNoIntervalForFewInputsOrAConstantTruth) {
  const MetricsWithBaseline four = MeasureNumbers({1, 2, 3, 4}, {1, 2, 3, 5});
  EXPECT_TRUE(std::isnan(four.first_metric_low));
  EXPECT_TRUE(std::isnan(four.first_metric_high));
  const MetricsWithBaseline copies = MeasureNumbers({1, 2, 3, 4, 5, 6}, {1, 2, 3, 5, 5, 5}, {0, 1, 2, 3, 3, 3}, 4);
  EXPECT_TRUE(std::isnan(copies.first_metric_low));
  const MetricsWithBaseline constant = MeasureNumbers({2, 2, 2, 2, 2, 2}, {1, 2, 3, 5, 5, 5});
  EXPECT_TRUE(std::isnan(constant.first_metric_low));
}

TEST(FirstMetric, ItsIntervalOfAnAucCountsPairsAsTheAucDoes) {
  // Positives above all negatives but for one tie: each draw is between the AUC of tied pairs and 1.
  std::vector<double> truth, predicted;
  Random random(3);
  for (int i = 0; i < 400; ++i) {
    truth.push_back(i % 4 == 0 ? 1.0 : 0.0);
    predicted.push_back(std::round(4 * (truth.back() + random.Normal())) / 4);
  }
  MetricsWithBaseline metrics;
  metrics.model.rows = 400;
  metrics.model.two_valued = ClassificationMetrics();
  metrics.model.two_valued->auc = EvaluateProfitability(truth, predicted, 0.5)->auc;
  metrics.distinct_inputs = 400;
  EXPECT_TRUE(SetFirstMetricInterval(truth, predicted, EachItsOwn(400), metrics).ok());
  const double auc = metrics.model.two_valued->auc;
  // Hanley and McNeil, Radiology 143 (1982): the standard error of an AUC of 0.76 with 100 and 300 rows is 0.029.
  const double q1 = auc / (2 - auc), q2 = 2 * auc * auc / (1 + auc);
  const double error = std::sqrt((auc * (1 - auc) + 99 * (q1 - auc * auc) + 299 * (q2 - auc * auc)) / (100.0 * 300.0));
  EXPECT_NEAR(metrics.first_metric_low, auc - 1.645 * error, 0.012);
  EXPECT_NEAR(metrics.first_metric_high, auc + 1.645 * error, 0.012);
}

TEST(FirstMetric, IsWrittenWithMoreDigitsNearOne) {
  EXPECT_EQ(FormatFirstMetric(0.913), "0.91");
  EXPECT_EQ(FormatFirstMetric(0.9731), "0.973");
  EXPECT_EQ(FormatFirstMetric(0.99731), "0.9973");
  EXPECT_EQ(FormatFirstMetric(-2.268), "−2.27");
  EXPECT_EQ(FormatFirstMetric(-0.001), "0.00");
  EXPECT_EQ(FormatFirstMetric(-1234.5), "−1234");
  MetricsWithBaseline metrics;
  metrics.model.roi.r2 = 0.91;
  EXPECT_EQ(DescribeFirstMetric(metrics), "R² 0.91");
  metrics.first_metric_low = 0.89, metrics.first_metric_high = 0.93;
  EXPECT_EQ(DescribeFirstMetric(metrics), "R² 0.91 (0.89–0.93)");
  metrics.model.roi.r2 = 0.9731, metrics.first_metric_high = 0.9971;
  EXPECT_EQ(DescribeFirstMetric(metrics), "R² 0.973 (0.890–0.997)");
  metrics.model.roi.r2 = 0.91, metrics.first_metric_high = 0.93, metrics.first_metric_low = -0.1;
  EXPECT_EQ(DescribeFirstMetric(metrics), "R² 0.91 (−0.10 to 0.93)");
}

TEST(FirstMetricInterval, IsStoppedAtEachDraw) {
  const World world = LinearWorld(1'000, 0.5, 1);
  MetricsWithBaseline metrics;
  metrics.distinct_inputs = 1'000;
  testing::ExpectStopsWhereItAsks(
      [&](const StopCheck& stop) {
        return SetFirstMetricInterval(world.truth, world.predicted, EachItsOwn(1'000), metrics, stop);
      },
      400);
}

}  // namespace
}  // namespace roicast

#include "model/evaluation/classification.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/testing/stop_after.h"

namespace roicast {
namespace {

constexpr double kExact = 1e-12;

TEST(EvaluateClassification, MatchesTheCountsByHand) {
  // Called from 0.5 on: + + − + −. TP 2, FP 1, FN 1, TN 1.
  const std::vector<double> truth = {1, 0, 1, 1, 0}, predicted = {0.8, 0.6, 0.4, 0.5, 0.1};
  const ClassificationMetrics metrics = *EvaluateClassification(truth, predicted, 0.5);
  EXPECT_NEAR(metrics.log_loss, -(std::log(0.8) + std::log(0.4) + std::log(0.4) + std::log(0.5) + std::log(0.9)) / 5.0,
              kExact);
  EXPECT_NEAR(metrics.brier, (0.04 + 0.36 + 0.36 + 0.25 + 0.01) / 5.0, kExact);
  EXPECT_NEAR(metrics.base_rate, 0.6, kExact);
  EXPECT_EQ(metrics.threshold, 0.5);
  EXPECT_NEAR(metrics.accuracy, 0.6, kExact);
  EXPECT_NEAR(metrics.precision, 2.0 / 3, kExact);
  EXPECT_NEAR(metrics.recall, 2.0 / 3, kExact);
  EXPECT_NEAR(metrics.f1, 2.0 / 3, kExact);
  // 0.8 above both, 0.4 and 0.5 above one of 0.6 and 0.1.
  EXPECT_NEAR(metrics.auc, 4.0 / 6, kExact);
}

TEST(EvaluateClassification, HoldsOneClassAndCertainty) {
  const std::vector<double> truth = {0, 0}, predicted = {1, 0};
  const ClassificationMetrics metrics = *EvaluateClassification(truth, predicted, 0.5);
  EXPECT_EQ(metrics.auc, 0.5);
  EXPECT_EQ(metrics.precision, 0.0);
  EXPECT_EQ(metrics.recall, 0.0);
  EXPECT_EQ(metrics.f1, 0.0);
  EXPECT_NEAR(metrics.log_loss, 0.5 * 25 * std::log(2.0), 1e-6);
}

TEST(BestF1Threshold, StandsBetweenTheProbabilitiesOnItsSides) {
  // F1 by rows called: 2/4, 4/5, 4/6 …: the best calls two.
  const std::vector<double> truth = {1, 1, 0, 0, 1}, predicted = {0.9, 0.7, 0.5, 0.3, 0.1};
  EXPECT_NEAR(*BestF1Threshold(truth, predicted), 0.6, kExact);
}

TEST(BestF1Threshold, TakesRowsOfOneProbabilityTogether) {
  const std::vector<double> truth = {1, 0, 1, 0}, predicted = {0.6, 0.6, 0.6, 0.2};
  EXPECT_NEAR(*BestF1Threshold(truth, predicted), 0.4, kExact);
}

TEST(BestF1Threshold, IsInsideTheUnitInterval) {
  EXPECT_EQ(*BestF1Threshold({}, {}), 0.5);
  EXPECT_EQ(*BestF1Threshold(std::vector<double>{0, 0}, std::vector<double>{0.2, 0.9}), 0.5);
  const double all = *BestF1Threshold(std::vector<double>{1, 1}, std::vector<double>{0.0, 0.0});
  EXPECT_GT(all, 0.0);
}

TEST(EvaluateClassification, IsStoppedWhileItSorts) {
  std::vector<double> truth, predicted;
  for (int i = 0; i < 200'000; ++i) {
    truth.push_back(i % 2);
    predicted.push_back((i * 7919 % 100'003) / 100'003.0);
  }
  testing::ExpectStopsWhereItAsks(
      [&](const StopCheck& stop) { return EvaluateClassification(truth, predicted, 0.5, stop).status(); }, 4);
  testing::ExpectStopsWhereItAsks(
      [&](const StopCheck& stop) { return BestF1Threshold(truth, predicted, stop).status(); }, 4);
}

}  // namespace
}  // namespace roicast

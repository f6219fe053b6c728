#include "model/evaluation/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace roicast {
namespace {

constexpr double kExact = 1e-12;

TEST(EvaluateRegression, MatchesTheSumsByHand) {
  // Errors 0.5, 0, −1, 0.5; mean of the truth 2.5, SST 5.
  const std::vector<double> truth = {1, 2, 3, 4}, predicted = {1.5, 2, 2, 4.5};
  const RegressionMetrics metrics = EvaluateRegression(truth, predicted);
  EXPECT_NEAR(metrics.mse, 1.5 / 4, kExact);
  EXPECT_NEAR(metrics.rmse, std::sqrt(1.5 / 4), kExact);
  EXPECT_NEAR(metrics.mae, 2.0 / 4, kExact);
  EXPECT_NEAR(metrics.r2, 1.0 - 1.5 / 5.0, kExact);
}

TEST(EvaluateRegression, MeanOfTheTruthHasR2Zero) {
  const std::vector<double> truth = {1, 2, 6}, predicted = {3, 3, 3};
  EXPECT_NEAR(EvaluateRegression(truth, predicted).r2, 0.0, kExact);
}

TEST(EvaluateRegression, WorseThanTheMeanHasNegativeR2) {
  const std::vector<double> truth = {-1, 1}, predicted = {1, -1};
  EXPECT_NEAR(EvaluateRegression(truth, predicted).r2, -3.0, kExact);
}

TEST(EvaluateRegression, ConstantTruthHasR2ZeroNotMinusInfinity) {
  // 0.1 is not exact in binary: the mean of ten of them may differ from 0.1 in the last bit.
  const std::vector<double> truth(10, 0.1), predicted(10, 0.3);
  const RegressionMetrics metrics = EvaluateRegression(truth, predicted);
  EXPECT_EQ(metrics.r2, 0.0);
  EXPECT_NEAR(metrics.mse, 0.04, kExact);
}

TEST(EvaluateProfitability, MatchesTheCountsByHand) {
  // Above 0.5: true − + + − +; called + + − − +. TP 2, FP 1, FN 1, TN 1.
  const std::vector<double> truth = {0.0, 1.0, 2.0, 0.5, 0.6}, predicted = {0.7, 0.9, 0.1, 0.5, 3.0};
  const ProfitabilityMetrics metrics = EvaluateProfitability(truth, predicted, 0.5);
  EXPECT_EQ(metrics.threshold, 0.5);
  EXPECT_NEAR(metrics.accuracy, 3.0 / 5, kExact);
  EXPECT_NEAR(metrics.precision, 2.0 / 3, kExact);
  EXPECT_NEAR(metrics.recall, 2.0 / 3, kExact);
  EXPECT_NEAR(metrics.f1, 2.0 / 3, kExact);
  // Positives 0.9, 0.1, 3.0; negatives 0.7, 0.5: 4 of 6 pairs in order.
  EXPECT_NEAR(metrics.auc, 4.0 / 6, kExact);
}

TEST(EvaluateProfitability, TiesCountHalfInAuc) {
  // Positives 1, 2; negatives 1, 0. Pairs: (1,1) ½, (1,0) 1, (2,1) 1, (2,0) 1.
  const std::vector<double> truth = {1, 1, -1, -1}, predicted = {1, 2, 1, 0};
  EXPECT_NEAR(EvaluateProfitability(truth, predicted, 0.0).auc, 3.5 / 4, kExact);
}

TEST(EvaluateProfitability, ConstantPredictionHasAucOneHalf) {
  const std::vector<double> truth = {1, -1, 2, -2, 3}, predicted(5, 0.25);
  EXPECT_NEAR(EvaluateProfitability(truth, predicted, 0.0).auc, 0.5, kExact);
}

TEST(EvaluateProfitability, PerfectOrderHasAucOneAndReversedZero) {
  const std::vector<double> truth = {-2, -1, 1, 2}, reversed = {2, 1, -1, -2};
  EXPECT_NEAR(EvaluateProfitability(truth, truth, 0.0).auc, 1.0, kExact);
  EXPECT_NEAR(EvaluateProfitability(truth, reversed, 0.0).auc, 0.0, kExact);
}

TEST(EvaluateProfitability, AbsentPositivesGiveZeroesNotNaN) {
  const std::vector<double> truth = {-1, -2}, predicted = {-3, -1};
  const ProfitabilityMetrics metrics = EvaluateProfitability(truth, predicted, 0.0);
  EXPECT_EQ(metrics.accuracy, 1.0);
  EXPECT_EQ(metrics.precision, 0.0);
  EXPECT_EQ(metrics.recall, 0.0);
  EXPECT_EQ(metrics.f1, 0.0);
  EXPECT_EQ(metrics.auc, 0.5);
}

TEST(EvaluateProfitability, AbsentNegativesHaveAucOneHalf) {
  const std::vector<double> truth = {1, 2}, predicted = {1, -1};
  const ProfitabilityMetrics metrics = EvaluateProfitability(truth, predicted, 0.0);
  EXPECT_EQ(metrics.accuracy, 0.5);
  EXPECT_EQ(metrics.precision, 1.0);
  EXPECT_EQ(metrics.auc, 0.5);
}

TEST(EvaluateProfitability, EqualToTheThresholdIsNotProfitable) {
  const std::vector<double> truth = {0.0, 1.0}, predicted = {0.0, 1.0};
  const ProfitabilityMetrics metrics = EvaluateProfitability(truth, predicted, 0.0);
  EXPECT_EQ(metrics.accuracy, 1.0);
  EXPECT_EQ(metrics.recall, 1.0);
}

}  // namespace
}  // namespace roicast

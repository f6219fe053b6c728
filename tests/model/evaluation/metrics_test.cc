#include "model/evaluation/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <numeric>
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
  const ProfitabilityMetrics metrics = *EvaluateProfitability(truth, predicted, 0.5);
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
  EXPECT_NEAR(EvaluateProfitability(truth, predicted, 0.0)->auc, 3.5 / 4, kExact);
}

TEST(EvaluateProfitability, ConstantPredictionHasAucOneHalf) {
  const std::vector<double> truth = {1, -1, 2, -2, 3}, predicted(5, 0.25);
  EXPECT_NEAR(EvaluateProfitability(truth, predicted, 0.0)->auc, 0.5, kExact);
}

TEST(EvaluateProfitability, PerfectOrderHasAucOneAndReversedZero) {
  const std::vector<double> truth = {-2, -1, 1, 2}, reversed = {2, 1, -1, -2};
  EXPECT_NEAR(EvaluateProfitability(truth, truth, 0.0)->auc, 1.0, kExact);
  EXPECT_NEAR(EvaluateProfitability(truth, reversed, 0.0)->auc, 0.0, kExact);
}

TEST(EvaluateProfitability, AbsentPositivesGiveZeroesNotNaN) {
  const std::vector<double> truth = {-1, -2}, predicted = {-3, -1};
  const ProfitabilityMetrics metrics = *EvaluateProfitability(truth, predicted, 0.0);
  EXPECT_EQ(metrics.accuracy, 1.0);
  EXPECT_EQ(metrics.precision, 0.0);
  EXPECT_EQ(metrics.recall, 0.0);
  EXPECT_EQ(metrics.f1, 0.0);
  EXPECT_EQ(metrics.auc, 0.5);
}

TEST(EvaluateProfitability, AbsentNegativesHaveAucOneHalf) {
  const std::vector<double> truth = {1, 2}, predicted = {1, -1};
  const ProfitabilityMetrics metrics = *EvaluateProfitability(truth, predicted, 0.0);
  EXPECT_EQ(metrics.accuracy, 0.5);
  EXPECT_EQ(metrics.precision, 1.0);
  EXPECT_EQ(metrics.auc, 0.5);
}

TEST(EvaluateProfitability, EqualToTheThresholdIsNotProfitable) {
  const std::vector<double> truth = {0.0, 1.0}, predicted = {0.0, 1.0};
  const ProfitabilityMetrics metrics = *EvaluateProfitability(truth, predicted, 0.0);
  EXPECT_EQ(metrics.accuracy, 1.0);
  EXPECT_EQ(metrics.recall, 1.0);
}

// Of given R and standard error.
MetricsWithBaseline Measured(double r2, double standard_error, int64_t rows = 100) {
  MetricsWithBaseline metrics;
  metrics.model.rows = metrics.baseline.rows = rows;
  metrics.baseline.transformed.mse = 2.0;
  metrics.model.transformed.mse = 2.0 * (1.0 - r2);
  metrics.r2_standard_error = standard_error;
  return metrics;
}

TEST(RelativeR2, IsZeroForTheConstantItselfAndWithoutAnErrorToExplain) {
  EXPECT_NEAR(RelativeR2(Measured(0.75, 0.1)), 0.75, kExact);
  EXPECT_EQ(RelativeR2(Measured(0.0, 0.1)), 0.0);
  MetricsWithBaseline exact = Measured(0.5, 0.1);
  exact.baseline.transformed.mse = 0.0;
  EXPECT_EQ(RelativeR2(exact), 0.0);
}

// Each row on its own.
std::vector<int64_t> Apart(size_t rows) {
  std::vector<int64_t> groups(rows);
  std::iota(groups.begin(), groups.end(), 0);
  return groups;
}

TEST(RelativeR2StandardError, MatchesTheSumsByHand) {
  // Squared errors: of the model 0.25, 0, 1, 0.25, of the constant 2.25, 0.25, 0.25, 2.25. 1 − R = 1.5 / 5 = 0.3;
  // residuals −0.425, −0.075, 0.925, −0.425, their squares sum to 1.2225.
  const std::vector<double> truth = {1, 2, 3, 4}, predicted = {1.5, 2, 2, 4.5}, constant(4, 2.5);
  EXPECT_NEAR(RelativeR2StandardError(truth, predicted, constant, Apart(4)), std::sqrt(4.0 / 3.0 * 1.2225) / 5.0,
              kExact);
  // Rows 0 and 3 are one group: residuals −0.85, −0.075, 0.925, their squares sum to 1.58375.
  const std::vector<int64_t> groups = {0, 1, 2, 0};
  EXPECT_NEAR(RelativeR2StandardError(truth, predicted, constant, groups), std::sqrt(3.0 / 2.0 * 1.58375) / 5.0,
              kExact);
  // A number that no row has is no group.
  EXPECT_EQ(RelativeR2StandardError(truth, predicted, constant, {0, 2, 3, 0}),
            RelativeR2StandardError(truth, predicted, constant, groups));
}

TEST(RelativeR2StandardError, IsNoSmallerForTenCopiesOfEachRow) {
  const std::vector<double> truth = {1, 2, 3, 4, 7}, predicted = {1.5, 2, 2, 4.5, 5}, constant(5, 2.5);
  std::vector<double> truth_copies, predicted_copies;
  std::vector<int64_t> groups;
  for (int copy = 0; copy < 10; ++copy) {
    truth_copies.insert(truth_copies.end(), truth.begin(), truth.end());
    predicted_copies.insert(predicted_copies.end(), predicted.begin(), predicted.end());
    for (int64_t row = 0; row < 5; ++row) groups.push_back(row);
  }
  const std::vector<double> constant_copies(50, 2.5);
  const double distinct = RelativeR2StandardError(truth, predicted, constant, Apart(5));
  EXPECT_NEAR(RelativeR2StandardError(truth_copies, predicted_copies, constant_copies, groups), distinct, kExact);
  // As if they were independent: G/(G − 1) aside, 1/√10 of it.
  EXPECT_NEAR(RelativeR2StandardError(truth_copies, predicted_copies, constant_copies, Apart(50)),
              distinct * std::sqrt(0.1 * (50.0 / 49.0) / (5.0 / 4.0)), kExact);
}

// The jackknife makes no use of derivatives: it drops each row in turn. For many rows both agree.
TEST(RelativeR2StandardError, AgreesWithTheJackknife) {
  std::vector<double> truth, predicted;
  for (int i = 0; i < 2000; ++i) {
    truth.push_back(std::sin(i * 1.7) + 0.5 * std::cos(i * 0.31));
    predicted.push_back(std::sin(i * 1.7) + 0.2 * std::sin(i * 0.77));
  }
  const std::vector<double> constant(truth.size(), 0.1);
  double model = 0.0, baseline = 0.0;
  for (size_t i = 0; i < truth.size(); ++i) {
    model += std::pow(predicted[i] - truth[i], 2);
    baseline += std::pow(constant[i] - truth[i], 2);
  }
  const double n = static_cast<double>(truth.size());
  double variance = 0.0;
  for (size_t i = 0; i < truth.size(); ++i) {
    const double without =
        (model - std::pow(predicted[i] - truth[i], 2)) / (baseline - std::pow(constant[i] - truth[i], 2));
    variance += (n - 1) / n * std::pow(without - model / baseline, 2);
  }
  const double jackknife = std::sqrt(variance);
  EXPECT_NEAR(RelativeR2StandardError(truth, predicted, constant, Apart(truth.size())), jackknife, 0.01 * jackknife);
}

TEST(RelativeR2StandardError, IsNotKnownForOneGroupOrAConstantWithoutError) {
  EXPECT_TRUE(std::isnan(RelativeR2StandardError({}, {}, {}, {})));
  EXPECT_TRUE(std::isnan(RelativeR2StandardError({1.0}, {2.0}, {3.0}, {0})));
  EXPECT_TRUE(std::isnan(RelativeR2StandardError({1.0, 2.0}, {2.0, 2.5}, {3.0, 3.0}, {0, 0})));
  const std::vector<double> ones(5, 1.0), twos(5, 2.0);
  EXPECT_TRUE(std::isnan(RelativeR2StandardError(ones, twos, ones, Apart(5))));
}

TEST(JudgeAgainstConstant, TheIntervalDecidesAndThenTheSign) {
  const double unknown = std::nan("");
  struct Case {
    double r2, standard_error;
    ConstantVerdict verdict;
  };
  for (const Case& c : {Case{0.9, 0.01, ConstantVerdict::kBetter}, Case{0.1, 0.0607, ConstantVerdict::kBetter},
                        Case{0.1, 0.0608, ConstantVerdict::kNotShown}, Case{0.9, unknown, ConstantVerdict::kNotShown},
                        Case{0.0, 0.0, ConstantVerdict::kNoBetter}, Case{7e-8, 1e-9, ConstantVerdict::kNoBetter},
                        Case{-7e-8, 1e-9, ConstantVerdict::kNoBetter}, Case{-0.1, 0.0608, ConstantVerdict::kNoBetter},
                        Case{-0.5, unknown, ConstantVerdict::kNoBetter}, Case{-0.1, 0.0607, ConstantVerdict::kWorse},
                        Case{-0.45, 0.1, ConstantVerdict::kWorse}}) {
    EXPECT_EQ(JudgeAgainstConstant(Measured(c.r2, c.standard_error)), c.verdict) << c.r2 << " ± " << c.standard_error;
  }
  EXPECT_EQ(JudgeAgainstConstant(Measured(0.9, 0.01, 0)), ConstantVerdict::kNotMeasured);
}

TEST(StudentQuantile95, IsThatOfTheTables) {
  const std::pair<int64_t, double> table[] = {{1, 6.314},  {2, 2.920},  {3, 2.353},  {4, 2.132},     {5, 2.015},
                                              {10, 1.812}, {29, 1.699}, {99, 1.660}, {10'000, 1.645}};
  for (const auto& [degrees, quantile] : table) EXPECT_NEAR(StudentQuantile95(degrees), quantile, 1e-3) << degrees;
}

TEST(JudgeAgainstConstant, FewDistinctInputsWidenTheInterval) {
  MetricsWithBaseline metrics = Measured(0.1, 0.055);
  EXPECT_EQ(JudgeAgainstConstant(metrics), ConstantVerdict::kBetter);
  metrics.distinct_inputs = 500;
  EXPECT_EQ(JudgeAgainstConstant(metrics), ConstantVerdict::kBetter);
  metrics.distinct_inputs = 10;
  EXPECT_NEAR(RelativeR2HalfWidth(metrics), 1.833 * 0.055, 1e-4);
  EXPECT_EQ(JudgeAgainstConstant(metrics), ConstantVerdict::kNotShown);
  metrics = Measured(-0.1, 0.055);
  metrics.distinct_inputs = 10;
  EXPECT_EQ(JudgeAgainstConstant(metrics), ConstantVerdict::kNoBetter);
}

TEST(JudgeAgainstConstant, FewerThanFiveDistinctInputsProveNothing) {
  for (const int64_t distinct : {1, 2, 4}) {
    MetricsWithBaseline metrics = Measured(0.9, 0.001);
    metrics.distinct_inputs = distinct;
    EXPECT_EQ(JudgeAgainstConstant(metrics), ConstantVerdict::kNotShown) << distinct;
    metrics = Measured(-0.9, 0.001);
    metrics.distinct_inputs = distinct;
    EXPECT_EQ(JudgeAgainstConstant(metrics), ConstantVerdict::kNoBetter) << distinct;
  }
  MetricsWithBaseline five = Measured(0.9, 0.001);
  five.distinct_inputs = 5;
  EXPECT_EQ(JudgeAgainstConstant(five), ConstantVerdict::kBetter);
}

}  // namespace
}  // namespace roicast

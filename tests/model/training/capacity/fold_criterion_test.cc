#include "model/training/capacity/fold_criterion.h"

#include <cmath>
#include <vector>

#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/training/capacity/logistic_path.h"

namespace roicast {
namespace {

TEST(FoldCriterion, ScoresSquaredErrorsAgainstTheMean) {
  const std::vector<float> truth = {-1, 1, 0, 2}, weights = {1, 1, 1, 3};
  const std::vector<double> predicted = {-1, 0, 0, 1};
  EXPECT_DOUBLE_EQ(FoldCriterion(Loss::kSquared, truth, {}).Score(predicted), 1.0 - 2.0 / 6.0);
  EXPECT_DOUBLE_EQ(FoldCriterion(Loss::kSquared, truth, weights).Score(predicted), 1.0 - 4.0 / 14.0);
}

TEST(FoldCriterion, ScoresDevianceAgainstTheBaseRate) {
  const std::vector<float> truth = {1, 0, 0, 0}, weights = {3, 1, 1, 1};
  const FoldCriterion criterion(Loss::kLogistic, truth, {});
  EXPECT_NEAR(criterion.Score(std::vector<double>(4, LogOdds(0.25))), 0.0, 1e-12);
  const double constant = -std::log(0.25) - 3.0 * std::log(0.75), model = -4.0 * std::log(0.8);
  const std::vector<double> predicted = {LogOdds(0.8), LogOdds(0.2), LogOdds(0.2), LogOdds(0.2)};
  EXPECT_NEAR(criterion.Score(predicted), 1.0 - model / constant, 1e-12);
  EXPECT_NEAR(FoldCriterion(Loss::kLogistic, truth, weights).Score(std::vector<double>(4, 0.0)), 0.0, 1e-12);
  // Of one value alone, the base rate leaves no error.
  EXPECT_EQ(FoldCriterion(Loss::kLogistic, std::vector<float>{1, 1}, {}).Score(std::vector<double>{1, 1}), 0.0);
}

TEST(FoldCriterion, FindsTheShareOfTheMostLikelihood) {
  Random random(1);
  std::vector<float> truth;
  std::vector<double> linear, network;
  for (int i = 0; i < 20'000; ++i) {
    linear.push_back(random.Normal());
    network.push_back(2.0 * random.Normal());
    truth.push_back(random.Uniform() < Probability(linear.back() + 0.6 * network.back()) ? 1.0f : 0.0f);
  }
  const FoldCriterion criterion(Loss::kLogistic, truth, {});
  const ShareFit fit = criterion.FitShare(linear, network);
  EXPECT_NEAR(fit.share, 0.6, 4.0 * fit.deviation);
  EXPECT_NEAR(fit.deviation, 0.012, 0.003);
  const auto score_of = [&](double share) {
    std::vector<double> predicted = linear;
    for (size_t i = 0; i < predicted.size(); ++i) predicted[i] += share * network[i];
    return criterion.Score(predicted);
  };
  EXPECT_GT(score_of(fit.share), score_of(fit.share + 0.05));
  EXPECT_GT(score_of(fit.share), score_of(fit.share - 0.05));
}

TEST(FoldCriterion, FindsTheShareOfTheLeastSquares) {
  const std::vector<float> truth = {1, -1, 1, -1};
  const std::vector<double> linear = {0, 0, 0, 0}, network = {2, -2, 2, -2.0};
  const ShareFit fit = FoldCriterion(Loss::kSquared, truth, {}).FitShare(linear, network);
  EXPECT_DOUBLE_EQ(fit.share, 0.5);
  EXPECT_DOUBLE_EQ(fit.deviation, 0.0);
}

TEST(FoldCriterion, GivesNoShareToANetworkThatIsZero) {
  const std::vector<double> zero(4, 0.0);
  for (const Loss loss : {Loss::kSquared, Loss::kLogistic}) {
    EXPECT_EQ(FoldCriterion(loss, std::vector<float>{1, 0, 1, 0}, {}).FitShare(zero, zero).share, 0.0);
  }
}

}  // namespace
}  // namespace roicast

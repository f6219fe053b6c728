#include "model/decision/promise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "model/decision/budget_optimizer.h"
#include "tests/model/decision/power_law.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;
using testing::MakePowerLaw;
using testing::OwnedModel;
using testing::PowerRows;

Artifact WithError(double level, double common, double slope) {
  Artifact artifact = MakePowerLaw({.returns = {60.0, 40.0, 30.0}});
  artifact.features[0].scale = 1.0;
  artifact.model_error = ModelError{level, common, {{slope, 0.0}, {}, {}}, 100};
  return artifact;
}

// Campaigns that are known to be different ones, though the model sees no difference.
BudgetProblem MakeProblem(size_t campaigns) {
  BudgetProblem problem;
  problem.alike.resize(campaigns);
  std::iota(problem.alike.begin(), problem.alike.end(), 0);
  problem.rows = PowerRows(std::vector<double>(campaigns, 1'000.0), std::vector<int>(campaigns, 1));
  problem.campaigns.resize(campaigns);
  problem.budget = 1'000.0 * static_cast<double>(campaigns);
  return problem;
}

BudgetAnswer Solve(const Artifact& artifact, const BudgetProblem& problem) {
  const OwnedModel owned(artifact);
  auto answer = OptimizeBudget(owned.model(), problem, {});
  EXPECT_TRUE(answer.ok()) << answer.status();
  return answer.ok() ? *std::move(answer) : BudgetAnswer();
}

TEST(Promise, SaysWhyItIsNotCorrected) {
  const BudgetAnswer answer = Solve(MakePowerLaw({}), MakeProblem(2));
  const Promise& promise = answer.optimum.promise;
  EXPECT_FALSE(promise.corrected);
  EXPECT_THAT(promise.not_corrected_because, HasSubstr("the model does not know how large its own error is"));
  EXPECT_EQ(promise.corrected_profit, promise.profit);
  EXPECT_EQ(promise.corrected_roi, promise.roi);
  EXPECT_TRUE(std::isnan(promise.low) && std::isnan(promise.expected_low));
}

TEST(Promise, OfAModelWithoutErrorIsKept) {
  const Promise promise = Solve(WithError(0.0, 0.0, 0.0), MakeProblem(4)).optimum.promise;
  EXPECT_TRUE(promise.corrected);
  EXPECT_EQ(promise.not_corrected_because, "");
  EXPECT_NEAR(promise.corrected_profit, promise.profit, 1e-6);
  EXPECT_NEAR(promise.expected_low, promise.profit, 1e-6);
  // Luck is left: each campaign's interval goes from e^−0.9 to e^0.9 of its revenue.
  const double half = 0.5 * (std::exp(0.9) - std::exp(-0.9)) * promise.revenue / 4.0;
  EXPECT_NEAR(promise.profit - promise.low, half * std::sqrt(4.0), 0.02 * half);
}

// A campaign that is listed four times has the same luck each time, and the model errs about it in the same way.
TEST(Promise, CampaignsThatAreAlikeShareLuckAndErrors) {
  BudgetProblem listed = MakeProblem(4);
  listed.alike.clear();
  const Promise promise = Solve(WithError(0.0, 0.0, 0.0), listed).optimum.promise;
  const double half = 0.5 * (std::exp(0.9) - std::exp(-0.9)) * promise.revenue / 4.0;
  EXPECT_NEAR(promise.profit - promise.low, half * 4.0, 0.02 * half);
  const Artifact errs = WithError(0.05, 0.0, 0.0);
  const Promise shared = Solve(errs, listed).present.promise, own = Solve(errs, MakeProblem(4)).present.promise;
  EXPECT_NEAR((shared.expected_high - shared.expected_low) / (own.expected_high - own.expected_low), 2.0, 0.25);
}

TEST(Promise, CommonErrorsWidenTheIntervalAndOwnOnesAreTakenOff) {
  const Promise common = Solve(WithError(0.05, 0.05, 0.0), MakeProblem(16)).optimum.promise;
  // All of the revenue is 5 % too high or too low, by chance; errors of logarithms are taken to be 1.6 times as large
  // as that.
  EXPECT_NEAR(common.expected_high - common.expected_low, 2.0 * 1.645 * 1.6 * 0.05 * common.revenue,
              0.07 * common.revenue);
  EXPECT_LT(common.profit - common.corrected_profit, 0.01 * common.revenue);
  const Promise own = Solve(WithError(0.05, 0.0, 0.0), MakeProblem(16)).optimum.promise;
  EXPECT_LT(own.expected_high - own.expected_low, 0.5 * (common.expected_high - common.expected_low));
  // By the law, spends follow the power 2.5 of returns: revenue of the optimum is promised about 2.5 σ² too high.
  EXPECT_NEAR((own.profit - own.corrected_profit) / own.revenue, 2.5 * 0.05 * 0.05, 0.003);
  EXPECT_NEAR(own.corrected_revenue - own.corrected_profit, own.revenue - own.profit, 1e-6);
}

// The errors of a sum are normal, and reached below a loss of the whole spend.
TEST(Promise, NobodyLosesMoreThanIsSpent) {
  Artifact artifact = WithError(0.9, 0.9, 0.0);
  artifact.target.roi_floor = -1.0;
  const BudgetAnswer answer = Solve(artifact, MakeProblem(2));
  for (const BudgetSplit* split : {&answer.optimum, &answer.present, &answer.even}) {
    EXPECT_EQ(split->promise.expected_low, -split->promise.spend);
    EXPECT_EQ(split->promise.low, -split->promise.spend);
    EXPECT_GT(split->promise.high, 0.0);
  }
  artifact.target.roi_floor = -std::numeric_limits<double>::infinity();
  EXPECT_LT(Solve(artifact, MakeProblem(2)).optimum.promise.low, -answer.optimum.promise.spend);
}

// It was thousands of times the spend.
TEST(Promise, HasNoIntervalFarOutsideOfTraining) {
  Artifact artifact = WithError(0.1, 0.1, 0.1);
  artifact.target.roi_floor = -1.0;
  BudgetProblem problem = MakeProblem(2);
  problem.budget = 1e7;
  for (BudgetCampaign& campaign : problem.campaigns) campaign.max = 500.0;
  const BudgetAnswer answer = Solve(artifact, problem);
  EXPECT_EQ(answer.present_scaled.campaigns[0].spend, 5e6);
  for (const double end : {answer.present_scaled.promise.low, answer.present_scaled.promise.high,
                           answer.present_scaled.promise.expected_low, answer.present_scaled.promise.expected_high}) {
    EXPECT_TRUE(std::isnan(end));
  }
  EXPECT_LT(answer.optimum.promise.low, answer.optimum.promise.high);
}

TEST(Promise, OfSplitsThatNobodyChoseByTheModelIsKept) {
  const BudgetAnswer answer = Solve(WithError(0.2, 0.0, 0.2), MakeProblem(8));
  EXPECT_LT(answer.optimum.promise.corrected_profit, answer.optimum.promise.profit);
  for (const BudgetSplit* split : {&answer.present, &answer.present_scaled, &answer.even}) {
    EXPECT_EQ(split->promise.corrected_profit, split->promise.profit);
    EXPECT_LT(split->promise.expected_low, split->promise.profit);
    EXPECT_LT(split->promise.low, split->promise.expected_low);
  }
}

}  // namespace
}  // namespace roicast

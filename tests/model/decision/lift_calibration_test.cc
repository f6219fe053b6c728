#include "model/decision/lift_calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "model/decision/budget_optimizer.h"
#include "model/decision/pacing.h"
#include "tests/model/decision/power_law.h"

namespace roicast {
namespace {

using testing::MakePowerLaw;
using testing::OwnedModel;
using testing::PowerRows;

constexpr int kChannel = 1;  // index of the feature

double Revenue(double returns, double spend) { return returns * std::pow(1.0 + spend, -0.4) * spend; }

// From 1,000 to 2,000, `factor` of what the law of `returns` says.
ScopedLiftTest TestOf(double returns, double factor, int channel) {
  const double expected = Revenue(returns, 2'000.0) - Revenue(returns, 1'000.0);
  ScopedLiftTest test;
  test.test = {1'000.0, 2'000.0, factor * expected, 0.1 * expected};
  test.feature = channel < 0 ? -1 : kChannel;
  test.code = static_cast<float>(channel);
  return test;
}

BudgetProblem MakeProblem(const std::vector<int>& channels, double budget) {
  BudgetProblem problem;
  problem.rows = PowerRows(std::vector<double>(channels.size(), 1'000.0), channels);
  problem.campaigns.resize(channels.size());
  problem.budget = budget;
  return problem;
}

BudgetAnswer Solve(const Artifact& artifact, const BudgetProblem& problem) {
  const OwnedModel owned(artifact);
  auto answer = OptimizeBudget(owned.model(), problem, {});
  EXPECT_TRUE(answer.ok()) << answer.status();
  return answer.ok() ? *std::move(answer) : BudgetAnswer();
}

TEST(LiftFactors, AreOfTheCampaignsThatTestsAreAbout) {
  const OwnedModel owned(MakePowerLaw({.returns = {60.0, 40.0, 30.0}}));
  const auto money = MoneyModel::Create(owned.model(), "");
  ASSERT_TRUE(money.ok()) << money.status();
  const auto factors = LiftFactorsOf(*money, PowerRows({500.0, 500.0}, {0, 1}), {TestOf(40.0, 0.5, 1)}, {});
  ASSERT_TRUE(factors.ok()) << factors.status();
  EXPECT_EQ((*factors)[0].tests, 0);
  EXPECT_EQ((*factors)[0].factor, 1.0);
  EXPECT_EQ((*factors)[1].tests, 1);
  // The model's own expectation, 1, counts a hundredth of a test with an error of a tenth.
  EXPECT_NEAR((*factors)[1].factor, (1.0 + 100.0 * 0.5) / 101.0, 1e-5);
  EXPECT_NEAR((*factors)[1].standard_error, 1.0 / std::sqrt(101.0), 1e-5);
}

TEST(LiftFactors, AreTheSameForAllCampaignsOfATest) {
  const OwnedModel owned(MakePowerLaw({.returns = {60.0, 40.0, 30.0}}));
  const auto money = MoneyModel::Create(owned.model(), "");
  ASSERT_TRUE(money.ok()) << money.status();
  // The mean of returns of 60 and of 30 is 45.
  const auto factors =
      LiftFactorsOf(*money, PowerRows({500.0, 500.0}, {0, 2}), {TestOf(45.0, 0.75, -1), TestOf(45.0, 0.65, -1)}, {});
  ASSERT_TRUE(factors.ok()) << factors.status();
  for (const LiftFactor& factor : *factors) {
    EXPECT_EQ(factor.tests, 2);
    EXPECT_NEAR(factor.factor, (1.0 + 200.0 * 0.7) / 201.0, 1e-5);
    EXPECT_NEAR(factor.standard_error, 1.0 / std::sqrt(201.0), 1e-5);
  }
}

// Two of one thing, 0.3 and 2.1 with errors of 0.1: neither says how much the other is wrong.
TEST(LiftFactors, AreAsUncertainAsTheirTestsDiffer) {
  const OwnedModel owned(MakePowerLaw({.returns = {60.0, 40.0, 30.0}}));
  const auto money = MoneyModel::Create(owned.model(), "");
  ASSERT_TRUE(money.ok()) << money.status();
  const std::vector<float> rows = PowerRows({500.0, 500.0}, {0, 2});
  const std::vector<ScopedLiftTest> tests = {TestOf(60.0, 0.3, 0), TestOf(60.0, 2.1, 0), TestOf(30.0, 0.9, 2)};
  const auto factors = LiftFactorsOf(*money, rows, tests, {});
  ASSERT_TRUE(factors.ok()) << factors.status();
  // χ² = 2 · (0.9 / 0.1)² of one degree of freedom.
  const double weight = 2.0 * 100.0 / 162.0;
  EXPECT_NEAR((*factors)[0].factor, (1.0 + weight * 1.2) / (1.0 + weight), 1e-5);
  EXPECT_NEAR((*factors)[0].standard_error, 1.0 / std::sqrt(1.0 + weight), 1e-5);
  EXPECT_NEAR((*factors)[1].standard_error, 1.0 / std::sqrt(101.0), 1e-5);
  const auto judgements = JudgeLiftTests(*money, rows, tests, {});
  ASSERT_TRUE(judgements.ok()) << judgements.status();
  for (const size_t test : {0, 1}) {
    EXPECT_TRUE((*judgements)[test].used);
    EXPECT_THAT((*judgements)[test].doubt, ::testing::HasSubstr("disagrees with other tests of the same campaigns"));
  }
  EXPECT_EQ((*judgements)[2].doubt, "");
}

// Factors were infinite, or no numbers.
TEST(LiftTests, AreWithinTheRangeOfWhatModelsPredict) {
  for (const double revenue : {1e308, -1e308, 1e39}) {
    const LiftTest test = {100.0, 200.0, revenue, 1.0};
    EXPECT_EQ(test.Validate().code(), absl::StatusCode::kInvalidArgument) << revenue;
  }
  for (const double error : {5e-324, 1e-39, 1e39, 1e308}) {
    const LiftTest test = {100.0, 200.0, 100.0, error};
    EXPECT_EQ(test.Validate().code(), absl::StatusCode::kInvalidArgument) << error;
  }
  EXPECT_EQ((LiftTest{100.0, 200.0, 1e308, 1.0}.Validate()),
            absl::InvalidArgumentError(
                "incremental_revenue: expected a number from -3.40282e+38 to 3.40282e+38, got 1e+308"));
  EXPECT_EQ((LiftTest{100.0, 200.0, 1.0, 5e-324}.Validate()),
            absl::InvalidArgumentError(
                "standard_error: expected a number from 1.17549e-38 to 3.40282e+38, got 4.94066e-324"));
  const OwnedModel owned(MakePowerLaw({}));
  const auto money = MoneyModel::Create(owned.model(), "");
  ASSERT_TRUE(money.ok()) << money.status();
  const LiftTest furthest = {1'000.0, 2'000.0, 3.4e38, 1.2e-38};
  const auto calibration = CalibrateByLift(*money, PowerRows({500.0}, {0}), {furthest}, {});
  ASSERT_TRUE(calibration.ok()) << calibration.status();
  ASSERT_TRUE(calibration->has_value());
  EXPECT_TRUE(std::isfinite((*calibration)->factor));
  EXPECT_TRUE(std::isfinite((*calibration)->standard_error));
  EXPECT_TRUE(std::isfinite((*calibration)->Revenue(2'000.0, 1e6)));
}

TEST(LiftFactors, NameATestAboutNobody) {
  const OwnedModel owned(MakePowerLaw({}));
  const auto money = MoneyModel::Create(owned.model(), "");
  ASSERT_TRUE(money.ok()) << money.status();
  const auto factors = LiftFactorsOf(*money, PowerRows({500.0}, {0}), {TestOf(30.0, 1.0, 0), TestOf(30.0, 1.0, 2)}, {});
  EXPECT_EQ(factors.status(),
            absl::InvalidArgumentError("lift_tests[1]: expected a test about one of the campaigns, it is about none"));
  const auto judged = JudgeLiftTests(*money, PowerRows({500.0}, {0}), {TestOf(30.0, 1.0, 2), TestOf(30.0, 1.0, 0)}, {});
  ASSERT_TRUE(judged.ok()) << judged.status();
  EXPECT_FALSE((*judged)[0].used);
  EXPECT_EQ((*judged)[0].doubt, "is not used: it is about none of the campaigns");
  EXPECT_TRUE((*judged)[1].used);
  ScopedLiftTest wrong = TestOf(30.0, 1.0, 0);
  wrong.test.standard_error = 0.0;
  EXPECT_EQ(LiftFactorsOf(*money, PowerRows({500.0}, {0}), {wrong}, {}).status(),
            absl::InvalidArgumentError("lift_tests[0]: standard_error: expected > 0, got 0"));
}

TEST(LiftFactors, LeaveOutTestsThatSayNothing) {
  const OwnedModel owned(MakePowerLaw({.returns = {60.0, 40.0, 30.0}}));
  const auto money = MoneyModel::Create(owned.model(), "");
  ASSERT_TRUE(money.ok()) << money.status();
  const std::vector<float> rows = PowerRows({500.0}, {1});
  ScopedLiftTest useless = TestOf(40.0, 1.0, -1);
  useless.test.standard_error = 1e9;
  ScopedLiftTest far = TestOf(40.0, 1.0, -1);
  far.test.high_spend = 1e9;
  const auto factors = LiftFactorsOf(*money, rows, {useless, far}, {});
  ASSERT_TRUE(factors.ok()) << factors.status();
  EXPECT_EQ(factors->front().tests, 0);
  EXPECT_EQ(factors->front().factor, 1.0);
  EXPECT_EQ(factors->front().standard_error, 0.0);
  const auto judged = JudgeLiftTests(*money, rows, {useless, far}, {});
  ASSERT_TRUE(judged.ok()) << judged.status();
  EXPECT_FALSE((*judged)[0].used);
  EXPECT_THAT((*judged)[0].doubt,
              ::testing::HasSubstr("the test's standard error is 1000000000, so that it says nothing"));
  EXPECT_FALSE((*judged)[1].used);
  EXPECT_THAT((*judged)[1].doubt, ::testing::HasSubstr("up to a spend of 1000000000, where training saw 100 to 10000"));
  const auto calibration = CalibrateByLift(*money, rows, {useless.test, far.test}, {});
  ASSERT_TRUE(calibration.ok()) << calibration.status();
  EXPECT_FALSE(calibration->has_value());
}

TEST(LiftFactors, DoubtTestsThatContradictTheModel) {
  Feature spend;
  spend.seen_min = 100.0;
  spend.seen_max = 10'000.0;
  const LiftJudgement huge = JudgeLiftTest({1'000.0, 2'000.0, 1e9, 1.0}, 600.0, spend);
  EXPECT_TRUE(huge.used);
  EXPECT_EQ(huge.doubt,
            "contradicts the model: it measured 1000000000, the model expects 600; look at both before you plan by "
            "either");
  EXPECT_NE(JudgeLiftTest({1'000.0, 2'000.0, -100.0, 100.0}, 600.0, spend).doubt, "");
  // By chance.
  EXPECT_EQ(JudgeLiftTest({1'000.0, 2'000.0, 100.0, 300.0}, 600.0, spend).doubt, "");
  EXPECT_EQ(JudgeLiftTest({0.0, 2'000.0, 500.0, 10.0}, 600.0, spend).doubt, "");
  EXPECT_EQ(JudgeLiftTest({50.0, 2'000.0, 500.0, 10.0}, 600.0, spend).doubt,
            "is about spends that are in part outside of training: training saw 100 to 10000");
  EXPECT_FALSE(JudgeLiftTest({50.0, 2'000.0, 500.0, 10.0}, 0.0, spend).used);
}

TEST(BudgetWithLiftTests, IsSplitAsIfTheLawWereWhatTheTestsSay) {
  BudgetProblem problem = MakeProblem({0, 1, 2}, 6'000.0);
  const BudgetAnswer scaled = Solve(MakePowerLaw({.returns = {60.0, 20.0, 30.0}}), problem);
  problem.lift_tests = {TestOf(40.0, 0.5, 1)};
  problem.lift_tests.front().test.standard_error *= 0.01;
  const BudgetAnswer tested = Solve(MakePowerLaw({.returns = {60.0, 40.0, 30.0}}), problem);
  for (size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(tested.optimum.campaigns[c].spend, scaled.optimum.campaigns[c].spend, 15.0);
    EXPECT_NEAR(tested.optimum.campaigns[c].marginal_roi, scaled.optimum.campaigns[c].marginal_roi, 0.02);
  }
  const SpentCampaign& social = tested.optimum.campaigns[1];
  // The ROI is still Predict's; what the spend brings is half of the revenue.
  EXPECT_EQ(social.revenue, (1.0 + social.roi) * social.spend);
  EXPECT_NEAR(social.lifted_revenue, 0.5 * social.revenue, 1e-4 * social.revenue);
  EXPECT_NEAR(social.lifted_profit, social.lifted_revenue - social.spend, 1e-6);
  EXPECT_EQ(social.lift_tests, 1);
  EXPECT_EQ(tested.optimum.campaigns[0].lifted_profit, tested.optimum.campaigns[0].profit);
  EXPECT_NEAR(tested.optimum.promise.lifted_profit, scaled.optimum.promise.profit,
              1e-3 * scaled.optimum.promise.profit);
  EXPECT_TRUE(tested.optimum.promise.lifted);
  EXPECT_FALSE(scaled.optimum.promise.lifted);
  EXPECT_EQ(tested.optimum.promise.corrected_profit, tested.optimum.promise.lifted_profit);
  EXPECT_NEAR(tested.gain_over_present, tested.optimum.promise.lifted_profit - tested.present.promise.lifted_profit,
              1e-9);
}

TEST(BudgetWithLiftTests, IsCarefulWithWhatTestsLeaveOpen) {
  BudgetProblem problem = MakeProblem({0, 1}, 4'000.0);
  problem.lower_bound_level = 0.9;
  problem.lift_tests = {TestOf(40.0, 1.0, 1)};
  const Artifact law = MakePowerLaw({.returns = {40.0, 40.0, 30.0}});
  const BudgetAnswer exact = Solve(law, problem);
  problem.lift_tests.front().test.standard_error *= 5.0;
  const BudgetAnswer open = Solve(law, problem);
  EXPECT_LT(open.optimum.campaigns[1].spend, exact.optimum.campaigns[1].spend - 100.0);
}

TEST(BudgetWithLiftTests, HasTheTestsErrorInItsInterval) {
  Artifact law = MakePowerLaw({.returns = {60.0, 40.0, 30.0}});
  law.features[0].scale = 1.0;
  law.model_error = ModelError{0.0, 0.0, {{0.0, 0.0}, {}, {}}, 100};
  BudgetProblem problem = MakeProblem({1, 1}, 2'000.0);
  problem.lift_tests = {TestOf(40.0, 0.8, -1)};
  const BudgetAnswer answer = Solve(law, problem);
  const Promise& promise = answer.optimum.promise;
  EXPECT_TRUE(promise.corrected);
  EXPECT_NEAR(promise.corrected_revenue, 81.0 / 101.0 * promise.revenue, 1e-3 * promise.revenue);
  // A standard error of 1 / √101 of the revenue; 1.645 of them to each side.
  EXPECT_NEAR(promise.expected_high - promise.expected_low, 2.0 * 1.645 / std::sqrt(101.0) * promise.revenue,
              1e-3 * promise.revenue);
}

TEST(PlanWithLiftTests, CountsThemInEachPeriod) {
  const OwnedModel owned(MakePowerLaw({.returns = {60.0, 40.0, 30.0}}));
  PacingProblem problem;
  problem.whole = MakeProblem({0, 1}, 8'000.0);
  problem.whole.lift_tests = {TestOf(40.0, 0.25, 1)};
  for (int p = 0; p < 2; ++p) {
    Period& period = problem.periods.emplace_back();
    period.start = 1'705'276'800 + p * 86'400;  // in January
  }
  const auto answer = PlanBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  double lifted = 0.0;
  for (const PacedPeriod& period : answer->plan.periods) {
    // Spends go with the power 2.5 of what returns: 60 and 10 instead of 60 and 40.
    EXPECT_NEAR(period.split.campaigns[1].spend / period.split.campaigns[0].spend, std::pow(10.0 / 60.0, 2.5), 0.03);
    EXPECT_TRUE(period.split.promise.lifted);
    lifted += period.split.promise.lifted_profit;
  }
  EXPECT_NEAR(lifted, answer->plan.promise.lifted_profit, 1e-6);
}

}  // namespace
}  // namespace roicast

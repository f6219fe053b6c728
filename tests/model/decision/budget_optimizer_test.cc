#include "model/decision/budget_optimizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/memory_budget.h"
#include "base/random.h"
#include "tests/model/decision/power_law.h"

namespace roicast {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::MakePowerLaw;
using testing::OwnedModel;
using testing::PowerRows;

// The best spends for most profit are 7,776, 2,822 and 1,375.
Artifact Law() { return MakePowerLaw({.returns = {60.0, 40.0, 30.0}}); }

int64_t Cents(double money) { return std::llround(money * 100.0); }

BudgetProblem MakeProblem(const std::vector<int>& channels, double budget) {
  BudgetProblem problem;
  problem.rows = PowerRows(std::vector<double>(channels.size(), 500.0), channels);
  problem.campaigns.resize(channels.size());
  problem.budget = budget;
  return problem;
}

// Where the derivative of r · x · (1 + x)^−0.4 is `slope`, for x ≫ 1: x = (0.6 r / slope)^2.5.
double SpendAtSlope(double returns, double slope) { return std::pow(0.6 * returns / slope, 2.5); }

TEST(BudgetOptimizer, EqualisesMarginalRoiAsTheLawSays) {
  const OwnedModel owned(Law());
  const auto answer = OptimizeBudget(owned.model(), MakeProblem({0, 1, 2}, 6'000.0), {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_TRUE(answer->conflicts.empty());
  const std::vector<SpentCampaign>& campaigns = answer->optimum.campaigns;
  int64_t sum = 0;
  for (const SpentCampaign& campaign : campaigns) sum += Cents(campaign.spend);
  EXPECT_EQ(sum, 600'000);
  EXPECT_EQ(answer->left, 0.0);
  // Spends are as 60^2.5 : 40^2.5 : 30^2.5.
  const double whole = std::pow(60.0, 2.5) + std::pow(40.0, 2.5) + std::pow(30.0, 2.5);
  EXPECT_NEAR(campaigns[0].spend, 6'000.0 * std::pow(60.0, 2.5) / whole, 20.0);
  EXPECT_NEAR(campaigns[1].spend, 6'000.0 * std::pow(40.0, 2.5) / whole, 20.0);
  EXPECT_NEAR(campaigns[2].spend, 6'000.0 * std::pow(30.0, 2.5) / whole, 20.0);
  const double slope = 0.6 * 60.0 * std::pow(campaigns[0].spend, -0.4) - 1.0;
  EXPECT_NEAR(answer->shadow_price, slope, 0.02);
  for (const SpentCampaign& campaign : campaigns) {
    EXPECT_NEAR(campaign.marginal_roi, slope, 0.02);
    EXPECT_EQ(campaign.profit, campaign.roi * campaign.spend);
    EXPECT_EQ(campaign.revenue, (1.0 + campaign.roi) * campaign.spend);
    EXPECT_LT(campaign.roi_low, campaign.roi);
    EXPECT_GT(campaign.roi_high, campaign.roi);
    EXPECT_FALSE(campaign.outside);
  }
}

TEST(BudgetOptimizer, IsTheSameRoiAsPredictGivesToTheBit) {
  const OwnedModel owned(MakePowerLaw({}));
  const BudgetProblem problem = MakeProblem({0, 1, 2, 1}, 7'777.77);
  const auto answer = OptimizeBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  for (const BudgetSplit* split : {&answer->optimum, &answer->present, &answer->present_scaled, &answer->even}) {
    for (size_t c = 0; c < 4; ++c) {
      std::vector<float> row(problem.rows.begin() + static_cast<int64_t>(3 * c),
                             problem.rows.begin() + static_cast<int64_t>(3 * c + 3));
      row[0] = static_cast<float>(split->campaigns[c].spend);
      float predicted = 0.0f;
      owned.predictor().Predict(row.data(), 1, absl::MakeSpan(&predicted, 1), {});
      if (split->campaigns[c].spend == 0.0) continue;
      EXPECT_EQ(split->campaigns[c].roi, predicted);
    }
  }
}

TEST(BudgetOptimizer, LeavesMoneyThatWouldLoseProfitAndSaysWhy) {
  const OwnedModel owned(MakePowerLaw({.returns = {40.0, 30.0, 10.0}}));
  const auto answer = OptimizeBudget(owned.model(), MakeProblem({0, 1}, 10'000.0), {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_NEAR(answer->optimum.campaigns[0].spend, SpendAtSlope(40.0, 1.0), 6.0);
  EXPECT_NEAR(answer->optimum.campaigns[1].spend, SpendAtSlope(30.0, 1.0), 3.0);
  EXPECT_NEAR(answer->left, 10'000.0 - answer->optimum.promise.spend, 1e-6);
  EXPECT_EQ(answer->left_because, "more spend would lose profit, by the predictions");
  EXPECT_EQ(answer->shadow_price, 0.0);

  BudgetProblem all = MakeProblem({0, 1}, 10'000.0);
  all.spend_all = true;
  const auto spent = OptimizeBudget(owned.model(), all, {});
  ASSERT_TRUE(spent.ok()) << spent.status();
  EXPECT_EQ(Cents(spent->optimum.campaigns[0].spend) + Cents(spent->optimum.campaigns[1].spend), 1'000'000);
  EXPECT_LT(spent->shadow_price, 0.0);
  EXPECT_LT(spent->optimum.promise.profit, answer->optimum.promise.profit);
}

TEST(BudgetOptimizer, UnsetLimitsKeepToWhatTrainingSaw) {
  const OwnedModel owned(MakePowerLaw({.returns = {300.0, 300.0, 1.0}}));
  const auto answer = OptimizeBudget(owned.model(), MakeProblem({0, 1, 2}, 50'000.0), {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->optimum.campaigns[0].spend, 10'000.0);
  EXPECT_EQ(answer->optimum.campaigns[1].spend, 10'000.0);
  EXPECT_EQ(answer->optimum.campaigns[2].spend, 0.0);
  EXPECT_TRUE(std::isnan(answer->optimum.campaigns[2].roi));
  EXPECT_EQ(answer->left, 30'000.0);
  EXPECT_EQ(answer->left_because,
            "2 of 3 campaigns have as much as limits allow, and for the others more spend would lose profit, by the "
            "predictions");

  BudgetProblem wider = MakeProblem({0, 1, 2}, 50'000.0);
  wider.campaigns[0].max = 20'000.0;
  const auto outside = OptimizeBudget(owned.model(), wider, {});
  ASSERT_TRUE(outside.ok()) << outside.status();
  EXPECT_EQ(outside->optimum.campaigns[0].spend, 20'000.0);
  EXPECT_TRUE(outside->optimum.campaigns[0].outside);
  EXPECT_FALSE(outside->optimum.campaigns[1].outside);
}

// It said what another unit would bring on average up to the minimum, of which one more is not enough.
TEST(BudgetOptimizer, NamesTheMinimumThatTheBudgetDoesNotReach) {
  const OwnedModel owned(Law());
  BudgetProblem problem = MakeProblem({0, 1}, 60.0);
  const auto unset = OptimizeBudget(owned.model(), problem, {});
  ASSERT_TRUE(unset.ok()) << unset.status();
  EXPECT_EQ(unset->optimum.promise.spend, 0.0);
  EXPECT_EQ(unset->shadow_price, 0.0);
  EXPECT_EQ(unset->left_because,
            "it is less than any step that would bring more: the smallest is 100, of campaign 0, which gets nothing or "
            "the lowest spend that training saw, as no minimum is given");
  // One more is enough.
  problem.budget = 99.0;
  const auto near = OptimizeBudget(owned.model(), problem, {});
  ASSERT_TRUE(near.ok()) << near.status();
  EXPECT_GT(near->shadow_price, 1.0);
  // So it is without a minimum.
  problem.budget = 60.0;
  for (BudgetCampaign& campaign : problem.campaigns) campaign.min = 0.0;
  const auto any = OptimizeBudget(owned.model(), problem, {});
  ASSERT_TRUE(any.ok()) << any.status();
  EXPECT_EQ(any->optimum.promise.spend, 60.0);
  EXPECT_GT(any->shadow_price, 1.0);
}

// They started from the lowest spend of training, such as 100, 170, 240.
TEST(BudgetOptimizer, StepsWithoutAMinimumAreWhole) {
  const OwnedModel owned(Law());
  BudgetProblem problem = MakeProblem({0, 1}, 1'000.0);
  for (BudgetCampaign& campaign : problem.campaigns) campaign.step = 70.0;
  problem.campaigns[1].min = 100.0;
  problem.campaigns[1].may_skip = true;
  problem.curves = true;
  const auto answer = OptimizeBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  const auto begin = [&](int campaign) {
    const std::vector<double>& spend = answer->curves[campaign].spend;
    return std::vector<double>(spend.begin(), spend.begin() + 4);
  };
  EXPECT_THAT(begin(0), ElementsAre(0.0, 140.0, 210.0, 280.0));
  EXPECT_THAT(begin(1), ElementsAre(0.0, 100.0, 170.0, 240.0));
  // No multiple of the step is within the limits: the lowest spend of training is.
  problem.campaigns[0].step = 20'000.0;
  const auto large = OptimizeBudget(owned.model(), problem, {});
  ASSERT_TRUE(large.ok()) << large.status();
  EXPECT_THAT(large->curves[0].spend, ElementsAre(0.0, 100.0));
  problem = MakeProblem({0, 1}, 60.0);
  for (BudgetCampaign& campaign : problem.campaigns) campaign.step = 70.0;
  const auto none = OptimizeBudget(owned.model(), problem, {});
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_THAT(none->left_because, HasSubstr("the smallest is 140, of campaign 0, which gets nothing or steps from the "
                                            "lowest spend that training saw"));
}

TEST(BudgetOptimizer, CountsPresentSpendsThatAreNotKnown) {
  const OwnedModel owned(Law());
  BudgetProblem problem = MakeProblem({0, 1, 2}, 1'000.0);
  problem.rows = PowerRows({500.0, -5.0, std::nan("")}, {0, 1, 2});
  problem.campaigns[1].name = "social";
  const auto answer = OptimizeBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->present_unknown, 2);
  EXPECT_EQ(answer->first_present_unknown, "campaign \"social\"");
  problem.campaigns[1].present = 0.0;
  problem.campaigns[2].present = 70.0;
  const auto known = OptimizeBudget(owned.model(), problem, {});
  ASSERT_TRUE(known.ok()) << known.status();
  EXPECT_EQ(known->present_unknown, 0);
  EXPECT_EQ(known->present.promise.spend, 570.0);
}

TEST(BudgetOptimizer, ConflictsHaveAllDigitsOfTheMoney) {
  const OwnedModel owned(Law());
  BudgetProblem problem = MakeProblem({0, 1}, 999'994'152.5);
  problem.spend_all = true;
  for (BudgetCampaign& campaign : problem.campaigns) campaign.max = 5'000.25;
  const auto answer = OptimizeBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->conflicts.size(), 1u);
  EXPECT_EQ(
      answer->conflicts[0].message,
      "the largest amounts add up to 10000.50, which is 999984152 less than the budget of 999994152.50: campaign 0 "
      "5000.25, campaign 1 5000.25");
}

TEST(BudgetOptimizer, GoalsReachTheirTargets) {
  const OwnedModel owned(Law());
  BudgetProblem least = MakeProblem({0, 1, 2}, 6'000.0);
  const auto most = OptimizeBudget(owned.model(), least, {});
  ASSERT_TRUE(most.ok()) << most.status();
  least.goal = BudgetGoal::kLeastBudget;
  least.budget.reset();
  least.target = most->optimum.promise.revenue;
  const auto budget = OptimizeBudget(owned.model(), least, {});
  ASSERT_TRUE(budget.ok()) << budget.status();
  EXPECT_GE(budget->optimum.promise.revenue, least.target);
  EXPECT_NEAR(budget->optimum.promise.spend, 6'000.0, 6.0);
  EXPECT_NEAR(budget->shadow_price, 1.0 / (1.0 + most->shadow_price), 0.01);

  BudgetProblem roi = MakeProblem({0, 1, 2}, 6'000.0);
  roi.goal = BudgetGoal::kTargetRoi;
  roi.budget.reset();
  roi.target = most->optimum.promise.roi;
  const auto ratio = OptimizeBudget(owned.model(), roi, {});
  ASSERT_TRUE(ratio.ok()) << ratio.status();
  EXPECT_GE(ratio->optimum.promise.roi, roi.target - 1e-12);
  EXPECT_NEAR(ratio->optimum.promise.spend, 6'000.0, 12.0);

  BudgetProblem marginal = MakeProblem({0, 1, 2}, 6'000.0);
  marginal.goal = BudgetGoal::kTargetMarginalRoi;
  marginal.budget.reset();
  marginal.target = 0.5;
  const auto slope = OptimizeBudget(owned.model(), marginal, {});
  ASSERT_TRUE(slope.ok()) << slope.status();
  EXPECT_NEAR(slope->optimum.campaigns[2].spend, SpendAtSlope(30.0, 1.5), 4.0);
  EXPECT_NEAR(slope->optimum.campaigns[2].marginal_roi, 0.5, 0.02);
}

TEST(BudgetOptimizer, LowerBoundsChangeWhatIsAddedUp) {
  // All scores are the same share of revenue, so the lower bound is that of a poorer law.
  const OwnedModel owned(Law());
  BudgetProblem problem = MakeProblem({0, 1, 2}, 30'000.0);
  problem.lower_bound_level = 0.95;
  const auto answer = OptimizeBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_NEAR(answer->optimum.campaigns[1].spend, SpendAtSlope(40.0 * std::exp(-0.9), 1.0), 3.0);
}

TEST(BudgetOptimizer, EvenAndPresentSplitsStandBeside) {
  const OwnedModel owned(Law());
  BudgetProblem problem = MakeProblem({0, 1, 2}, 3'000.0);
  problem.campaigns[0].max = 700.0;
  problem.campaigns[1].present = 1'500.0;
  problem.campaigns[2].present = 0.0;
  const auto answer = OptimizeBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->present.campaigns[0].spend, 500.0);
  EXPECT_EQ(answer->present.promise.spend, 2'000.0);
  EXPECT_EQ(answer->present_scaled.campaigns[1].spend, 2'250.0);
  EXPECT_FALSE(answer->present_scaled.allowed);  // 750 is over the first one's maximum
  EXPECT_EQ(answer->even.campaigns[0].spend, 700.0);
  EXPECT_EQ(answer->even.campaigns[1].spend, 1'150.0);
  EXPECT_EQ(answer->even.campaigns[2].spend, 1'150.0);
  EXPECT_TRUE(answer->even.allowed);
  EXPECT_EQ(answer->gain_over_present, answer->optimum.promise.profit - answer->present.promise.profit);
  EXPECT_GT(answer->optimum.promise.profit, answer->even.promise.profit);
}

TEST(BudgetOptimizer, ReturnsTheCurvesThatItUsed) {
  const OwnedModel owned(MakePowerLaw({}));
  BudgetProblem problem = MakeProblem({0}, 400.0);
  problem.campaigns[0].min = 100.0;
  problem.campaigns[0].max = 500.0;
  problem.campaigns[0].step = 100.0;
  problem.curves = true;
  const auto answer = OptimizeBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->curves.size(), 1u);
  EXPECT_EQ(answer->curves[0].spend, (std::vector<double>{100.0, 200.0, 300.0, 400.0}));
  EXPECT_EQ(answer->curves[0].profit[3], answer->optimum.campaigns[0].profit);
}

std::vector<Conflict> ConflictsOf(const BudgetProblem& problem) {
  const OwnedModel owned(MakePowerLaw({}));
  const auto answer = OptimizeBudget(owned.model(), problem, {});
  EXPECT_TRUE(answer.ok()) << answer.status();
  return answer.ok() ? answer->conflicts : std::vector<Conflict>();
}

TEST(BudgetOptimizer, NamesLimitsInConflictAndByHowMuch) {
  BudgetProblem minima = MakeProblem({0, 1}, 1'000.0);
  minima.campaigns[0].name = "brand";
  minima.campaigns[0].min = 900.0;
  minima.campaigns[1].min = 300.0;
  std::vector<Conflict> conflicts = ConflictsOf(minima);
  ASSERT_EQ(conflicts.size(), 1u);
  EXPECT_EQ(conflicts[0].kind, ConflictKind::kMinimaOverBudget);
  EXPECT_EQ(conflicts[0].by, 200.0);
  EXPECT_EQ(
      conflicts[0].message,
      "the least amounts add up to 1200, which is 200 more than the budget of 1000: campaign \"brand\" 900, campaign "
      "1 300");

  BudgetProblem maxima = MakeProblem({0, 1}, 1'000.0);
  maxima.spend_all = true;
  maxima.campaigns[0].max = 400.0;
  maxima.campaigns[1].max = 500.0;
  conflicts = ConflictsOf(maxima);
  ASSERT_EQ(conflicts.size(), 1u);
  EXPECT_EQ(conflicts[0].kind, ConflictKind::kMaximaUnderBudget);
  EXPECT_EQ(
      conflicts[0].message,
      "the largest amounts add up to 900, which is 100 less than the budget of 1000: campaign 1 500, campaign 0 400");

  BudgetProblem group = MakeProblem({0, 1, 2}, 2'000.0);
  group.groups = {{"online", 1'500.0, 1'600.0}, {"print", 0.0, 100.0}};
  for (int c = 0; c < 2; ++c) {
    group.campaigns[c].group = "online";
    group.campaigns[c].max = 600.0;
  }
  group.campaigns[2].group = "print";
  group.campaigns[2].min = 250.0;
  conflicts = ConflictsOf(group);
  ASSERT_EQ(conflicts.size(), 2u);
  EXPECT_EQ(conflicts[0].message,
            "the largest amounts add up to 1200, which is 300 less than the minimum of group \"online\" of 1500: "
            "campaign 0 600, campaign 1 600");
  EXPECT_EQ(conflicts[1].kind, ConflictKind::kMinimaOverGroup);
  EXPECT_EQ(conflicts[1].group, "print");
  EXPECT_EQ(conflicts[1].by, 150.0);

  BudgetProblem steps = MakeProblem({0, 1}, 1'000.0);
  steps.spend_all = true;
  for (BudgetCampaign& campaign : steps.campaigns) {
    campaign.min = 0.0;
    campaign.step = 300.0;
    campaign.max = 3'000.0;
  }
  conflicts = ConflictsOf(steps);
  ASSERT_EQ(conflicts.size(), 1u);
  EXPECT_EQ(conflicts[0].kind, ConflictKind::kSteps);
  EXPECT_EQ(
      conflicts[0].message,
      "no combination of the campaigns' amounts and steps that the budget leaves room for adds up to the budget of "
      "1000; the nearest sum below is 900, which is 100 less");
}

TEST(BudgetOptimizer, NamesAMinimumThatStepsRaiseOverTheBudget) {
  BudgetProblem problem = MakeProblem({0, 1}, 1'000.0);
  problem.groups = {{"online", 550.0, std::nullopt}, {"print", 430.0, std::nullopt}};
  problem.campaigns[0].group = "online";
  problem.campaigns[0].min = 0.0;
  problem.campaigns[0].step = 290.0;
  problem.campaigns[1].group = "print";
  problem.campaigns[1].min = 420.0;
  const std::vector<Conflict> conflicts = ConflictsOf(problem);
  ASSERT_EQ(conflicts.size(), 1u);
  EXPECT_EQ(conflicts[0].kind, ConflictKind::kMinimaOverBudget);
  EXPECT_EQ(conflicts[0].message,
            "the least amounts that minima, groups and steps allow together add up to 1010, which is 10 more than the "
            "budget of 1000");
}

TEST(BudgetOptimizer, NamesAGoalOutOfReach) {
  BudgetProblem revenue = MakeProblem({0}, 1.0);
  revenue.budget.reset();
  revenue.goal = BudgetGoal::kLeastBudget;
  revenue.target = 1e6;
  std::vector<Conflict> conflicts = ConflictsOf(revenue);
  ASSERT_EQ(conflicts.size(), 1u);
  EXPECT_EQ(conflicts[0].kind, ConflictKind::kGoal);
  EXPECT_NEAR(conflicts[0].allowed, 30.0 * 10'000.0 * std::pow(10'001.0, -0.4), 1.0);
  EXPECT_EQ(conflicts[0].by, 1e6 - conflicts[0].allowed);
  EXPECT_THAT(conflicts[0].message, HasSubstr("the goal is out of reach: the highest revenue that can be reached is"));

  BudgetProblem roi = MakeProblem({0, 1}, 1.0);
  roi.budget.reset();
  roi.goal = BudgetGoal::kTargetRoi;
  roi.target = 5.0;
  conflicts = ConflictsOf(roi);
  ASSERT_EQ(conflicts.size(), 1u);
  EXPECT_NEAR(conflicts[0].allowed, 30.0 * std::pow(101.0, -0.4) - 1.0, 1e-4);
  // With a campaign that has to run.
  roi.campaigns[1].min = 1'000.0;
  conflicts = ConflictsOf(roi);
  ASSERT_EQ(conflicts.size(), 1u);
  EXPECT_LT(conflicts[0].allowed, 3.0);
  EXPECT_GT(conflicts[0].allowed, 20.0 * std::pow(1'001.0, -0.4) - 1.0);
}

absl::Status ErrorOf(const BudgetProblem& problem, const Artifact& artifact = MakePowerLaw({})) {
  const OwnedModel owned(artifact);
  return OptimizeBudget(owned.model(), problem, {}).status();
}

TEST(BudgetOptimizer, NamesBadProblems) {
  BudgetProblem crossed = MakeProblem({0}, 100.0);
  crossed.campaigns[0].min = 20.0;
  crossed.campaigns[0].max = 10.0;
  EXPECT_EQ(ErrorOf(crossed), absl::InvalidArgumentError("campaign 0: expected min ≤ max, got 20 > 10"));
  BudgetProblem none = MakeProblem({0}, 100.0);
  none.budget.reset();
  EXPECT_EQ(ErrorOf(none), absl::InvalidArgumentError("budget: expected one for the most profit or revenue, got none"));
  BudgetProblem group = MakeProblem({0}, 100.0);
  group.groups = {{"online", 0.0, 10.0}};
  group.campaigns[0].group = "onlin";
  EXPECT_EQ(ErrorOf(group),
            absl::InvalidArgumentError("campaign 0: expected a group with limits, got \"onlin\"; did you "
                                       "mean \"online\"?"));
  BudgetProblem within = MakeProblem({0}, 100.0);
  within.groups = {{"online", 0.0, 10.0, "all"}, {"all", 0.0, 20.0}};
  EXPECT_EQ(ErrorOf(within), absl::InvalidArgumentError(
                                 "group \"online\": expected to be within a group declared before it, got \"all\""));
  BudgetProblem step = MakeProblem({0}, 100.0);
  step.campaigns[0].step = 0.015;
  EXPECT_EQ(ErrorOf(step),
            absl::InvalidArgumentError("campaign 0: step: expected a multiple of the unit 0.01, got 0.015"));
  BudgetProblem locked = MakeProblem({0}, 100.0);
  locked.campaigns[0].max = 50.0;
  locked.campaigns[0].locked = 60.0;
  EXPECT_EQ(ErrorOf(locked),
            absl::InvalidArgumentError("campaign 0: expected a locked amount of at most its max 50, got 60"));
  BudgetProblem negative = MakeProblem({0}, -1.0);
  EXPECT_EQ(ErrorOf(negative), absl::InvalidArgumentError("budget: expected an amount of at least 0, got -1"));
  BudgetProblem huge = MakeProblem({0}, 100.0);
  huge.campaigns.resize(kMaxBudgetCampaigns + 1);
  EXPECT_EQ(ErrorOf(huge), absl::ResourceExhaustedError("campaigns: expected at most 10000 in one call, got 10001"));
  BudgetProblem rows = MakeProblem({0}, 100.0);
  rows.rows.pop_back();
  EXPECT_EQ(ErrorOf(rows), absl::InvalidArgumentError("rows: expected 1 times 3 values, got 2"));
  BudgetProblem lower = MakeProblem({0}, 100.0);
  lower.lower_bound_level = 0.9;
  EXPECT_THAT(ErrorOf(lower, MakePowerLaw({.calibrated = false})).message(), HasSubstr("it has no calibration"));
}

TEST(BudgetOptimizer, LimitsNamesAndGroups) {
  BudgetProblem name = MakeProblem({0, 1}, 100.0);
  name.campaigns[1].name = std::string(1024, 'n');
  EXPECT_TRUE(ErrorOf(name).ok());
  name.campaigns[1].name += 'n';
  EXPECT_EQ(ErrorOf(name), absl::InvalidArgumentError("campaign 1: name: expected at most 1024 bytes, got 1025"));
  BudgetProblem group = MakeProblem({0}, 100.0);
  group.groups = {{std::string(2000, 'g'), 0.0, 10.0}};
  EXPECT_EQ(ErrorOf(group), absl::InvalidArgumentError("group 0: name: expected at most 1024 bytes, got 2000"));
  BudgetProblem groups = MakeProblem({0}, 100.0);
  for (int g = 0; g <= kMaxBudgetGroups; ++g) groups.groups.push_back({absl::StrCat("g", g), 0.0, 10.0});
  EXPECT_EQ(ErrorOf(groups), absl::ResourceExhaustedError("groups: expected at most 20000 in one call, got 20001"));
  BudgetProblem within = MakeProblem({0}, 100.0);
  within.groups = {{"g", 0.0, 10.0, std::string(1025, 'n')}};
  EXPECT_EQ(ErrorOf(within), absl::InvalidArgumentError("group \"g\": within: expected at most 1024 bytes, got 1025"));
  BudgetProblem nested = MakeProblem({0}, 100.0);
  for (int g = 0; g < kMaxGroupDepth; ++g) {
    nested.groups.push_back({absl::StrCat("g", g), 0.0, 10.0, g == 0 ? "" : absl::StrCat("g", g - 1)});
  }
  EXPECT_TRUE(ErrorOf(nested).ok());
  nested.groups.push_back({"inmost", 0.0, 10.0, nested.groups.back().name});
  EXPECT_EQ(ErrorOf(nested),
            absl::ResourceExhaustedError("group \"inmost\": expected at most 8 groups within each other, got more"));
}

// Looking for each campaign's group in all of them, and for each group's campaigns in all of them, took minutes.
TEST(BudgetOptimizer, SolvesAsManyGroupsAsThereMayBe) {
  BudgetProblem problem = MakeProblem(std::vector<int>(kMaxBudgetCampaigns, 0), 2e7);
  problem.levels = 2;
  for (int g = 0; g < kMaxBudgetGroups; ++g) problem.groups.push_back({absl::StrCat("g", g), 0.0, 1'000.0});
  for (size_t c = 0; c < problem.campaigns.size(); ++c) problem.campaigns[c].group = absl::StrCat("g", c + 5'000);
  const OwnedModel owned(Law());
  const auto answer = OptimizeBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_TRUE(answer->conflicts.empty());
  EXPECT_TRUE(answer->optimum.allowed);
}

TEST(BudgetOptimizer, SolvesAsManyGroupsWithinGroupsAsThereMayBe) {
  BudgetProblem problem = MakeProblem(std::vector<int>(kMaxBudgetCampaigns, 0), 2e7);
  problem.levels = 2;
  constexpr int64_t kOuter = 100;
  for (int64_t g = 0; g < kMaxBudgetGroups; ++g) {
    problem.groups.push_back(
        {absl::StrCat("g", g), 0.0, g < kOuter ? 100'000.0 : 1'000.0, g < kOuter ? "" : absl::StrCat("g", g % kOuter)});
  }
  for (size_t c = 0; c < problem.campaigns.size(); ++c) problem.campaigns[c].group = absl::StrCat("g", c + 5'000);
  const OwnedModel owned(Law());
  const auto answer = OptimizeBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_TRUE(answer->conflicts.empty());
  EXPECT_TRUE(answer->optimum.allowed);
}

TEST(BudgetOptimizer, AmountsAddUpWithinSixtyThreeBits) {
  BudgetProblem one = MakeProblem({0}, 1'000.0);
  one.campaigns[0].max = 4e13;
  EXPECT_EQ(one.MostUnits(), 0x1p52);
  BudgetProblem many = MakeProblem(std::vector<int>(kMaxBudgetCampaigns, 0), 1'000.0);
  many.campaigns[7].max = 4e13;
  EXPECT_THAT(ErrorOf(many).message(), HasSubstr("campaign 7: max: expected at most 1.15292e+14 units of 0.01"));
  // The highest spend of training in units of this size is no whole number of 64 bits.
  BudgetProblem unit = MakeProblem({0}, 0.0);
  unit.unit = 1e-300;
  EXPECT_EQ(ErrorOf(unit).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(ErrorOf(unit).message(), HasSubstr("unit: expected one of which the highest spend that training saw"));
  BudgetProblem present = MakeProblem({0}, 1'000.0);
  present.rows = PowerRows({1e37}, {0});
  const OwnedModel owned(Law());
  const auto answer = OptimizeBudget(owned.model(), present, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->present_unknown, 1);
}

TEST(BudgetOptimizer, DrawsWhatItTakesFromTheMemoryBudget) {
  const OwnedModel owned(Law());
  MemoryBudget memory(50'000'000, 0);
  BudgetProblem cents = MakeProblem({0}, 50'000.0);
  cents.campaigns[0].min = 0.01;
  cents.campaigns[0].max = 50'000.0;
  cents.campaigns[0].step = 0.01;
  cents.memory = &memory;
  const absl::Status refused = OptimizeBudget(owned.model(), cents, {}).status();
  EXPECT_TRUE(IsMemoryRefusal(refused)) << refused;
  EXPECT_THAT(refused.message(), HasSubstr("(the server's --memory_budget)"));
  EXPECT_EQ(memory.held(), 0u);
  BudgetProblem usual = MakeProblem({0, 1, 2}, 5'000.0);
  usual.memory = &memory;
  EXPECT_TRUE(OptimizeBudget(owned.model(), usual, {}).ok());
  EXPECT_EQ(memory.held(), 0u);
}

// States without a bound on what they lose, of campaigns that are all different.
TEST(BudgetOptimizer, StatesOfASearchDrawFromTheMemoryBudget) {
  const OwnedModel owned(Law());
  BudgetProblem problem = MakeProblem({0, 1, 2}, 20'000.0);
  problem.goal = BudgetGoal::kTargetRoi;
  problem.target = 1.5;
  MemoryBudget enough(1'000'000'000, 0);
  problem.memory = &enough;
  EXPECT_TRUE(OptimizeBudget(owned.model(), problem, {}).ok());
  EXPECT_EQ(enough.held(), 0u);
  MemoryBudget little(2'000'000, 0);
  problem.memory = &little;
  EXPECT_TRUE(IsMemoryRefusal(OptimizeBudget(owned.model(), problem, {}).status()));
  EXPECT_EQ(little.held(), 0u);
}

TEST(BudgetOptimizer, StopsWhenToldTo) {
  const OwnedModel owned(MakePowerLaw({}));
  const auto answer =
      OptimizeBudget(owned.model(), MakeProblem({0, 1}, 5'000.0), [] { return absl::DeadlineExceededError("late"); });
  EXPECT_EQ(answer.status(), absl::DeadlineExceededError("late"));
}

// Of up to `most_groups` groups; nested: some are within others.
BudgetProblem RandomProblem(uint64_t most_groups, bool nested, Random& random) {
  const auto count = 1 + random.Below(5);
  std::vector<int> channels;
  for (uint64_t i = 0; i < count; ++i) channels.push_back(static_cast<int>(random.Below(3)));
  BudgetProblem problem =
      MakeProblem(channels, std::round(random.Uniform(0.0, 2'500.0 * static_cast<double>(count)) * 100.0) / 100.0);
  problem.levels = 8;
  const auto groups = random.Below(most_groups + 1);
  for (uint64_t g = 0; g < groups; ++g) {
    BudgetGroup group = {std::string(1, static_cast<char>('a' + g)), 0.0, std::nullopt};
    if (nested && g > 0 && random.Uniform() < 0.6) group.within = problem.groups[random.Below(g)].name;
    if (random.Uniform() < 0.5) group.min = std::round(random.Uniform(0.0, 1'500.0));
    if (random.Uniform() < 0.5) group.max = group.min + std::round(random.Uniform(0.0, 3'000.0));
    problem.groups.push_back(group);
  }
  for (BudgetCampaign& campaign : problem.campaigns) {
    if (groups > 0 && random.Uniform() < 0.6) campaign.group = problem.groups[random.Below(groups)].name;
    if (random.Uniform() < 0.5) campaign.min = std::round(random.Uniform(0.0, 1'000.0) * 100.0) / 100.0;
    if (random.Uniform() < 0.5) campaign.max = campaign.min.value_or(0.0) + std::round(random.Uniform(50.0, 3'000.0));
    campaign.may_skip = random.Uniform() < 0.3;
    if (random.Uniform() < 0.3) campaign.step = 50.0 + 25.0 * static_cast<double>(random.Below(8));
    if (random.Uniform() < 0.1) {
      campaign.locked = campaign.max.value_or(campaign.min.value_or(200.0) + 100.0);
    }
  }
  switch (random.Below(6)) {
    case 0:
      problem.goal = BudgetGoal::kMostRevenue;
      break;
    case 1:
      problem.goal = BudgetGoal::kLeastBudget;
      problem.target = random.Uniform(100.0, 5'000.0);
      break;
    case 2:
      problem.goal = BudgetGoal::kTargetRoi;
      problem.target = random.Uniform(-0.5, 1.5);
      break;
    case 3:
      problem.goal = BudgetGoal::kTargetMarginalRoi;
      problem.target = random.Uniform(-0.5, 1.0);
      break;
    case 4:
      problem.spend_all = true;
      break;
    default:
      break;
  }
  return problem;
}

// Empty: all limits are kept.
std::string BrokenLimit(const BudgetProblem& problem, const BudgetSplit& split) {
  int64_t sum = 0;
  std::vector<int64_t> of_group(problem.groups.size(), 0);
  for (size_t c = 0; c < problem.campaigns.size(); ++c) {
    const BudgetCampaign& campaign = problem.campaigns[c];
    const int64_t spend = Cents(split.campaigns[c].spend);
    if (std::abs(split.campaigns[c].spend * 100.0 - static_cast<double>(spend)) > 1e-6) return "not in cents";
    sum += spend;
    std::string name = campaign.group;
    for (size_t g = problem.groups.size(); g-- > 0;) {
      if (problem.groups[g].name != name) continue;
      of_group[g] += spend;
      name = problem.groups[g].within;
    }
    if (campaign.locked.has_value()) {
      if (spend != Cents(*campaign.locked)) return "a lock";
      continue;
    }
    const bool skipped = spend == 0 && (campaign.may_skip || !campaign.min.has_value());
    if (spend > Cents(campaign.max.value_or(10'000.0))) return "a maximum";
    if (skipped) continue;
    if (spend < Cents(campaign.min.value_or(campaign.max.value_or(10'000.0) < 100.0 ? 0.0 : 100.0))) return "a minimum";
    if (campaign.step > 0.0 && campaign.min.has_value() && (spend - Cents(*campaign.min)) % Cents(campaign.step) != 0) {
      return "a step";
    }
  }
  for (size_t g = 0; g < problem.groups.size(); ++g) {
    if (of_group[g] < Cents(problem.groups[g].min)) return "a group's minimum";
    if (problem.groups[g].max.has_value() && of_group[g] > Cents(*problem.groups[g].max)) return "a group's maximum";
  }
  if (sum > Cents(*problem.budget) || (problem.spend_all && sum != Cents(*problem.budget))) return "the budget";
  if (problem.goal == BudgetGoal::kLeastBudget && split.promise.revenue < problem.target) return "the revenue";
  if (problem.goal == BudgetGoal::kTargetRoi && split.promise.roi < problem.target - 1e-12) return "the ROI";
  return "";
}

void ExpectWithinLimits(int problems, uint64_t most_groups, bool nested, uint64_t seed) {
  const OwnedModel owned(MakePowerLaw({}));
  Random random(seed);
  int solved = 0, conflicting = 0;
  for (int i = 0; i < problems; ++i) {
    const BudgetProblem problem = RandomProblem(most_groups, nested, random);
    const auto answer = OptimizeBudget(owned.model(), problem, {});
    ASSERT_TRUE(answer.ok()) << i << ": " << answer.status();
    if (!answer->conflicts.empty()) {
      ++conflicting;
      for (const Conflict& conflict : answer->conflicts) ASSERT_GT(conflict.by, 0.0) << i << ": " << conflict.message;
      continue;
    }
    ++solved;
    ASSERT_EQ(BrokenLimit(problem, answer->optimum), "") << i;
    ASSERT_TRUE(answer->optimum.allowed) << i;
  }
  EXPECT_GT(solved, problems / 5);
  EXPECT_GT(conflicting, problems / 10);
}

TEST(BudgetOptimizer, IsNeverOutsideALimitOnTenThousandRandomProblems) { ExpectWithinLimits(10'000, 2, false, 3); }

TEST(BudgetOptimizer, IsNeverOutsideALimitOfGroupsWithinGroups) { ExpectWithinLimits(5'000, 5, true, 6); }

// With steps for all, against all combinations.
TEST(BudgetOptimizer, IsTheBestOfAllSplitsInSteps) {
  const OwnedModel owned(MakePowerLaw({.exponent = -0.6}));
  Random random(4);
  for (int i = 0; i < 200; ++i) {
    BudgetProblem problem = MakeProblem({0, 1, 2}, std::round(random.Uniform(300.0, 3'000.0)));
    for (BudgetCampaign& campaign : problem.campaigns) {
      campaign.min = std::round(random.Uniform(0.0, 80.0));
      campaign.step = 10.0 + static_cast<double>(random.Below(90));
      campaign.max = *campaign.min + 9.0 * campaign.step;
    }
    const auto answer = OptimizeBudget(owned.model(), problem, {});
    ASSERT_TRUE(answer.ok()) << answer.status();
    double profits[3][10], best = -1e30;
    const auto spend_of = [&](int c, int step) { return *problem.campaigns[c].min + step * problem.campaigns[c].step; };
    for (int c = 0; c < 3; ++c) {
      for (int step = 0; step < 10; ++step) {
        std::vector<float> row(problem.rows.begin() + 3 * c, problem.rows.begin() + 3 * c + 3);
        row[0] = static_cast<float>(spend_of(c, step));
        float roi = 0.0f;
        owned.predictor().Predict(row.data(), 1, absl::MakeSpan(&roi, 1), {});
        profits[c][step] = row[0] == 0.0f ? 0.0 : roi * spend_of(c, step);
      }
    }
    for (int code = 0; code < 1000; ++code) {
      const int a = code % 10, b = code / 10 % 10, c = code / 100;
      if (spend_of(0, a) + spend_of(1, b) + spend_of(2, c) > *problem.budget + 1e-9) continue;
      best = std::max(best, profits[0][a] + profits[1][b] + profits[2][c]);
    }
    if (best == -1e30) {
      EXPECT_FALSE(answer->conflicts.empty());
    } else {
      ASSERT_NEAR(answer->optimum.promise.profit, best, 1e-6) << i;
    }
  }
}

// E-mail had 150 to 900, search 1,000 and more. The best spends by the law are 1,375 and 7,776.
Artifact LawOfRanges() {
  return MakePowerLaw(
      {.returns = {60.0, 40.0, 30.0}, .word_ranges = {{1, 0, 1'000.0, 10'000.0}, {1, 2, 150.0, 900.0}}});
}

// A tenth of the range, by its logarithm, from the end.
const double kMostOfEmail = 150.0 * std::pow(900.0 / 150.0, 0.9);

TEST(BudgetOptimizer, WithoutLimitsCampaignsStayWithinWhatTheirKindHadInTraining) {
  const OwnedModel owned(LawOfRanges());
  const auto answer = OptimizeBudget(owned.model(), MakeProblem({0, 2, 2}, 20'000.0), {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_NEAR(answer->optimum.campaigns[0].spend, 7'776.0, 100.0);
  EXPECT_NEAR(answer->optimum.campaigns[1].spend, kMostOfEmail, 0.01);
  EXPECT_NEAR(answer->optimum.campaigns[2].spend, kMostOfEmail, 0.01);
  for (const SpentCampaign& campaign : answer->optimum.campaigns) EXPECT_FALSE(campaign.outside);
  EXPECT_GT(answer->left, 10'000.0);
  EXPECT_THAT(answer->left_because,
              AllOf(HasSubstr("2 of 3 campaigns have as much as limits allow"),
                    HasSubstr("without a maximum of its own, that is within what such campaigns had in training")));
  ASSERT_EQ(answer->limits_from_training.size(), 2u);
  EXPECT_EQ(answer->limits_from_training[0].code, 0);
  EXPECT_EQ(answer->limits_from_training[1].max, 900.0);
  // Today's 500 of search is below what search had: nothing, or at least that.
  EXPECT_TRUE(answer->present.campaigns[0].outside);
  EXPECT_EQ(answer->present.campaigns[0].outside_of->code, 0);
  EXPECT_TRUE(answer->present.allowed);
}

TEST(BudgetOptimizer, AnOwnMaximumLetsACampaignLeaveWhatItsKindHad) {
  const OwnedModel owned(LawOfRanges());
  BudgetProblem problem = MakeProblem({2, 2}, 20'000.0);
  problem.campaigns[0].max = 5'000.0;
  auto answer = OptimizeBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_NEAR(answer->optimum.campaigns[0].spend, 1'375.0, 30.0);
  EXPECT_TRUE(answer->optimum.campaigns[0].outside);
  EXPECT_EQ(answer->optimum.campaigns[0].outside_of->max, 900.0);
  EXPECT_NEAR(answer->optimum.campaigns[1].spend, kMostOfEmail, 0.01);
  // A maximum below what its kind had counts as before.
  problem.campaigns[0].max = 120.0;
  answer = OptimizeBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->optimum.campaigns[0].spend, 120.0);
  for (BudgetCampaign& campaign : problem.campaigns) campaign.min = 100.0, campaign.max = 5'000.0;
  answer = OptimizeBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->limits_from_training, ::testing::IsEmpty());
}

TEST(BudgetOptimizer, ACampaignMayKeepWhatItGetsToday) {
  const OwnedModel owned(LawOfRanges());
  BudgetProblem problem = MakeProblem({2, 2, 2}, 20'000.0);
  problem.campaigns[0].present = 1'200.55;
  problem.campaigns[1].present = 120.55;
  problem.campaigns[2].present = 50'000.0;
  problem.spend_all = true;
  problem.budget = 1'200.55 + 120.55 + 10'000.0;
  for (const int c : {1}) problem.campaigns[static_cast<size_t>(c)].max = 120.55;
  const auto answer = OptimizeBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_TRUE(answer->conflicts.empty()) << answer->conflicts[0].message;
  EXPECT_EQ(answer->optimum.campaigns[0].spend, 1'200.55);
  EXPECT_EQ(answer->optimum.campaigns[1].spend, 120.55);
  // Not beyond the range of training at large.
  EXPECT_EQ(answer->optimum.campaigns[2].spend, 10'000.0);
  problem.budget = *problem.budget + 1.0;
  const auto more = OptimizeBudget(owned.model(), problem, {});
  ASSERT_TRUE(more.ok()) << more.status();
  ASSERT_EQ(more->conflicts.size(), 1u);
  EXPECT_EQ(more->conflicts[0].kind, ConflictKind::kMaximaUnderBudget);
  EXPECT_THAT(more->conflicts[0].message,
              HasSubstr("a campaign without a maximum of its own gets at most what such campaigns had in training"));
}

}  // namespace
}  // namespace roicast

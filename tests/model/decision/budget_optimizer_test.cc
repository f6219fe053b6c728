#include "model/decision/budget_optimizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "tests/model/decision/budget_problems.h"
#include "tests/model/decision/power_law.h"

namespace roicast {
namespace {

using ::testing::AllOf;
using testing::Cents;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Law;
using testing::MakePowerLaw;
using testing::MakeProblem;
using testing::OwnedModel;
using testing::PowerRows;

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

  // A budget that ends behind the spend at which the target breaks gave next to nothing.
  for (BudgetCampaign& campaign : roi.campaigns) campaign.max = 20'000.0;
  for (const double more : {6'100.0, 20'000.0, 59'999.0, 60'000.0}) {
    roi.budget = more;
    const auto within = OptimizeBudget(owned.model(), roi, {});
    ASSERT_TRUE(within.ok()) << within.status();
    EXPECT_NEAR(within->optimum.promise.spend, 6'000.0, 12.0) << more;
    EXPECT_EQ(within->left_because, "more spend would take the ROI of the whole below the one asked for");
  }

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

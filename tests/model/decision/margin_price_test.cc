#include "model/decision/margin_price.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/memory_budget.h"
#include "base/random.h"
#include "model/decision/budget_optimizer.h"
#include "tests/model/decision/power_law.h"

namespace roicast {
namespace {

using testing::MakePowerLaw;
using testing::OwnedModel;
using testing::PowerLaw;
using testing::PowerRows;

// Curves that bend downwards; one that returns far more than the others; ones that lose at first and bend upwards.
const PowerLaw kDiminishing = {.returns = {60.0, 40.0, 30.0}};
const PowerLaw kOneGood = {.returns = {60.0, 0.5, 0.5}};
const PowerLaw kUpwards = {.returns = {0.02, 0.01, 0.015}, .exponent = 0.5, .seen_min = 1.0, .seen_max = 1e5};

BudgetProblem MakeProblem(size_t campaigns, double budget, double step) {
  BudgetProblem problem;
  for (size_t c = 0; c < campaigns; ++c) {
    BudgetCampaign& campaign = problem.campaigns.emplace_back();
    const std::vector<float> row = testing::PowerRow(500.0, static_cast<int>(c % 3));
    problem.rows.insert(problem.rows.end(), row.begin(), row.end());
    campaign.min = 0.0;
    campaign.max = 10'000.0;
    campaign.step = step;
  }
  problem.budget = budget;
  return problem;
}

BudgetAnswer Solve(const OwnedModel& owned, BudgetProblem problem, double budget) {
  problem.budget = budget;
  auto answer = OptimizeBudget(owned.model(), problem, {});
  EXPECT_TRUE(answer.ok()) << answer.status();
  return answer.ok() ? *std::move(answer) : BudgetAnswer{};
}

struct Next {
  double spend = 0.0;  // more than what is spent
  double gain = 0.0;
};

// The next budget that gains, of those that are `grain` apart.
Next NextGain(const OwnedModel& owned, const BudgetProblem& problem, const BudgetAnswer& answer, double grain,
              int most = 1'000) {
  const Promise& before = answer.optimum.promise;
  for (int k = 1; k <= most; ++k) {
    const double gain = Solve(owned, problem, before.spend + grain * k).optimum.promise.profit - before.profit;
    if (gain > 1e-6) return {grain * k, gain};
  }
  return {};
}

// It was 0 where less was left than a step, and where one campaign got the whole budget.
TEST(MarginPrice, ThatOfAStepIsWhatALargerBudgetGains) {
  const OwnedModel models[] = {OwnedModel(MakePowerLaw(kDiminishing)), OwnedModel(MakePowerLaw(kOneGood)),
                               OwnedModel(MakePowerLaw(kUpwards))};
  Random random(6);
  int priced = 0, worthless = 0;
  for (int trial = 0; trial < 90; ++trial) {
    const OwnedModel& owned = models[trial % 3];
    BudgetProblem problem = MakeProblem(1 + random.Below(3), std::floor(9'500.0 * random.Uniform()), 0.0);
    for (BudgetCampaign& campaign : problem.campaigns) {
      campaign.min = 50.0 * static_cast<double>(random.Below(3));
      campaign.max = 4'000.0;
      campaign.step = trial % 2 == 0 ? 300.0 : 100.0 * static_cast<double>(1 + random.Below(5));
    }
    const BudgetAnswer answer = Solve(owned, problem, *problem.budget);
    if (!answer.conflicts.empty()) continue;
    // All minima and steps are multiples of 50.
    const Next next = NextGain(owned, problem, answer, 50.0, 240);
    EXPECT_NEAR(answer.shadow_price * next.spend, next.gain, 1e-6 * std::max(1.0, next.gain)) << trial;
    if (next.gain == 0.0) {
      EXPECT_EQ(answer.shadow_price, 0.0) << trial;
    }
    ++(next.gain > 0.0 ? priced : worthless);
  }
  EXPECT_GT(priced, 40);
  EXPECT_GT(worthless, 10);
}

// Of any amounts, it was 0 or that of another campaign there.
TEST(MarginPrice, IsOfTheCampaignThatGetsTheWholeBudget) {
  for (const PowerLaw& law : {kDiminishing, kOneGood, kUpwards}) {
    const OwnedModel owned(MakePowerLaw(law));
    for (const size_t campaigns : {1u, 2u, 3u}) {
      for (const double budget : {40.0, 300.0, 3'000.0, 9'000.0}) {
        const BudgetProblem problem = MakeProblem(campaigns, budget, 0.0);
        const BudgetAnswer answer = Solve(owned, problem, budget);
        const double more = 0.002 * budget;
        const double gain = Solve(owned, problem, budget + more).optimum.promise.profit - answer.optimum.promise.profit;
        EXPECT_NEAR(answer.shadow_price, std::max(0.0, gain / more), 0.02 * (1.0 + gain / more))
            << law.returns[1] << ", " << campaigns << " campaigns, budget " << budget;
      }
    }
  }
}

// Envelopes know the slope from the first amount to the last one alone.
TEST(MarginPrice, IsNegativeWhereAllMustBeSpentAtALoss) {
  const OwnedModel owned(MakePowerLaw(kUpwards));
  BudgetProblem problem = MakeProblem(1, 1'000.0, 0.0);
  problem.spend_all = true;
  const BudgetAnswer answer = Solve(owned, problem, 1'000.0);
  const double slope = 1.5 * 0.02 * std::sqrt(1'001.0) - 1.0;  // of 0.02 · x · (1 + x)^0.5 − x, about
  EXPECT_NEAR(answer.shadow_price, slope, 0.01);
}

// It was said that more spend would lose profit.
TEST(MarginPrice, LooksBeyondTheBudgetWhereTheNextStepsLose) {
  const OwnedModel owned(MakePowerLaw(kUpwards));
  BudgetProblem problem = MakeProblem(1, 2'300.0, 100.0);
  problem.campaigns[0].max = 50'000.0;
  const BudgetAnswer answer = Solve(owned, problem, 2'300.0);
  EXPECT_EQ(answer.optimum.promise.spend, 0.0);
  const BudgetAnswer next = Solve(owned, problem, 2'500.0);
  ASSERT_EQ(next.optimum.promise.spend, 2'500.0);
  EXPECT_EQ(Solve(owned, problem, 2'499.0).optimum.promise.spend, 0.0);
  EXPECT_NEAR(answer.shadow_price, next.optimum.promise.profit / 2'500.0, 1e-9);
  EXPECT_EQ(answer.left_because, "it is too little to bring more, which takes a budget of at least 2500");
}

// As many of their steps were looked at as fit into the minimum, up to an error of more than 16,000,000.
TEST(MarginPrice, TakesNoMoreAmountsWhereACampaignHasALargeMinimum) {
  const OwnedModel owned(MakePowerLaw({.returns = {60.0, 40.0, 30.0}, .seen_max = 5e6}));
  for (const double minimum : {700'000.0, 2'000'000.0}) {
    BudgetProblem problem = MakeProblem(5, 5'000.0, 1.0);
    problem.unit = 1.0;
    for (BudgetCampaign& campaign : problem.campaigns) campaign.max = 5'000'000.0;
    problem.campaigns[4].min = minimum;
    problem.campaigns[4].may_skip = true;
    MemoryBudget memory(30'000'000, 0);
    problem.memory = &memory;
    const BudgetAnswer answer = Solve(owned, problem, 5'000.0);
    ASSERT_EQ(answer.optimum.promise.spend, 5'000.0);
    const BudgetAnswer next = Solve(owned, problem, 5'001.0);
    EXPECT_NEAR(answer.shadow_price, next.optimum.promise.profit - answer.optimum.promise.profit, 1e-6);
  }
}

// Another campaign, which may get any amount, has all that helps.
TEST(MarginPrice, IsOfTheNextStepWhereOtherAmountsBringNoMore) {
  const OwnedModel owned(MakePowerLaw(kDiminishing));
  BudgetProblem problem = MakeProblem(2, 3'500.0, 0.0);
  problem.campaigns[0].max = 0.0;
  EXPECT_EQ(Solve(owned, problem, 3'500.0).shadow_price, 0.0);
  // The first one's only step takes more than what is left beside the second one's best, 2,822.
  problem.campaigns[0].max = 9'000.0;
  problem.campaigns[0].step = 9'000.0;
  const BudgetAnswer stepped = Solve(owned, problem, 3'500.0);
  ASSERT_EQ(stepped.optimum.campaigns[0].spend, 0.0);
  ASSERT_GT(stepped.left, 600.0);
  const BudgetAnswer next = Solve(owned, problem, stepped.optimum.promise.spend + 9'000.0);
  ASSERT_EQ(next.optimum.campaigns[0].spend, 9'000.0);
  EXPECT_NEAR(stepped.shadow_price, (next.optimum.promise.profit - stepped.optimum.promise.profit) / 9'000.0, 1e-3);
}

TEST(MarginPrice, IsAnErrorWhenToldToStop) {
  const OwnedModel owned(MakePowerLaw(kDiminishing));
  const BudgetProblem problem = MakeProblem(2, 3'000.0, 100.0);
  int asked = 0;
  ASSERT_TRUE(OptimizeBudget(owned.model(), problem, [&] {
                ++asked;
                return absl::OkStatus();
              }).ok());
  for (int last = 1; last <= asked; ++last) {
    int now = 0;
    const auto answer = OptimizeBudget(
        owned.model(), problem, [&] { return ++now < last ? absl::OkStatus() : absl::DeadlineExceededError("late"); });
    EXPECT_EQ(answer.status(), absl::DeadlineExceededError("late")) << last << " of " << asked;
  }
}

}  // namespace
}  // namespace roicast

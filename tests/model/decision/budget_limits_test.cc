// Random problems: no limit is broken, and of all splits in steps the best one is found.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/model/decision/budget_problems.h"
#include "tests/model/decision/power_law.h"

namespace roicast {
namespace {

using testing::Cents;
using testing::MakePowerLaw;
using testing::MakeProblem;
using testing::OwnedModel;

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

}  // namespace
}  // namespace roicast

// What budgets cannot be met, which problems are none, and what a split may take.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/memory_budget.h"
#include "tests/model/decision/budget_problems.h"
#include "tests/model/decision/power_law.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;
using testing::Law;
using testing::MakePowerLaw;
using testing::MakeProblem;
using testing::OwnedModel;
using testing::PowerRows;

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

// Every campaign is of one of the groups from the 5,000th on.
void ExpectSolved(BudgetProblem problem) {
  for (size_t c = 0; c < problem.campaigns.size(); ++c) problem.campaigns[c].group = absl::StrCat("g", c + 5'000);
  const OwnedModel owned(Law());
  const auto answer = OptimizeBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_TRUE(answer->conflicts.empty());
  EXPECT_TRUE(answer->optimum.allowed);
}

// Looking for each campaign's group in all of them, and for each group's campaigns in all of them, took minutes.
TEST(BudgetOptimizer, SolvesAsManyGroupsAsThereMayBe) {
  BudgetProblem problem = MakeProblem(std::vector<int>(kMaxBudgetCampaigns, 0), 2e7);
  problem.levels = 2;
  for (int g = 0; g < kMaxBudgetGroups; ++g) problem.groups.push_back({absl::StrCat("g", g), 0.0, 1'000.0});
  ExpectSolved(problem);
}

TEST(BudgetOptimizer, SolvesAsManyGroupsWithinGroupsAsThereMayBe) {
  BudgetProblem problem = MakeProblem(std::vector<int>(kMaxBudgetCampaigns, 0), 2e7);
  problem.levels = 2;
  constexpr int64_t kOuter = 100;
  for (int64_t g = 0; g < kMaxBudgetGroups; ++g) {
    problem.groups.push_back(
        {absl::StrCat("g", g), 0.0, g < kOuter ? 100'000.0 : 1'000.0, g < kOuter ? "" : absl::StrCat("g", g % kOuter)});
  }
  ExpectSolved(problem);
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

}  // namespace
}  // namespace roicast

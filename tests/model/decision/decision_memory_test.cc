// What decisions take, counted in the allocator, beside what they claim.
#include "model/decision/decision_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "model/decision/budget_optimizer.h"
#include "tests/model/decision/power_law.h"
#include "tests/testing/counted_memory.h"

namespace roicast {
namespace {

using testing::MakePowerLaw;
using testing::OwnedModel;
using testing::PowerRows;

constexpr int64_t kPlenty = 8'000'000'000;

struct Memory {
  int64_t claimed = 0, taken = 0;
  absl::Status status;
};

Memory MemoryOf(BudgetProblem problem) {
  const OwnedModel owned(MakePowerLaw({.returns = {60.0, 40.0, 30.0}, .seen_max = 5e6}));
  MemoryBudget budget(kPlenty, 0);
  problem.memory = &budget;
  const int64_t before = testing::MemoryTaken();
  testing::ResetMostTaken();
  Memory memory;
  memory.status = OptimizeBudget(owned.model(), problem, {}).status();
  memory.taken = testing::MostMemoryTaken() - before;
  memory.claimed = static_cast<int64_t>(budget.TakePeak());
  return memory;
}

BudgetProblem MakeProblem(size_t campaigns, double budget, double max, double step) {
  BudgetProblem problem;
  std::vector<int> channels;
  for (size_t c = 0; c < campaigns; ++c) channels.push_back(static_cast<int>(c % 3));
  problem.rows = PowerRows(std::vector<double>(campaigns, 500.0), channels);
  problem.campaigns.resize(campaigns);
  for (BudgetCampaign& campaign : problem.campaigns) {
    campaign.min = 0.0;
    campaign.max = max;
    campaign.step = step;
  }
  problem.budget = budget;
  return problem;
}

BudgetProblem WithLevels(BudgetProblem problem, int levels) {
  problem.levels = levels;
  return problem;
}

BudgetProblem WithCurves(BudgetProblem problem) {
  problem.curves = true;
  return problem;
}

// One campaign that needs `minimum` or nothing, in steps of 1.
BudgetProblem WithLargeMinimum(double minimum) {
  BudgetProblem problem = MakeProblem(5, 5'000.0, 5e6, 1.0);
  problem.unit = 1.0;
  problem.campaigns[4].min = minimum;
  problem.campaigns[4].may_skip = true;
  return problem;
}

// Every second campaign in steps, in groups within each other.
BudgetProblem WithGroups() {
  BudgetProblem problem = MakeProblem(200, 100'000.0, 10'000.0, 0.0);
  for (int g = 0; g < kMaxGroupDepth; ++g) {
    problem.groups.push_back({absl::StrCat("g", g), 0.0, 1e6, g == 0 ? "" : absl::StrCat("g", g - 1)});
  }
  for (size_t c = 0; c < problem.campaigns.size(); ++c) {
    if (c % 2 == 0) problem.campaigns[c].step = 10.0;
    problem.campaigns[c].group = absl::StrCat("g", c % kMaxGroupDepth);
  }
  return problem;
}

// It took more: the grid of the next step was claimed as small as the first one (960 MB for 6).
TEST(DecisionMemory, ASplitTakesNoMoreThanItClaims) {
  if (!testing::kCountsMemory) GTEST_SKIP() << "the sanitizer has operators of its own";
  const struct {
    const char* name;
    BudgetProblem problem;
  } cases[] = {
      {"few", MakeProblem(3, 6'000.0, 10'000.0, 0.0)},
      {"any amounts", MakeProblem(1'000, 900'000.0, 10'000.0, 0.0)},
      {"two levels", WithLevels(MakeProblem(10'000, 1e7, 10'000.0, 0.0), 2)},
      {"steps", MakeProblem(1'000, 900'000.0, 10'000.0, 100.0)},
      {"curves", WithCurves(MakeProblem(300, 3e5, 10'000.0, 20.0))},
      {"cents", MakeProblem(1, 5'000.0, 10'000.0, 0.01)},
      {"a large minimum", WithLargeMinimum(700'000.0)},
      {"a larger one", WithLargeMinimum(2e6)},
      {"groups", WithGroups()},
  };
  for (const auto& one : cases) {
    const Memory memory = MemoryOf(one.problem);
    EXPECT_TRUE(memory.status.ok()) << one.name << ": " << memory.status;
    EXPECT_LE(memory.taken, memory.claimed) << one.name;
    EXPECT_LE(memory.claimed, 10 * memory.taken + 2'000'000) << one.name;
  }
}

// Steps of the first campaigns were made before the last one's were found to be too many.
TEST(DecisionMemory, TooManyStepsAreRefusedBeforeTheyAreMade) {
  if (!testing::kCountsMemory) GTEST_SKIP() << "the sanitizer has operators of its own";
  const Memory memory = MemoryOf(MakeProblem(3, 150'000.0, 150'000.0, 0.01));
  EXPECT_EQ(memory.status, absl::ResourceExhaustedError("campaign 1: step: expected at most 16000000 amounts in all, "
                                                        "got more; larger steps or a smaller max make fewer"));
  EXPECT_LT(memory.taken, 1'000'000);
}

}  // namespace
}  // namespace roicast

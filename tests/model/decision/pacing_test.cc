#include "model/decision/pacing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/memory_budget.h"
#include "tests/model/decision/power_law.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;
using testing::MakePowerLaw;
using testing::OwnedModel;
using testing::PowerRows;

constexpr int64_t kJanuary = 1'705'276'800, kMonth = 2'629'800;  // 2024-01-15; seconds

Artifact Law() { return MakePowerLaw({.returns = {60.0, 40.0, 30.0}}); }

// Two campaigns over the first seven months of 2024.
PacingProblem MakeProblem(double budget) {
  PacingProblem problem;
  problem.whole.rows = PowerRows({500.0, 500.0}, {0, 2});
  problem.whole.campaigns.resize(2);
  problem.whole.budget = budget;
  for (int p = 0; p < 7; ++p) {
    Period& period = problem.periods.emplace_back();
    period.start = kJanuary + p * kMonth;
    period.days = 30.0;
  }
  return problem;
}

int64_t Cents(double money) { return std::llround(money * 100.0); }

double SpendOf(const PacedPeriod& period) {
  double sum = 0.0;
  for (const SpentCampaign& campaign : period.split.campaigns) sum += campaign.spend;
  return sum;
}

TEST(Pacing, SpendsMoreWhereTheSeasonIsBetter) {
  const OwnedModel owned(Law());
  const auto answer = PlanBudget(owned.model(), MakeProblem(10'000.0), {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  const std::vector<PacedPeriod>& periods = answer->plan.periods;
  ASSERT_EQ(periods.size(), 7u);
  int64_t sum = 0;
  for (const PacedPeriod& period : periods) sum += Cents(SpendOf(period));
  EXPECT_EQ(sum, 1'000'000);
  EXPECT_NEAR(periods.back().spent_so_far, 10'000.0, 1e-6);
  // 1 + ROI is e^0.4 times as high in July as in January, and spends go with its power of 2.5: e times as much.
  EXPECT_NEAR(SpendOf(periods[6]) / SpendOf(periods[0]), std::exp(1.0), 0.05);
  double profit = 0.0;
  for (const PacedPeriod& period : periods) profit += period.split.promise.profit;
  EXPECT_NEAR(profit, answer->plan.promise.profit, 1e-6);
  EXPECT_GT(answer->plan.promise.profit, answer->plan.even.profit);
  EXPECT_TRUE(answer->plan.even_allowed);
  PacingProblem limited = MakeProblem(10'000.0);
  limited.periods[0].max = 10.0;
  const auto breaks = PlanBudget(owned.model(), limited, {});
  ASSERT_TRUE(breaks.ok()) << breaks.status();
  EXPECT_FALSE(breaks->plan.even_allowed);
}

TEST(Pacing, KeepsToLimitsOfGroupsInEachPeriod) {
  const OwnedModel owned(Law());
  PacingProblem problem = MakeProblem(10'000.0);
  problem.whole.groups = {{.name = "first", .min = 0.0, .max = 900.0}, {.name = "second", .min = 400.0, .max = {}}};
  problem.whole.campaigns[0].group = "first";
  problem.whole.campaigns[1].group = "second";
  problem.periods[0].spent = {2'000.0, 0.0};
  const auto answer = PlanBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_TRUE(answer->plan.conflicts.empty()) << answer->plan.conflicts.front().message;
  EXPECT_EQ(answer->plan.periods[0].split.campaigns[0].spend, 2'000.0);
  for (size_t p = 1; p < 7; ++p) {
    const std::vector<SpentCampaign>& campaigns = answer->plan.periods[p].split.campaigns;
    EXPECT_LE(Cents(campaigns[0].spend), 90'000);
    EXPECT_GE(Cents(campaigns[1].spend), 40'000);
  }
  // The first campaign returns more, so that it takes all that it may get.
  EXPECT_EQ(answer->plan.periods[6].split.campaigns[0].spend, 900.0);

  problem.whole.groups[1].min = 2'000.0;
  const auto conflict = PlanBudget(owned.model(), problem, {});
  ASSERT_TRUE(conflict.ok()) << conflict.status();
  ASSERT_FALSE(conflict->plan.conflicts.empty());
  EXPECT_EQ(conflict->plan.conflicts[0].kind, ConflictKind::kMinimaOverBudget);

  problem.periods[1].max = 3'000.0;
  EXPECT_EQ(PlanBudget(owned.model(), problem, {}).status(),
            absl::InvalidArgumentError("groups: expected none beside limits of periods, as each campaign is in one "
                                       "group at most and a period with limits is one"));
}

TEST(Pacing, KeepsToLimitsOfPeriodsAndToWhatIsSpent) {
  const OwnedModel owned(Law());
  PacingProblem problem = MakeProblem(10'000.0);
  problem.periods[0].spent = {700.0, 55.5};
  problem.periods[2].min = 2'000.0;
  problem.periods[6].max = 1'000.0;
  const auto answer = PlanBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  const std::vector<PacedPeriod>& periods = answer->plan.periods;
  EXPECT_EQ(periods[0].split.campaigns[0].spend, 700.0);
  EXPECT_EQ(periods[0].split.campaigns[1].spend, 55.5);
  EXPECT_GE(Cents(SpendOf(periods[2])), 200'000);
  EXPECT_NEAR(SpendOf(periods[2]), 2'000.0, 0.5);
  EXPECT_LE(Cents(SpendOf(periods[6])), 100'000);
  EXPECT_NEAR(SpendOf(periods[6]), 1'000.0, 0.5);
  EXPECT_NEAR(periods.back().spent_so_far, 10'000.0, 1e-6);
}

TEST(Pacing, AnswersWhatIfTheBudgetChangesMidFlight) {
  const OwnedModel owned(Law());
  PacingProblem problem = MakeProblem(10'000.0);
  problem.changes = {{3, 7'000.0}, {3, 10'000.0}, {3, 1'000.0}};
  const auto answer = PlanBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->changes.size(), 3u);
  const std::vector<PacedPeriod>& before = answer->plan.periods;
  const std::vector<PacedPeriod>& less = answer->changes[0].plan.periods;
  for (int p = 0; p < 3; ++p) EXPECT_EQ(less[p].split.campaigns[0].spend, before[p].split.campaigns[0].spend);
  for (int p = 3; p < 7; ++p) EXPECT_LT(SpendOf(less[p]), SpendOf(before[p]));
  EXPECT_NEAR(less.back().spent_so_far, 7'000.0, 1e-6);
  EXPECT_GT(answer->changes[0].plan.shadow_price, answer->plan.shadow_price);
  EXPECT_NEAR(answer->changes[1].plan.promise.profit, answer->plan.promise.profit, 0.5);
  // More is spent by then than is left of it.
  ASSERT_EQ(answer->changes[2].plan.conflicts.size(), 1u);
  EXPECT_EQ(answer->changes[2].plan.conflicts[0].kind, ConflictKind::kMinimaOverBudget);
}

TEST(Pacing, NamesThePeriodInConflict) {
  const OwnedModel owned(Law());
  PacingProblem problem = MakeProblem(10'000.0);
  problem.periods[1].name = "February";
  problem.periods[1].max = 500.0;
  problem.whole.campaigns[0].min = 400.0;
  problem.whole.campaigns[1].min = 300.0;
  const auto answer = PlanBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->plan.conflicts.size(), 1u);
  EXPECT_EQ(answer->plan.conflicts[0].group, "February");
  EXPECT_EQ(answer->plan.conflicts[0].message,
            "the least amounts add up to 700, which is 200 more than the maximum of February of 500: campaign "
            "\"February, campaign 0\" 400, campaign \"February, campaign 1\" 300");
  EXPECT_EQ(answer->plan.conflicts[0].by, 200.0);
}

absl::Status ErrorOf(const PacingProblem& problem) {
  const OwnedModel owned(Law());
  return PlanBudget(owned.model(), problem, {}).status();
}

TEST(Pacing, NamesBadProblems) {
  PacingProblem order = MakeProblem(1'000.0);
  order.periods[2].start = kJanuary;
  EXPECT_THAT(ErrorOf(order).message(), HasSubstr("period 2: expected a start behind that of the period before"));
  PacingProblem spent = MakeProblem(1'000.0);
  spent.periods[1].spent = {1.0, 2.0};
  EXPECT_THAT(ErrorOf(spent).message(), HasSubstr("period 1: spent: expected only in the first periods"));
  PacingProblem changes = MakeProblem(1'000.0);
  changes.changes = {{7, 100.0}};
  EXPECT_EQ(ErrorOf(changes), absl::InvalidArgumentError("changes: expected periods from 1 to 6, got 7"));
  PacingProblem goal = MakeProblem(1'000.0);
  goal.whole.goal = BudgetGoal::kTargetRoi;
  EXPECT_THAT(ErrorOf(goal).message(), HasSubstr("goal: expected the most profit or revenue"));
  PacingProblem time = MakeProblem(1'000.0);
  time.time_feature = "spend";
  EXPECT_EQ(ErrorOf(time), absl::InvalidArgumentError("time_feature: expected a time, but \"spend\" is not one"));
  PacingProblem name = MakeProblem(1'000.0);
  name.periods[3].name = std::string(1025, 'p');
  EXPECT_EQ(ErrorOf(name), absl::InvalidArgumentError("period 3: name: expected at most 1024 bytes, got 1025"));
  PacingProblem campaign = MakeProblem(1'000.0);
  campaign.whole.campaigns[1].name = std::string(1 << 20, 'n');
  EXPECT_EQ(ErrorOf(campaign),
            absl::InvalidArgumentError("campaign 1: name: expected at most 1024 bytes, got 1048576"));
  PacingProblem groups = MakeProblem(1'000.0);
  for (int g = 0; g < 5'000; ++g) groups.whole.groups.push_back({absl::StrCat("g", g), 0.0, 10.0});
  EXPECT_EQ(ErrorOf(groups),
            absl::ResourceExhaustedError(
                "periods: expected at most 20000 groups and one more, times periods, got 5000 and one more, times 7"));
}

TEST(Pacing, NamesOfTheGreatestLengthAreKept) {
  PacingProblem problem = MakeProblem(10'000.0);
  problem.whole.campaigns[0].name = std::string(kMaxBudgetNameBytes, 'n');
  problem.whole.campaigns[0].group = std::string(kMaxBudgetNameBytes, 'g');
  problem.whole.groups = {{std::string(kMaxBudgetNameBytes, 'g'), 1e6, 2e6}};
  for (size_t p = 0; p < problem.periods.size(); ++p) {
    problem.periods[p].name = std::string(kMaxBudgetNameBytes - 1, 'p') + static_cast<char>('a' + p);
  }
  const OwnedModel owned(Law());
  const auto answer = PlanBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_FALSE(answer->plan.conflicts.empty());
  const Conflict& conflict = answer->plan.conflicts.front();
  EXPECT_EQ(conflict.group, problem.periods[0].name + ", " + problem.whole.groups[0].name);
  ASSERT_EQ(conflict.who.size(), 1u);
  EXPECT_THAT(conflict.who[0], ::testing::StartsWith("campaign \"" + problem.periods[0].name + ", " +
                                                     problem.whole.campaigns[0].name + "\" "));
}

TEST(Pacing, DrawsWhatItTakesFromTheMemoryBudget) {
  const OwnedModel owned(Law());
  PacingProblem problem = MakeProblem(10'000.0);
  MemoryBudget little(10'000, 0), enough(100'000'000, 0);
  problem.whole.memory = &little;
  EXPECT_TRUE(IsMemoryRefusal(PlanBudget(owned.model(), problem, {}).status()));
  problem.whole.memory = &enough;
  EXPECT_TRUE(PlanBudget(owned.model(), problem, {}).ok());
  EXPECT_EQ(enough.held(), 0u);
  EXPECT_GT(enough.TakePeak(), 0u);
}

}  // namespace
}  // namespace roicast

#include "model/decision/pacing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/memory_budget.h"
#include "base/random.h"
#include "model/decision/decision_model.h"
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
}

// One campaign's amounts are 0, 100, 200 and 300.
constexpr int kAmounts = 4, kPeriods = 3, kCampaigns = 3;

// Random limits of campaigns' groups in each period, of periods, and of the whole.
PacingProblem RandomLimits(Random& random) {
  const auto hundreds = [&random](uint64_t most) { return 100.0 * static_cast<double>(random.Below(most + 1)); };
  PacingProblem problem;
  problem.whole.rows = PowerRows({200.0, 200.0, 200.0}, {0, 1, 2});
  problem.whole.groups = {{.name = "ab"}, {.name = "c"}};
  for (int c = 0; c < kCampaigns; ++c) {
    BudgetCampaign& campaign = problem.whole.campaigns.emplace_back();
    campaign.max = 300.0;
    campaign.step = 100.0;
    campaign.group = c < 2 ? "ab" : random.Uniform() < 0.5 ? "c" : "";
  }
  for (BudgetGroup& group : problem.whole.groups) {
    if (random.Uniform() < 0.4) group.min = hundreds(2);
    if (random.Uniform() < 0.6) group.max = group.min + hundreds(3);
  }
  for (int p = 0; p < kPeriods; ++p) {
    Period& period = problem.periods.emplace_back();
    period.start = kJanuary + 2 * p * kMonth;
    if (random.Uniform() < 0.4) period.min = hundreds(5);
    if (random.Uniform() < 0.6) period.max = period.min + hundreds(4);
  }
  problem.whole.budget = hundreds(20);
  problem.whole.spend_all = random.Uniform() < 0.3;
  return problem;
}

struct PeriodSums {
  double spend = 0.0, profit = 0.0;
};

// What the limits of one period and of the groups in it allow.
std::vector<PeriodSums> AllOfPeriod(const PacingProblem& problem, const MoneyModel& money, size_t p) {
  const Period& period = problem.periods[p];
  double profit[kCampaigns][kAmounts];
  for (int c = 0; c < kCampaigns; ++c) {
    for (int a = 0; a < kAmounts; ++a) {
      const float row[] = {100.0f * static_cast<float>(a), static_cast<float>(c), HoursSinceEpoch(period.start)};
      double roi = 0.0;
      if (a > 0) {
        EXPECT_TRUE(money.Evaluate(row, nullptr, {absl::MakeSpan(&roi, 1), {}, {}, {}}, {}).ok());
      }
      profit[c][a] = roi * row[0];
    }
  }
  std::vector<PeriodSums> allowed;
  for (int choice = 0; choice < kAmounts * kAmounts * kAmounts; ++choice) {
    const int amounts[] = {choice % kAmounts, choice / kAmounts % kAmounts, choice / kAmounts / kAmounts};
    PeriodSums sums;
    double of_group[2] = {0.0, 0.0};
    for (int c = 0; c < kCampaigns; ++c) {
      sums.spend += 100.0 * amounts[c];
      sums.profit += profit[c][amounts[c]];
      const std::string& group = problem.whole.campaigns[static_cast<size_t>(c)].group;
      if (!group.empty()) of_group[group == "ab" ? 0 : 1] += 100.0 * amounts[c];
    }
    bool allows = sums.spend >= period.min && sums.spend <= period.max.value_or(1e9);
    for (int g = 0; g < 2; ++g) {
      const BudgetGroup& group = problem.whole.groups[static_cast<size_t>(g)];
      allows = allows && of_group[g] >= group.min && of_group[g] <= group.max.value_or(1e9);
    }
    if (allows) allowed.push_back(sums);
  }
  return allowed;
}

// Nothing if nothing meets all limits.
std::optional<double> BestProfitByTryingAll(const PacingProblem& problem, const MoneyModel& money) {
  std::optional<double> best;
  const std::vector<PeriodSums> second = AllOfPeriod(problem, money, 1), third = AllOfPeriod(problem, money, 2);
  for (const PeriodSums& a : AllOfPeriod(problem, money, 0)) {
    for (const PeriodSums& b : second) {
      for (const PeriodSums& c : third) {
        const double spend = a.spend + b.spend + c.spend, profit = a.profit + b.profit + c.profit;
        if (spend > *problem.whole.budget || (problem.whole.spend_all && spend < *problem.whole.budget)) continue;
        if (!best.has_value() || profit > *best) best = profit;
      }
    }
  }
  return best;
}

TEST(Pacing, WithLimitsOfPeriodsAndOfGroupsInThemIsTheBestOfAll) {
  const OwnedModel owned(Law());
  const auto money = MoneyModel::Create(owned.model(), "");
  ASSERT_TRUE(money.ok()) << money.status();
  Random random(5);
  int found = 0, not_found = 0;
  for (int i = 0; i < 300; ++i) {
    const PacingProblem problem = RandomLimits(random);
    const std::optional<double> best = BestProfitByTryingAll(problem, *money);
    const auto answer = PlanBudget(owned.model(), problem, {});
    ASSERT_TRUE(answer.ok()) << i << ": " << answer.status();
    ASSERT_EQ(answer->plan.conflicts.empty(), best.has_value()) << i;
    ++(best.has_value() ? found : not_found);
    if (!best.has_value()) continue;
    ASSERT_NEAR(answer->plan.promise.profit, *best, 1e-6 * std::abs(*best)) << i;
  }
  EXPECT_GT(found, 50);
  EXPECT_GT(not_found, 50);
}

TEST(Pacing, KeepsToLimitsOfPeriodsBesideThoseOfGroupsWithAnyAmounts) {
  const OwnedModel owned(Law());
  PacingProblem problem = MakeProblem(10'000.0);
  problem.whole.groups = {{.name = "first", .min = 0.0, .max = 900.0}, {.name = "second", .min = 400.0, .max = {}}};
  problem.whole.campaigns[0].group = "first";
  problem.whole.campaigns[1].group = "second";
  problem.periods[1].max = 1'000.0;
  problem.periods[2].min = 2'345.67;
  const auto answer = PlanBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_TRUE(answer->plan.conflicts.empty()) << answer->plan.conflicts.front().message;
  for (const PacedPeriod& period : answer->plan.periods) {
    EXPECT_LE(Cents(period.split.campaigns[0].spend), 90'000);
    EXPECT_GE(Cents(period.split.campaigns[1].spend), 40'000);
  }
  // Amounts between the levels of the grid: nearly all that the period may get.
  EXPECT_LE(Cents(SpendOf(answer->plan.periods[1])), 100'000);
  EXPECT_NEAR(SpendOf(answer->plan.periods[1]), 1'000.0, 2.0);
  EXPECT_NEAR(SpendOf(answer->plan.periods[2]), 2'345.67, 0.5);
  EXPECT_GE(Cents(SpendOf(answer->plan.periods[2])), 234'567);

  problem.periods[1].max = 300.0;
  const auto conflict = PlanBudget(owned.model(), problem, {});
  ASSERT_TRUE(conflict.ok()) << conflict.status();
  ASSERT_EQ(conflict->plan.conflicts.size(), 1u);
  EXPECT_EQ(conflict->plan.conflicts[0].group, "period 1");
  EXPECT_EQ(conflict->plan.conflicts[0].message,
            "the least amounts add up to 400, which is 100 more than the maximum of period 1 of 300: group \"period 1, "
            "second\" 400");
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

// It refused as many as a problem may have, with names that nobody gave: a period is one more around them.
TEST(Pacing, GroupsMayBeWithinEachOtherAsInABudget) {
  PacingProblem problem = MakeProblem(10'000.0);
  for (int g = 0; g < kMaxGroupDepth; ++g) {
    problem.whole.groups.push_back({absl::StrCat("g", g), 0.0, 900.0 - g, g == 0 ? "" : absl::StrCat("g", g - 1)});
  }
  problem.whole.campaigns[0].group = problem.whole.groups.back().name;
  const OwnedModel owned(Law());
  const auto answer = PlanBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_TRUE(answer->plan.conflicts.empty());
  for (const PacedPeriod& period : answer->plan.periods) EXPECT_LE(period.split.campaigns[0].spend, 893.0);
  EXPECT_NEAR(answer->plan.periods.back().split.campaigns[0].spend, 893.0, 1e-9);
  problem.whole.groups.push_back({"inmost", 0.0, 10.0, problem.whole.groups.back().name});
  EXPECT_EQ(ErrorOf(problem),
            absl::ResourceExhaustedError("group \"inmost\": expected at most 8 groups within each other, got more"));
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

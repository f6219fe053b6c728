#include "model/decision/split_search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>

#include "base/memory_budget.h"
#include "base/random.h"
#include "model/decision/choice_steps.h"
#include "model/decision/envelope.h"

namespace roicast {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

SearchCampaign RandomCampaign(int groups, Random& random) {
  SearchCampaign campaign;
  const auto levels = 1 + random.Below(5);
  int64_t spend = static_cast<int64_t>(random.Below(4));
  const bool noisy = random.Uniform() < 0.5;
  for (uint64_t i = 0; i < levels; ++i) {
    campaign.spend.push_back(spend);
    const double concave = 10.0 * std::sqrt(static_cast<double>(spend)) - static_cast<double>(spend);
    campaign.value.push_back(noisy ? 20.0 * random.Normal() : concave + random.Normal());
    spend += 1 + static_cast<int64_t>(random.Below(6));
  }
  campaign.group = static_cast<int>(random.Below(static_cast<uint64_t>(groups) + 1)) - 1;
  return campaign;
}

// Of up to `most_groups` groups; nested: some are within others.
SearchProblem RandomProblem(uint64_t most_groups, bool nested, Random& random) {
  SearchProblem problem;
  const int groups = static_cast<int>(random.Below(most_groups + 1));
  const auto campaigns = 1 + random.Below(5);
  for (uint64_t c = 0; c < campaigns; ++c) problem.campaigns.push_back(RandomCampaign(groups, random));
  int64_t most = 0;
  for (const SearchCampaign& campaign : problem.campaigns) most += campaign.spend.back();
  for (int g = 0; g < groups; ++g) {
    SearchGroup group;
    if (random.Uniform() < 0.5) group.min = static_cast<int64_t>(random.Below(static_cast<uint64_t>(most) / 3 + 1));
    if (random.Uniform() < 0.5) group.max = group.min + static_cast<int64_t>(random.Below(12));
    if (nested && random.Uniform() < 0.6)
      group.parent = static_cast<int>(random.Below(static_cast<uint64_t>(g) + 1)) - 1;
    problem.groups.push_back(group);
  }
  problem.budget = static_cast<int64_t>(random.Below(static_cast<uint64_t>(most) + 2));
  if (random.Uniform() < 0.2) problem.budget = kNoLimit;
  switch (random.Below(4)) {
    case 0:
      problem.aim = SearchAim::kLeastSpend;
      problem.target = random.Uniform(-10.0, 40.0);
      break;
    case 1:
      problem.aim = SearchAim::kRatio;
      problem.target = random.Uniform(0.0, 4.0);
      break;
    case 2:
      problem.exact = problem.budget < kNoLimit;
      break;
    default:
      break;
  }
  return problem;
}

struct Sums {
  int64_t spend = 0;
  double value = 0.0;
};

// Nothing if a limit is broken.
std::optional<Sums> SumsOf(const SearchProblem& problem, const std::vector<int>& level) {
  Sums sums;
  std::vector<int64_t> of_group(problem.groups.size(), 0);
  std::vector<bool> empty(problem.groups.size(), true);
  for (size_t c = 0; c < level.size(); ++c) {
    const SearchCampaign& campaign = problem.campaigns[c];
    const auto l = static_cast<size_t>(level[c]);
    sums.spend += campaign.spend[l];
    sums.value += campaign.value[l];
    for (int g = campaign.group; g >= 0; g = problem.groups[static_cast<size_t>(g)].parent) {
      of_group[static_cast<size_t>(g)] += campaign.spend[l];
      empty[static_cast<size_t>(g)] = false;
    }
  }
  for (size_t g = 0; g < of_group.size(); ++g) {
    if (!empty[g] && (of_group[g] < problem.groups[g].min || of_group[g] > problem.groups[g].max)) return std::nullopt;
  }
  if (sums.spend > problem.budget || (problem.exact && sums.spend != problem.budget)) return std::nullopt;
  if (problem.aim == SearchAim::kLeastSpend && sums.value < problem.target) return std::nullopt;
  if (problem.aim == SearchAim::kRatio && sums.value < problem.target * static_cast<double>(sums.spend)) {
    return std::nullopt;
  }
  return sums;
}

double Score(const SearchProblem& problem, const Sums& sums) {
  return problem.aim == SearchAim::kLeastSpend ? -static_cast<double>(sums.spend) : sums.value;
}

double BestByTryingAll(const SearchProblem& problem) {
  std::vector<int> level(problem.campaigns.size(), 0);
  double best = kNever;
  while (true) {
    const std::optional<Sums> sums = SumsOf(problem, level);
    if (sums.has_value()) best = std::max(best, Score(problem, *sums));
    size_t c = 0;
    while (c < level.size() && ++level[c] == static_cast<int>(problem.campaigns[c].spend.size())) level[c++] = 0;
    if (c == level.size()) return best;
  }
}

void ExpectBestOfAllOnTenThousand(uint64_t most_groups, bool nested, uint64_t seed) {
  Random random(seed);
  int found = 0, not_found = 0;
  for (int i = 0; i < 10'000; ++i) {
    const SearchProblem problem = RandomProblem(most_groups, nested, random);
    const double best = BestByTryingAll(problem);
    const auto result = SearchSplit(problem, {});
    ASSERT_TRUE(result.ok()) << i;
    ASSERT_EQ(result->found, best > kNever) << i;
    if (!result->found) {
      ++not_found;
      continue;
    }
    ++found;
    const std::optional<Sums> sums = SumsOf(problem, result->level);
    ASSERT_TRUE(sums.has_value()) << i << ": a limit is broken";
    ASSERT_NEAR(Score(problem, *sums), best, 1e-9 * (1.0 + std::abs(best))) << i;
    ASSERT_EQ(result->spend, sums->spend) << i;
    if (problem.aim != SearchAim::kMostValue) continue;
    ASSERT_EQ(result->at_most_missed, 0.0) << i;
  }
  EXPECT_GT(found, 4'000);
  EXPECT_GT(not_found, 500);
}

TEST(SplitSearch, IsTheBestOfAllOnTenThousandRandomProblems) { ExpectBestOfAllOnTenThousand(2, false, 1); }

TEST(SplitSearch, IsTheBestOfAllWithGroupsWithinGroups) { ExpectBestOfAllOnTenThousand(5, true, 3); }

TEST(SplitSearch, WithFewStatesStaysWithinTheBoundThatItStates) {
  Random random(2);
  double missed = 0.0;
  for (int i = 0; i < 300; ++i) {
    SearchProblem problem;
    for (int c = 0; c < 12; ++c) {
      problem.campaigns.push_back(RandomCampaign(0, random));
      // Sums that rarely meet.
      for (int64_t& spend : problem.campaigns.back().spend) spend = spend * 997 + static_cast<int64_t>(random.Below(7));
    }
    int64_t most = 0;
    for (const SearchCampaign& campaign : problem.campaigns) most += campaign.spend.back();
    problem.budget = most / 2;
    problem.max_states = 20'000;
    const auto all = SearchSplit(problem, {});
    problem.max_states = 8;
    const auto few = SearchSplit(problem, {});
    ASSERT_TRUE(all.ok() && few.ok());
    ASSERT_TRUE(all->found && few->found) << i;
    EXPECT_LE(few->value, all->value + 1e-9) << i;
    EXPECT_GE(few->value + few->at_most_missed, all->value - 1e-9) << i;
    missed = std::max(missed, (all->value - few->value) / std::abs(all->value));
  }
  EXPECT_LT(missed, 0.2);
}

// Of equal campaigns, all of which gain the same at the margin, the ones to spend more on were chosen in each group
// without regard to the other groups, whose sums then were over the budget.
TEST(SplitSearch, FindsAChoiceOfManyEqualCampaignsInGroups) {
  SearchProblem problem;
  problem.groups.resize(4);
  SearchCampaign campaign;
  for (int64_t i = 0; i < 100; ++i) {
    campaign.spend.push_back(i == 0 ? 0 : 15'000 + 2'850 * i);
    campaign.value.push_back(40.0 * std::sqrt(static_cast<double>(campaign.spend.back())));
  }
  for (int c = 0; c < 1200; ++c) {
    campaign.group = c / 300;
    problem.campaigns.push_back(campaign);
  }
  problem.budget = 30'000'000;
  const auto result = SearchSplit(problem, {});
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_TRUE(result->found);
  EXPECT_LE(result->spend, problem.budget);
  EXPECT_LT(result->at_most_missed, 1e-3 * result->value);
}

// 1,000 campaigns whose curves differ by a millionth. steps_differ: no two sums are alike.
SearchProblem AlikeCampaigns(double (*curve)(double share), bool steps_differ) {
  Random random(11);
  SearchProblem problem;
  int64_t most = 0;
  for (int c = 0; c < 1'000; ++c) {
    SearchCampaign& campaign = problem.campaigns.emplace_back();
    const int64_t step = 10'000 + (steps_differ ? static_cast<int64_t>(random.Below(100)) : 0);
    for (int64_t level = 0; level < 100; ++level) {
      campaign.spend.push_back(step * level);
      campaign.value.push_back(20'000.0 * curve(static_cast<double>(level) / 99.0) * (1.0 + 1e-6 * random.Normal()));
    }
    most += campaign.spend.back();
  }
  problem.budget = most / 3 + 1'234;
  return problem;
}

double Concave(double share) { return std::sqrt(share); }
double Sigmoid(double share) { return std::pow(share, 3.0) / (std::pow(share, 3.0) + 0.03); }
double Dented(double share) { return std::sqrt(share) + 0.01 * std::sin(60.0 * share); }

// Nearly equal states were looked at long after what was found was within a millionth of the bound.
TEST(SplitSearch, NearlyEqualCurvesTakeLittleWork) {
  for (const bool steps_differ : {false, true}) {
    for (double (*const curve)(double) : {Concave, Dented}) {
      const SearchProblem problem = AlikeCampaigns(curve, steps_differ);
      const auto result = SearchSplit(problem, {});
      ASSERT_TRUE(result.ok()) << result.status();
      ASSERT_TRUE(result->found);
      EXPECT_LE(result->spend, problem.budget);
      EXPECT_LE(result->at_most_missed, kNearBest * result->value);
      EXPECT_GT(result->work, 100'000);
      EXPECT_LT(result->work, 2'000'000) << steps_differ;
    }
  }
}

// Where the bound is far from what can be had, as an S-shaped curve is nowhere between nothing and its bend, states are
// still looked at, in bounds.
TEST(SplitSearch, NearlyEqualSigmoidCurvesTakeBoundedWork) {
  for (const bool steps_differ : {false, true}) {
    const SearchProblem problem = AlikeCampaigns(Sigmoid, steps_differ);
    const auto result = SearchSplit(problem, {});
    ASSERT_TRUE(result.ok()) << result.status();
    ASSERT_TRUE(result->found);
    EXPECT_LE(result->at_most_missed, 1e-4 * result->value);
    EXPECT_LT(result->work, 3'500'000) << steps_differ;
  }
}

TEST(SplitSearch, AnyAmountsFillWhatLevelsLeaveOfAnExactBudget) {
  SearchProblem problem;
  problem.campaigns = {{{0, 100}, {0.0, 50.0}, 100, 0, -1}, {{0, 100}, {0.0, 20.0}, 100, 0, 0}};
  problem.groups = {{30, 60}};
  problem.budget = 133;
  problem.exact = true;
  const auto result = SearchSplit(problem, {});
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_TRUE(result->found);
  EXPECT_EQ(result->level, (std::vector<int>{1, 0}));
  EXPECT_EQ(result->group_rest, (std::vector<int64_t>{30}));
  EXPECT_EQ(result->rest, 3);
}

TEST(ChoiceSteps, CampaignsWithASingleAmountTakeNextToNothing) {
  constexpr int32_t kStates = 20'000, kSingle = 1'000;
  std::vector<ChoiceState> states(kStates);
  for (int32_t i = 0; i < kStates; ++i) states[static_cast<size_t>(i)].choice = 7 * i % 100;
  ChoiceSteps steps;
  steps.Push(states);
  const size_t first = steps.bytes();
  EXPECT_GE(first, kStates * 2 * sizeof(int32_t));
  // The lower half has become too dear.
  for (int32_t step = 0; step < kSingle; ++step) {
    const int32_t dropped = step == 3 ? kStates / 2 : 0;
    states.erase(states.begin(), states.begin() + dropped);
    for (size_t i = 0; i < states.size(); ++i) {
      states[i].parent = static_cast<int32_t>(i) + dropped;
      states[i].choice = step;
    }
    steps.Push(states);
  }
  EXPECT_LT(steps.bytes() - first, 100u * kSingle);
  const std::vector<int32_t> choices = steps.Trace(17);
  ASSERT_EQ(choices.size(), 1u + kSingle);
  EXPECT_EQ(choices.front(), 7 * (kStates / 2 + 17) % 100);
  for (int32_t step = 0; step < kSingle; ++step) EXPECT_EQ(choices[static_cast<size_t>(step) + 1], step);
}

TEST(ChoiceSteps, TraceGoesThroughRunsOfParents) {
  std::vector<ChoiceState> states(6);
  for (int32_t i = 0; i < 6; ++i) states[static_cast<size_t>(i)].choice = 10 + i;
  ChoiceSteps steps;
  steps.Push(states);
  // Two runs: parents 0, 1, 2 and 4, 5.
  states.resize(5);
  for (int32_t i = 0; i < 5; ++i)
    states[static_cast<size_t>(i)].parent = i < 3 ? i : i + 1, states[static_cast<size_t>(i)].choice = 3;
  steps.Push(states);
  for (int32_t i = 0; i < 5; ++i) {
    EXPECT_EQ(steps.Trace(i), (std::vector<int32_t>{10 + (i < 3 ? i : i + 1), 3})) << i;
  }
}

// What a group within another one is short of counts for the other one, too.
TEST(SplitSearch, AnyAmountsFillTheMinimaOfNestedGroups) {
  SearchProblem problem;
  problem.campaigns = {{{0, 100}, {0.0, 50.0}, 100, 0, 1}, {{0, 100}, {0.0, -20.0}, -1, 0, 0}};
  problem.groups = {{150, 170}, {30, 60, 0}};
  const auto result = SearchSplit(problem, {});
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_TRUE(result->found);
  EXPECT_EQ(result->level, (std::vector<int>{0, 1}));
  EXPECT_EQ(result->group_rest, (std::vector<int64_t>{20, 30}));
}

// What a search takes at most, of campaigns in two groups, each within `around` others.
uint64_t PeakOfSearch(int around) {
  MemoryBudget memory(1'000'000'000, 0);
  SearchProblem problem;
  problem.memory = &memory;
  Random random(7);
  for (int half = 0; half < 2; ++half) {
    for (int g = 0; g <= around; ++g) {
      problem.groups.push_back({0, 2'000, g == 0 ? -1 : static_cast<int>(problem.groups.size()) - 1});
    }
    for (int c = 0; c < 4; ++c) {
      SearchCampaign& campaign = problem.campaigns.emplace_back();
      campaign.group = static_cast<int>(problem.groups.size()) - 1;
      for (int64_t level = 0; level < 20; ++level) {
        campaign.spend.push_back(level * (31 + 2 * c));
        campaign.value.push_back(static_cast<double>(level) * random.Uniform());
      }
    }
  }
  problem.budget = 3'000;
  problem.aim = SearchAim::kRatio;
  const auto result = SearchSplit(problem, {});
  EXPECT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(memory.held(), 0u);
  return memory.TakePeak();
}

TEST(SplitSearch, GroupsAroundOthersTakeMemoryForTheirStates) {
  const uint64_t flat = PeakOfSearch(0), nested = PeakOfSearch(1);
  EXPECT_GT(flat, 0u);
  // Of seven halves of the states, nine.
  EXPECT_GT(nested, flat + flat / 5);
}

TEST(SplitSearch, StopsWhenToldTo) {
  SearchProblem problem;
  problem.campaigns = {{{0, 100}, {0.0, 50.0}}};
  EXPECT_EQ(SearchSplit(problem, [] { return absl::CancelledError("enough"); }).status(),
            absl::CancelledError("enough"));
}

TEST(Envelope, SkipsWhatIsBelowTheLineBetweenNeighbours) {
  SearchCampaign campaign;
  campaign.spend = {0, 1, 2, 3, 4};
  campaign.value = {0.0, 1.0, 5.0, 5.5, 4.0};
  EXPECT_EQ(EnvelopeOf(campaign), (std::vector<int>{0, 2, 3, 4}));
}

TEST(Envelope, PriceIsTheSlopeWhereTheBudgetEnds) {
  SearchProblem problem;
  problem.campaigns = {{{0, 10, 20}, {0.0, 30.0, 40.0}}, {{0, 10}, {0.0, 20.0}}};
  problem.budget = 15;
  EXPECT_DOUBLE_EQ(PricesOf(problem).budget, 2.0);
  problem.budget = 25;
  EXPECT_DOUBLE_EQ(PricesOf(problem).budget, 1.0);
  problem.budget = 100;
  EXPECT_DOUBLE_EQ(PricesOf(problem).budget, 0.0);
  // A group at its maximum has a higher price.
  problem.campaigns[0].group = 0;
  problem.groups = {{0, 5}};
  problem.budget = 12;
  EXPECT_DOUBLE_EQ(PricesOf(problem).budget, 2.0);
  EXPECT_DOUBLE_EQ(PricesOf(problem).groups[0], 3.0);
}

// Campaigns at any point of their envelopes cannot beat it, nor can any choice of levels.
TEST(Envelope, BoundHoldsForEveryChoiceWithinNestedGroups) {
  Random random(4);
  for (int i = 0; i < 2'000; ++i) {
    SearchProblem problem = RandomProblem(4, true, random);
    problem.aim = SearchAim::kMostValue;
    const Prices prices = PricesOf(problem);
    std::vector<int> level;
    for (const SearchCampaign& campaign : problem.campaigns) {
      level.push_back(static_cast<int>(random.Below(campaign.spend.size())));
    }
    const std::optional<Sums> sums = SumsOf(problem, level);
    if (!sums.has_value()) continue;
    ASSERT_LE(sums->value - prices.budget * static_cast<double>(sums->spend), prices.bound + 1e-9) << i;
  }
}

}  // namespace
}  // namespace roicast

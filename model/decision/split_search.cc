#include "model/decision/split_search.h"

#include <algorithm>
#include <cmath>

#include "base/status_macros.h"
#include "model/decision/choice_states.h"
#include "model/decision/envelope.h"

namespace roicast {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
// Levels of all campaigns times the fewest states that a search keeps.
constexpr int64_t kMostLevels = 3'000'000 / 64;
// Of the first pass, which finds something to compare with.
constexpr size_t kFirstLevels = 6;
constexpr int64_t kFirstStates = 64;
constexpr double kDoubtOfRests = 4.0;
// A loss that is rounding, relative to the values.
constexpr double kRounding = 1e-11;

// Sums of the chosen levels.
void FillSums(const SearchProblem& problem, SearchResult& result) {
  result.spend = 0;
  result.value = 0.0;
  // A group without campaigns has no limits.
  constexpr int64_t kNobody = -1;
  std::vector<int64_t> spent(problem.groups.size(), kNobody);
  for (const SearchCampaign& campaign : problem.campaigns) {
    if (campaign.group >= 0) spent[static_cast<size_t>(campaign.group)] = 0;
  }
  for (size_t c = 0; c < problem.campaigns.size(); ++c) {
    const auto level = static_cast<size_t>(result.level[c]);
    result.spend += problem.campaigns[c].spend[level];
    result.value += problem.campaigns[c].value[level];
    if (problem.campaigns[c].group >= 0) {
      spent[static_cast<size_t>(problem.campaigns[c].group)] += problem.campaigns[c].spend[level];
    }
  }
  int64_t with_rests = result.spend;
  result.group_rest.assign(problem.groups.size(), 0);
  for (size_t g = spent.size(); g-- > 0;) {
    if (spent[g] == kNobody) continue;
    const SearchGroup& group = problem.groups[g];
    result.group_rest[g] = std::max<int64_t>(0, group.min - spent[g]);
    with_rests += result.group_rest[g];
    if (group.parent < 0) continue;
    int64_t& of_parent = spent[static_cast<size_t>(group.parent)];
    of_parent = std::max<int64_t>(0, of_parent) + spent[g] + result.group_rest[g];
  }
  result.rest = problem.exact ? problem.budget - with_rests : 0;
}

// What is placed between the levels counts as much as the margin's price says.
double ValueWithRests(const Prices& prices, const SearchResult& found) {
  int64_t rests = found.rest;
  for (const int64_t rest : found.group_rest) rests += rest;
  return found.value + prices.budget * static_cast<double>(rests);
}

// How much a choice may lose and still be better than one that was found.
double GapOf(const SearchProblem& problem, const Prices& prices, const SearchResult& found) {
  if (!found.found) return kInfinite;
  const double rounding = kRounding * (std::abs(prices.bound) + std::abs(found.value));
  switch (problem.aim) {
    case SearchAim::kMostValue: {
      const double budget = prices.budget == 0.0 ? 0.0 : prices.budget * static_cast<double>(problem.budget);
      return std::max(0.0, prices.bound + budget - ValueWithRests(prices, found)) + rounding;
    }
    case SearchAim::kLeastSpend:
      return std::max(0.0, prices.bound + prices.budget * static_cast<double>(found.spend) - problem.target) + rounding;
    case SearchAim::kRatio:
      break;
  }
  return kInfinite;
}

}  // namespace

void AddToParents(const std::vector<SearchGroup>& groups, std::vector<int64_t>& sums) {
  for (size_t g = groups.size(); g-- > 0;) {
    if (groups[g].parent >= 0) sums[static_cast<size_t>(groups[g].parent)] += sums[g];
  }
}

int DepthOfGroups(const std::vector<SearchGroup>& groups) {
  int deepest = 0;
  std::vector<int> depths;
  depths.reserve(groups.size());
  for (const SearchGroup& group : groups) {
    depths.push_back(1 + (group.parent < 0 ? 0 : depths[static_cast<size_t>(group.parent)]));
    deepest = std::max(deepest, depths.back());
  }
  return deepest;
}

absl::StatusOr<SearchResult> SearchSplit(const SearchProblem& problem, const StopCheck& stop) {
  const Prices prices = PricesOf(problem);
  SearchResult first;
  bool cut = false;
  ROICAST_RETURN_IF_ERROR(
      SearchChoiceStates(problem, prices, {kInfinite, kFirstLevels, kFirstStates}, stop, first, cut));
  if (first.found) FillSums(problem, first);
  double gap = GapOf(problem, prices, first);
  // What lies between the levels may differ from the price.
  if (first.found && ValueWithRests(prices, first) != first.value) gap *= kDoubtOfRests;
  const auto campaigns = static_cast<int64_t>(problem.campaigns.size());
  const auto levels = static_cast<size_t>(std::max<int64_t>(kFirstLevels, kMostLevels / campaigns));
  // Among many campaigns that are nearly alike, thousands of states are worth the same, and none is better.
  const bool near = gap <= kNearBest * std::abs(first.value) && problem.aim == SearchAim::kMostValue;
  SearchResult result;
  ROICAST_RETURN_IF_ERROR(
      SearchChoiceStates(problem, prices, {gap, levels, problem.max_states, near}, stop, result, cut));
  const int64_t work = first.work + result.work;
  if (result.found) FillSums(problem, result);
  if (!result.found && first.found) result = first;
  // What was dropped may have been better.
  const auto worse = [&] {
    if (!first.found) return false;
    if (problem.aim == SearchAim::kLeastSpend) return first.spend < result.spend;
    return ValueWithRests(prices, first) > ValueWithRests(prices, result);
  };
  if (cut && worse()) result = first;
  result.price = prices.budget;
  result.work = work;
  result.at_most_missed = std::numeric_limits<double>::quiet_NaN();
  if (problem.aim == SearchAim::kMostValue && result.found) {
    result.at_most_missed = cut ? GapOf(problem, prices, result) : 0.0;
  }
  return result;
}

}  // namespace roicast

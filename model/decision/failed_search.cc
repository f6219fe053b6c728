#include "model/decision/failed_search.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/decision/money_number.h"

namespace roicast {
namespace {

int64_t SumOfUnits(const std::vector<int64_t>& units) {
  return std::accumulate(units.begin(), units.end(), int64_t{0});
}

}  // namespace

absl::Status FailedSearch::Explain(const SearchProblem& search, SearchResult& result,
                                   std::vector<Conflict>& conflicts) const {
  if (problem_.goal == BudgetGoal::kLeastBudget) return ExplainRevenue(search, result, conflicts);
  if (problem_.goal == BudgetGoal::kTargetRoi) return ExplainRoi(search, result, conflicts);
  return ExplainSteps(search, conflicts);
}

// The highest revenue, which may be enough after all, if the search dropped it.
absl::Status FailedSearch::ExplainRevenue(const SearchProblem& search, SearchResult& result,
                                          std::vector<Conflict>& conflicts) const {
  SearchProblem most = search;
  most.aim = SearchAim::kMostValue;
  ROICAST_ASSIGN_OR_RETURN(result, SearchSplit(most, stop_));
  if (!result.found) return ExplainSteps(search, conflicts);
  if (result.value >= problem_.target) return absl::OkStatus();
  conflicts.push_back(GoalConflict("the highest revenue that can be reached", problem_.target, result.value));
  return absl::OkStatus();
}

// The highest ROI by the method of Dinkelbach, "On Nonlinear Fractional Programming" (1967).
absl::Status FailedSearch::ExplainRoi(const SearchProblem& search, SearchResult& result,
                                      std::vector<Conflict>& conflicts) const {
  double ratio = -1.0;  // of revenue to spend, in units
  for (const SearchCampaign& campaign : search.campaigns) {
    for (size_t i = 0; i < campaign.spend.size(); ++i) {
      if (campaign.spend[i] == 0) continue;
      ratio = std::max(ratio, campaign.value[i] / static_cast<double>(campaign.spend[i]));
    }
  }
  const double highest = ratio;
  for (int round = 0; round < 20; ++round) {
    SearchProblem difference = search;
    difference.aim = SearchAim::kMostValue;
    for (SearchCampaign& campaign : difference.campaigns) {
      for (size_t i = 0; i < campaign.spend.size(); ++i) {
        campaign.value[i] -= ratio * static_cast<double>(campaign.spend[i]);
      }
    }
    ROICAST_ASSIGN_OR_RETURN(const SearchResult best, SearchSplit(difference, stop_));
    if (!best.found) return ExplainSteps(search, conflicts);
    // A single campaign at its best amount has the highest ratio.
    if (best.spend == 0 && best.rest == 0 && SumOfUnits(best.group_rest) == 0) break;
    result = best;
    if (best.spend == 0) break;
    double revenue = 0.0;
    for (size_t c = 0; c < best.level.size(); ++c) {
      revenue += search.campaigns[c].value[static_cast<size_t>(best.level[c])];
    }
    const double next = revenue / static_cast<double>(best.spend);
    const bool done = std::abs(next - ratio) <= 1e-12 * std::abs(ratio);
    ratio = next;
    result.value = revenue;
    if (done) break;
  }
  if (ratio > highest) ratio = highest;
  const double roi = ratio / budget_.unit.unit() - 1.0;
  if (roi >= problem_.target) return absl::OkStatus();
  conflicts.push_back(GoalConflict("the highest ROI that can be reached", problem_.target, roi));
  return absl::OkStatus();
}

Conflict FailedSearch::GoalConflict(const std::string& what, double needed, double allowed) const {
  Conflict conflict;
  conflict.kind = ConflictKind::kGoal;
  conflict.needed = needed;
  conflict.allowed = allowed;
  conflict.by = needed - allowed;
  const std::string lower = problem_.lower_bound_level.has_value() ? " (of the lower bounds)" : "";
  const bool money = problem_.goal == BudgetGoal::kLeastBudget;
  const auto number = [money](double value) { return money ? MoneyNumber(value) : absl::StrCat(value); };
  conflict.message = absl::StrCat("the goal is out of reach: ", what, lower, " is ", number(allowed), ", which is ",
                                  number(conflict.by), " less than the target of ", number(needed));
  return conflict;
}

// Sums that steps do not make: the nearest ones below.
absl::Status FailedSearch::ExplainSteps(const SearchProblem& search, std::vector<Conflict>& conflicts) const {
  std::vector<std::vector<size_t>> members(budget_.groups.size());
  for (size_t c = 0; c < search.campaigns.size(); ++c) {
    const int group = search.campaigns[c].group;
    if (group >= 0) members[static_cast<size_t>(group)].push_back(c);
  }
  for (size_t g = 0; g < members.size(); ++g) {
    if (members[g].empty()) continue;
    ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
    SearchProblem alone;
    alone.memory = search.memory;
    for (const size_t c : members[g]) alone.campaigns.emplace_back(search.campaigns[c]).group = -1;
    const SearchGroup& limits = budget_.groups[g];
    ROICAST_RETURN_IF_ERROR(AddStepConflict(std::move(alone), static_cast<int>(g), limits.min,
                                            std::min(limits.max, budget_.budget), conflicts));
  }
  if (conflicts.empty() && budget_.exact) {
    SearchProblem all = search;
    ROICAST_RETURN_IF_ERROR(AddStepConflict(std::move(all), -1, budget_.budget, budget_.budget, conflicts));
  }
  if (conflicts.empty()) ROICAST_RETURN_IF_ERROR(AddLeastConflict(search, conflicts));
  if (!conflicts.empty()) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      "steps: expected a split that meets all limits among those that could be looked at, there is none; larger "
      "steps "
      "make fewer splits");
}

// The least that steps make of all minima, which may be over the budget where the minima themselves are not.
absl::Status FailedSearch::AddLeastConflict(const SearchProblem& search, std::vector<Conflict>& conflicts) const {
  SearchProblem problem = search;
  problem.aim = SearchAim::kMostValue;
  problem.exact = false;
  problem.budget = kNoLimit;
  for (SearchCampaign& campaign : problem.campaigns) {
    for (size_t i = 0; i < campaign.spend.size(); ++i) campaign.value[i] = -static_cast<double>(campaign.spend[i]);
  }
  ROICAST_ASSIGN_OR_RETURN(const SearchResult least, SearchSplit(problem, stop_));
  const int64_t needed = least.spend + SumOfUnits(least.group_rest);
  if (!least.found || needed <= budget_.budget) return absl::OkStatus();
  Conflict conflict;
  conflict.kind = ConflictKind::kMinimaOverBudget;
  conflict.needed = budget_.unit.ToMoney(needed);
  conflict.allowed = budget_.unit.ToMoney(budget_.budget);
  conflict.by = budget_.unit.ToMoney(needed - budget_.budget);
  conflict.message = absl::StrCat("the least amounts that minima, groups and steps allow together add up to ",
                                  MoneyNumber(conflict.needed), ", which is ", MoneyNumber(conflict.by),
                                  " more than the budget of ", MoneyNumber(conflict.allowed));
  conflicts.push_back(std::move(conflict));
  return absl::OkStatus();
}

absl::Status FailedSearch::AddStepConflict(SearchProblem problem, int group, int64_t low, int64_t high,
                                           std::vector<Conflict>& conflicts) const {
  problem.aim = SearchAim::kMostValue;
  problem.exact = false;
  problem.budget = high;
  int64_t room = 0;
  for (SearchCampaign& campaign : problem.campaigns) {
    for (size_t i = 0; i < campaign.spend.size(); ++i) campaign.value[i] = static_cast<double>(campaign.spend[i]);
  }
  ROICAST_ASSIGN_OR_RETURN(const SearchResult most, SearchSplit(problem, stop_));
  if (!most.found) return absl::OkStatus();
  for (size_t c = 0; c < problem.campaigns.size(); ++c) {
    const SearchCampaign& campaign = problem.campaigns[c];
    if (campaign.any_up_to < 0 || most.level[c] < campaign.any_from) continue;
    room += campaign.any_up_to - campaign.spend[static_cast<size_t>(most.level[c])];
  }
  if (most.spend + room >= low) return absl::OkStatus();
  Conflict conflict;
  conflict.kind = ConflictKind::kSteps;
  if (group >= 0) conflict.group = budget_.group_names[static_cast<size_t>(group)];
  conflict.needed = budget_.unit.ToMoney(low);
  conflict.allowed = budget_.unit.ToMoney(most.spend);
  conflict.by = budget_.unit.ToMoney(low - most.spend);
  conflict.message = absl::StrCat(
      "no combination of the campaigns' amounts and steps that the budget leaves room for adds up to ",
      group >= 0 ? absl::StrCat("the minimum of group \"", conflict.group, "\" of ") : std::string("the budget of "),
      MoneyNumber(conflict.needed), "; the nearest sum below is ", MoneyNumber(conflict.allowed), ", which is ",
      MoneyNumber(conflict.by), " less");
  conflicts.push_back(std::move(conflict));
  return absl::OkStatus();
}

}  // namespace roicast

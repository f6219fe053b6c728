#include "model/decision/failed_search.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/decision/money_number.h"

namespace roicast {
namespace {

// Of a group, its own campaigns and the groups right within it.
struct Members {
  std::vector<size_t> campaigns;
  std::vector<int> groups;
};

std::vector<Members> MembersOf(const SearchProblem& search) {
  std::vector<Members> members(search.groups.size());
  for (size_t c = 0; c < search.campaigns.size(); ++c) {
    const int group = search.campaigns[c].group;
    if (group >= 0) members[static_cast<size_t>(group)].campaigns.push_back(c);
  }
  for (size_t g = 0; g < search.groups.size(); ++g) {
    const int parent = search.groups[g].parent;
    if (parent >= 0) members[static_cast<size_t>(parent)].groups.push_back(static_cast<int>(g));
  }
  return members;
}

// What is within a group, and the groups within it, as a problem without that group.
SearchProblem WithinGroup(const SearchProblem& search, const std::vector<Members>& members, int group) {
  SearchProblem within;
  within.memory = search.memory;
  std::vector<std::pair<int, int>> groups = {{group, -1}};  // which one, and its number within
  std::vector<std::pair<size_t, int>> campaigns;            // which one, and the number of its group
  for (size_t next = 0; next < groups.size(); ++next) {
    const auto [outer, now] = groups[next];
    const Members& of_outer = members[static_cast<size_t>(outer)];
    for (const size_t c : of_outer.campaigns) campaigns.emplace_back(c, now);
    for (const int inner : of_outer.groups) {
      groups.emplace_back(inner, static_cast<int>(within.groups.size()));
      within.groups.emplace_back(search.groups[static_cast<size_t>(inner)]).parent = now;
    }
  }
  std::sort(campaigns.begin(), campaigns.end());
  within.campaigns.reserve(campaigns.size());
  for (const auto& [c, now] : campaigns) within.campaigns.emplace_back(search.campaigns[c]).group = now;
  return within;
}

// What campaigns with any_up_to have above these levels, within the groups' maxima.
int64_t RoomAbove(const SearchProblem& problem, const std::vector<int>& levels) {
  std::vector<int64_t> spent(problem.groups.size(), 0), room(problem.groups.size(), 0);
  int64_t room_of_all = 0;
  for (size_t c = 0; c < problem.campaigns.size(); ++c) {
    const SearchCampaign& campaign = problem.campaigns[c];
    const int64_t spend = campaign.spend[static_cast<size_t>(levels[c])];
    const bool any = campaign.any_up_to >= 0 && levels[c] >= campaign.any_from;
    const int64_t above = any ? campaign.any_up_to - spend : 0;
    if (campaign.group >= 0) spent[static_cast<size_t>(campaign.group)] += spend;
    (campaign.group < 0 ? room_of_all : room[static_cast<size_t>(campaign.group)]) += above;
  }
  AddToParents(problem.groups, spent);
  for (size_t g = problem.groups.size(); g-- > 0;) {
    const SearchGroup& group = problem.groups[g];
    const int64_t most = std::min(room[g], group.max - spent[g]);
    (group.parent < 0 ? room_of_all : room[static_cast<size_t>(group.parent)]) += most;
  }
  return room_of_all;
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
  const std::vector<Members> members = MembersOf(search);
  for (size_t g = 0; g < members.size(); ++g) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
    SearchProblem within = WithinGroup(search, members, static_cast<int>(g));
    if (within.campaigns.empty()) continue;
    int64_t most = budget_.budget;
    for (int around = static_cast<int>(g); around >= 0; around = budget_.groups[static_cast<size_t>(around)].parent) {
      most = std::min(most, budget_.groups[static_cast<size_t>(around)].max);
    }
    ROICAST_RETURN_IF_ERROR(
        AddStepConflict(std::move(within), static_cast<int>(g), budget_.groups[g].min, most, conflicts));
  }
  if (conflicts.empty() && budget_.exact) {
    SearchProblem all = search;
    ROICAST_RETURN_IF_ERROR(AddStepConflict(std::move(all), -1, budget_.budget, budget_.budget, conflicts));
  }
  if (conflicts.empty()) ROICAST_RETURN_IF_ERROR(AddLeastConflict(search, conflicts));
  if (!conflicts.empty()) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      "steps: expected a split that meets all limits among those that could be looked at, there is none; larger "
      "steps make fewer splits");
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
  for (SearchCampaign& campaign : problem.campaigns) {
    for (size_t i = 0; i < campaign.spend.size(); ++i) campaign.value[i] = static_cast<double>(campaign.spend[i]);
  }
  ROICAST_ASSIGN_OR_RETURN(const SearchResult most, SearchSplit(problem, stop_));
  if (!most.found) return absl::OkStatus();
  if (most.spend + RoomAbove(problem, most.level) >= low) return absl::OkStatus();
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

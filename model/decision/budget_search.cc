#include "model/decision/budget_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/decision/split_search.h"

namespace roicast {
namespace {

// Where any amount is allowed, amounts get denser towards the lower end, where curves bend.
constexpr double kDensity = 1.5;
constexpr int kFinerRounds = 2;
constexpr int64_t kFinerSteps = 12;  // to each side
constexpr int64_t kMostCells = 8 * kMaxBudgetCells;
constexpr double kRatioTolerance = 1e-12;

// The levels of each campaign, their outcomes, and the search on them.
class Grid {
 public:
  Grid(const OutcomeTable& outcomes, const ResolvedBudget& budget, const BudgetProblem& problem)
      : outcomes_(outcomes), budget_(budget), problem_(problem), levels_(budget.campaigns.size()) {}

  std::vector<int64_t>& levels(size_t campaign) { return levels_[campaign]; }

  // Sorts and predicts all levels.
  absl::Status Fill(const StopCheck& stop) {
    Amounts amounts;
    for (size_t c = 0; c < levels_.size(); ++c) {
      std::sort(levels_[c].begin(), levels_[c].end());
      levels_[c].erase(std::unique(levels_[c].begin(), levels_[c].end()), levels_[c].end());
      for (const int64_t level : levels_[c]) amounts.Add(static_cast<int32_t>(c), level);
    }
    std::vector<double> value;
    ROICAST_RETURN_IF_ERROR(outcomes_.Fill(amounts, roi_, value, stop));
    search_ = {};
    search_.groups = budget_.groups;
    search_.budget = budget_.budget;
    search_.exact = budget_.exact;
    size_t next = 0;
    for (size_t c = 0; c < levels_.size(); ++c) {
      const ResolvedCampaign& campaign = budget_.campaigns[c];
      SearchCampaign& levels = search_.campaigns.emplace_back();
      levels.group = campaign.group;
      levels.spend = levels_[c];
      levels.value.assign(value.begin() + static_cast<int64_t>(next),
                          value.begin() + static_cast<int64_t>(next + levels_[c].size()));
      next += levels_[c].size();
      if (campaign.step > 0 || campaign.min == campaign.max) continue;
      levels.any_up_to = campaign.max;
      levels.any_from = campaign.may_skip && levels.spend.front() == 0 ? 1 : 0;
    }
    SetAim();
    return absl::OkStatus();
  }

  const SearchProblem& search() const { return search_; }

  SearchedLevels searched() const { return {search_, roi_}; }

 private:
  void SetAim() {
    if (problem_.goal == BudgetGoal::kLeastBudget) {
      search_.aim = SearchAim::kLeastSpend;
      search_.target = problem_.target;
    } else if (problem_.goal == BudgetGoal::kTargetRoi) {
      search_.aim = SearchAim::kRatio;
      search_.target = (1.0 + problem_.target) * budget_.unit.unit() * (1.0 + kRatioTolerance);
    }
  }

  const OutcomeTable& outcomes_;
  const ResolvedBudget& budget_;
  const BudgetProblem& problem_;
  std::vector<std::vector<int64_t>> levels_;
  std::vector<double> roi_;
  SearchProblem search_;
};

class BudgetSearch {
 public:
  BudgetSearch(const OutcomeTable& outcomes, const ResolvedBudget& budget, const BudgetProblem& problem,
               const StopCheck& stop)
      : outcomes_(outcomes), budget_(budget), problem_(problem), stop_(stop) {}

  absl::StatusOr<FoundSplit> Run(const std::vector<int64_t>& present) {
    FoundSplit found;
    found.conflicts = FindConflicts(budget_);
    if (!found.conflicts.empty()) return found;
    Grid grid(outcomes_, budget_, problem_);
    ROICAST_RETURN_IF_ERROR(FirstLevels(present, grid));
    ROICAST_RETURN_IF_ERROR(grid.Fill(stop_));
    found.levels = grid.searched();
    ROICAST_ASSIGN_OR_RETURN(SearchResult result, SearchSplit(grid.search(), stop_));
    if (!result.found || (problem_.goal == BudgetGoal::kTargetRoi && result.spend == 0)) {
      ROICAST_RETURN_IF_ERROR(ExplainFailure(grid, result, found));
      if (!found.conflicts.empty()) return found;
    }
    ROICAST_RETURN_IF_ERROR(Accept(grid, result, found));
    if (!MeetsTarget(found.value, SumOf(found.units))) {
      const double reached = problem_.goal == BudgetGoal::kLeastBudget
                                 ? found.value
                                 : found.value / budget_.unit.ToMoney(SumOf(found.units)) - 1.0;
      AddGoalConflict("what can be reached within the groups' minima", problem_.target, reached, found);
      return found;
    }
    const bool any = std::any_of(budget_.campaigns.begin(), budget_.campaigns.end(), IsAny);
    for (int round = 0; any && round < kFinerRounds; ++round) {
      Grid finer(outcomes_, budget_, problem_);
      FinerLevels(grid, found.units, finer);
      ROICAST_RETURN_IF_ERROR(finer.Fill(stop_));
      ROICAST_ASSIGN_OR_RETURN(result, SearchSplit(finer.search(), stop_));
      if (result.found) ROICAST_RETURN_IF_ERROR(Accept(finer, result, found));
      for (size_t c = 0; c < budget_.campaigns.size(); ++c) grid.levels(c) = finer.levels(c);
    }
    if (any && problem_.goal != BudgetGoal::kLeastBudget) ROICAST_RETURN_IF_ERROR(UseRest(found));
    return found;
  }

 private:
  static bool IsAny(const ResolvedCampaign& campaign) { return campaign.step == 0 && campaign.min < campaign.max; }

  // Not more than what is left when all others get their least.
  int64_t Reach(const ResolvedCampaign& campaign, int64_t least) const {
    if (budget_.budget >= kNoLimit) return campaign.max;
    return std::clamp(budget_.budget - (least - campaign.least()), campaign.min, campaign.max);
  }

  absl::Status FirstLevels(const std::vector<int64_t>& present, Grid& grid) const {
    int64_t least = 0, cells = 0;
    for (const ResolvedCampaign& campaign : budget_.campaigns) least += campaign.least();
    for (size_t c = 0; c < budget_.campaigns.size(); ++c) {
      const ResolvedCampaign& campaign = budget_.campaigns[c];
      std::vector<int64_t>& levels = grid.levels(c);
      if (campaign.may_skip) levels.push_back(0);
      const int64_t reach = Reach(campaign, least);
      if (campaign.step > 0) {
        cells += (reach - campaign.min) / campaign.step + 1;
        if (cells > kMostCells) {
          return absl::ResourceExhaustedError(absl::StrCat(campaign.name, ": step: expected at most ", kMostCells,
                                                           " amounts in all, got more; larger steps or a smaller max "
                                                           "make fewer"));
        }
        for (int64_t units = campaign.min; units <= reach; units += campaign.step) levels.push_back(units);
        continue;
      }
      const int64_t width = reach - campaign.min;
      for (int i = 0; i < problem_.levels; ++i) {
        const double share = std::pow(static_cast<double>(i) / (problem_.levels - 1), kDensity);
        levels.push_back(campaign.min + static_cast<int64_t>(std::llround(share * static_cast<double>(width))));
      }
      // Where limits of sums may hold a single campaign.
      std::vector<int64_t> also = {present[c], reach};
      if (campaign.group >= 0) {
        const SearchGroup& group = budget_.groups[static_cast<size_t>(campaign.group)];
        also.push_back(group.min);
        also.push_back(group.max);
      }
      for (const int64_t units : also) {
        if (campaign.Allows(units) && units <= reach) levels.push_back(units);
      }
    }
    return absl::OkStatus();
  }

  // What was found, and amounts around it up to the neighbours in the former grid.
  void FinerLevels(Grid& former, const std::vector<int64_t>& units, Grid& finer) const {
    for (size_t c = 0; c < budget_.campaigns.size(); ++c) {
      const ResolvedCampaign& campaign = budget_.campaigns[c];
      std::vector<int64_t>& levels = finer.levels(c);
      levels.push_back(units[c]);
      if (!IsAny(campaign)) {
        levels = former.levels(c);
        continue;
      }
      if (campaign.may_skip) levels.push_back(0);
      if (units[c] < campaign.min) {
        levels.push_back(campaign.min);
        continue;
      }
      const std::vector<int64_t>& old = former.levels(c);
      const auto above = std::upper_bound(old.begin(), old.end(), units[c]);
      const auto below = std::lower_bound(old.begin(), old.end(), units[c]);
      const int64_t low = below == old.begin() ? units[c] : std::max(campaign.min, *(below - 1));
      const int64_t high = above == old.end() ? units[c] : *above;
      for (int64_t i = 1; i <= kFinerSteps; ++i) {
        levels.push_back(units[c] - (units[c] - low) * i / kFinerSteps);
        levels.push_back(units[c] + (high - units[c]) * i / kFinerSteps);
      }
    }
  }

  struct Room {
    size_t campaign;
    int64_t units;
  };

  // Where any amount may be added: to campaigns of the group (−1: all), within the groups' limits.
  std::vector<Room> RoomsOf(int group, const std::vector<int64_t>& units) const {
    std::vector<int64_t> left;
    for (const SearchGroup& limits : budget_.groups) left.push_back(limits.max);
    for (size_t c = 0; c < units.size(); ++c) {
      if (budget_.campaigns[c].group >= 0) left[static_cast<size_t>(budget_.campaigns[c].group)] -= units[c];
    }
    std::vector<Room> rooms;
    for (size_t c = 0; c < units.size(); ++c) {
      const ResolvedCampaign& campaign = budget_.campaigns[c];
      if (!IsAny(campaign) || units[c] < campaign.min || (group >= 0 && campaign.group != group)) continue;
      int64_t room = campaign.max - units[c];
      if (campaign.group >= 0) room = std::min(room, left[static_cast<size_t>(campaign.group)]);
      if (room > 0) rooms.push_back({c, room});
    }
    return rooms;
  }

  // Adds `rest` where that helps most; if no campaign has room for the whole, to those with the most room first.
  absl::Status Place(int group, int64_t rest, std::vector<int64_t>& units) const {
    while (rest > 0) {
      std::vector<Room> rooms = RoomsOf(group, units);
      if (rooms.empty()) return absl::InternalError(absl::StrCat("no room for the last ", rest, " units"));
      const auto most =
          std::max_element(rooms.begin(), rooms.end(), [](const Room& a, const Room& b) { return a.units < b.units; });
      const int64_t amount = std::min(rest, most->units);
      std::erase_if(rooms, [&](const Room& room) { return room.units < amount; });
      Amounts amounts;
      for (const Room& room : rooms) {
        amounts.Add(static_cast<int32_t>(room.campaign), units[room.campaign]);
        amounts.Add(static_cast<int32_t>(room.campaign), units[room.campaign] + amount);
      }
      std::vector<double> roi, value;
      ROICAST_RETURN_IF_ERROR(outcomes_.Fill(amounts, roi, value, stop_));
      size_t best = 0;
      for (size_t i = 1; i < rooms.size(); ++i) {
        if (value[2 * i + 1] - value[2 * i] > value[2 * best + 1] - value[2 * best]) best = i;
      }
      units[rooms[best].campaign] += amount;
      rest -= amount;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<double> ValueOf(const std::vector<int64_t>& units) const {
    Amounts amounts;
    for (size_t c = 0; c < units.size(); ++c) amounts.Add(static_cast<int32_t>(c), units[c]);
    std::vector<double> roi, value;
    ROICAST_RETURN_IF_ERROR(outcomes_.Fill(amounts, roi, value, stop_));
    double sum = 0.0;
    for (const double one : value) sum += one;
    return sum;
  }

  static int64_t SumOf(const std::vector<int64_t>& units) {
    return std::accumulate(units.begin(), units.end(), int64_t{0});
  }

  bool MeetsTarget(double value, int64_t spend) const {
    if (problem_.goal == BudgetGoal::kLeastBudget) return value >= problem_.target;
    if (problem_.goal == BudgetGoal::kTargetRoi) return value >= (1.0 + problem_.target) * budget_.unit.ToMoney(spend);
    return true;
  }

  // Takes the result if it is better than what was found before.
  absl::Status Accept(const Grid& grid, const SearchResult& result, FoundSplit& found) const {
    std::vector<int64_t> units;
    for (size_t c = 0; c < result.level.size(); ++c) {
      units.push_back(grid.search().campaigns[c].spend[static_cast<size_t>(result.level[c])]);
    }
    for (size_t g = 0; g < result.group_rest.size(); ++g) {
      ROICAST_RETURN_IF_ERROR(Place(static_cast<int>(g), result.group_rest[g], units));
    }
    ROICAST_RETURN_IF_ERROR(Place(-1, result.rest, units));
    ROICAST_ASSIGN_OR_RETURN(const double value, ValueOf(units));
    const int64_t spend = SumOf(units), before = SumOf(found.units);
    const bool first = found.units.empty();
    const bool better = problem_.goal == BudgetGoal::kLeastBudget ? spend < before : value > found.value;
    if (!first && !(better && MeetsTarget(value, spend))) return absl::OkStatus();
    found.units = std::move(units);
    found.value = value;
    found.price = result.price;
    if (first) found.at_most_missed = result.at_most_missed;
    return absl::OkStatus();
  }

  // What finer grids leave of the groups' maxima and of the budget, where it helps.
  absl::Status UseRest(FoundSplit& found) const {
    std::vector<int64_t> left;
    for (const SearchGroup& limits : budget_.groups) left.push_back(limits.max);
    for (size_t c = 0; c < found.units.size(); ++c) {
      if (budget_.campaigns[c].group >= 0) left[static_cast<size_t>(budget_.campaigns[c].group)] -= found.units[c];
    }
    for (size_t g = 0; g < left.size(); ++g) {
      const int64_t rest = std::min(left[g], budget_.budget - SumOf(found.units));
      ROICAST_RETURN_IF_ERROR(TryToPlace(static_cast<int>(g), rest, found));
    }
    if (budget_.budget >= kNoLimit || found.price <= 0.0) return absl::OkStatus();
    return TryToPlace(-1, budget_.budget - SumOf(found.units), found);
  }

  absl::Status TryToPlace(int group, int64_t rest, FoundSplit& found) const {
    if (rest <= 0) return absl::OkStatus();
    std::vector<int64_t> units = found.units;
    const std::vector<Room> rooms = RoomsOf(group, units);
    if (std::none_of(rooms.begin(), rooms.end(), [&](const Room& room) { return room.units >= rest; })) {
      return absl::OkStatus();
    }
    ROICAST_RETURN_IF_ERROR(Place(group, rest, units));
    ROICAST_ASSIGN_OR_RETURN(const double value, ValueOf(units));
    if (!(value > found.value) || !MeetsTarget(value, SumOf(units))) return absl::OkStatus();
    found.units = std::move(units);
    found.value = value;
    return absl::OkStatus();
  }

  absl::Status ExplainFailure(const Grid& grid, SearchResult& result, FoundSplit& found) const {
    if (problem_.goal == BudgetGoal::kLeastBudget) return ExplainRevenue(grid, result, found);
    if (problem_.goal == BudgetGoal::kTargetRoi) return ExplainRoi(grid, result, found);
    return ExplainSteps(grid, found);
  }

  // The highest revenue, which may be enough after all, if the search dropped it.
  absl::Status ExplainRevenue(const Grid& grid, SearchResult& result, FoundSplit& found) const {
    SearchProblem most = grid.search();
    most.aim = SearchAim::kMostValue;
    ROICAST_ASSIGN_OR_RETURN(result, SearchSplit(most, stop_));
    if (!result.found) return ExplainSteps(grid, found);
    if (result.value >= problem_.target) return absl::OkStatus();
    AddGoalConflict("the highest revenue that can be reached", problem_.target, result.value, found);
    return absl::OkStatus();
  }

  // The highest ROI by the method of Dinkelbach, "On Nonlinear Fractional Programming" (1967).
  absl::Status ExplainRoi(const Grid& grid, SearchResult& result, FoundSplit& found) const {
    double ratio = -1.0;  // of revenue to spend, in units
    for (const SearchCampaign& campaign : grid.search().campaigns) {
      for (size_t i = 0; i < campaign.spend.size(); ++i) {
        if (campaign.spend[i] == 0) continue;
        ratio = std::max(ratio, campaign.value[i] / static_cast<double>(campaign.spend[i]));
      }
    }
    const double highest = ratio;
    for (int round = 0; round < 20; ++round) {
      SearchProblem difference = grid.search();
      difference.aim = SearchAim::kMostValue;
      for (SearchCampaign& campaign : difference.campaigns) {
        for (size_t i = 0; i < campaign.spend.size(); ++i) {
          campaign.value[i] -= ratio * static_cast<double>(campaign.spend[i]);
        }
      }
      ROICAST_ASSIGN_OR_RETURN(const SearchResult best, SearchSplit(difference, stop_));
      if (!best.found) return ExplainSteps(grid, found);
      // A single campaign at its best amount has the highest ratio.
      if (best.spend == 0 && best.rest == 0 && SumOf(best.group_rest) == 0) break;
      result = best;
      if (best.spend == 0) break;
      double revenue = 0.0;
      for (size_t c = 0; c < best.level.size(); ++c) {
        revenue += grid.search().campaigns[c].value[static_cast<size_t>(best.level[c])];
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
    AddGoalConflict("the highest ROI that can be reached", problem_.target, roi, found);
    return absl::OkStatus();
  }

  void AddGoalConflict(const std::string& what, double needed, double allowed, FoundSplit& found) const {
    Conflict conflict;
    conflict.kind = ConflictKind::kGoal;
    conflict.needed = needed;
    conflict.allowed = allowed;
    conflict.by = needed - allowed;
    const std::string lower = problem_.lower_bound_level.has_value() ? " (of the lower bounds)" : "";
    conflict.message = absl::StrCat("the goal is out of reach: ", what, lower, " is ", allowed, ", which is ",
                                    conflict.by, " less than the target of ", needed);
    found.conflicts.push_back(std::move(conflict));
  }

  // Sums that steps do not make: the nearest ones below.
  absl::Status ExplainSteps(const Grid& grid, FoundSplit& found) const {
    for (int g = 0; g < static_cast<int>(budget_.groups.size()); ++g) {
      SearchProblem alone;
      for (SearchCampaign campaign : grid.search().campaigns) {
        if (campaign.group != g) continue;
        campaign.group = -1;
        alone.campaigns.push_back(std::move(campaign));
      }
      const SearchGroup& limits = budget_.groups[static_cast<size_t>(g)];
      if (!alone.campaigns.empty()) {
        ROICAST_RETURN_IF_ERROR(
            AddStepConflict(std::move(alone), g, limits.min, std::min(limits.max, budget_.budget), found));
      }
    }
    if (found.conflicts.empty() && budget_.exact) {
      SearchProblem all = grid.search();
      ROICAST_RETURN_IF_ERROR(AddStepConflict(std::move(all), -1, budget_.budget, budget_.budget, found));
    }
    if (found.conflicts.empty()) ROICAST_RETURN_IF_ERROR(AddLeastConflict(grid, found));
    if (!found.conflicts.empty()) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        "steps: expected a split that meets all limits among those that could be looked at, there is none; larger "
        "steps "
        "make fewer splits");
  }

  // The least that steps make of all minima, which may be over the budget where the minima themselves are not.
  absl::Status AddLeastConflict(const Grid& grid, FoundSplit& found) const {
    SearchProblem problem = grid.search();
    problem.aim = SearchAim::kMostValue;
    problem.exact = false;
    problem.budget = kNoLimit;
    for (SearchCampaign& campaign : problem.campaigns) {
      for (size_t i = 0; i < campaign.spend.size(); ++i) campaign.value[i] = -static_cast<double>(campaign.spend[i]);
    }
    ROICAST_ASSIGN_OR_RETURN(const SearchResult least, SearchSplit(problem, stop_));
    const int64_t needed = least.spend + SumOf(least.group_rest);
    if (!least.found || needed <= budget_.budget) return absl::OkStatus();
    Conflict conflict;
    conflict.kind = ConflictKind::kMinimaOverBudget;
    conflict.needed = budget_.unit.ToMoney(needed);
    conflict.allowed = budget_.unit.ToMoney(budget_.budget);
    conflict.by = budget_.unit.ToMoney(needed - budget_.budget);
    conflict.message =
        absl::StrCat("the least amounts that minima, groups and steps allow together add up to ", conflict.needed,
                     ", which is ", conflict.by, " more than the budget of ", conflict.allowed);
    found.conflicts.push_back(std::move(conflict));
    return absl::OkStatus();
  }

  absl::Status AddStepConflict(SearchProblem problem, int group, int64_t low, int64_t high, FoundSplit& found) const {
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
        conflict.needed, "; the nearest sum below is ", conflict.allowed, ", which is ", conflict.by, " less");
    found.conflicts.push_back(std::move(conflict));
    return absl::OkStatus();
  }

  const OutcomeTable& outcomes_;
  const ResolvedBudget& budget_;
  const BudgetProblem& problem_;
  const StopCheck& stop_;
};

}  // namespace

absl::StatusOr<FoundSplit> FindBestSplit(const OutcomeTable& outcomes, const ResolvedBudget& budget,
                                         const BudgetProblem& problem, const std::vector<int64_t>& present,
                                         const StopCheck& stop) {
  return BudgetSearch(outcomes, budget, problem, stop).Run(present);
}

}  // namespace roicast

#include "model/decision/budget_search.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "model/decision/failed_search.h"
#include "model/decision/margin_price.h"
#include "model/decision/rest_placement.h"
#include "model/decision/search_grid.h"

namespace roicast {
namespace {

constexpr int kFinerRounds = 2;

class BudgetSearch {
 public:
  BudgetSearch(const OutcomeTable& outcomes, const ResolvedBudget& budget, const BudgetProblem& problem,
               const StopCheck& stop)
      : outcomes_(outcomes),
        budget_(budget),
        problem_(problem),
        stop_(stop),
        rests_(outcomes, budget, stop),
        failed_(budget, problem, stop) {}

  absl::StatusOr<FoundSplit> Run(const std::vector<int64_t>& present) {
    FoundSplit found;
    found.conflicts = FindConflicts(budget_, problem_);
    if (!found.conflicts.empty()) return found;
    SearchGrid grid(outcomes_, budget_, problem_);
    ROICAST_RETURN_IF_ERROR(grid.AddFirst(present));
    ROICAST_RETURN_IF_ERROR(grid.Fill(stop_));
    found.levels = grid.searched();
    ROICAST_ASSIGN_OR_RETURN(SearchResult result, SearchSplit(grid.search(), stop_));
    if (!result.found || (problem_.goal == BudgetGoal::kTargetRoi && result.spend == 0)) {
      ROICAST_RETURN_IF_ERROR(failed_.Explain(grid.search(), result, found.conflicts));
      if (!found.conflicts.empty()) return found;
    }
    ROICAST_RETURN_IF_ERROR(Accept(grid, result, found));
    if (!MeetsTarget(found.value, SumOfUnits(found.units))) {
      const double reached = problem_.goal == BudgetGoal::kLeastBudget
                                 ? found.value
                                 : found.value / budget_.unit.ToMoney(SumOfUnits(found.units)) - 1.0;
      found.conflicts.push_back(
          failed_.GoalConflict("what can be reached within the groups' minima", problem_.target, reached));
      return found;
    }
    const bool any = std::any_of(budget_.campaigns.begin(), budget_.campaigns.end(),
                                 [](const ResolvedCampaign& campaign) { return campaign.any_amount(); });
    for (int round = 0; any && round < kFinerRounds; ++round) {
      SearchGrid finer(outcomes_, budget_, problem_);
      finer.AddFiner(grid, found.units);
      ROICAST_RETURN_IF_ERROR(finer.Fill(stop_));
      ROICAST_ASSIGN_OR_RETURN(result, SearchSplit(finer.search(), stop_));
      if (result.found) ROICAST_RETURN_IF_ERROR(Accept(finer, result, found));
      grid.TakeLevels(std::move(finer));
    }
    if (any && problem_.goal != BudgetGoal::kLeastBudget) ROICAST_RETURN_IF_ERROR(UseRest(found));
    ROICAST_ASSIGN_OR_RETURN(found.margin, PriceMoreMoney(outcomes_, budget_, problem_, grid,
                                                          {found.units, found.value, envelope_price_, best_}, stop_));
    return found;
  }

 private:
  absl::StatusOr<double> ValueOf(const std::vector<int64_t>& units) const {
    Amounts amounts;
    for (size_t c = 0; c < units.size(); ++c) amounts.Add(static_cast<int32_t>(c), units[c]);
    std::vector<double> roi, value;
    ROICAST_RETURN_IF_ERROR(outcomes_.Fill(amounts, roi, value, stop_));
    double sum = 0.0;
    for (const double one : value) sum += one;
    return sum;
  }

  bool MeetsTarget(double value, int64_t spend) const {
    if (problem_.goal == BudgetGoal::kLeastBudget) return value >= problem_.target;
    if (problem_.goal == BudgetGoal::kTargetRoi) return value >= (1.0 + problem_.target) * budget_.unit.ToMoney(spend);
    return true;
  }

  // Takes the result if it is better than what was found before.
  absl::Status Accept(const SearchGrid& grid, const SearchResult& result, FoundSplit& found) {
    std::vector<int64_t> units;
    for (size_t c = 0; c < result.level.size(); ++c) {
      units.push_back(grid.search().campaigns[c].spend[static_cast<size_t>(result.level[c])]);
    }
    // A group's rest counts for the groups around it, which come before it.
    for (size_t g = result.group_rest.size(); g-- > 0;) {
      ROICAST_RETURN_IF_ERROR(rests_.Place(static_cast<int>(g), result.group_rest[g], units));
    }
    ROICAST_RETURN_IF_ERROR(rests_.Place(-1, result.rest, units));
    ROICAST_ASSIGN_OR_RETURN(const double value, ValueOf(units));
    const int64_t spend = SumOfUnits(units), before = SumOfUnits(found.units);
    const bool first = found.units.empty();
    const bool better = problem_.goal == BudgetGoal::kLeastBudget ? spend < before : value > found.value;
    if (!first && !(better && MeetsTarget(value, spend))) return absl::OkStatus();
    found.units = std::move(units);
    found.value = value;
    envelope_price_ = result.price;
    best_ = (first || best_) && result.at_most_missed == 0.0;
    if (first) found.at_most_missed = result.at_most_missed;
    return absl::OkStatus();
  }

  // What finer grids leave of the groups' maxima and of the budget, where it helps.
  absl::Status UseRest(FoundSplit& found) const {
    std::vector<bool> has_campaigns(budget_.groups.size(), false);
    for (const ResolvedCampaign& campaign : budget_.campaigns) {
      if (campaign.group >= 0) has_campaigns[static_cast<size_t>(campaign.group)] = true;
    }
    for (size_t g = has_campaigns.size(); g-- > 0;) {
      const int parent = budget_.groups[g].parent;
      if (has_campaigns[g] && parent >= 0) has_campaigns[static_cast<size_t>(parent)] = true;
    }
    std::vector<int64_t> room = budget_.RoomOfGroups(found.units);
    for (size_t g = 0; g < room.size(); ++g) {
      if (!has_campaigns[g]) continue;
      const int64_t rest = std::min(room[g], budget_.budget - SumOfUnits(found.units));
      const double before = found.value;
      ROICAST_RETURN_IF_ERROR(TryToPlace(static_cast<int>(g), rest, found));
      // What a group got, those within it and around it have no more room for.
      if (found.value != before) room = budget_.RoomOfGroups(found.units);
    }
    if (budget_.budget >= kNoLimit || envelope_price_ <= 0.0) return absl::OkStatus();
    return TryToPlace(-1, budget_.budget - SumOfUnits(found.units), found);
  }

  absl::Status TryToPlace(int group, int64_t rest, FoundSplit& found) const {
    if (rest <= 0) return absl::OkStatus();
    ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
    std::vector<int64_t> units = found.units;
    const std::vector<RestPlacement::Room> rooms = rests_.RoomsOf(group, units);
    if (std::none_of(rooms.begin(), rooms.end(), [&](const RestPlacement::Room& room) { return room.units >= rest; })) {
      return absl::OkStatus();
    }
    ROICAST_RETURN_IF_ERROR(rests_.Place(group, rest, units));
    ROICAST_ASSIGN_OR_RETURN(const double value, ValueOf(units));
    if (!(value > found.value) || !MeetsTarget(value, SumOfUnits(units))) return absl::OkStatus();
    found.units = std::move(units);
    found.value = value;
    return absl::OkStatus();
  }

  const OutcomeTable& outcomes_;
  const ResolvedBudget& budget_;
  const BudgetProblem& problem_;
  const StopCheck& stop_;
  const RestPlacement rests_;
  const FailedSearch failed_;
  double envelope_price_ = 0.0;  // of what was found
  bool best_ = false;            // it is, of the amounts that were looked at
};

}  // namespace

absl::StatusOr<FoundSplit> FindBestSplit(const OutcomeTable& outcomes, const ResolvedBudget& budget,
                                         const BudgetProblem& problem, const std::vector<int64_t>& present,
                                         const StopCheck& stop) {
  return BudgetSearch(outcomes, budget, problem, stop).Run(present);
}

}  // namespace roicast

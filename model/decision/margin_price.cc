#include "model/decision/margin_price.h"

#include <algorithm>
#include <cmath>

#include "base/status_macros.h"
#include "model/decision/envelope.h"
#include "model/decision/rest_placement.h"

namespace roicast {
namespace {

// Less is a rounding error, in relation to the value.
constexpr double kLeastGain = 1e-9;
// Of a spend: a raise that is large against the rounding of predictions, and small against their curvature.
constexpr double kShareOfRaise = 0.01;

class MarginPricing {
 public:
  MarginPricing(const OutcomeTable& outcomes, const ResolvedBudget& budget, const BudgetProblem& problem,
                const SearchGrid& last, const PricedSplit& split, const StopCheck& stop)
      : outcomes_(outcomes),
        budget_(budget),
        problem_(problem),
        last_(last),
        split_(split),
        stop_(stop),
        spent_(SumOfUnits(split.units)) {}

  absl::StatusOr<MarginPrice> Run() const {
    const bool for_budget = problem_.goal == BudgetGoal::kMostProfit || problem_.goal == BudgetGoal::kMostRevenue;
    const bool all_spent = spent_ == budget_.budget;
    if (all_spent && problem_.goal != BudgetGoal::kLeastBudget && (split_.best || OneHasAll())) {
      const std::vector<RestPlacement::Room> rooms = RestPlacement(outcomes_, budget_, stop_).RoomsOf(-1, split_.units);
      if (!rooms.empty()) return PriceRaise(rooms);
    }
    MarginPrice price = {split_.envelope_price, split_.envelope_price > 0.0};
    if (!for_budget || budget_.exact) return price;
    const bool known = split_.best || OneHasAll();
    if (HasSteps()) return known ? PriceNextStep() : price;
    if (all_spent && !known) return price;
    const int c = budget_.CheapestStep(split_.units);
    const int64_t another = std::max<int64_t>(1, budget_.unit.Nearest(1.0));
    const int64_t left = budget_.budget - spent_;
    if (c < 0) return MarginPrice{};
    const auto cheapest = static_cast<size_t>(c);
    if (budget_.campaigns[cheapest].LeastMore(split_.units[cheapest]) > left + another) price.price = 0.0;
    return price;
  }

 private:
  // One campaign, and the others what they have to get. Nothing on a grid is then beyond what it gets.
  bool OneHasAll() const {
    int more_than_least = 0;
    for (size_t c = 0; c < split_.units.size(); ++c) {
      more_than_least += split_.units[c] > budget_.campaigns[c].least() ? 1 : 0;
    }
    return more_than_least <= 1;
  }

  bool HasSteps() const {
    return std::any_of(budget_.campaigns.begin(), budget_.campaigns.end(),
                       [](const ResolvedCampaign& campaign) { return campaign.step > 0; });
  }

  // Envelopes do not know what is beyond the budget, nor the slope of a curve that bends upwards.
  absl::StatusOr<MarginPrice> PriceRaise(const std::vector<RestPlacement::Room>& rooms) const {
    const auto average = static_cast<double>(spent_) / static_cast<double>(split_.units.size());
    const int64_t another = std::max<int64_t>(1, budget_.unit.Nearest(1.0));
    const auto share = [&](const RestPlacement::Room& room) {
      const double spend = std::max(average, static_cast<double>(split_.units[room.campaign]));
      return std::max<int64_t>(another, std::llround(kShareOfRaise * spend));
    };
    // What a grid left below a limit is worth more than the price, and is not looked at where others have more room.
    const auto roomy = [&](const RestPlacement::Room& room) { return room.units >= share(room); };
    const bool any_roomy = std::any_of(rooms.begin(), rooms.end(), roomy);
    Amounts amounts;
    for (const RestPlacement::Room& room : rooms) {
      if (any_roomy && !roomy(room)) continue;
      const int64_t units = split_.units[room.campaign];
      amounts.Add(static_cast<int32_t>(room.campaign), units);
      amounts.Add(static_cast<int32_t>(room.campaign), units + std::min(share(room), room.units));
    }
    std::vector<double> roi, value;
    ROICAST_RETURN_IF_ERROR(outcomes_.Fill(amounts, roi, value, stop_));
    double best = -std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < value.size(); i += 2) {
      const int64_t more = amounts.units[i + 1] - amounts.units[i];
      const double gain = value[i + 1] - value[i];
      if (problem_.goal == BudgetGoal::kTargetRoi &&
          split_.value + gain < (1.0 + problem_.target) * budget_.unit.ToMoney(spent_ + more)) {
        continue;
      }
      best = std::max(best, gain / static_cast<double>(more));
    }
    // Nobody has to spend more.
    if (!budget_.exact) best = std::max(best, 0.0);
    return MarginPrice{best, best > 0.0};
  }

  struct Raise {
    int64_t more = kNoLimit;
    double gain = 0.0;
  };

  // The smallest one of a single campaign that brings more.
  Raise LeastRaise(const SearchProblem& search, double least_gain) const {
    const std::vector<int64_t> rooms = budget_.RoomOfGroups(split_.units);
    Raise least;
    for (size_t c = 0; c < search.campaigns.size(); ++c) {
      const SearchCampaign& campaign = search.campaigns[c];
      const auto now = std::lower_bound(campaign.spend.begin(), campaign.spend.end(), split_.units[c]);
      const auto at = static_cast<size_t>(now - campaign.spend.begin());
      const int64_t room = campaign.group < 0 ? kNoLimit : rooms[static_cast<size_t>(campaign.group)];
      for (size_t l = at + 1; l < campaign.spend.size(); ++l) {
        const int64_t more = campaign.spend[l] - split_.units[c];
        if (more > room || more > least.more) break;
        const double gain = campaign.value[l] - campaign.value[at];
        if (gain < least_gain) continue;
        if (more < least.more || gain > least.gain) least = {more, gain};
        break;
      }
    }
    return least;
  }

  // Solves again, with amounts beyond the budget.
  absl::StatusOr<MarginPrice> PriceNextStep() const {
    SearchGrid grid(outcomes_, budget_, problem_);
    grid.AddAhead(last_, split_.units);
    ROICAST_RETURN_IF_ERROR(grid.Fill(stop_));
    SearchProblem search = grid.search();
    // Levels alone: what is between them has no value yet.
    for (SearchCampaign& campaign : search.campaigns) campaign.any_up_to = -1;
    const double least_gain = kLeastGain * std::max(1.0, std::abs(split_.value));
    search.budget = kNoLimit;
    if (PricesOf(search).bound < split_.value + least_gain) return MarginPrice{};
    const Raise raise = LeastRaise(search, least_gain);
    if (raise.more < kNoLimit) search.budget = spent_ + raise.more;
    search.aim = SearchAim::kLeastSpend;
    search.target = split_.value + least_gain;
    ROICAST_ASSIGN_OR_RETURN(const SearchResult next, SearchSplit(search, stop_));
    // The search may drop what it looks for, and find what the one before it dropped.
    if (!next.found || next.spend <= spent_) {
      if (raise.more >= kNoLimit) return MarginPrice{};
      return MarginPrice{raise.gain / static_cast<double>(raise.more), true};
    }
    search.aim = SearchAim::kMostValue;
    search.budget = next.spend;
    ROICAST_ASSIGN_OR_RETURN(const SearchResult best, SearchSplit(search, stop_));
    const double value = best.found ? std::max(best.value, next.value) : next.value;
    const bool any = std::any_of(budget_.campaigns.begin(), budget_.campaigns.end(),
                                 [](const ResolvedCampaign& campaign) { return campaign.any_amount(); });
    return MarginPrice{(value - split_.value) / static_cast<double>(next.spend - spent_), true, any ? -1 : next.spend};
  }

  const OutcomeTable& outcomes_;
  const ResolvedBudget& budget_;
  const BudgetProblem& problem_;
  const SearchGrid& last_;
  const PricedSplit& split_;
  const StopCheck& stop_;
  const int64_t spent_;
};

}  // namespace

absl::StatusOr<MarginPrice> PriceMoreMoney(const OutcomeTable& outcomes, const ResolvedBudget& budget,
                                           const BudgetProblem& problem, const SearchGrid& last,
                                           const PricedSplit& split, const StopCheck& stop) {
  return MarginPricing(outcomes, budget, problem, last, split, stop).Run();
}

}  // namespace roicast

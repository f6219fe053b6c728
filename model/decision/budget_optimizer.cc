#include "model/decision/budget_optimizer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/decision/budget_search.h"
#include "model/decision/decision_memory.h"
#include "model/decision/money_number.h"
#include "model/decision/outcome_table.h"
#include "model/decision/promise_correction.h"
#include "model/decision/resolved_budget.h"
#include "model/decision/split_outcome.h"

namespace roicast {
namespace {

constexpr double kLeastBrokenUnit = 1e-4;

// An amount that cannot be counted in units is not known.
bool IsPresentKnown(double spend, const BudgetProblem& problem) {
  return spend >= 0.0 && spend / problem.unit <= problem.MostUnits();
}

// Amounts of the present split; what is not known counts as nothing, and is counted in the answer.
std::vector<int64_t> PresentUnits(const BudgetProblem& problem, const MoneyModel& money, const MoneyUnit& unit,
                                  BudgetAnswer& answer) {
  const auto features = static_cast<size_t>(money.schema().size());
  std::vector<int64_t> units;
  for (size_t c = 0; c < problem.campaigns.size(); ++c) {
    const double of_row = problem.rows[c * features + static_cast<size_t>(money.spend_feature())];
    const double present = problem.campaigns[c].present.value_or(of_row);
    units.push_back(IsPresentKnown(present, problem) ? unit.Nearest(present) : 0);
    if (IsPresentKnown(present, problem)) continue;
    if (answer.present_unknown++ == 0) answer.first_present_unknown = problem.NameOf(static_cast<int64_t>(c));
  }
  return units;
}

// The errors of a sum are taken to be normal, and so know no floor.
void KeepAbove(double lowest_roi, Promise& promise) {
  if (!std::isfinite(lowest_roi)) return;
  const double lowest = lowest_roi * promise.spend;
  for (double* const profit :
       {&promise.corrected_profit, &promise.expected_low, &promise.expected_high, &promise.low, &promise.high}) {
    *profit = std::max(*profit, lowest);  // NaN stays
  }
  promise.corrected_revenue = std::max(promise.corrected_revenue, lowest + promise.spend);
  if (promise.spend > 0.0) promise.corrected_roi = promise.corrected_profit / promise.spend;
}

// Far from all that training saw, the intervals of single campaigns grow without bound, and their sum says nothing.
void ForgetIntervalsFarOutside(const Feature& spend, BudgetSplit& split) {
  if (!std::isfinite(spend.seen_max)) return;
  const bool far = std::any_of(split.campaigns.begin(), split.campaigns.end(), [&](const SpentCampaign& campaign) {
    return campaign.spend > kFarthestSpend * spend.seen_max;
  });
  if (!far) return;
  Promise& promise = split.promise;
  promise.expected_low = promise.expected_high = promise.low = promise.high = std::numeric_limits<double>::quiet_NaN();
}

std::vector<int64_t> Scaled(const std::vector<int64_t>& units, int64_t total) {
  const int64_t sum = SumOfUnits(units);
  std::vector<int64_t> scaled(units.size(), 0);
  if (sum == 0) return scaled;
  // Of the running sum, so that nothing is lost by rounding.
  int64_t before = 0, running = 0;
  for (size_t c = 0; c < units.size(); ++c) {
    running += units[c];
    const auto up_to = static_cast<int64_t>(std::llround(
        static_cast<long double>(running) / static_cast<long double>(sum) * static_cast<long double>(total)));
    scaled[c] = up_to - before;
    before = up_to;
  }
  return scaled;
}

// Why what is left brings no more.
std::string TooLittleText(const BudgetProblem& problem, const ResolvedBudget& budget, const FoundSplit& found) {
  const int cheapest = budget.CheapestStep(found.units);
  const auto c = static_cast<size_t>(std::max(0, cheapest));
  const ResolvedCampaign& campaign = budget.campaigns[c];
  const int64_t more = cheapest < 0 ? kNoLimit : campaign.LeastMore(found.units[c]);
  const bool affordable = more <= budget.budget - SumOfUnits(found.units);
  if (affordable && found.margin.next_spend >= 0) {
    return absl::StrCat("it is too little to bring more, which takes a budget of at least ",
                        MoneyNumber(budget.unit.ToMoney(found.margin.next_spend)));
  }
  const std::string text = "it is less than any step that would bring more";
  if (affordable || more >= kNoLimit) return text;
  const bool from_training = found.units[c] < campaign.min && !problem.campaigns[c].min.has_value();
  const char* const steps = campaign.step > 0 ? "steps from the lowest" : "the lowest";
  return absl::StrCat(text, ": the smallest is ", MoneyNumber(budget.unit.ToMoney(more)), ", of ",
                      problem.NameOf(static_cast<int64_t>(c)),
                      from_training ? absl::StrCat(", which gets nothing or ", steps,
                                                   " spend that training saw, as no minimum is given")
                                    : "");
}

bool AnyStepIsAffordable(const ResolvedBudget& budget, const std::vector<int64_t>& units) {
  const int64_t left = budget.budget - SumOfUnits(units);
  for (size_t c = 0; c < units.size(); ++c) {
    if (budget.campaigns[c].LeastMore(units[c]) <= left) return true;
  }
  return false;
}

std::string WhyLeft(const BudgetProblem& problem, const OutcomeTable& outcomes, const ResolvedBudget& budget,
                    const FoundSplit& found) {
  const std::vector<int64_t>& units = found.units;
  const BudgetGoal goal = problem.goal;
  bool tested = false;
  for (size_t c = 0; c < units.size(); ++c) tested = tested || outcomes.lift(static_cast<int32_t>(c)).tests > 0;
  const char* const source = tested ? ", by the predictions and the lift tests" : ", by the predictions";
  if (goal == BudgetGoal::kLeastBudget) return "the target is met without it";
  if (goal == BudgetGoal::kTargetMarginalRoi && !found.margin.more_helps) {
    return absl::StrCat("more spend would bring less than the marginal ROI that was asked for", source);
  }
  const std::vector<int64_t> room = budget.RoomOfGroups(units);
  const auto full = std::count_if(units.begin(), units.end(), [&](const int64_t& amount) {
    const ResolvedCampaign& campaign = budget.campaigns[static_cast<size_t>(&amount - units.data())];
    return amount == campaign.max || (campaign.group >= 0 && room[static_cast<size_t>(campaign.group)] == 0);
  });
  const auto campaigns = static_cast<int64_t>(units.size());
  const char* const limits = budget.from_training.empty()
                                 ? ""
                                 : ": without a maximum of its own, that is within what such campaigns had in training";
  if (full == campaigns) return absl::StrCat("all campaigns or their groups have as much as they may get", limits);
  if (goal == BudgetGoal::kTargetRoi && AnyStepIsAffordable(budget, units)) {
    return "more spend would take the ROI of the whole below the one asked for";
  }
  if (found.margin.more_helps) return TooLittleText(problem, budget, found);
  const std::string loses = absl::StrCat(
      goal == BudgetGoal::kMostRevenue ? "more spend would bring no more revenue" : "more spend would lose profit",
      source);
  if (full == 0) return loses;
  return absl::StrCat(full, " of ", campaigns, full == 1 ? " campaigns has" : " campaigns have",
                      " as much as limits allow, and for the others ", loses, full > 0 ? limits : "");
}

// Of the budget as it was given, which need not be a whole number of units.
void SayWhatIsLeft(const BudgetProblem& problem, const OutcomeTable& outcomes, const ResolvedBudget& budget,
                   const FoundSplit& found, BudgetAnswer& answer) {
  const int64_t total = SumOfUnits(found.units);
  const double broken = *problem.budget - budget.unit.ToMoney(budget.budget);
  // Less is an error of rounding.
  const bool not_whole = broken > kLeastBrokenUnit * budget.unit.unit();
  if (total >= budget.budget && !not_whole) return;
  answer.left = not_whole ? *problem.budget - budget.unit.ToMoney(total) : budget.unit.ToMoney(budget.budget - total);
  answer.left_because = total < budget.budget
                            ? WhyLeft(problem, outcomes, budget, found)
                            : absl::StrCat("the smallest amount of money is ", MoneyNumber(budget.unit.unit()));
}

double LeastAmount(const ResolvedBudget& budget) {
  int64_t least = kNoLimit;
  for (const ResolvedCampaign& campaign : budget.campaigns) {
    least = std::min(least, campaign.least() > 0 ? campaign.least() : campaign.LeastMore(0));
  }
  return least == kNoLimit ? 0.0 : budget.unit.ToMoney(least);
}

std::vector<CampaignCurve> CurvesOf(const SearchedLevels& levels, const OutcomeTable& outcomes, const MoneyUnit& unit) {
  std::vector<CampaignCurve> curves;
  size_t next = 0;
  for (const SearchCampaign& campaign : levels.search.campaigns) {
    const auto index = static_cast<int32_t>(curves.size());
    CampaignCurve& curve = curves.emplace_back();
    for (size_t i = 0; i < campaign.spend.size(); ++i, ++next) {
      const double spend = unit.ToMoney(campaign.spend[i]);
      curve.spend.push_back(spend);
      curve.roi.push_back(levels.roi[next]);
      curve.profit.push_back(campaign.spend[i] == 0 ? 0.0 : outcomes.LiftedRoi(index, levels.roi[next]) * spend);
      curve.value.push_back(campaign.value[i]);
    }
  }
  return curves;
}

}  // namespace

absl::StatusOr<BudgetAnswer> OptimizeBudget(const DecisionModel& model, const BudgetProblem& problem,
                                            const StopCheck& stop) {
  ROICAST_RETURN_IF_ERROR(problem.Validate());
  ROICAST_ASSIGN_OR_RETURN(const MoneyModel money, MoneyModel::Create(model, problem.spend_feature));
  ROICAST_ASSIGN_OR_RETURN(const ResolvedBudget budget, ResolveBudget(problem, money));
  ROICAST_ASSIGN_OR_RETURN(const MemoryClaim memory, ClaimForSplit(model, problem, budget));
  ROICAST_ASSIGN_OR_RETURN(const OutcomeTable outcomes, OutcomeTable::Create(money, problem, budget.unit, stop));
  ROICAST_ASSIGN_OR_RETURN(const IntervalQuestion asked, AskForIntervals(model, problem.interval_level));
  const Uncertainty::Question* intervals = asked.question.has_value() ? &*asked.question : nullptr;

  BudgetAnswer answer;
  answer.no_intervals_because = asked.missing_because;
  answer.limits_from_training = budget.from_training;
  const std::vector<int64_t> present = PresentUnits(problem, money, budget.unit, answer);
  ROICAST_ASSIGN_OR_RETURN(answer.present,
                           DescribeSplit(money, outcomes, budget, present, intervals, /*marginals=*/true, stop));
  ROICAST_ASSIGN_OR_RETURN(const FoundSplit found, FindBestSplit(outcomes, budget, problem, present, stop));
  answer.conflicts = found.conflicts;
  if (problem.curves) answer.curves = CurvesOf(*found.levels, outcomes, budget.unit);
  if (!found.conflicts.empty()) return answer;

  ROICAST_ASSIGN_OR_RETURN(answer.optimum,
                           DescribeSplit(money, outcomes, budget, found.units, intervals, /*marginals=*/true, stop));
  const int64_t total = SumOfUnits(found.units);
  const bool for_budget = problem.goal == BudgetGoal::kMostProfit || problem.goal == BudgetGoal::kMostRevenue;
  const int64_t compared = for_budget ? budget.budget : total;
  ROICAST_ASSIGN_OR_RETURN(answer.present_scaled, DescribeSplit(money, outcomes, budget, Scaled(present, compared),
                                                                intervals, /*marginals=*/false, stop));
  ROICAST_ASSIGN_OR_RETURN(answer.even, DescribeSplit(money, outcomes, budget, EvenSplit(budget, compared), intervals,
                                                      /*marginals=*/false, stop));
  std::vector<double> around;
  for (const int64_t amount : present) around.push_back(budget.unit.ToMoney(amount));
  ROICAST_RETURN_IF_ERROR(CorrectPromises(outcomes, problem, budget, *found.levels, around, answer, stop));
  const double lowest_roi = LowestRoi(*model.facts);
  for (BudgetSplit* split : {&answer.optimum, &answer.present, &answer.present_scaled, &answer.even}) {
    KeepAbove(lowest_roi, split->promise);
    ForgetIntervalsFarOutside(money.spend(), *split);
  }
  if (problem.budget.has_value()) SayWhatIsLeft(problem, outcomes, budget, found, answer);
  answer.least_amount = LeastAmount(budget);
  const double price = found.margin.price / budget.unit.unit();
  answer.shadow_price = problem.goal == BudgetGoal::kLeastBudget ? (price > 0.0 ? 1.0 / price : 0.0) : price;
  answer.at_most_missed = found.at_most_missed;
  answer.gain_over_present = answer.optimum.promise.lifted_profit - answer.present.promise.lifted_profit;
  return answer;
}

}  // namespace roicast

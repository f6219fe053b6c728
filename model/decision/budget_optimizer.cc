#include "model/decision/budget_optimizer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/decision/budget_search.h"
#include "model/decision/outcome_table.h"
#include "model/decision/promise_correction.h"
#include "model/decision/resolved_budget.h"
#include "model/decision/split_outcome.h"

namespace roicast {
namespace {

// Amounts of the present split; what is not known counts as nothing.
std::vector<int64_t> PresentUnits(const BudgetProblem& problem, const MoneyModel& money, const MoneyUnit& unit) {
  const auto features = static_cast<size_t>(money.schema().size());
  std::vector<int64_t> units;
  for (size_t c = 0; c < problem.campaigns.size(); ++c) {
    const double of_row = problem.rows[c * features + static_cast<size_t>(money.spend_feature())];
    const double present = problem.campaigns[c].present.value_or(of_row);
    units.push_back(present > 0.0 && std::isfinite(present) ? unit.Nearest(present) : 0);
  }
  return units;
}

std::vector<int64_t> Scaled(const std::vector<int64_t>& units, int64_t total) {
  int64_t sum = 0;
  for (const int64_t amount : units) sum += amount;
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

std::string WhyLeft(const ResolvedBudget& budget, const std::vector<int64_t>& units, const FoundSplit& found,
                    BudgetGoal goal) {
  if (goal == BudgetGoal::kLeastBudget || goal == BudgetGoal::kTargetRoi) {
    return "the target is met without it";
  }
  if (goal == BudgetGoal::kTargetMarginalRoi && found.price <= 0.0) {
    return "more spend would bring less than the marginal ROI that was asked for, by the predictions";
  }
  std::vector<int64_t> of_group(budget.groups.size(), 0);
  for (size_t c = 0; c < units.size(); ++c) {
    const int group = budget.campaigns[c].group;
    if (group >= 0) of_group[static_cast<size_t>(group)] += units[c];
  }
  const bool full = std::all_of(units.begin(), units.end(), [&](const int64_t& amount) {
    const ResolvedCampaign& campaign = budget.campaigns[static_cast<size_t>(&amount - units.data())];
    const auto group = static_cast<size_t>(campaign.group);
    return amount == campaign.max || (campaign.group >= 0 && of_group[group] == budget.groups[group].max);
  });
  if (full) return "all campaigns or their groups have as much as they may get";
  if (found.price > 0.0) return "it is less than any step that would bring more";
  return goal == BudgetGoal::kMostRevenue ? "more spend would bring no more revenue, by the predictions"
                                          : "more spend would lose profit, by the predictions";
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
  ROICAST_ASSIGN_OR_RETURN(const ResolvedBudget budget, ResolveBudget(problem, money.spend()));
  ROICAST_ASSIGN_OR_RETURN(const OutcomeTable outcomes, OutcomeTable::Create(money, problem, budget.unit, stop));
  ROICAST_ASSIGN_OR_RETURN(const IntervalQuestion asked, AskForIntervals(model, problem.interval_level));
  const Uncertainty::Question* intervals = asked.question.has_value() ? &*asked.question : nullptr;

  BudgetAnswer answer;
  answer.no_intervals_because = asked.missing_because;
  const std::vector<int64_t> present = PresentUnits(problem, money, budget.unit);
  ROICAST_ASSIGN_OR_RETURN(answer.present,
                           DescribeSplit(money, outcomes, budget, present, intervals, /*marginals=*/true, stop));
  ROICAST_ASSIGN_OR_RETURN(const FoundSplit found, FindBestSplit(outcomes, budget, problem, present, stop));
  answer.conflicts = found.conflicts;
  if (problem.curves) answer.curves = CurvesOf(found.levels, outcomes, budget.unit);
  if (!found.conflicts.empty()) return answer;

  ROICAST_ASSIGN_OR_RETURN(answer.optimum,
                           DescribeSplit(money, outcomes, budget, found.units, intervals, /*marginals=*/true, stop));
  int64_t total = 0;
  for (const int64_t amount : found.units) total += amount;
  const bool for_budget = problem.goal == BudgetGoal::kMostProfit || problem.goal == BudgetGoal::kMostRevenue;
  const int64_t compared = for_budget ? budget.budget : total;
  ROICAST_ASSIGN_OR_RETURN(answer.present_scaled, DescribeSplit(money, outcomes, budget, Scaled(present, compared),
                                                                intervals, /*marginals=*/false, stop));
  ROICAST_ASSIGN_OR_RETURN(answer.even, DescribeSplit(money, outcomes, budget, EvenSplit(budget, compared), intervals,
                                                      /*marginals=*/false, stop));
  std::vector<double> around;
  for (const int64_t amount : present) around.push_back(budget.unit.ToMoney(amount));
  ROICAST_RETURN_IF_ERROR(CorrectPromises(outcomes, problem, budget, found.levels, around, answer, stop));
  if (problem.budget.has_value() && total < budget.budget) {
    answer.left = budget.unit.ToMoney(budget.budget - total);
    answer.left_because = WhyLeft(budget, found.units, found, problem.goal);
  }
  const double price = found.price / budget.unit.unit();
  answer.shadow_price = problem.goal == BudgetGoal::kLeastBudget ? (price > 0.0 ? 1.0 / price : 0.0) : price;
  answer.at_most_missed = found.at_most_missed;
  answer.gain_over_present = answer.optimum.promise.lifted_profit - answer.present.promise.lifted_profit;
  return answer;
}

}  // namespace roicast

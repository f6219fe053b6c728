#include "client/cli/decisions/budget_view.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/printable.h"
#include "base/result_columns.h"
#include "client/cli/decisions/caveat_view.h"
#include "client/cli/decisions/feature_text.h"
#include "client/cli/display_width.h"
#include "client/cli/format.h"
#include "client/cli/text_table.h"
#include "client/cli/verdict.h"

namespace roicast::client {
namespace {

std::string RangeText(const v1::Range& range) {
  return absl::StrCat(MoneyText(range.low()), " to ", MoneyText(range.high()));
}

std::string ChangeText(double now, double then) {
  if (std::isnan(now)) return "";
  const double change = then - now;
  if (std::fabs(change) < 0.005) return "=";
  return absl::StrCat(change > 0 ? "+" : "", MoneyText(change));
}

// Of each campaign, today's spend where it is known, and that of the optimum.
std::vector<SpendBar> BarsOf(const v1::OptimizeBudgetResponse& answer) {
  std::vector<SpendBar> bars;
  const bool has_present = answer.present().campaigns_size() == answer.optimum().campaigns_size();
  for (int i = 0; i < answer.optimum().campaigns_size(); ++i) {
    const v1::Allocation& best = answer.optimum().campaigns(i);
    if (has_present) bars.push_back({best.name(), "now", answer.present().campaigns(i).spend(), '-'});
    bars.push_back({has_present ? "" : best.name(), "optimum", best.spend(), '#'});
  }
  return bars;
}

// Of a step, single units of money cannot be spent.
bool HasSteps(const v1::BudgetProblem& problem) {
  return problem.has_step() || std::any_of(problem.campaigns().begin(), problem.campaigns().end(),
                                           [](const v1::CampaignBounds& campaign) { return campaign.has_step(); });
}

}  // namespace

std::string ConflictsText(const google::protobuf::RepeatedPtrField<v1::Conflict>& conflicts, const Terminal& terminal) {
  std::string text = terminal.Paint("no split can meet this:", Tone::kBad) + "\n";
  for (const v1::Conflict& conflict : conflicts) {
    absl::StrAppend(&text, WrapToWidth(absl::StrCat("  ", Printable(conflict.message())), terminal.width, 4), "\n");
  }
  return text;
}

std::string SplitText(const v1::OptimizeBudgetResponse& answer, const Terminal& terminal) {
  const bool has_present = answer.present().campaigns_size() == answer.optimum().campaigns_size();
  std::vector<TextTable::Column> columns = {{"campaign", TextTable::WhenNarrow::kCut}};
  if (has_present) columns.emplace_back("now");
  columns.emplace_back("spend");
  if (has_present) columns.push_back({"change", TextTable::WhenNarrow::kDrop});
  const bool lifted = answer.optimum().outcome().lifted();
  for (const char* name : {"ROI", "profit"}) columns.emplace_back(name);
  if (lifted) columns.emplace_back("by tests");
  columns.push_back({"next 1.00 brings", TextTable::WhenNarrow::kDrop});
  columns.push_back({"", TextTable::WhenNarrow::kDrop});
  TextTable table(columns);
  for (int i = 0; i < answer.optimum().campaigns_size(); ++i) {
    const v1::Allocation& one = answer.optimum().campaigns(i);
    std::vector<Toned> cells = {Toned(one.name())};
    if (has_present) cells.emplace_back(MoneyText(answer.present().campaigns(i).spend()));
    cells.emplace_back(MoneyText(one.spend()));
    if (has_present) cells.emplace_back(ChangeText(answer.present().campaigns(i).spend(), one.spend()));
    cells.emplace_back(RoiText(one.roi()), std::isnan(one.roi()) ? Tone::kPlain : ToneOfRoi(one.roi()));
    cells.emplace_back(MoneyText(one.profit()));
    if (lifted) cells.emplace_back(one.has_lifted_profit() ? MoneyText(one.lifted_profit()) : "");
    cells.emplace_back(std::isnan(one.marginal_roi()) ? "-" : absl::StrFormat("%.2f", 1 + one.marginal_roi()));
    cells.emplace_back(one.outside() ? "outside training" : one.warning() ? "unusual" : "");
    table.AddRow(std::move(cells));
  }
  return table.ToString(terminal);
}

std::string SpendBars(const std::vector<SpendBar>& bars, const Terminal& terminal) {
  constexpr size_t kMostBars = 24;
  constexpr int kBarCells = 40;
  double most = 0;
  for (const SpendBar& bar : bars) most = std::max(most, bar.spend);
  if (!(most > 0) || bars.size() > kMostBars) return "";
  TextTable table({{"", TextTable::WhenNarrow::kCut}, "", "spend"});
  for (const SpendBar& bar : bars) {
    const auto cells = bar.spend > 0 ? std::max(1L, std::lround(kBarCells * bar.spend / most)) : 0;
    table.AddRow({Toned(bar.name), Toned(bar.split), Toned(std::string(static_cast<size_t>(cells), bar.mark))});
  }
  return absl::StrCat("\n", table.ToString(terminal));
}

std::string OutcomesText(const std::vector<NamedOutcome>& outcomes, double level, const Terminal& terminal) {
  bool corrected = false;
  bool intervals = false;
  for (const NamedOutcome& one : outcomes) {
    corrected = corrected || one.outcome->corrected() || one.outcome->lifted();
    intervals = intervals || one.outcome->has_profit_interval();
  }
  // What is predicted, and then what to plan with and the interval around that.
  std::vector<TextTable::Column> columns = {"split", "spend", "revenue", "profit", "ROI"};
  if (corrected) columns.emplace_back("to plan with");
  if (intervals) {
    columns.push_back({absl::StrFormat("to plan with, %g %%", 100 * level), TextTable::WhenNarrow::kDrop});
  }
  columns.push_back({"", TextTable::WhenNarrow::kDrop});
  TextTable table(columns);
  for (const NamedOutcome& one : outcomes) {
    const v1::Outcome& outcome = *one.outcome;
    std::vector<Toned> cells = {Toned(one.name), Toned(MoneyText(outcome.spend())), Toned(MoneyText(outcome.revenue())),
                                Toned(MoneyText(outcome.profit()))};
    cells.emplace_back(RoiText(outcome.roi()));
    if (corrected) cells.emplace_back(MoneyText(outcome.promised_profit()));
    if (intervals) cells.emplace_back(outcome.has_profit_interval() ? RangeText(outcome.profit_interval()) : "");
    cells.emplace_back(one.not_allowed ? "breaks a limit" : "");
    table.AddRow(std::move(cells));
  }
  return table.ToString(terminal);
}

std::string ShadowPriceText(double price, const v1::BudgetProblem& problem, bool lifted) {
  const std::string number = FormatNumber(price);
  std::string which = lifted ? " by the lift tests" : "";
  if (problem.has_lower_bound_level()) {
    which = absl::StrFormat(" that each campaign brings%s at least with a probability of %g %%", which,
                            100 * problem.lower_bound_level());
  }
  const std::string end =
      absl::StrCat(which, problem.has_lower_bound_level() ? ", not to the expected one" : "",
                   HasSteps(problem) ? ", on average from what is spent to the next step that helps\n" : "\n");
  switch (problem.goal()) {
    case v1::BUDGET_GOAL_LEAST_BUDGET:
      return absl::StrCat("another 1.00 of revenue", which, " would cost ", number,
                          HasSteps(problem) ? ", on average over the next step\n" : "\n");
    case v1::BUDGET_GOAL_MOST_REVENUE:
      return absl::StrCat("another 1.00 of budget would add ", number, " to the revenue", end);
    case v1::BUDGET_GOAL_MOST_PROFIT:
      return absl::StrCat("another 1.00 of budget would add ", number, " to the profit", end);
    default:
      return "";
  }
}

std::string OptimumText(const v1::OptimizeBudgetResponse& answer, const v1::BudgetProblem& problem,
                        const Terminal& terminal) {
  if (answer.conflicts_size() > 0) return ConflictsText(answer.conflicts(), terminal);
  std::vector<NamedOutcome> outcomes;
  if (answer.has_present()) outcomes.push_back({"now", &answer.present().outcome(), !answer.present().allowed()});
  if (answer.has_present_scaled()) {
    outcomes.push_back({"now, scaled", &answer.present_scaled().outcome(), !answer.present_scaled().allowed()});
  }
  const bool buys_nothing = std::any_of(answer.caveats().begin(), answer.caveats().end(),
                                        [](const v1::Caveat& one) { return one.code() == "budget_below_step"; });
  if (answer.has_even() && !buys_nothing)
    outcomes.push_back({"even", &answer.even().outcome(), !answer.even().allowed()});
  outcomes.push_back({"optimum", &answer.optimum().outcome(), !answer.optimum().allowed()});
  std::string text = absl::StrCat(SplitText(answer, terminal), SpendBars(BarsOf(answer), terminal), "\n",
                                  OutcomesText(outcomes, answer.interval_level(), terminal));
  if (answer.left() > 0) {
    absl::StrAppend(&text, "\nleft: ", MoneyText(answer.left()),
                    answer.left_because().empty() ? "" : absl::StrCat(", because ", Printable(answer.left_because())),
                    "\n");
  }
  const std::string price =
      buys_nothing ? "" : ShadowPriceText(answer.shadow_price(), problem, answer.optimum().outcome().lifted());
  if (!price.empty()) absl::StrAppend(&text, "\n", price);
  absl::StrAppend(&text, CaveatsText(answer.caveats(), terminal));
  return text;
}

std::vector<AddedColumn> AllocationColumns(const CampaignTable& table,
                                           const std::function<const v1::Allocation&(size_t)>& allocation,
                                           const google::protobuf::RepeatedPtrField<v1::MovesAlong>& moving,
                                           bool lifted) {
  namespace known = result_columns;
  std::vector<AddedColumn> columns = {
      {std::string(known::kPlannedSpend),
       [&table, allocation](size_t at) { return NumberCell(allocation(at).spend(), table, 2); }},
      {std::string(known::kPredictedRoi),
       [&table, allocation](size_t at) { return NumberCell(allocation(at).roi(), table); }},
      {std::string(known::kPredictedRevenue),
       [&table, allocation](size_t at) { return NumberCell(allocation(at).revenue(), table, 2); }},
      {std::string(known::kPredictedProfit),
       [&table, allocation](size_t at) { return NumberCell(allocation(at).profit(), table, 2); }},
      {std::string(known::kMarginalRoi),
       [&table, allocation](size_t at) { return NumberCell(allocation(at).marginal_roi(), table); }},
  };
  for (int i = 0; i < moving.size(); ++i) {
    columns.push_back({absl::StrCat("moved_", moving[i].feature()), [&table, allocation, i](size_t at) {
                         const auto& moved = allocation(at).moved();
                         return i < moved.size() ? NumberCell(moved[i], table) : "";
                       }});
  }
  if (lifted) {
    columns.push_back({std::string(known::kProfitByLiftTests), [&table, allocation](size_t at) {
                         const v1::Allocation& one = allocation(at);
                         return one.has_lifted_profit() ? NumberCell(one.lifted_profit(), table, 2) : "";
                       }});
  }
  return columns;
}

}  // namespace roicast::client

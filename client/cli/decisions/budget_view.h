// Splits of a budget as text and tables.
#pragma once

#include <string>
#include <vector>

#include "client/cli/decisions/campaign_table.h"
#include "client/cli/terminal.h"
#include "roicast/v1/decision.pb.h"

namespace roicast::client {

// Why there is no split: a line per conflict.
std::string ConflictsText(const google::protobuf::RepeatedPtrField<v1::Conflict>& conflicts, const Terminal& terminal);

// Each campaign's spend and what it returns, with today's spend beside it.
std::string SplitText(const v1::OptimizeBudgetResponse& answer, const Terminal& terminal);

// A bar of a plot.
struct SpendBar {
  // Of what; empty: of the same as the bar above.
  std::string name;
  // In which split.
  std::string split;
  double spend = 0;
  // The character that it is made of.
  char mark = '#';
};
// The bars, a line each, behind an empty line; the longest has 40 characters, any spend at least one. Empty: there are
// more than 24, or none has a spend.
std::string SpendBars(const std::vector<SpendBar>& bars, const Terminal& terminal);

// One line of a comparison.
struct NamedOutcome {
  std::string name;
  const v1::Outcome* outcome;
  // Set if the split breaks a limit.
  bool not_allowed = false;
};
// Splits side by side: spend, revenue, profit, what can be promised, and its interval. level: of the intervals; 0:
// none.
std::string OutcomesText(const std::vector<NamedOutcome>& outcomes, double level, const Terminal& terminal);

// The whole answer of OptimizeBudget. goal: what was wanted.
std::string OptimumText(const v1::OptimizeBudgetResponse& answer, const v1::BudgetProblem& problem,
                        const Terminal& terminal);
// What another unit of money would add to what is sought, and of which profit or revenue that is; lifted: by lift
// tests. Empty for goals without one.
std::string ShadowPriceText(double price, const v1::BudgetProblem& problem, bool lifted);

// Columns planned_spend, predicted_roi, predicted_revenue, predicted_profit and marginal_roi beside the rows; if lift
// tests are about some of them, profit_by_lift_tests, too; and moved_NAME with what moves with the spend.
// allocation: of a position of the order; moving outlives the columns.
std::vector<AddedColumn> AllocationColumns(const CampaignTable& table,
                                           const std::function<const v1::Allocation&(size_t)>& allocation,
                                           const google::protobuf::RepeatedPtrField<v1::MovesAlong>& moving,
                                           bool lifted);

}  // namespace roicast::client

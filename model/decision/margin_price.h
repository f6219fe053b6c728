// What more money would bring, beside a split that was found.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "model/decision/outcome_table.h"
#include "model/decision/resolved_budget.h"
#include "model/decision/search_grid.h"

namespace roicast {

struct MarginPrice {
  double price = 0.0;       // value per unit of spend
  bool more_helps = false;  // more money than there is would bring more, even if another unit of it does not
  // Of all campaigns: the least that brings more. −1: not known, or some may get any amount.
  int64_t next_spend = -1;
};

struct PricedSplit {
  const std::vector<int64_t>& units;
  double value = 0.0;
  double envelope_price = 0.0;  // at the margin, by the envelopes of the grid that it is of
  bool best = true;             // no other one of the grid is better
};

// Without a budget, for the least budget, and for a split that may not be the best one, of which more money cannot be
// told from a better split (unless one campaign gets all): the price of the envelopes. Else
// - where the budget is spent and a campaign may get any amount more: the most that a campaign brings per unit of 1 %
//   more, of its spend or of the average one, and at least of 1.00;
// - where campaigns get whole steps more: on average from what is spent to the least spend that brings more; 0 if none
//   does. It is looked for among the amounts that the search looked at and SearchGrid::AddAhead's;
// - else the price of the envelopes, and 0 where another unit of money is not enough for any campaign's minimum.
// last: the last grid that was searched, filled. Errors: as of OutcomeTable::Fill and SearchSplit.
absl::StatusOr<MarginPrice> PriceMoreMoney(const OutcomeTable& outcomes, const ResolvedBudget& budget,
                                           const BudgetProblem& problem, const SearchGrid& last,
                                           const PricedSplit& split, const StopCheck& stop);

}  // namespace roicast

// From outcomes to the best split: a search on a grid, and finer grids around what it found.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "model/decision/budget_optimizer.h"
#include "model/decision/margin_price.h"
#include "model/decision/outcome_table.h"
#include "model/decision/resolved_budget.h"
#include "model/decision/search_grid.h"

namespace roicast {

struct FoundSplit {
  std::vector<Conflict> conflicts;  // not empty: no split
  std::vector<int64_t> units;       // per campaign; meets all limits
  double value = 0.0;               // what the goal adds up
  MarginPrice margin;
  double at_most_missed = 0.0;  // as of BudgetAnswer
  // Of the first grid; never null.
  std::shared_ptr<const SearchedLevels> levels = std::make_shared<SearchedLevels>();
};

// present: amounts that are looked at, too, where they are allowed. Errors: as of OutcomeTable::Fill; ResourceExhausted
// (none of the splits that could be looked at meets all limits, though none contradicts another one).
absl::StatusOr<FoundSplit> FindBestSplit(const OutcomeTable& outcomes, const ResolvedBudget& budget,
                                         const BudgetProblem& problem, const std::vector<int64_t>& present,
                                         const StopCheck& stop);

}  // namespace roicast

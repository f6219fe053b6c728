// The amounts of each campaign that a search of the best split looks at, and their outcomes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "model/decision/outcome_table.h"
#include "model/decision/resolved_budget.h"
#include "model/decision/split_search.h"

namespace roicast {

// The levels that were searched, and the ROI of each, as Predict says.
struct SearchedLevels {
  SearchProblem search;
  std::vector<double> roi;  // one campaign's behind the other's; NaN for a spend of 0
};

// Amounts of the first grid: of campaigns with steps, and of those that may get any amount. ahead: that AddAhead adds
// to those with steps. Those of steps are no more exact where they are over kMaxSteppedAmounts.
struct AmountCounts {
  int64_t stepped = 0, any = 0, ahead = 0;
};
inline constexpr int64_t kMaxSteppedAmounts = 8 * kMaxBudgetCells;
AmountCounts CountAmounts(const ResolvedBudget& budget, const BudgetProblem& problem);
// Of all campaigns in AddAhead, but for the fewest of each one.
inline constexpr int64_t kAmountsAhead = 50'000, kFewestAhead = 16;
// Of one campaign that may get any amount, at most, in a finer grid.
inline constexpr int64_t kFinerAmounts = 27;

// Refers to all that it is made of.
class SearchGrid {
 public:
  SearchGrid(const OutcomeTable& outcomes, const ResolvedBudget& budget, const BudgetProblem& problem)
      : outcomes_(outcomes), budget_(budget), problem_(problem), levels_(budget.campaigns.size()) {}

  // All of a campaign's steps, or BudgetProblem::levels amounts; present: amounts that are looked at, too, where they
  // are allowed. Errors: ResourceExhausted (too many steps).
  absl::Status AddFirst(const std::vector<int64_t>& present);
  // `units`, what was found on the former grid, and amounts around it up to the neighbours there.
  void AddFiner(const SearchGrid& former, const std::vector<int64_t>& units);
  // Of campaigns with steps: the levels of the former grid, and the next ones, which the budget left no room for, as
  // far as a campaign may get them, at most its share of kAmountsAhead or kFewestAhead. Of others: `units`, and the
  // minimum if that is more.
  void AddAhead(const SearchGrid& former, const std::vector<int64_t>& units);
  // The levels of a finer grid take the place of these. Both are filled.
  void TakeLevels(SearchGrid finer) { searched_ = std::move(finer.searched_); }
  // Sorts and predicts all levels. Errors: as of OutcomeTable::Fill.
  absl::Status Fill(const StopCheck& stop);

  // Filled.
  const SearchProblem& search() const { return searched_->search; }
  std::shared_ptr<const SearchedLevels> searched() const { return searched_; }

 private:
  absl::Status CheckSteps() const;
  void SetAim(SearchProblem& search) const;

  const OutcomeTable& outcomes_;
  const ResolvedBudget& budget_;
  const BudgetProblem& problem_;
  std::vector<std::vector<int64_t>> levels_;  // until they are filled
  std::shared_ptr<const SearchedLevels> searched_;
};

}  // namespace roicast

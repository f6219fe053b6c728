// Why a search of the best split found none.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "model/decision/budget_problem.h"
#include "model/decision/conflict.h"
#include "model/decision/resolved_budget.h"
#include "model/decision/split_search.h"

namespace roicast {

// Refers to all that it is made of.
class FailedSearch {
 public:
  FailedSearch(const ResolvedBudget& budget, const BudgetProblem& problem, const StopCheck& stop)
      : budget_(budget), problem_(problem), stop_(stop) {}

  // What the levels of `search` allow at best, as conflicts; or none, if the search had only dropped what meets the
  // goal: then `result` is that. Errors: stop's; ResourceExhausted (no split of these levels meets all limits, though
  // none contradicts another one).
  absl::Status Explain(const SearchProblem& search, SearchResult& result, std::vector<Conflict>& conflicts) const;
  // The goal is out of reach: `what` is `allowed`.
  Conflict GoalConflict(const std::string& what, double needed, double allowed) const;

 private:
  absl::Status ExplainRevenue(const SearchProblem& search, SearchResult& result,
                              std::vector<Conflict>& conflicts) const;
  absl::Status ExplainRoi(const SearchProblem& search, SearchResult& result, std::vector<Conflict>& conflicts) const;
  absl::Status ExplainSteps(const SearchProblem& search, std::vector<Conflict>& conflicts) const;
  absl::Status AddLeastConflict(const SearchProblem& search, std::vector<Conflict>& conflicts) const;
  absl::Status AddStepConflict(SearchProblem problem, int group, int64_t low, int64_t high,
                               std::vector<Conflict>& conflicts) const;

  const ResolvedBudget& budget_;
  const BudgetProblem& problem_;
  const StopCheck& stop_;
};

}  // namespace roicast

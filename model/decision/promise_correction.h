// Takes off a promise what an optimum promises too much, by a parametric bootstrap.
//
// The model's curves are taken for the law, and bent by errors of the size that training measured (ModelError). What an
// optimum of the bent curves promises beyond what it is worth by the unbent ones has the distribution of what the
// optimum of the model promises beyond the truth. Errors are straight lines in the transformed spend: a level and a
// slope, in part common to all campaigns and in part a campaign's own. Where lift tests scale a campaign's revenue, its
// errors are scaled with it, and the standard errors of the tests count as errors that all campaigns share, as does
// what is not known of words whose usual level of a missing value training has not seen (MovesWithSpend::UnknownLevel).
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "model/decision/budget_optimizer.h"
#include "model/decision/outcome_table.h"
#include "model/decision/resolved_budget.h"
#include "model/decision/search_grid.h"

namespace roicast {

// Fills in what BudgetAnswer's promises have beyond sums of predictions. Without the model's error they say why not.
// around [campaigns]: spends around which the errors are lines, in money; 0 = the middle of training. Errors: stop's.
absl::Status CorrectPromises(const OutcomeTable& outcomes, const BudgetProblem& problem, const ResolvedBudget& budget,
                             const SearchedLevels& levels, const std::vector<double>& around, BudgetAnswer& answer,
                             const StopCheck& stop);

}  // namespace roicast

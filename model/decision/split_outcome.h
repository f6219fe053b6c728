// What a split is expected to return.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "model/decision/budget_optimizer.h"
#include "model/decision/outcome_table.h"
#include "model/decision/resolved_budget.h"

namespace roicast {

// The sums over campaigns that get `spend` together, as predicted and by the lift tests: not corrected, and without
// intervals.
Promise SumOfPromises(const std::vector<SpentCampaign>& campaigns, double spend);

// Amounts [campaigns] in units. The promise is SumOfPromises. intervals: nullptr = none.
// marginals: fill in SpentCampaign::marginal_roi. Errors: as of OutcomeTable::Fill.
absl::StatusOr<BudgetSplit> DescribeSplit(const MoneyModel& money, const OutcomeTable& outcomes,
                                          const ResolvedBudget& budget, const std::vector<int64_t>& units,
                                          const Uncertainty::Question* intervals, bool marginals,
                                          const StopCheck& stop);

// The same amount for each campaign, as far as its limits and steps allow, of a total of at most `total`.
std::vector<int64_t> EvenSplit(const ResolvedBudget& budget, int64_t total);

}  // namespace roicast

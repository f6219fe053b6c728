// What decisions take beside the rows that they are about: upper bounds, known before anything is allocated.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "base/memory_budget.h"
#include "model/decision/budget_problem.h"
#include "model/decision/decision_model.h"
#include "model/decision/pacing.h"
#include "model/decision/resolved_budget.h"

namespace roicast {

// What OptimizeBudget takes of problem.memory but for the states of its search, which are claimed as they grow, and
// messages of the whole answer. budget: of the problem. Errors: ResourceExhausted (memory).
absl::StatusOr<MemoryClaim> ClaimForSplit(const DecisionModel& model, const BudgetProblem& problem,
                                          const ResolvedBudget& budget);

// What PlanBudget takes of problem.whole.memory beside that. features: of a row. Errors: as of ClaimForSplit.
absl::StatusOr<MemoryClaim> ClaimForPlan(const PacingProblem& problem, int64_t features);

// Bytes that ResponseCurves takes for rows times values, with a message of the answer.
uint64_t CurveBytes(int64_t rows, int64_t values, int64_t features);

// Bytes that Rank takes of which the `count` best are wanted, with a message of the answer.
uint64_t RankBytes(int64_t candidates, int64_t count, int64_t features);

}  // namespace roicast

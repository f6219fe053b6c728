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

// What PlanBudget takes of problem.whole.memory beside that. Errors: as of ClaimForSplit.
absl::StatusOr<MemoryClaim> ClaimForPlan(const DecisionModel& model, const PacingProblem& problem);

// Bytes that ResponseCurves takes, with a message of the answer.
struct CurveSize {
  int64_t rows = 0, values = 0;
  int64_t features = 0;  // of a row
  bool money = true, intervals = true;
  bool moves = false;       // anything does with the spend
  bool lift_tests = false;  // the message has what they make of each curve
};
uint64_t CurveBytes(const CurveSize& size);

// Bytes that Rank takes of which the `count` best are wanted, with a message of the answer.
uint64_t RankBytes(int64_t candidates, int64_t count, int64_t features);

}  // namespace roicast

// DecisionService/OptimizeBudget.
#pragma once

#include "absl/status/statusor.h"
#include "base/memory_budget.h"
#include "base/stop_check.h"
#include "roicast/v1/decision.pb.h"
#include "server/serving/served_model.h"

namespace roicast {

// Errors: those of BudgetFromProto and OptimizeBudget.
absl::StatusOr<v1::OptimizeBudgetResponse> AnswerOptimize(const v1::OptimizeBudgetRequest& request,
                                                          const ServedModel& model, const StopCheck& stop,
                                                          MemoryBudget* memory = MemoryBudget::Unlimited());

}  // namespace roicast

// DecisionService/PlanBudget.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "base/memory_budget.h"
#include "base/stop_check.h"
#include "roicast/v1/decision.pb.h"
#include "server/serving/served_model.h"

namespace roicast {

// When period `index` begins, in seconds since 1970, and how many days it has. start: of the first one.
struct PeriodTime {
  int64_t start = 0;
  double days = 0;
};
PeriodTime TimeOfPeriod(int64_t start, v1::PeriodUnit unit, int index);

// Errors: those of BudgetFromProto and PlanBudget; InvalidArgument naming the field.
absl::StatusOr<v1::PlanBudgetResponse> AnswerPlan(const v1::PlanBudgetRequest& request, const ServedModel& model,
                                                  const StopCheck& stop,
                                                  MemoryBudget* memory = MemoryBudget::Unlimited());

}  // namespace roicast

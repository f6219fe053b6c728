// DecisionService/Explain.
#pragma once

#include "absl/status/statusor.h"
#include "base/memory_budget.h"
#include "base/stop_check.h"
#include "roicast/v1/decision.pb.h"
#include "server/serving/served_model.h"

namespace roicast {

// max_rows: of the request. Errors: those of ReadRowInput, ExplainRows and BackgroundOf; ResourceExhausted (rows ×
// features).
absl::StatusOr<v1::ExplainResponse> Explain(const v1::ExplainRequest& request, const ServedModel& model,
                                            int64_t max_rows, const StopCheck& stop,
                                            MemoryBudget* memory = MemoryBudget::Unlimited());

}  // namespace roicast

// DecisionService/FindCounterfactual.
#pragma once

#include "absl/status/statusor.h"
#include "base/memory_budget.h"
#include "base/stop_check.h"
#include "roicast/v1/decision.pb.h"
#include "server/serving/served_model.h"

namespace roicast {

// Errors: those of ReadStrictRows, BackgroundOf and FindCounterfactual; InvalidArgument naming the field; MemoryShort.
absl::StatusOr<v1::FindCounterfactualResponse> AnswerCounterfactual(const v1::FindCounterfactualRequest& request,
                                                                    const ServedModel& model, const StopCheck& stop,
                                                                    MemoryBudget* memory = MemoryBudget::Unlimited());

}  // namespace roicast

// DecisionService/FindCounterfactual.
#pragma once

#include "absl/status/statusor.h"
#include "base/stop_check.h"
#include "roicast/v1/decision.pb.h"
#include "server/serving/served_model.h"

namespace roicast {

// Errors: those of ReadStrictRows, BackgroundOf and FindCounterfactual; InvalidArgument naming the field.
absl::StatusOr<v1::FindCounterfactualResponse> AnswerCounterfactual(const v1::FindCounterfactualRequest& request,
                                                                    const ServedModel& model, const StopCheck& stop);

}  // namespace roicast

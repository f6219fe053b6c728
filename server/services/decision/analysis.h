// DecisionService/AnalyzeModel.
#pragma once

#include "absl/status/statusor.h"
#include "model/predictor/stop_check.h"
#include "roicast/v1/decision.pb.h"
#include "server/serving/served_model.h"

namespace roicast {

// Errors: those of ReadRowInput; NO_BACKGROUND; InvalidArgument naming the field; those of `stop`.
absl::StatusOr<v1::AnalyzeModelResponse> AnalyzeModel(const v1::AnalyzeModelRequest& request, const ServedModel& model,
                                                      const StopCheck& stop);

}  // namespace roicast

// DecisionService/ResponseCurve.
#pragma once

#include "absl/status/statusor.h"
#include "base/memory_budget.h"
#include "base/stop_check.h"
#include "roicast/v1/decision.pb.h"
#include "server/serving/served_model.h"

namespace roicast {

// Errors: those of ReadStrictRows and ResponseCurves; NOT_AN_ROI; NO_CALIBRATION; MemoryShort.
absl::StatusOr<v1::ResponseCurveResponse> AnswerCurve(const v1::ResponseCurveRequest& request, const ServedModel& model,
                                                      const StopCheck& stop,
                                                      MemoryBudget* memory = MemoryBudget::Unlimited());

}  // namespace roicast

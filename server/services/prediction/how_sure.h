// What requests ask of how sure predictions are.
#pragma once

#include "absl/status/statusor.h"
#include "model/uncertainty/uncertainty.h"
#include "roicast/v1/prediction.pb.h"
#include "server/serving/served_model.h"

namespace roicast {

// Whether the options ask for anything.
bool AsksHowSure(const UncertaintyOptions& options);
UncertaintyOptions UncertaintyFromProto(const v1::UncertaintyOptions& proto);

// Checks what is asked against the model, and counts it. Errors: FailedPrecondition (NO_CALIBRATION), InvalidArgument
// naming the field.
absl::StatusOr<Uncertainty::Question> AskHowSure(const UncertaintyOptions& options, const ServedModel& model);

}  // namespace roicast

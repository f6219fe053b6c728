// The parts of a training report that say what the model is worth.
#pragma once

#include "model/artifact/artifact.h"
#include "roicast/v1/report.pb.h"

namespace roicast {

// From `refit_rows` to `target` of the report; what is empty stays unset.
void OutcomeToProto(const TrainingReport& report, v1::TrainingReport& proto);
// All but the cross-validation's metrics of all rows.
void OutcomeFromProto(const v1::TrainingReport& proto, TrainingReport& report);

}  // namespace roicast

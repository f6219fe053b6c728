// From the typed Campaign message to a raw row.
#pragma once

#include "absl/status/status.h"
#include "roicast/v1/prediction.pb.h"
#include "server/serving/served_model.h"

namespace roicast {

// Fills row [model.schema().size()]; fields that are not set are missing (NaN). The model has to take campaigns.
// Errors: InvalidArgument naming the field, such as `spend: expected > 0, got -5`. Fields that the model does not use
// are checked as well.
absl::Status CampaignToRow(const v1::Campaign& campaign, const ServedModel& model, float* row);

}  // namespace roicast

// From the typed Campaign to a raw row.
#pragma once

#include "absl/status/status.h"
#include "server/services/prediction/campaign_fields.h"
#include "server/serving/served_model.h"

namespace roicast {

// Fills row [model.schema().size()]; fields that are not set are missing (NaN). The model has to take campaigns.
// Errors: InvalidArgument naming the field, such as `spend: expected > 0, got -5`. Fields that the model does not use
// are checked as well.
absl::Status CampaignToRow(const CampaignFields& campaign, const ServedModel& model, float* row);

}  // namespace roicast

// Fields of the Campaign message by name.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "roicast/v1/prediction.pb.h"
#include "roicast/v1/schema.pb.h"

namespace roicast::client {

// Whether the typed Campaign can carry all features of a schema: names and kinds.
bool FitsCampaign(const v1::Schema& schema);

// Sets a field from text as in a CSV: a number, a word or an ISO 8601 time.
// Errors: NOT_FOUND (no such field), INVALID_ARGUMENT (the value does not parse).
absl::Status SetCampaignField(absl::string_view name, absl::string_view value, v1::Campaign* campaign);

}  // namespace roicast::client

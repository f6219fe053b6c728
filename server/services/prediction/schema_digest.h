// The check that dense rows were built for the schema of the model that answers.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/serving/served_model.h"

namespace roicast {

// `field` names the message, such as "matrix". Errors: InvalidArgument (no digest), FailedPrecondition with the reason
// SCHEMA_MISMATCH (another schema's).
absl::Status CheckSchemaDigest(absl::string_view field, absl::string_view digest, const ServedModel& model);

}  // namespace roicast

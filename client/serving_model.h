// Whether the model that a command was answered with may stand for "the serving version".
#pragma once

#include "absl/status/status.h"
#include "roicast/v1/common.pb.h"
#include "roicast/v1/model.pb.h"

namespace roicast::client {

// If a model has no serving version, GetModel without a version answers with the newest one, for people to look at. Who
// then predicts with that version by its number would get around the server's refusal to serve it. FailedPrecondition:
// `asked` names no version, and `answered` was refused.
absl::Status CheckServes(const v1::ModelRef& asked, const v1::Model& answered);

}  // namespace roicast::client

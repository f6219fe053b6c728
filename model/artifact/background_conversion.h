// Background ↔ the body's protobuf.
#pragma once

#include "absl/status/statusor.h"
#include "model/artifact/artifact.h"
#include "roicast/artifact/v1/artifact.pb.h"

namespace roicast {

artifact::v1::Background BackgroundToBody(const Background& background);
// Errors: InvalidArgument naming the field.
absl::StatusOr<Background> BackgroundFromBody(const artifact::v1::Background& body, const Schema& schema);

}  // namespace roicast

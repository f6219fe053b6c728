// Attention over features ↔ the body's protobuf.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "model/network/attention/attention_network.h"
#include "roicast/artifact/v1/artifact.pb.h"

namespace roicast {

artifact::v1::AttentionNetwork AttentionToBody(const AttentionNetwork& attention);
// feature_inputs: what the preprocessing gives. Errors: InvalidArgument naming the field.
absl::StatusOr<AttentionNetwork> AttentionFromBody(const artifact::v1::AttentionNetwork& body,
                                                   std::vector<int> feature_inputs);

}  // namespace roicast

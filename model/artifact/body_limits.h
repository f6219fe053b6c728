// Limits the cost of parsing a body, before it is parsed.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace roicast {

// Fields (tags) in a body at any depth; a packed field counts as one.
inline constexpr int64_t kMaxBodyFields = int64_t{1} << 20;
// Bytes of a body outside weights, biases and golden rows.
inline constexpr int64_t kMaxBodyTextBytes = int64_t{64} << 20;

// Scans the wire format of a roicast.artifact.v1.Artifact without allocating. Protobuf can turn a field of two bytes
// into an object of a hundred, so the number of fields bounds the memory; packed numbers are bounded by the file's
// size. Errors: InvalidArgument (not a protobuf, or over a limit).
absl::Status CheckBodyLimits(absl::string_view body);

}  // namespace roicast

// Artifact ↔ the body's protobuf.
#pragma once

#include "absl/status/statusor.h"
#include "model/artifact/artifact.h"
#include "roicast/artifact/v1/artifact.pb.h"

namespace roicast {

inline constexpr int kMaxLayers = 17;
inline constexpr int kMaxLayerUnits = 4096;
inline constexpr int kMinGoldenRows = 16;
inline constexpr int kMaxGoldenRows = 4096;

artifact::v1::Artifact BodyFromArtifact(const Artifact& artifact);
// Validates everything that predictions rely on. Errors: InvalidArgument naming the field.
absl::StatusOr<Artifact> ArtifactFromBody(const artifact::v1::Artifact& body);

}  // namespace roicast

// Calibration, model error and what moves with the spend ↔ the body's protobuf.
#pragma once

#include "absl/status/statusor.h"
#include "model/artifact/artifact.h"
#include "roicast/artifact/v1/artifact.pb.h"

namespace roicast {

artifact::v1::Calibration CalibrationToBody(const Calibration& calibration);
// Validates it against the schema, the network and the kind of target. Errors: InvalidArgument naming the field.
absl::StatusOr<Calibration> CalibrationFromBody(const artifact::v1::Calibration& body, const Schema& schema,
                                                const Mlp& mlp, TargetKind kind);

artifact::v1::ModelError ModelErrorToBody(const ModelError& error);
// Errors: as of ModelError::Validate.
absl::StatusOr<ModelError> ModelErrorFromBody(const artifact::v1::ModelError& body, const Schema& schema);

artifact::v1::MovesWithSpend MovesToBody(const MovesWithSpend& moves);
// Errors: InvalidArgument (none, or too many features), those of MovesWithSpend::Validate.
absl::StatusOr<MovesWithSpend> MovesFromBody(const artifact::v1::MovesWithSpend& body, const Schema& schema);

}  // namespace roicast

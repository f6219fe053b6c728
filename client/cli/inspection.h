// Asks the server how it would train, in terms of the command's flags.
#pragma once

#include "absl/status/statusor.h"
#include "client/cli/command.h"
#include "client/cli/dataset_flags.h"
#include "client/cli/spec_flags.h"
#include "client/training_client.h"
#include "roicast/v1/training.pb.h"
#include "roicast/v1/training_spec.pb.h"

namespace roicast::client {

// A terminal shows that the server is at work. `spec` is what `flags` built, with the dataset. Errors: those of the
// server; if the columns of `source` were not known and the server refuses the spec, the error of the first flag that
// names no column, if there is one.
absl::StatusOr<v1::InspectDatasetResponse> InspectSpec(const CommandContext& context, const TrainingClient& client,
                                                       DatasetSource& source, const SpecFlags& flags,
                                                       const v1::TrainingSpec& spec);

}  // namespace roicast::client

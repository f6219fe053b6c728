// A training job as it runs, and what came of it.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "client/cli/command.h"
#include "client/training_client.h"
#include "roicast/v1/training.pb.h"

namespace roicast::client {

// One line: phase, epoch, losses, R², time left.
std::string JobProgressText(const v1::TrainingJob& job);
// Many lines: state, times, error or version, cleaning, metrics.
std::string JobText(const v1::TrainingJob& job);
// 0 where it succeeded, or is under way; 6 otherwise.
ExitCode ExitCodeOf(const v1::TrainingJob& job);

// Shows a job until it ends, and its result. Ctrl-C leaves it running and says how to come back.
absl::StatusOr<int> WatchJobToEnd(const CommandContext& context, const TrainingClient& client, const std::string& id);

}  // namespace roicast::client

// A training job as it runs, and what came of it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/command.h"
#include "client/cli/terminal.h"
#include "client/training_client.h"
#include "roicast/v1/training.pb.h"

namespace roicast::client {

// For a ProgressLine: phase or epoch, then R², time left and losses.
std::vector<Toned> JobProgress(const v1::TrainingJob& job);
// Many lines: state, error or version, times, metrics, cleaning.
std::string JobText(const v1::TrainingJob& job, const Terminal& terminal);
// 0 where it succeeded, or is under way; 6 otherwise.
ExitCode ExitCodeOf(const v1::TrainingJob& job);

// Shows a job until it ends, and its result. Ctrl-C leaves it running and says how to come back.
absl::StatusOr<int> WatchJobToEnd(const CommandContext& context, const TrainingClient& client, const std::string& id);

}  // namespace roicast::client

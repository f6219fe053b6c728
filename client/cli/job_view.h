// Progress and result of a training job.
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
// 0 if it succeeded or has not ended; otherwise 6.
ExitCode ExitCodeOf(const v1::TrainingJob& job);

// Shows a job's progress, then its result. Ctrl-C leaves the job running and prints how to watch it again.
absl::StatusOr<int> WatchJobToEnd(const CommandContext& context, const TrainingClient& client, const std::string& id);

}  // namespace roicast::client

// How training jobs run, and what they need.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/memory_budget.h"
#include "base/steady_clock.h"
#include "model/training/training_need.h"
#include "server/flag_defaults.h"
#include "server/store/store.h"
#include "server/telemetry/log.h"
#include "server/telemetry/metrics.h"
#include "server/training/train_function.h"

namespace roicast {

struct JobManagerOptions {
  int workers = defaults::kTrainingWorkers;                            // Jobs that run at once, 1 to 16.
  int max_queued = defaults::kMaxQueuedJobs;                           // Jobs that wait, ≥ 1.
  absl::Duration time_limit = defaults::kTrainingTimeLimit;            // Per job; a spec may ask for less. > 0.
  absl::Duration checkpoint_interval = defaults::kCheckpointInterval;  // Between two checkpoints of a running job; > 0.
  absl::Duration progress_interval = absl::Seconds(1);  // Between two writes of progress to the store; ≥ 0.
  // Until an end that could not be stored, such as on a full disk, is tried again, or a start for want of room; > 0.
  absl::Duration end_retry_interval = absl::Seconds(10);
  std::string default_model = defaults::kModel;  // For specs that name none.
  // What a job may take; specs that need more are refused when they come.
  TrainingLimits limits = {};
  int training_threads = 1;                    // That train networks at once, ≥ 1.
  const Clock* clock = &Clock::System();       // For times that are told.
  const Clock* steady_clock = &SteadyClock();  // For limits and intervals.

  absl::Status Validate() const;
  // How many of the waiting jobs may be of one client: a quarter is for others, unless they are fewer than four.
  int MaxQueuedPerPeer() const { return max_queued < 4 ? max_queued : max_queued - max_queued / 4; }
};

// Must be callable from several threads; outlive the manager.
struct JobManagerParts {
  Store* store = nullptr;            // Required.
  ServerMetrics* metrics = nullptr;  // Required.
  const Logger* logger = nullptr;    // Required.
  TrainFunction train;               // Required.
  // What the artifact of a warm start draws from.
  MemoryBudget* memory = MemoryBudget::Unlimited();
  // A job has published a version: decides whether it serves, and logs that. Called on the training thread with no lock
  // held; the job ends when it returns. May be empty.
  std::function<void(const ModelVersion& version)> on_published;
};

}  // namespace roicast

// One run of one job: counts epochs and time, writes progress and checkpoints.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "base/clock.h"
#include "roicast/v1/training.pb.h"
#include "server/store/store.h"
#include "server/telemetry/log.h"
#include "server/telemetry/metrics.h"
#include "server/training/train_function.h"

namespace roicast {

enum class StopReason { kNone, kCancelled, kShutdown };

// Not thread-safe: lives on the training thread.
class JobRun final : public TrainControl {
 public:
  struct Options {
    std::string id;
    int total_epochs = 0;
    absl::Duration time_limit;  // Beyond it, phases before the first epoch are told to stop.
    absl::Duration checkpoint_interval;
    absl::Duration progress_interval;
    const Clock* clock = nullptr;
    Store* store = nullptr;
    const Logger* logger = nullptr;
    TrainingWorkerMetrics metrics;
    std::function<StopReason()> stop;                         // Asked often.
    std::function<void(const v1::JobProgress&)> on_progress;  // After each change.
  };

  explicit JobRun(const Options& options);

  void OnPhase(v1::JobPhase phase) override;
  bool StopRequested() override;
  bool WantsCheckpoint() override;
  void OnCheckpoint(const JobCheckpoint& checkpoint) override;
  bool OnEpoch(const v1::EpochRecord& epoch) override;

  const v1::JobProgress& progress() const { return progress_; }
  // Why the run was told to stop; kNone: it was not.
  StopReason stop_reason() const { return stop_reason_; }
  bool timed_out() const { return timed_out_; }

 private:
  void Tell(bool write_now);

  const Options options_;
  const absl::Time start_;
  v1::JobProgress progress_;
  absl::Time last_write_;
  absl::Time last_checkpoint_;
  // The epoch before the first of this run, and when it began.
  std::optional<int> first_epoch_;
  absl::Time training_start_;
  bool checkpoint_for_shutdown_ = false;
  StopReason stop_reason_ = StopReason::kNone;
  bool timed_out_ = false;
};

}  // namespace roicast

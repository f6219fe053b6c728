// One run of one job, as its training sees it: keeps the time limit, passes on cancellation and shutdown, writes
// progress and checkpoints.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "base/clock.h"
#include "model/network/training_observer.h"
#include "roicast/v1/training.pb.h"
#include "server/store/store.h"
#include "server/telemetry/log.h"
#include "server/telemetry/metrics.h"
#include "server/training/live_jobs.h"

namespace roicast {

// Not thread-safe: lives on the training thread.
class JobRun final : public TrainingObserver {
 public:
  struct Options {
    std::string id;
    int total_epochs = 0;  // 0: chosen later, OnEpochsChosen
    // Limits the phases before the epochs, which are cancelled when it has passed, and again the epochs, which end
    // then.
    absl::Duration time_limit;
    absl::Duration checkpoint_interval;
    absl::Duration progress_interval;
    const Clock* clock = nullptr;  // That does not jump.
    LiveJobs* jobs = nullptr;      // Holds the job; receives progress, says whether to stop.
    Store* store = nullptr;
    const Logger* logger = nullptr;
    TrainingWorkerMetrics metrics;
    // Called with each Poll, which is every few milliseconds. It may write to the store, as progress does, if it does
    // so rarely. May be empty.
    std::function<void()> on_poll;
  };

  explicit JobRun(const Options& options);

  void OnPhase(TrainingPhase phase) override;
  void OnCompared(int settings) override;
  void OnEpochsChosen(int epochs) override;
  void OnTargetScale(absl::string_view scale) override;
  void OnStep(absl::string_view step) override;
  void OnEpoch(const EpochRecord& epoch) override;
  // Remembers why it first said kCancel.
  TrainingSignal Poll() override;
  double TimeUsed() const override;
  bool WantsCheckpoint() const override;
  void OnCheckpoint(const Checkpoint& checkpoint) override;

  const v1::JobProgress& progress() const { return progress_; }
  TrainingPhase phase() const { return phase_; }
  // Why Poll said kCancel; kNone: it did not, or the time limit passed before the epochs.
  StopReason stop_reason() const { return stop_reason_; }
  // The time limit passed before the epochs.
  bool timed_out() const { return timed_out_; }

 private:
  void Tell(bool write_now);

  const Options options_;
  const absl::Time start_;
  TrainingPhase phase_ = TrainingPhase::kReading;
  v1::JobProgress progress_;
  absl::Time last_write_;
  absl::Time last_checkpoint_;
  // The epoch before the first of this run, and when it began.
  std::optional<int> first_epoch_;
  absl::Time training_start_;
  absl::Time epochs_start_;
  StopReason stop_reason_ = StopReason::kNone;
  bool timed_out_ = false;
};

}  // namespace roicast

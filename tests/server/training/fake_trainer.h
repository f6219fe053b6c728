// Stands in for the model: epochs that wait for permission, and an artifact that depends on every one of them.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/random.h"
#include "server/training/train_function.h"

namespace roicast {

// Thread-safe.
class FakeTrainer {
 public:
  // So many epochs more may run, over all jobs.
  void Allow(int epochs) {
    absl::MutexLock lock(&mutex_);
    allowed_ += epochs;
  }
  void AllowAll() { Allow(1'000'000'000); }
  void Forbid() {
    absl::MutexLock lock(&mutex_);
    allowed_ = 0;
  }
  // Ends each epoch that would run with this error.
  void FailWith(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    failure_ = status;
  }
  int runs() const {
    absl::MutexLock lock(&mutex_);
    return runs_;
  }

  absl::StatusOr<TrainedModel> Train(const TrainRequest& request, TrainingObserver& observer) {
    {
      absl::MutexLock lock(&mutex_);
      ++runs_;
    }
    const auto cancelled = [&] { return observer.Poll() == TrainingSignal::kCancel; };
    observer.OnPhase(TrainingPhase::kPreparing);
    if (cancelled()) return absl::CancelledError("stopped while preparing");
    uint64_t state = request.spec.training.seed;
    int epoch = 0;
    if (request.resume_from.has_value()) {
      epoch = request.resume_from->epoch;
      state = request.resume_from->random[0];
    }
    // As the trainer does: after each Poll that cancels or ends an epoch.
    const auto offer_checkpoint = [&] {
      Checkpoint checkpoint;
      checkpoint.epoch = epoch;
      checkpoint.random[0] = state;
      if (observer.WantsCheckpoint()) observer.OnCheckpoint(checkpoint);
    };
    observer.OnPhase(TrainingPhase::kTraining);
    while (epoch < request.spec.training.epochs) {
      while (!TakePermission()) {
        if (!cancelled()) continue;
        offer_checkpoint();
        return absl::CancelledError("stopped");
      }
      if (const absl::Status failure = Failure(); !failure.ok()) return failure;
      ++epoch;
      SplitMix64(state);
      EpochRecord record;
      record.epoch = epoch;
      record.train_loss = 1.0 / epoch;
      record.validation_loss = 2.0 / epoch;
      observer.OnEpoch(record);
      const bool stop = cancelled();
      offer_checkpoint();
      if (stop) return absl::CancelledError("stopped");
    }
    observer.OnPhase(TrainingPhase::kEvaluating);
    if (cancelled()) return absl::CancelledError("stopped while evaluating");
    TrainedModel trained;
    trained.artifact = absl::StrCat("artifact ", state, " warm ", request.warm_start);
    trained.network = "1 → 1";
    trained.holdout_r2 = 0.75;
    trained.report.set_epochs_run(epoch);
    return trained;
  }

 private:
  bool TakePermission() {
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(this, &FakeTrainer::Allowed), absl::Milliseconds(1));
    if (!Allowed()) return false;
    --allowed_;
    return true;
  }
  bool Allowed() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return allowed_ > 0; }
  absl::Status Failure() const {
    absl::MutexLock lock(&mutex_);
    return failure_;
  }

  mutable absl::Mutex mutex_;
  int64_t allowed_ ABSL_GUARDED_BY(mutex_) = 0;
  int runs_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roicast

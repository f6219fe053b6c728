// Receives the progress of a training run and decides whether it continues. One interface from the trainer's steps up
// to a server's job.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/stop_check.h"
#include "model/network/checkpoint.h"
#include "model/network/epoch_record.h"

namespace roicast {

enum class TrainingPhase { kReading, kPreparing, kTraining, kEvaluating, kPublishing };

enum class TrainingSignal {
  kContinue,
  // The time is up: no further step. The result of the completed epochs is evaluated. Outside kTraining the same as
  // kContinue.
  kTimeLimit,
  // Return Cancelled.
  kCancel,
};

// All calls come from the thread that trains, one at a time. Training waits for them: most must return within
// microseconds, and what writes to a disk, such as a checkpoint, has to be rare. Each
// method does nothing unless it is overridden.
class TrainingObserver {
 public:
  virtual ~TrainingObserver() = default;
  // A phase begins.
  virtual void OnPhase(TrainingPhase) {}
  // So many settings of the network have been compared (model/training/capacity).
  virtual void OnCompared(int) {}
  // The network that is kept will be trained for at most so many epochs: known from the spec, or chosen by comparison.
  virtual void OnEpochsChosen(int) {}
  // What the R² of epochs is of, such as "asinh(target)" or "the deviance"; empty: the target itself.
  virtual void OnTargetScale(absl::string_view) {}
  // What is under way, such as "all rows" or "member 2 of 5".
  virtual void OnStep(absl::string_view) {}
  // An epoch is complete and validated. Poll follows.
  virtual void OnEpoch(const EpochRecord&) {}
  // Called between the steps of each phase, every few milliseconds within an epoch, and after each epoch.
  virtual TrainingSignal Poll() { return TrainingSignal::kContinue; }
  // The share of the time for kTraining that has passed, after which Poll says kTimeLimit; 0 where there is no limit.
  virtual double TimeUsed() const { return 0.0; }
  // Called after the Poll that ends an epoch or cancels one before its end. True: OnCheckpoint follows.
  virtual bool WantsCheckpoint() const { return false; }
  // The state after the last step.
  virtual void OnCheckpoint(const Checkpoint&) {}
};

// Cancelled once the observer says so. The observer has to outlive it.
inline StopCheck StopWhenCancelled(TrainingObserver& observer) {
  return [&observer] {
    return observer.Poll() == TrainingSignal::kCancel ? absl::CancelledError("training was cancelled")
                                                      : absl::OkStatus();
  };
}

}  // namespace roicast

// The fits of one training, one after the other, so that an interrupted training goes on where it was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/network/attention/attention_trainer.h"
#include "model/network/checkpoint.h"
#include "model/network/mlp.h"
#include "model/network/trainer.h"
#include "model/network/training_observer.h"
#include "model/training/fit/parallel_fits.h"

namespace roicast {

// Whether the observer hears of a fit's epochs.
enum class FitProgress { kHidden, kShown };

// Training is deterministic: the same fits follow each other in each run. A checkpoint holds the results of those that
// were complete beside the state of the one under way, and a run that begins with it takes them from there.
// Not thread-safe.
class FitJournal {
 public:
  // resume_from: nullptr, or a checkpoint that an observer of an earlier run was given. Must outlive this, as must
  // observer. threads: of FitAll, ≥ 1; results do not depend on it, nor need a run be resumed with as many.
  FitJournal(const Checkpoint* resume_from, TrainingObserver& observer, int threads = 1);

  // As Train; a result that comes from the checkpoint has a history only if its progress is shown. Once the time limit
  // has passed, each fit ends at once, without an epoch. Errors: those of Train, InvalidArgument (the checkpoint is of
  // another run).
  absl::StatusOr<TrainingResult> Fit(const TrainingRows& train, const TrainingRows& validation,
                                     const NetworkOptions& network, const TrainingOptions& options,
                                     FitProgress progress, const Mlp* warm_start = nullptr);

  // Fits that do not depend on each other: the results of as many Fit, with their progress hidden, in their order. With
  // more than one thread, checkpoints have those that are complete from the first one on, and nothing under way.
  // on_fitted: told how many are complete; may be empty. After a result that is Cancelled or InvalidArgument, the
  // others are, too.
  std::vector<absl::StatusOr<TrainingResult>> FitAll(absl::Span<const FitRequest> requests,
                                                     const std::function<void(size_t)>& on_fitted);

  // The same for attention over features.
  absl::StatusOr<AttentionTrainingResult> FitAttention(const TrainingRows& train, const TrainingRows& validation,
                                                       const std::vector<int>& feature_inputs,
                                                       const AttentionOptions& options, FitProgress progress);

  // Whether there is time for so many times all that the fits have taken so far. A run that is resumed does as the
  // first one did, however little time it has taken itself. Errors: as Fit's of a checkpoint.
  absl::StatusOr<bool> HasTimeFor(int times);

  // The time limit ended a fit before its last epoch.
  bool out_of_time() const { return out_of_time_; }
  TrainingObserver& observer() { return observer_; }
  // Cancelled once the observer says so.
  StopCheck stop() const { return StopWhenCancelled(observer_); }

  // Tells the observer what is under way (OnStep), and remembers it.
  void SetStep(std::string step);
  const std::string& step() const { return step_; }

 private:
  class FitObserver;

  // The next fit of the checkpoint, if there is one. Errors: InvalidArgument (it is another one).
  absl::StatusOr<const CompletedFit*> Next(uint64_t fingerprint);
  // What a fit begins with: the state in the checkpoint, if it is the one that was under way.
  const Checkpoint* TakeState();
  void Keep(uint64_t fingerprint, const absl::StatusOr<TrainingResult>& result, FitProgress progress);
  std::vector<absl::StatusOr<TrainingResult>> FitTogether(absl::Span<const FitRequest> requests,
                                                          const std::function<void(size_t)>& on_fitted);

  const Checkpoint* resume_from_;  // null once all of it is used
  size_t taken_ = 0;               // of resume_from_->completed
  std::vector<CompletedFit> completed_;
  TrainingObserver& observer_;
  const int threads_;
  bool out_of_time_ = false;
  std::string step_;
};

}  // namespace roicast

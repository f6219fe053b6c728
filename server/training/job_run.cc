#include "server/training/job_run.h"

#include <algorithm>

#include "model/artifact/proto_conversion.h"
#include "server/training/job_conversion.h"

namespace roicast {

JobRun::JobRun(const Options& options)
    : options_(options),
      start_(options.clock->Now()),
      last_write_(absl::InfinitePast()),
      last_checkpoint_(start_),
      training_start_(start_),
      epochs_start_(start_) {
  progress_.set_total_epochs(options.total_epochs);
  options_.metrics.epoch->Set(0);
  options_.metrics.progress->Set(0);
}

void JobRun::OnPhase(TrainingPhase phase) {
  phase_ = phase;
  progress_.set_phase(PhaseToProto(phase));
  if (phase == TrainingPhase::kTraining) training_start_ = epochs_start_ = options_.clock->Now();
  if (phase != TrainingPhase::kTraining) progress_.clear_time_left();
  Tell(true);
}

void JobRun::OnCompared(int settings) {
  progress_.set_compared(settings);
  Tell(false);
}

void JobRun::OnEpochsChosen(int epochs) {
  progress_.set_total_epochs(epochs);
  epochs_start_ = options_.clock->Now();
  first_epoch_.reset();
  Tell(true);
}

void JobRun::OnTargetScale(absl::string_view scale) { progress_.set_target_scale(std::string(scale)); }

void JobRun::OnStep(absl::string_view step) {
  progress_.set_step(std::string(step));
  Tell(false);
}

void JobRun::OnEpoch(const EpochRecord& epoch) {
  const absl::Time now = options_.clock->Now();
  if (!first_epoch_.has_value()) first_epoch_ = epoch.epoch - 1;
  const int done = epoch.epoch - *first_epoch_;
  const int total = progress_.total_epochs();
  const int left = std::max(0, total - epoch.epoch);
  *progress_.mutable_last_epoch() = EpochRecordToProto(epoch);
  *progress_.mutable_time_left() = DurationToProto((now - epochs_start_) / done * left);
  options_.metrics.epoch->Set(epoch.epoch);
  options_.metrics.loss->Set(epoch.train_loss);
  options_.metrics.validation_loss->Set(epoch.validation_loss);
  if (total > 0) options_.metrics.progress->Set(static_cast<double>(epoch.epoch) / total);
  Tell(false);
}

TrainingSignal JobRun::Poll() {
  options_.metrics.steps->Increment();
  if (options_.on_poll) options_.on_poll();
  if (stop_reason_ == StopReason::kNone) stop_reason_ = options_.jobs->StopReasonOf(options_.id);
  if (stop_reason_ != StopReason::kNone) return TrainingSignal::kCancel;
  switch (phase_) {
    case TrainingPhase::kReading:
    case TrainingPhase::kPreparing:
      if (options_.clock->Now() - start_ > options_.time_limit) timed_out_ = true;
      return timed_out_ ? TrainingSignal::kCancel : TrainingSignal::kContinue;
    case TrainingPhase::kTraining:
      // What the epochs have given by then is evaluated and published.
      return options_.clock->Now() - training_start_ >= options_.time_limit ? TrainingSignal::kTimeLimit
                                                                            : TrainingSignal::kContinue;
    case TrainingPhase::kEvaluating:
    case TrainingPhase::kPublishing:
      break;
  }
  return TrainingSignal::kContinue;
}

double JobRun::TimeUsed() const {
  if (phase_ != TrainingPhase::kTraining) return 0.0;
  return absl::FDivDuration(options_.clock->Now() - training_start_, options_.time_limit);
}

bool JobRun::WantsCheckpoint() const {
  return stop_reason_ == StopReason::kShutdown ||
         options_.clock->Now() - last_checkpoint_ >= options_.checkpoint_interval;
}

void JobRun::OnCheckpoint(const Checkpoint& checkpoint) {
  last_checkpoint_ = options_.clock->Now();
  JobUpdate update;
  update.checkpoint = SerializeCheckpoint(checkpoint);
  const absl::Status status = options_.store->UpdateJob(options_.id, update).status();
  // The job continues: the store still has the older checkpoint, if there was one.
  if (!status.ok()) {
    options_.logger->Warning("checkpoint not written", {{"job", options_.id}, {"error", status.ToString()}});
  }
}

void JobRun::Tell(bool write_now) {
  options_.jobs->SetProgress(options_.id, progress_);
  const absl::Time now = options_.clock->Now();
  if (!write_now && now - last_write_ < options_.progress_interval) return;
  last_write_ = now;
  JobUpdate update;
  update.progress = progress_.SerializeAsString();
  const absl::Status status = options_.store->UpdateJob(options_.id, update).status();
  if (!status.ok()) {
    options_.logger->Warning("progress not written", {{"job", options_.id}, {"error", status.ToString()}});
  }
}

}  // namespace roicast

#include "server/training/job_worker.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"
#include "server/training/idle_priority.h"
#include "server/training/job_conversion.h"
#include "server/training/job_gauges.h"

namespace roicast {
namespace {

// Of its bytes: they themselves, the message that they are parsed to, and the artifact.
constexpr uint64_t kWarmStartFactor = 3;

JobState StateAfter(const absl::Status& outcome, StopReason reason) {
  if (outcome.ok()) return JobState::kSucceeded;
  if (!absl::IsCancelled(outcome)) return JobState::kFailed;
  switch (reason) {
    case StopReason::kCancelled:
      return JobState::kCancelled;
    case StopReason::kShutdown:
      return JobState::kInterrupted;
    case StopReason::kNone:
      break;
  }
  return JobState::kFailed;
}

// Why a job failed, for programs; what knows its reason keeps it.
absl::Status WithTrainingReason(absl::Status outcome, TrainingPhase phase) {
  if (outcome.ok() || ReasonOf(outcome) != v1::ERROR_REASON_UNSPECIFIED) return outcome;
  if (!absl::IsInvalidArgument(outcome) && !absl::IsFailedPrecondition(outcome) &&
      !absl::IsResourceExhausted(outcome)) {
    return outcome;
  }
  switch (phase) {
    case TrainingPhase::kReading:
      return WithReason(std::move(outcome), v1::TRAINING_TABLE_NOT_READ, {});
    case TrainingPhase::kPreparing:
      return WithReason(std::move(outcome), v1::TRAINING_DATA_NOT_USABLE, {});
    case TrainingPhase::kTraining:
      return absl::IsFailedPrecondition(outcome) ? WithReason(std::move(outcome), v1::TRAINING_DIVERGED, {}) : outcome;
    case TrainingPhase::kEvaluating:
    case TrainingPhase::kPublishing:
      break;
  }
  return outcome;
}

}  // namespace

JobWorker::JobWorker(const JobManagerOptions& options, const JobManagerParts& parts, LiveJobs* jobs, int number)
    : options_(options),
      parts_(parts),
      jobs_(*jobs),
      number_(number),
      metrics_(parts.metrics->AddTrainingWorker(number)) {}

void JobWorker::Work() {
  const char* priority = EnterIdlePriority();
  parts_.logger->Debug("training worker started", {{"worker", number_}, {"priority", priority}});
  while (true) {
    const absl::Duration wait = missed_.empty() ? absl::InfiniteDuration() : options_.end_retry_interval;
    const std::optional<std::string> id = jobs_.Take(wait);
    StoreMissedEnds();
    if (!id.has_value()) break;
    if (!id->empty()) RunJob(*id);
  }
  for (const MissedEnd& missed : missed_) {
    parts_.logger->Error("end of job lost", {{"job", missed.id}, {"next_start", "tells it as interrupted"}});
  }
}

void JobWorker::RunJob(const std::string& id) {
  const absl::StatusOr<JobRecord> record = EnterRunning(id);
  if (ReasonOf(record.status()) == v1::STORE_FULL) return WaitForRoom(id, record.status());
  waits_for_room_ = false;
  if (!record.ok()) return FailUnstarted(id, record.status());
  const absl::StatusOr<TrainingSpec> spec = SpecFromBytes(record->spec);
  if (!spec.ok()) return FailUnstarted(id, spec.status());

  JobRun::Options options;
  options.id = id;
  options.total_epochs = spec->ChoosesCapacity() ? 0 : spec->training.epochs;
  options.time_limit = std::min(spec->time_limit, options_.time_limit);
  options.checkpoint_interval = options_.checkpoint_interval;
  options.progress_interval = options_.progress_interval;
  options.clock = options_.steady_clock;
  options.jobs = &jobs_;
  options.store = parts_.store;
  options.logger = parts_.logger;
  options.metrics = metrics_;
  options.on_poll = [this] { StoreMissedEndsIfDue(); };
  JobRun run(options);
  run.OnPhase(TrainingPhase::kReading);
  absl::Status outcome = TrainAndPublish(*record, *spec, run);
  if (absl::IsCancelled(outcome) && run.stop_reason() == StopReason::kNone && run.timed_out()) {
    outcome = WithReason(
        absl::DeadlineExceededError(absl::StrCat("the time limit of ", absl::FormatDuration(options.time_limit),
                                                 " passed before the first epoch")),
        v1::TRAINING_TIME_LIMIT, {});
  }
  outcome = WithTrainingReason(std::move(outcome), run.phase());
  Finish(id, run, outcome);
}

absl::StatusOr<JobRecord> JobWorker::EnterRunning(const std::string& id) {
  JobUpdate start;
  start.expected_state = JobState::kQueued;
  start.state = JobState::kRunning;
  ROICAST_ASSIGN_OR_RETURN(JobRecord record, parts_.store->UpdateJob(id, start));
  ROICAST_ASSIGN_OR_RETURN(const v1::TrainingJob running, JobToProto(record));
  UpdateJobGauges(*parts_.store, jobs_, *parts_.metrics);
  jobs_.Update(running);
  parts_.logger->Info("training job started", {{"job", id}, {"model", record.model}});
  return record;
}

absl::Status JobWorker::TrainAndPublish(const JobRecord& record, const TrainingSpec& spec, JobRun& run) {
  ROICAST_ASSIGN_OR_RETURN(const TrainRequest request, MakeTrainRequest(record, spec, run));
  ROICAST_ASSIGN_OR_RETURN(TrainedModel trained, parts_.train(request, run));
  run.OnPhase(TrainingPhase::kPublishing);
  // A shutdown does not stop a job that only has to be stored.
  if (run.Poll() == TrainingSignal::kCancel && run.stop_reason() == StopReason::kCancelled) {
    return absl::CancelledError("cancelled");
  }
  return Publish(record, run.progress(), std::move(trained));
}

absl::StatusOr<TrainRequest> JobWorker::MakeTrainRequest(const JobRecord& record, const TrainingSpec& spec,
                                                         JobRun& run) const {
  TrainRequest request;
  request.spec = spec;
  ROICAST_RETURN_IF_ERROR(parts_.store->VerifyDataset(spec.dataset_digest, StopWhenCancelled(run)));
  ROICAST_ASSIGN_OR_RETURN(request.dataset, parts_.store->GetDataset(spec.dataset_digest));
  if (spec.warm_start_version > 0) ROICAST_RETURN_IF_ERROR(ReadWarmStart(record.model, request));
  if (record.has_checkpoint) {
    ROICAST_ASSIGN_OR_RETURN(const std::string bytes, parts_.store->ReadCheckpoint(record.id));
    ROICAST_ASSIGN_OR_RETURN(request.resume_from, ParseCheckpoint(bytes));
  }
  return request;
}

absl::Status JobWorker::ReadWarmStart(const std::string& model, TrainRequest& request) const {
  const int64_t number = request.spec.warm_start_version;
  ROICAST_ASSIGN_OR_RETURN(const ModelVersion version, parts_.store->GetVersion(model, number));
  absl::StatusOr<MemoryClaim> claim =
      parts_.memory->Claim(MemoryUse::kTraining, kWarmStartFactor * static_cast<uint64_t>(version.size_bytes));
  if (!claim.ok()) return MemoryShort(WithContext(claim.status(), "the version of the warm start"));
  request.warm_start_memory = *std::move(claim);
  ROICAST_ASSIGN_OR_RETURN(request.warm_start, parts_.store->ReadArtifact(model, number));
  return absl::OkStatus();
}

absl::Status JobWorker::Publish(const JobRecord& record, const v1::JobProgress& progress, TrainedModel trained) {
  PublishRequest request;
  request.model = record.model;
  request.artifact = std::move(trained.artifact);
  request.network = std::move(trained.network);
  request.holdout_r2 = trained.holdout_r2;
  request.first_metric = trained.first_metric;
  request.first_metric_name = std::move(trained.first_metric_name);
  request.job_id = record.id;
  request.job_progress = progress.SerializeAsString();
  request.job_report = trained.report.SerializeAsString();
  ROICAST_ASSIGN_OR_RETURN(const ModelVersion version, parts_.store->Publish(request));
  if (parts_.on_published) parts_.on_published(version);
  return absl::OkStatus();
}

void JobWorker::Finish(const std::string& id, const JobRun& run, const absl::Status& outcome) {
  const JobState state = StateAfter(outcome, run.stop_reason());
  // Publishing has written it, in the version's transaction.
  if (state == JobState::kSucceeded) return WriteEnd(id, state, outcome, nullptr);
  const absl::Status reason = state == JobState::kInterrupted ? JobInterrupted() : outcome;
  JobUpdate update;
  update.expected_state = JobState::kRunning;
  update.state = state;
  update.progress = run.progress().SerializeAsString();
  if (state != JobState::kCancelled) update.error = reason;
  if (state != JobState::kInterrupted) update.checkpoint = "";
  WriteEnd(id, state, reason, &update);
}

void JobWorker::WaitForRoom(const std::string& id, const absl::Status& full) {
  jobs_.PutBack(id);
  if (!std::exchange(waits_for_room_, true)) {
    parts_.logger->Warning("training waits for room in the store",
                           {{"job", id},
                            {"error", full.message()},
                            {"tried_again_after", absl::FormatDuration(options_.end_retry_interval)}});
  }
  jobs_.WaitForStop(options_.end_retry_interval);
}

void JobWorker::FailUnstarted(const std::string& id, const absl::Status& reason) {
  JobUpdate update;
  update.state = JobState::kFailed;
  update.error = reason;
  WriteEnd(id, JobState::kFailed, reason, &update);
}

void JobWorker::WriteEnd(const std::string& id, JobState state, const absl::Status& reason, const JobUpdate* update) {
  // Before the watchers are notified, so that they find the end in the metrics.
  const absl::StatusOr<v1::TrainingJob> job = StoreEnd(id, update);
  if (job.ok()) {
    jobs_.End(*job, true);
  } else {
    parts_.logger->Error("end of job not written",
                         {{"job", id},
                          {"error", job.status().ToString()},
                          {"tried_again_after", absl::FormatDuration(options_.end_retry_interval)}});
    const absl::Time now = options_.clock->Now();
    v1::TrainingJob last = *jobs_.Find(id);
    last.set_state(StateToProto(state));
    if (!reason.ok()) *last.mutable_error() = StatusToProto(reason);
    *last.mutable_end_time() = TimeToProto(now);
    jobs_.End(last, false);
    MissedEnd& missed = missed_.emplace_back(MissedEnd{id, std::nullopt});
    if (update != nullptr) {
      missed.update = *update;
      missed.update->end_time = now;
    }
  }
  parts_.logger->Log(state == JobState::kFailed ? LogLevel::kWarning : LogLevel::kInfo, "training job ended",
                     {{"job", id},
                      {"state", JobStateName(state)},
                      {"reason", job.ok() && reason.ok() ? job->not_serving() : reason.message()}});
}

absl::StatusOr<v1::TrainingJob> JobWorker::StoreEnd(const std::string& id, const JobUpdate* update) {
  const absl::StatusOr<JobRecord> record =
      update == nullptr ? parts_.store->GetJob(id) : parts_.store->UpdateJob(id, *update);
  if (record.ok() && record->start_time.has_value() && record->end_time.has_value()) {
    parts_.metrics->ObserveTrainingDuration(JobStateName(record->state), *record->end_time - *record->start_time);
  }
  UpdateJobGauges(*parts_.store, jobs_, *parts_.metrics);
  return record.ok() ? JobToProto(*record) : record.status();
}

void JobWorker::StoreMissedEndsIfDue() {
  if (missed_.empty() || options_.steady_clock->Now() - last_try_ < options_.end_retry_interval) return;
  StoreMissedEnds();
}

void JobWorker::StoreMissedEnds() {
  last_try_ = options_.steady_clock->Now();
  std::vector<MissedEnd> still;
  for (MissedEnd& missed : missed_) {
    const absl::Status stored = StoreEnd(missed.id, missed.update.has_value() ? &*missed.update : nullptr).status();
    if (!stored.ok()) {
      // It may have been written after all, though the store did not say so.
      const absl::StatusOr<JobRecord> found = parts_.store->GetJob(missed.id);
      if (found.ok() && IsFinal(found->state)) missed.update.reset();
      still.push_back(std::move(missed));
      continue;
    }
    jobs_.Stored(missed.id);
    UpdateJobGauges(*parts_.store, jobs_, *parts_.metrics);
    parts_.logger->Info("end of job written at last", {{"job", missed.id}});
  }
  missed_ = std::move(still);
}

}  // namespace roicast

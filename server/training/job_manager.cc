#include "server/training/job_manager.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "server/store/model_name.h"
#include "server/training/idle_priority.h"
#include "server/training/job_conversion.h"
#include "server/training/job_run.h"

namespace roicast {
namespace {

constexpr size_t kMaxRequestIdBytes = 100;
constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 1000;

absl::Duration TimeLimit(const v1::TrainingSpec& spec, absl::Duration server_limit) {
  return spec.training().has_time_limit() ? DurationFromProto(spec.training().time_limit()) : server_limit;
}

JobState StateAfter(const absl::Status& outcome, StopReason reason) {
  if (outcome.ok()) return JobState::kSucceeded;
  if (absl::IsCancelled(outcome) && reason == StopReason::kCancelled) return JobState::kCancelled;
  if (absl::IsCancelled(outcome) && reason == StopReason::kShutdown) return JobState::kInterrupted;
  return JobState::kFailed;
}

}  // namespace

absl::Status JobManagerOptions::Validate() const {
  if (workers < 1 || workers > 16) {
    return absl::InvalidArgumentError(absl::StrCat("training workers: expected 1 to 16, got ", workers));
  }
  if (max_queued < 1) {
    return absl::InvalidArgumentError(absl::StrCat("training queue: expected a limit ≥ 1, got ", max_queued));
  }
  if (time_limit <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError(
        absl::StrCat("training time limit: expected > 0, got ", absl::FormatDuration(time_limit)));
  }
  if (checkpoint_interval <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError(
        absl::StrCat("checkpoint interval: expected > 0, got ", absl::FormatDuration(checkpoint_interval)));
  }
  return ValidateModelName(default_model);
}

absl::StatusOr<std::unique_ptr<JobManager>> JobManager::Start(const JobManagerOptions& options,
                                                              const JobManagerParts& parts) {
  ROICAST_CHECK(parts.store != nullptr && parts.metrics != nullptr && parts.logger != nullptr);
  ROICAST_CHECK(parts.normalize && parts.train);
  ROICAST_RETURN_IF_ERROR(options.Validate());
  std::unique_ptr<JobManager> manager(new JobManager(options, parts));
  ROICAST_RETURN_IF_ERROR(manager->Recover());
  absl::MutexLock lock(&manager->submit_mutex_);
  for (int worker = 0; worker < options.workers; ++worker) {
    manager->threads_.emplace_back([raw = manager.get(), worker] { raw->Work(worker); });
  }
  return manager;
}

JobManager::JobManager(const JobManagerOptions& options, const JobManagerParts& parts)
    : options_(options), parts_(parts) {}

JobManager::~JobManager() { Shutdown(); }

absl::Status JobManager::Recover() {
  ROICAST_ASSIGN_OR_RETURN(const std::vector<JobRecord> queued, parts_.store->JobsInState(JobState::kQueued));
  {
    absl::MutexLock lock(&mutex_);
    for (const JobRecord& record : queued) {
      auto live = std::make_shared<LiveJob>(record.id);
      ROICAST_ASSIGN_OR_RETURN(live->job, JobToProto(record));
      live_[record.id] = live;
      queue_.push_back(std::move(live));
    }
  }
  UpdateGauges();
  return absl::OkStatus();
}

void JobManager::UpdateGauges() const {
  const absl::StatusOr<std::vector<int64_t>> counts = parts_.store->CountJobs();
  if (counts.ok()) {
    for (size_t i = 0; i < counts->size(); ++i) {
      parts_.metrics->SetTrainingJobs(JobStateName(kAllJobStates[i]), (*counts)[i]);
    }
  }
  absl::MutexLock lock(&mutex_);
  parts_.metrics->SetTrainingQueueLength(static_cast<int64_t>(queue_.size()));
}

absl::Status JobManager::CheckReferences(const v1::TrainingSpec& spec) const {
  if (spec.dataset_digest().empty()) {
    return absl::InvalidArgumentError("spec.dataset_digest: expected the digest of an uploaded dataset, got none");
  }
  ROICAST_RETURN_IF_ERROR(WithContext(parts_.store->GetDataset(spec.dataset_digest()).status(), "spec.dataset_digest"));
  const int64_t warm_start = spec.training().warm_start_version();
  if (warm_start < 0) {
    return absl::InvalidArgumentError(absl::StrCat("spec.training.warm_start_version: expected ≥ 0, got ", warm_start));
  }
  if (warm_start > 0) {
    ROICAST_RETURN_IF_ERROR(
        WithContext(parts_.store->GetVersion(spec.model(), warm_start).status(), "spec.training.warm_start_version"));
  }
  const absl::Duration limit = TimeLimit(spec, options_.time_limit);
  if (limit <= absl::ZeroDuration() || limit > options_.time_limit) {
    return absl::InvalidArgumentError(absl::StrCat("spec.training.time_limit: expected > 0 and at most ",
                                                   absl::FormatDuration(options_.time_limit), ", got ",
                                                   absl::FormatDuration(limit)));
  }
  return absl::OkStatus();
}

absl::StatusOr<NewJob> JobManager::MakeNewJob(const v1::CreateTrainingJobRequest& request) const {
  NewJob job;
  job.request_id = request.request_id();
  if (!request.resume_job().empty()) {
    if (request.has_spec()) {
      return absl::InvalidArgumentError("spec: expected none beside resume_job, whose spec is taken");
    }
    ROICAST_ASSIGN_OR_RETURN(const JobRecord record, parts_.store->GetJob(request.resume_job()));
    if (record.state != JobState::kInterrupted) {
      return absl::FailedPreconditionError(absl::StrCat("resume_job: expected an interrupted job, but \"", record.id,
                                                        "\" is ", JobStateName(record.state)));
    }
    job.model = record.model;
    job.spec = record.spec;
    job.resume_of = record.id;
    v1::TrainingSpec spec;
    if (!spec.ParseFromString(job.spec)) return absl::DataLossError("resume_job: its record cannot be read");
    ROICAST_RETURN_IF_ERROR(CheckReferences(spec));
    return job;
  }
  if (!request.has_spec()) return absl::InvalidArgumentError("spec: expected one, unless resume_job is set; got none");
  v1::TrainingSpec asked = request.spec();
  if (asked.model().empty()) asked.set_model(options_.default_model);
  ROICAST_RETURN_IF_ERROR(WithContext(ValidateModelName(asked.model()), "spec"));
  ROICAST_ASSIGN_OR_RETURN(const v1::TrainingSpec spec, parts_.normalize(asked));
  ROICAST_RETURN_IF_ERROR(CheckReferences(spec));
  job.model = spec.model();
  job.spec = spec.SerializeAsString();
  return job;
}

absl::StatusOr<v1::TrainingJob> JobManager::Submit(const v1::CreateTrainingJobRequest& request) {
  if (request.request_id().size() > kMaxRequestIdBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("request_id: expected at most ", kMaxRequestIdBytes, " bytes, got ", request.request_id().size()));
  }
  absl::MutexLock submit_lock(&submit_mutex_);
  if (!request.request_id().empty()) {
    const absl::StatusOr<JobRecord> known = parts_.store->FindJobByRequestId(request.request_id());
    if (known.ok()) return Get(known->id);
    if (!absl::IsNotFound(known.status())) return known.status();
  }
  ROICAST_ASSIGN_OR_RETURN(const NewJob new_job, MakeNewJob(request));
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return absl::UnavailableError("the server stops: ask another one, or later");
    if (queue_.size() >= static_cast<size_t>(options_.max_queued)) {
      return absl::ResourceExhaustedError(absl::StrCat("training queue: expected at most ", options_.max_queued,
                                                       " waiting jobs, there are ", queue_.size(), ": try later"));
    }
  }
  ROICAST_ASSIGN_OR_RETURN(const CreatedJob created, parts_.store->CreateJob(new_job));
  ROICAST_ASSIGN_OR_RETURN(v1::TrainingJob job, JobToProto(created.job));
  auto live = std::make_shared<LiveJob>(created.job.id);
  live->job = job;
  {
    absl::MutexLock lock(&mutex_);
    live_[live->id] = live;
    queue_.push_back(std::move(live));
  }
  UpdateGauges();
  parts_.logger->Info("training job queued", {{"job", job.id()}, {"model", new_job.model}});
  return job;
}

absl::StatusOr<v1::TrainingJob> JobManager::Get(absl::string_view id) const {
  {
    absl::MutexLock lock(&mutex_);
    const auto live = live_.find(id);
    if (live != live_.end()) return live->second->job;
  }
  ROICAST_ASSIGN_OR_RETURN(const JobRecord record, parts_.store->GetJob(id));
  return JobToProto(record);
}

absl::StatusOr<v1::ListTrainingJobsResponse> JobManager::List(const v1::ListTrainingJobsRequest& request) const {
  if (request.page_size() < 0) {
    return absl::InvalidArgumentError(absl::StrCat("page_size: expected ≥ 0, got ", request.page_size()));
  }
  const int page_size = request.page_size() == 0 ? kDefaultPageSize : std::min(request.page_size(), kMaxPageSize);
  // One more tells whether there is a further page.
  absl::StatusOr<std::vector<JobRecord>> records =
      parts_.store->ListJobs(request.model(), request.page_token(), page_size + 1);
  if (absl::IsInvalidArgument(records.status())) return WithContext(records.status(), "page_token");
  ROICAST_RETURN_IF_ERROR(records.status());
  v1::ListTrainingJobsResponse response;
  if (records->size() > static_cast<size_t>(page_size)) {
    records->pop_back();
    response.set_next_page_token(records->back().id);
  }
  for (const JobRecord& record : *records) {
    ROICAST_ASSIGN_OR_RETURN(v1::TrainingJob job, JobToProto(record));
    absl::MutexLock lock(&mutex_);
    const auto live = live_.find(record.id);
    *response.add_jobs() = live != live_.end() ? live->second->job : std::move(job);
  }
  for (v1::TrainingJob& job : *response.mutable_jobs()) job.clear_report();
  return response;
}

absl::StatusOr<v1::TrainingJob> JobManager::Cancel(absl::string_view id) {
  std::shared_ptr<LiveJob> queued;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = live_.find(id);
    if (found != live_.end()) {
      const std::shared_ptr<LiveJob> live = found->second;
      live->cancelled = true;
      const auto place = std::find(queue_.begin(), queue_.end(), live);
      if (place != queue_.end()) {
        queue_.erase(place);
        queued = live;
      }
    }
  }
  if (queued != nullptr) {
    JobUpdate update;
    update.expected_state = JobState::kQueued;
    update.state = JobState::kCancelled;
    update.event = "cancelled before it began";
    const absl::StatusOr<JobRecord> record = parts_.store->UpdateJob(id, update);
    if (!record.ok()) {
      // Back to its place: it is still queued.
      absl::MutexLock lock(&mutex_);
      queued->cancelled = false;
      queue_.push_front(queued);
      return record.status();
    }
    UpdateGauges();
    ROICAST_ASSIGN_OR_RETURN(v1::TrainingJob job, JobToProto(*record));
    {
      absl::MutexLock lock(&mutex_);
      queued->job = job;
      hub_->Publish(job, true);
      live_.erase(queued->id);
    }
    parts_.logger->Info("training job cancelled", {{"job", job.id()}});
    return job;
  }
  return Get(id);
}

absl::StatusOr<std::unique_ptr<JobWatch>> JobManager::Watch(absl::string_view id, std::function<void()> on_change) {
  {
    // Under the mutex, so that no change falls between the first state and the subscription.
    absl::MutexLock lock(&mutex_);
    const auto live = live_.find(id);
    if (live != live_.end()) {
      const v1::TrainingJob& job = live->second->job;
      return hub_->Add(job, IsFinal(static_cast<JobState>(job.state())), std::move(on_change));
    }
  }
  ROICAST_ASSIGN_OR_RETURN(const v1::TrainingJob job, Get(id));
  return hub_->Add(job, true, std::move(on_change));
}

void JobManager::Shutdown() {
  absl::MutexLock submit_lock(&submit_mutex_);
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  hub_->Close();
}

bool JobManager::QueueNotEmptyOrStopping() const { return stopping_ || !queue_.empty(); }

std::shared_ptr<JobManager::LiveJob> JobManager::TakeJob() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &JobManager::QueueNotEmptyOrStopping));
  if (stopping_) return nullptr;
  std::shared_ptr<LiveJob> live = std::move(queue_.front());
  queue_.pop_front();
  return live;
}

void JobManager::Work(int worker) {
  const char* priority = EnterIdlePriority();
  parts_.logger->Debug("training worker started", {{"worker", worker}, {"priority", priority}});
  const TrainingWorkerMetrics metrics = parts_.metrics->AddTrainingWorker(worker);
  while (const std::shared_ptr<LiveJob> live = TakeJob()) RunJob(*live, metrics);
}

absl::StatusOr<TrainRequest> JobManager::MakeTrainRequest(const JobRecord& record) const {
  TrainRequest request;
  if (!request.spec.ParseFromString(record.spec)) return absl::DataLossError("the job's spec cannot be read");
  ROICAST_RETURN_IF_ERROR(parts_.store->VerifyDataset(request.spec.dataset_digest()));
  ROICAST_ASSIGN_OR_RETURN(request.dataset, parts_.store->GetDataset(request.spec.dataset_digest()));
  if (const int64_t version = request.spec.training().warm_start_version(); version > 0) {
    ROICAST_ASSIGN_OR_RETURN(request.warm_start, parts_.store->ReadArtifact(record.model, version));
  }
  if (record.has_checkpoint) {
    ROICAST_ASSIGN_OR_RETURN(const std::string bytes, parts_.store->ReadCheckpoint(record.id));
    ROICAST_ASSIGN_OR_RETURN(request.resume_from, ParseCheckpoint(bytes));
  }
  return request;
}

void JobManager::RunJob(LiveJob& live, const TrainingWorkerMetrics& metrics) {
  JobUpdate start;
  start.expected_state = JobState::kQueued;
  start.state = JobState::kRunning;
  const absl::StatusOr<JobRecord> record = parts_.store->UpdateJob(live.id, start);
  if (!record.ok()) {
    JobUpdate update;
    update.state = JobState::kFailed;
    update.error = record.status();
    Finish(live, JobState::kFailed, record.status(), update);
    return;
  }
  const absl::StatusOr<v1::TrainingJob> running = JobToProto(*record);
  UpdateGauges();
  if (running.ok()) {
    absl::MutexLock lock(&mutex_);
    live.job = *running;
    hub_->Publish(live.job, false);
  }
  parts_.logger->Info("training job started", {{"job", live.id}, {"model", record->model}});

  JobRun::Options options;
  options.id = live.id;
  options.total_epochs = live.job.spec().training().epochs();
  options.time_limit = TimeLimit(live.job.spec(), options_.time_limit);
  options.checkpoint_interval = options_.checkpoint_interval;
  options.progress_interval = options_.progress_interval;
  options.clock = options_.clock;
  options.store = parts_.store;
  options.logger = parts_.logger;
  options.metrics = metrics;
  options.stop = [&] {
    absl::MutexLock lock(&mutex_);
    if (live.cancelled) return StopReason::kCancelled;
    return stopping_ ? StopReason::kShutdown : StopReason::kNone;
  };
  options.on_progress = [&](const v1::JobProgress& progress) {
    absl::MutexLock lock(&mutex_);
    *live.job.mutable_progress() = progress;
    hub_->Publish(live.job, false);
  };
  JobRun run(options);
  run.OnPhase(TrainingPhase::kReading);
  absl::Status outcome;
  absl::StatusOr<TrainRequest> request = MakeTrainRequest(*record);
  if (!request.ok()) {
    outcome = request.status();
  } else if (absl::StatusOr<TrainedModel> trained = parts_.train(*request, run); !trained.ok()) {
    outcome = trained.status();
  } else if (run.OnPhase(TrainingPhase::kPublishing);
             run.Poll() == TrainingSignal::kCancel && run.stop_reason() == StopReason::kCancelled) {
    outcome = absl::CancelledError("cancelled");
  } else {
    outcome = Publish(live, run.progress(), *std::move(trained));
  }
  if (absl::IsCancelled(outcome) && run.stop_reason() == StopReason::kNone && run.timed_out()) {
    outcome = absl::DeadlineExceededError(
        absl::StrCat("the time limit of ", absl::FormatDuration(options.time_limit), " passed before the first epoch"));
  }
  const JobState state = StateAfter(outcome, run.stop_reason());
  if (state == JobState::kInterrupted) outcome = absl::AbortedError("the server was stopped while the job ran");
  JobUpdate update;
  if (state != JobState::kSucceeded) {
    update.expected_state = JobState::kRunning;
    update.state = state;
    update.progress = run.progress().SerializeAsString();
    if (state != JobState::kCancelled) update.error = outcome;
    if (state != JobState::kInterrupted) update.checkpoint = "";
    update.event = absl::StrCat(JobStateName(state), outcome.ok() ? "" : ": ", outcome.message());
  }
  Finish(live, state, outcome, update);
}

absl::Status JobManager::Publish(const LiveJob& live, const v1::JobProgress& progress, TrainedModel trained) {
  PublishRequest request;
  request.model = live.job.spec().model();
  request.artifact = std::move(trained.artifact);
  request.network = std::move(trained.network);
  request.holdout_r2 = trained.holdout_r2;
  request.job_id = live.id;
  request.job_progress = progress.SerializeAsString();
  request.job_report = trained.report.SerializeAsString();
  ROICAST_ASSIGN_OR_RETURN(const ModelVersion version, parts_.store->Publish(request));
  parts_.logger->Info("version published", {{"job", live.id},
                                            {"model", version.model},
                                            {"version", version.version},
                                            {"digest", version.digest},
                                            {"holdout_r2", version.holdout_r2}});
  if (parts_.on_published) {
    const absl::Status loaded = parts_.on_published(version.model, version.version);
    if (!loaded.ok()) {
      parts_.logger->Error("version not loaded",
                           {{"model", version.model}, {"version", version.version}, {"error", loaded.ToString()}});
    }
  }
  return absl::OkStatus();
}

void JobManager::Finish(LiveJob& live, JobState state, const absl::Status& outcome, const JobUpdate& update) {
  absl::StatusOr<JobRecord> record =
      state == JobState::kSucceeded ? parts_.store->GetJob(live.id) : parts_.store->UpdateJob(live.id, update);
  absl::StatusOr<v1::TrainingJob> job = record.ok() ? JobToProto(*record) : record.status();
  // Before anyone hears of the end: whoever does finds it in the metrics.
  if (record.ok() && record->start_time.has_value() && record->end_time.has_value()) {
    parts_.metrics->ObserveTrainingDuration(JobStateName(state), *record->end_time - *record->start_time);
  }
  UpdateGauges();
  {
    absl::MutexLock lock(&mutex_);
    const bool stored = job.ok();
    if (stored) {
      live.job = *std::move(job);
    } else {
      // Known here for as long as this server runs; the next one will find it RUNNING and mark it INTERRUPTED.
      live.job.set_state(static_cast<v1::JobState>(state));
      if (!outcome.ok()) *live.job.mutable_error() = StatusToProto(outcome);
      *live.job.mutable_end_time() = TimeToProto(options_.clock->Now());
    }
    hub_->Publish(live.job, true);
    if (stored) live_.erase(live.id);
  }
  if (!record.ok()) {
    parts_.logger->Error("end of job not written", {{"job", live.id}, {"error", record.status().ToString()}});
  }
  parts_.logger->Log(state == JobState::kFailed ? LogLevel::kWarning : LogLevel::kInfo, "training job ended",
                     {{"job", live.id}, {"state", JobStateName(state)}, {"reason", outcome.message()}});
}

}  // namespace roicast

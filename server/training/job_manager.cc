#include "server/training/job_manager.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/model_name.h"
#include "base/one_line.h"
#include "base/status_macros.h"
#include "model/network/described_mlp.h"
#include "server/errors/errors.h"
#include "server/training/job_conversion.h"
#include "server/training/job_gauges.h"
#include "server/training/job_worker.h"

namespace roicast {
namespace {

constexpr size_t kMaxRequestIdBytes = 100;

// Whether a job that is known has this spec, as this release reads both.
absl::StatusOr<bool> HasSpec(const JobRecord& known, const TrainingSpec& spec) {
  ROICAST_ASSIGN_OR_RETURN(const TrainingSpec of_known, SpecFromBytes(known.spec));
  return SpecToBytes(of_known) == SpecToBytes(spec);
}

// A client that repeats a call gets its job; one that asks for something else must not take that for its own.
absl::Status RequestIdTaken(const JobRecord& known, absl::string_view how) {
  const std::string request_id = OneLine(known.request_id, kMaxRequestIdBytes);
  return WithReason(
      absl::AlreadyExistsError(absl::StrCat("request_id \"", request_id, "\" is of ", known.id, ", ", how)),
      v1::REQUEST_ID_USED, {{"request_id", request_id}, {"job", known.id}});
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
  return ValidateModelName(default_model, "default_model");
}

absl::StatusOr<std::unique_ptr<JobManager>> JobManager::Start(const JobManagerOptions& options,
                                                              const JobManagerParts& parts) {
  ROICAST_CHECK(parts.store != nullptr && parts.metrics != nullptr && parts.logger != nullptr && parts.train);
  ROICAST_RETURN_IF_ERROR(options.Validate());
  std::unique_ptr<JobManager> manager(new JobManager(options, parts));
  ROICAST_RETURN_IF_ERROR(manager->Recover());
  absl::MutexLock lock(&manager->shutdown_mutex_);
  for (int number = 0; number < options.workers; ++number) {
    manager->threads_.emplace_back(
        [raw = manager.get(), number] { JobWorker(raw->options_, raw->parts_, &raw->jobs_, number).Work(); });
  }
  return manager;
}

JobManager::JobManager(const JobManagerOptions& options, const JobManagerParts& parts)
    : options_(options), parts_(parts) {}

JobManager::~JobManager() { Shutdown(); }

absl::Status JobManager::Recover() {
  ROICAST_ASSIGN_OR_RETURN(const std::vector<JobRecord> queued, parts_.store->JobsInState(JobState::kQueued));
  for (const JobRecord& record : queued) {
    ROICAST_ASSIGN_OR_RETURN(v1::TrainingJob job, JobToProto(record));
    jobs_.Add(std::move(job));
  }
  UpdateJobGauges(*parts_.store, jobs_, *parts_.metrics);
  return absl::OkStatus();
}

absl::Status JobManager::CheckReferences(const TrainingSpec& spec) const {
  if (spec.dataset_digest.empty()) {
    return absl::InvalidArgumentError("spec.dataset_digest: expected the digest of an uploaded dataset, got none");
  }
  ROICAST_RETURN_IF_ERROR(WithContext(parts_.store->GetDataset(spec.dataset_digest).status(), "spec.dataset_digest"));
  if (spec.warm_start_version > 0) {
    ROICAST_RETURN_IF_ERROR(WithContext(parts_.store->GetVersion(spec.model, spec.warm_start_version).status(),
                                        "spec.training.warm_start_version"));
  }
  if (spec.time_limit != absl::InfiniteDuration() && spec.time_limit > options_.time_limit) {
    return absl::InvalidArgumentError(absl::StrCat("spec.training.time_limit: expected > 0 and at most ",
                                                   absl::FormatDuration(options_.time_limit), ", got ",
                                                   absl::FormatDuration(spec.time_limit)));
  }
  return absl::OkStatus();
}

absl::Status JobManager::CheckSize(const TrainingSpec& spec) const {
  TrainingSpec trained = spec;
  // How many inputs the rows have is not known yet, unless it is a warm start.
  int inputs = 1;
  if (spec.warm_start_version > 0) {
    ROICAST_ASSIGN_OR_RETURN(const ModelVersion start, parts_.store->GetVersion(spec.model, spec.warm_start_version));
    // The job refuses a network of another kind.
    if (const std::optional<DescribedMlp> network = ParseDescription(start.network)) {
      trained.network.hidden = network->hidden;
      inputs = network->inputs;
    }
  }
  const absl::Status fits =
      WithContext(CheckNeed(NeedOf(trained, inputs, options_.training_threads), trained, options_.limits), "spec");
  if (!absl::IsResourceExhausted(fits)) return fits;
  return WithReason(fits, v1::REQUEST_TOO_LARGE,
                    {{"resource", "training memory"}, {"limit", absl::StrCat(options_.limits.memory_bytes)}});
}

absl::Status JobManager::CheckRequestId(absl::string_view request_id) const {
  if (request_id.size() <= kMaxRequestIdBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("request_id: expected at most ", kMaxRequestIdBytes, " bytes, got ", request_id.size()));
}

absl::StatusOr<JobRecord> JobManager::FindRequest(absl::string_view request_id) const {
  if (request_id.empty()) return absl::NotFoundError("no request_id");
  return parts_.store->FindJobByRequestId(request_id);
}

absl::StatusOr<v1::TrainingJob> JobManager::Submit(const TrainingSpec& spec, absl::string_view request_id,
                                                   absl::string_view peer) {
  ROICAST_RETURN_IF_ERROR(CheckRequestId(request_id));
  absl::MutexLock lock(&submit_mutex_);
  TrainingSpec filled = spec;
  if (filled.model.empty()) filled.model = options_.default_model;
  const absl::StatusOr<JobRecord> known = FindRequest(request_id);
  if (known.ok()) {
    ROICAST_ASSIGN_OR_RETURN(const bool same, HasSpec(*known, filled));
    if (same && known->resume_of.empty()) return Get(known->id);
    return RequestIdTaken(*known, same ? absl::StrCat("which resumes ", known->resume_of)
                                       : absl::StrCat("with another spec (model \"", known->model, "\")"));
  }
  if (!absl::IsNotFound(known.status())) return known.status();
  ROICAST_RETURN_IF_ERROR(WithContext(filled.Validate(), "spec"));
  ROICAST_RETURN_IF_ERROR(CheckReferences(filled));
  ROICAST_RETURN_IF_ERROR(CheckSize(filled));
  NewJob job;
  job.model = filled.model;
  job.spec = SpecToBytes(filled);
  job.request_id = std::string(request_id);
  return Queue(job, peer);
}

absl::StatusOr<v1::TrainingJob> JobManager::Resume(absl::string_view interrupted_id, absl::string_view request_id,
                                                   absl::string_view peer) {
  ROICAST_RETURN_IF_ERROR(CheckRequestId(request_id));
  absl::MutexLock lock(&submit_mutex_);
  const absl::StatusOr<JobRecord> known = FindRequest(request_id);
  if (known.ok()) {
    if (known->resume_of == interrupted_id) return Get(known->id);
    return RequestIdTaken(
        *known, known->resume_of.empty() ? "which resumes no job" : absl::StrCat("which resumes ", known->resume_of));
  }
  if (!absl::IsNotFound(known.status())) return known.status();
  ROICAST_ASSIGN_OR_RETURN(const JobRecord record, parts_.store->GetJob(interrupted_id));
  const JobState state = StateNow(record);
  if (state != JobState::kInterrupted) {
    return JobNotResumable(record.id, absl::StrCat("it is ", JobStateName(state), ", not interrupted"));
  }
  ROICAST_ASSIGN_OR_RETURN(const TrainingSpec spec, SpecFromBytes(record.spec));
  ROICAST_RETURN_IF_ERROR(CheckReferences(spec));
  ROICAST_RETURN_IF_ERROR(CheckSize(spec));
  NewJob job;
  job.model = record.model;
  job.spec = record.spec;
  job.request_id = std::string(request_id);
  job.resume_of = record.id;
  return Queue(job, peer);
}

JobState JobManager::StateNow(const JobRecord& record) const {
  const std::optional<v1::TrainingJob> live = jobs_.Find(record.id);
  if (!live.has_value()) return record.state;
  const auto* const state = std::find_if(std::begin(kAllJobStates), std::end(kAllJobStates),
                                         [&](JobState each) { return StateToProto(each) == live->state(); });
  return state == std::end(kAllJobStates) ? record.state : *state;
}

absl::StatusOr<v1::TrainingJob> JobManager::Queue(const NewJob& new_job, absl::string_view peer) {
  ROICAST_RETURN_IF_ERROR(CheckSpecBytes(static_cast<int64_t>(new_job.spec.size())));
  ROICAST_RETURN_IF_ERROR(jobs_.CheckRoom(options_.max_queued, peer, options_.MaxQueuedPerPeer()));
  ROICAST_ASSIGN_OR_RETURN(const JobRecord record, parts_.store->CreateJob(new_job));
  ROICAST_ASSIGN_OR_RETURN(v1::TrainingJob job, JobToProto(record));
  jobs_.Add(job, peer);
  UpdateJobGauges(*parts_.store, jobs_, *parts_.metrics);
  parts_.logger->Info("training job queued", {{"job", job.id()}, {"model", new_job.model}});
  return job;
}

absl::StatusOr<v1::TrainingJob> JobManager::Get(absl::string_view id) const {
  if (std::optional<v1::TrainingJob> live = jobs_.Find(id)) return *std::move(live);
  ROICAST_ASSIGN_OR_RETURN(const JobRecord record, parts_.store->GetJob(id));
  return JobToProto(record);
}

absl::StatusOr<std::vector<v1::TrainingJob>> JobManager::List(absl::string_view model, absl::string_view before_id,
                                                              int limit) const {
  ROICAST_ASSIGN_OR_RETURN(const std::vector<JobRecord> records, parts_.store->ListJobs(model, before_id, limit));
  std::vector<v1::TrainingJob> jobs;
  for (const JobRecord& record : records) {
    ROICAST_ASSIGN_OR_RETURN(v1::TrainingJob job, JobToProto(record));
    if (std::optional<v1::TrainingJob> live = jobs_.Find(record.id)) job = *std::move(live);
    job.clear_report();
    jobs.push_back(std::move(job));
  }
  return jobs;
}

absl::StatusOr<v1::TrainingJob> JobManager::Cancel(absl::string_view id) {
  if (jobs_.Cancel(id) != LiveJobs::Cancellation::kHeld) return Get(id);
  JobUpdate update;
  update.expected_state = JobState::kQueued;
  update.state = JobState::kCancelled;
  const absl::StatusOr<JobRecord> record = parts_.store->UpdateJob(id, update);
  absl::StatusOr<v1::TrainingJob> job = record.ok() ? JobToProto(*record) : record.status();
  if (!job.ok()) {
    jobs_.Release(id);
    return job.status();
  }
  jobs_.End(*job, true);
  UpdateJobGauges(*parts_.store, jobs_, *parts_.metrics);
  parts_.logger->Info("training job cancelled", {{"job", job->id()}});
  return job;
}

absl::StatusOr<std::unique_ptr<JobWatch>> JobManager::Watch(absl::string_view id) {
  if (std::unique_ptr<JobWatch> watch = jobs_.Watch(id)) return watch;
  ROICAST_ASSIGN_OR_RETURN(const v1::TrainingJob job, Get(id));
  return jobs_.WatchEnded(job);
}

void JobManager::Shutdown() {
  absl::MutexLock shutdown_lock(&shutdown_mutex_);
  {
    absl::MutexLock submit_lock(&submit_mutex_);
    jobs_.Stop();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  jobs_.CloseWatches();
}

}  // namespace roicast

// Runs training jobs: a bounded queue and a few threads at idle priority. Every state is in the store, so that a
// restart finds it:
//
//   QUEUED → RUNNING → SUCCEEDED | FAILED | CANCELLED | INTERRUPTED
//      └──────────────────────────────→ CANCELLED
//
// Jobs that were QUEUED when the last server stopped are queued again; those that were RUNNING are INTERRUPTED, and go
// on from their checkpoint in a new job where a client asks for it (resume_job).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "roicast/v1/training.pb.h"
#include "server/store/store.h"
#include "server/telemetry/log.h"
#include "server/telemetry/metrics.h"
#include "server/training/job_watch.h"
#include "server/training/train_function.h"

namespace roicast {

struct JobManagerOptions {
  int workers = 1;                                         // Jobs that run at once, 1 to 16.
  int max_queued = 16;                                     // Jobs that wait, ≥ 1.
  absl::Duration time_limit = absl::Hours(6);              // Per job; a spec may ask for less. > 0.
  absl::Duration checkpoint_interval = absl::Seconds(30);  // Of running jobs, to the store; > 0.
  absl::Duration progress_interval = absl::Seconds(1);     // Progress written to the store at most so often; ≥ 0.
  std::string default_model = "default";                   // For specs that name none.
  const Clock* clock = &Clock::System();

  absl::Status Validate() const;
};

// Must be callable from several threads; outlive the manager.
struct JobManagerParts {
  Store* store = nullptr;            // Required.
  ServerMetrics* metrics = nullptr;  // Required.
  const Logger* logger = nullptr;    // Required.
  // Checks a spec and fills in its defaults. Required.
  std::function<absl::StatusOr<v1::TrainingSpec>(const v1::TrainingSpec&)> normalize;
  TrainFunction train;  // Required.
  // A job has published; runs on the training thread. What it returns is logged. May be empty.
  std::function<absl::Status(const std::string& model, int64_t version)> on_published;
};

// Thread-safe.
class JobManager {
 public:
  // Queues the store's QUEUED jobs and starts to work.
  static absl::StatusOr<std::unique_ptr<JobManager>> Start(const JobManagerOptions& options,
                                                           const JobManagerParts& parts);
  ~JobManager();
  JobManager(const JobManager&) = delete;
  JobManager& operator=(const JobManager&) = delete;

  // TrainingService.CreateTrainingJob. Errors: InvalidArgument (spec, model name, request_id, time limit), NotFound
  // (dataset, version for a warm start, job to resume), FailedPrecondition (job cannot be resumed), ResourceExhausted
  // (queue, with limit and value), Unavailable (the server stops).
  absl::StatusOr<v1::TrainingJob> Submit(const v1::CreateTrainingJobRequest& request);
  // NotFound.
  absl::StatusOr<v1::TrainingJob> Get(absl::string_view id) const;
  // InvalidArgument: page size or token.
  absl::StatusOr<v1::ListTrainingJobsResponse> List(const v1::ListTrainingJobsRequest& request) const;
  // The job after it; a running one stops within an epoch. NotFound.
  absl::StatusOr<v1::TrainingJob> Cancel(absl::string_view id);
  // NotFound. The watch may outlive the manager. See JobWatchHub::Add for on_change.
  absl::StatusOr<std::unique_ptr<JobWatch>> Watch(absl::string_view id, std::function<void()> on_change = nullptr);

  // Refuses new jobs, has running ones write a checkpoint after the current epoch and marks them INTERRUPTED, leaves
  // queued ones for the next start, ends all watches. Returns when all threads are done. Safe to call again.
  void Shutdown();

 private:
  struct LiveJob {
    explicit LiveJob(std::string job_id) : id(std::move(job_id)) {}
    const std::string id;
    v1::TrainingJob job;     // Guarded by the manager's mutex.
    bool cancelled = false;  // As job.
  };

  JobManager(const JobManagerOptions& options, const JobManagerParts& parts);
  absl::Status Recover();
  absl::Status CheckReferences(const v1::TrainingSpec& spec) const;
  absl::StatusOr<NewJob> MakeNewJob(const v1::CreateTrainingJobRequest& request) const;
  void Work(int worker);
  std::shared_ptr<LiveJob> TakeJob();
  bool QueueNotEmptyOrStopping() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  void RunJob(LiveJob& live, const TrainingWorkerMetrics& metrics);
  absl::StatusOr<TrainRequest> MakeTrainRequest(const JobRecord& record) const;
  absl::Status Publish(const LiveJob& live, const v1::JobProgress& progress, TrainedModel trained);
  // Writes the final state (`update`, unless it SUCCEEDED: Publish has written that) and tells the watchers.
  void Finish(LiveJob& live, JobState state, const absl::Status& outcome, const JobUpdate& update);
  void UpdateGauges() const;

  const JobManagerOptions options_;
  const JobManagerParts parts_;
  const std::shared_ptr<JobWatchHub> hub_ = std::make_shared<JobWatchHub>();
  // Serialises Submit, so that the queue's limit holds while the store writes. Before mutex_.
  absl::Mutex submit_mutex_;
  // Never held while the store is called.
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<std::shared_ptr<LiveJob>> queue_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::shared_ptr<LiveJob>> live_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(submit_mutex_);
};

}  // namespace roicast

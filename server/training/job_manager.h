// Runs training jobs: a bounded queue and a few threads at idle priority. Every state is in the store, so that a
// restart finds it:
//
//   QUEUED → RUNNING → SUCCEEDED | FAILED | CANCELLED | INTERRUPTED
//      └──────────────────────────────→ CANCELLED
//
// Jobs that were QUEUED when the last server stopped are queued again; those that were RUNNING are INTERRUPTED, and
// continue from their checkpoint in a new job if a client asks for it (Resume). docs/life-of-a-training-job.md follows
// one job through the code.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "model/training/training_spec.h"
#include "roicast/v1/training.pb.h"
#include "server/store/store.h"
#include "server/training/job_options.h"
#include "server/training/job_watch.h"
#include "server/training/live_jobs.h"

namespace roicast {

// Thread-safe.
class JobManager {
 public:
  // Queues the store's QUEUED jobs and starts the workers.
  static absl::StatusOr<std::unique_ptr<JobManager>> Start(const JobManagerOptions& options,
                                                           const JobManagerParts& parts);
  ~JobManager();
  JobManager(const JobManager&) = delete;
  JobManager& operator=(const JobManager&) = delete;

  // Queues a job. A request_id (may be empty) that an earlier job had gives that job, and no new one.
  // Errors: InvalidArgument (spec, request_id, time limit, an artifact that is too large), NotFound (dataset, version
  // for a warm start), ResourceExhausted (queue, with limit and value; memory, with need and limit), Unavailable (the
  // server is shutting down), AlreadyExists (that earlier job has another spec, or resumes one). peer: who asks,
  // without the port; empty: unknown. Waiting jobs of one peer are run in their order, and those of several in turn.
  absl::StatusOr<v1::TrainingJob> Submit(const TrainingSpec& spec, absl::string_view request_id,
                                         absl::string_view peer = {});
  // Queues a job that continues an INTERRUPTED one from its checkpoint, with its spec. Errors: as Submit, and NotFound
  // (the job), FailedPrecondition (it was not interrupted, or has no checkpoint); AlreadyExists: the earlier job
  // resumes another one, or none.
  absl::StatusOr<v1::TrainingJob> Resume(absl::string_view interrupted_id, absl::string_view request_id,
                                         absl::string_view peer = {});
  // NotFound.
  absl::StatusOr<v1::TrainingJob> Get(absl::string_view id) const;
  // Newest first, of one model (empty: all), older than before_id (empty: from the newest), without reports.
  // InvalidArgument: before_id is not a job id.
  absl::StatusOr<std::vector<v1::TrainingJob>> List(absl::string_view model, absl::string_view before_id,
                                                    int limit) const;
  // The job after it: a queued one is CANCELLED, a running one stops within a few milliseconds of training. On an error
  // of the store a queued job keeps its place. NotFound.
  absl::StatusOr<v1::TrainingJob> Cancel(absl::string_view id);
  // NotFound. The watch may outlive the manager.
  absl::StatusOr<std::unique_ptr<JobWatch>> Watch(absl::string_view id);

  // Refuses new jobs, has running ones write a checkpoint within a few milliseconds of training and marks them
  // INTERRUPTED, leaves queued ones for the next start, ends all watches. Returns when all threads have ended. Safe to
  // call again.
  void Shutdown();

 private:
  JobManager(const JobManagerOptions& options, const JobManagerParts& parts);
  absl::Status Recover();
  absl::Status CheckReferences(const TrainingSpec& spec) const;
  // Of the network that is trained, against options_.limits.
  absl::Status CheckSize(const TrainingSpec& spec) const;
  absl::StatusOr<v1::TrainingJob> Queue(const NewJob& job, absl::string_view peer)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(submit_mutex_);
  // As Get and List tell it: the store may have missed the end of a job, such as on a full disk.
  JobState StateNow(const JobRecord& record) const;
  absl::Status CheckRequestId(absl::string_view request_id) const;
  // The job with this request_id. NotFound; also if it is empty.
  absl::StatusOr<JobRecord> FindRequest(absl::string_view request_id) const;

  const JobManagerOptions options_;
  const JobManagerParts parts_;
  LiveJobs jobs_;
  // Serialises Submit and Resume, so that the queue's limit and a request_id hold while the store writes. Shutdown
  // stops the queue under it: a Submit that found the queue open has added its job by then, and a later one finds it
  // closed, so that nothing is added after a shutdown. Locks taken with it: the store's, LiveJobs'.
  absl::Mutex submit_mutex_;
  // Before submit_mutex_.
  absl::Mutex shutdown_mutex_;
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(shutdown_mutex_);
};

}  // namespace roicast

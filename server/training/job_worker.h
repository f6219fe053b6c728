// A thread's work: takes jobs from the queue and runs them, one at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/store.h"
#include "server/telemetry/metrics.h"
#include "server/training/job_options.h"
#include "server/training/job_run.h"
#include "server/training/live_jobs.h"
#include "server/training/train_function.h"

namespace roicast {

// Lives on one thread.
class JobWorker {
 public:
  // number: from 0, for metrics and logs. options, parts and jobs outlive it.
  JobWorker(const JobManagerOptions& options, const JobManagerParts& parts, LiveJobs* jobs, int number);

  // Lowers the thread's priority and runs jobs until LiveJobs::Stop.
  void Work();

 private:
  void RunJob(const std::string& id);
  // QUEUED → RUNNING.
  absl::StatusOr<JobRecord> EnterRunning(const std::string& id);
  // Everything from the record to a version that serves.
  absl::Status TrainAndPublish(const JobRecord& record, const TrainingSpec& spec, JobRun& run);
  absl::StatusOr<TrainRequest> MakeTrainRequest(const JobRecord& record, const TrainingSpec& spec, JobRun& run) const;
  // The artifact that request.spec starts from, with memory for it. Errors: those of the store, MemoryShort.
  absl::Status ReadWarmStart(const std::string& model, TrainRequest& request) const;
  absl::Status Publish(const JobRecord& record, const v1::JobProgress& progress, TrainedModel trained);
  // Stores how a run ended and notifies the watchers.
  void Finish(const std::string& id, const JobRun& run, const absl::Status& outcome);
  // A job that could not be started for want of room in the store stays QUEUED. Waits until it is to be tried again.
  void WaitForRoom(const std::string& id, const absl::Status& full);
  void FailUnstarted(const std::string& id, const absl::Status& reason);
  // update: what to write; nullptr: the store has it already.
  void WriteEnd(const std::string& id, JobState state, const absl::Status& reason, const JobUpdate* update);
  // The end of a job, in the store; metrics have it from then on. nullptr: the store has it already.
  absl::StatusOr<v1::TrainingJob> StoreEnd(const std::string& id, const JobUpdate* update);
  // Tries once more to store the ends that could not be stored.
  void StoreMissedEnds();
  // The same while a job runs, an interval after the last time.
  void StoreMissedEndsIfDue();

  const JobManagerOptions& options_;
  const JobManagerParts& parts_;
  LiveJobs& jobs_;
  const int number_;
  const TrainingWorkerMetrics metrics_;
  struct MissedEnd {
    std::string id;
    std::optional<JobUpdate> update;  // none: the store has it, and could not be read
  };
  std::vector<MissedEnd> missed_;
  bool waits_for_room_ = false;
  absl::Time last_try_ = absl::InfinitePast();  // by the steady clock
};

}  // namespace roicast

// The waiting and running jobs, as this server has them in memory: their order, their state, their watchers.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/steady_wait.h"
#include "roicast/v1/training.pb.h"
#include "server/training/job_watch.h"

namespace roicast {

enum class StopReason { kNone, kCancelled, kShutdown };

// Thread-safe. One mutex guards everything, jobs included. It is held for a copy or two and never while the store is
// called: neither Get nor a step of training waits for the disk.
//
// Order of locks: JobManager::submit_mutex_, then this one, then JobWatchHub's. The store's own are taken with
// submit_mutex_ held or with none.
class LiveJobs {
 public:
  enum class Cancellation {
    kUnknown,    // It has ended, or never was.
    kRequested,  // It runs: its stop reason is kCancelled from now on.
    kHeld,       // It waits, and keeps its place, but no worker takes it: call End or Release.
  };

  LiveJobs() = default;
  LiveJobs(const LiveJobs&) = delete;
  LiveJobs& operator=(const LiveJobs&) = delete;

  // Unavailable after Stop; ResourceExhausted if max_queued jobs wait, or max_of_peer of this peer. An empty peer is
  // unknown, and has all.
  absl::Status CheckRoom(int max_queued, absl::string_view peer = {},
                         int max_of_peer = std::numeric_limits<int>::max()) const;
  // Adds a job at the end of the queue, but before jobs that would be of their peer's second turn and later.
  void Add(v1::TrainingJob job, absl::string_view peer = {});
  // Waits for a job that is not held and takes the first one from the queue. Empty: none came within `wait`. nullopt:
  // Stop was called. A job is taken once; from then on only its taker calls Update, SetProgress, End and Stored for it.
  std::optional<std::string> Take(absl::Duration wait = absl::InfiniteDuration());
  // The job waits again, before others of its turn. For its taker, instead of any of the calls below.
  void PutBack(absl::string_view id);
  // Until Stop, but so long at most.
  void WaitForStop(absl::Duration wait) const;

  // The job as it is now. nullopt: it is not here; the store may have it.
  std::optional<v1::TrainingJob> Find(absl::string_view id) const;
  int queued() const;
  // Why a job that runs has to stop.
  StopReason StopReasonOf(absl::string_view id) const;

  // These tell the watchers. The job has to be here.
  void Update(const v1::TrainingJob& job);
  void SetProgress(absl::string_view id, const v1::JobProgress& progress);
  // The job's final state. stored: whether the store has it. If not, the job stays here, so that this server at least
  // knows how it ended, until Stored; a server that starts before that finds it RUNNING and marks it INTERRUPTED.
  void End(const v1::TrainingJob& job, bool stored);
  // The store has the end of the job now. The watchers know it already.
  void Stored(absl::string_view id);

  // Waits while another caller holds the job.
  Cancellation Cancel(absl::string_view id);
  // After kHeld: the job waits again, at its old place.
  void Release(absl::string_view id);

  // nullptr: the job is not here. The watch may outlive this object.
  std::unique_ptr<JobWatch> Watch(absl::string_view id);
  // A watch that gives this state and nothing more.
  std::unique_ptr<JobWatch> WatchEnded(const v1::TrainingJob& job) { return hub_->Add(job, true); }

  // Ends all Takes, and gives running jobs a reason to stop. Queued jobs stay queued.
  void Stop();
  // Ends all watches, those to come included.
  void CloseWatches() { hub_->Close(); }

 private:
  struct Job {
    v1::TrainingJob state;
    std::string peer;
    // Each peer has a job in each turn, from the one of the job that was taken last.
    int64_t turn = 0;
    bool held = false;
    bool cancelled = false;
  };

  Job* FindJob(absl::string_view id) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool CanTakeOrStopped() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  const std::shared_ptr<JobWatchHub> hub_ = std::make_shared<JobWatchHub>();
  mutable absl::Mutex mutex_;
  mutable SteadyWait changed_;  // The queue, or that it is stopped.
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_map<std::string, std::unique_ptr<Job>> jobs_ ABSL_GUARDED_BY(mutex_);
  // By turn.
  std::deque<Job*> queue_ ABSL_GUARDED_BY(mutex_);
  int64_t turn_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace roicast

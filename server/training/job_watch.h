// Notifies watchers of changes to jobs. A slow watcher gets the latest state, not each one.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "roicast/v1/training.pb.h"

namespace roicast {

class JobWatchHub;

// One watcher of one job; destroying it ends the watch. Thread-safe.
class JobWatch {
 public:
  ~JobWatch();
  JobWatch(const JobWatch&) = delete;
  JobWatch& operator=(const JobWatch&) = delete;

  // The job's latest state, waiting so long for one that is newer than what was taken last, whatever happens to the
  // wall clock. nullptr: there is none, because the time passed or the watch is done.
  std::shared_ptr<const v1::TrainingJob> Wait(absl::Duration wait);
  // Nothing newer will come: the last state taken is final, or the server stops.
  bool Done() const;

 private:
  friend class JobWatchHub;
  JobWatch(std::shared_ptr<JobWatchHub> hub, absl::string_view id) : hub_(std::move(hub)), id_(id) {}
  bool Ready() const;

  const std::shared_ptr<JobWatchHub> hub_;
  const std::string id_;
  // The hub's mutex guards these.
  std::shared_ptr<const v1::TrainingJob> latest_;  // nullptr: taken.
  bool last_ = false;                              // latest_ is the final one.
};

// Thread-safe. Calls nothing while it holds its mutex, and is the last in the order of locks.
class JobWatchHub : public std::enable_shared_from_this<JobWatchHub> {
 public:
  // `now` is the first state to take. `final_state`: nothing will follow it. After Close the watch is done once that
  // state is taken.
  std::unique_ptr<JobWatch> Add(const v1::TrainingJob& now, bool final_state);
  // Calls for one job come in the order of its changes.
  void Publish(const v1::TrainingJob& job, bool final_state);
  // The server is shutting down: all watches are done.
  void Close();

 private:
  friend class JobWatch;

  // Not absl's, whose waits end by the wall clock.
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // The mutex guards these.
  bool closed_ = false;
  absl::flat_hash_map<std::string, absl::flat_hash_set<JobWatch*>> watches_;
};

}  // namespace roicast

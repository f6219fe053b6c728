// Long computations of calls, such as InspectDataset: on few threads at the priority of training, so that predictions
// come first, and no client has all of them.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "base/steady_wait.h"
#include "base/stop_check.h"

namespace roicast {

// Thread-safe.
class IdlePool {
 public:
  struct Options {
    int threads = 4;  // ≥ 1
    // Of one peer at once, ≥ 1; what it has beyond waits, although threads are free.
    int max_running_per_peer = 3;
    // Of one peer, running and waiting, and of all; ≥ 1.
    int max_per_peer = 8;
    int max_all = 32;
  };

  explicit IdlePool(const Options& options);
  // Waits for what runs; nothing may wait in Run.
  ~IdlePool();
  IdlePool(const IdlePool&) = delete;
  IdlePool& operator=(const IdlePool&) = delete;

  // Runs work() on one of the threads and waits for it. In the order of arrival, but for peers that have enough
  // running. peer: who asks, without the port. stop: nobody wants the result any more; ends the waiting within 50 ms.
  // Once work() runs, it is work's to ask. Errors: those of work and of stop, ServerOverloaded.
  absl::Status Run(absl::string_view peer, const StopCheck& stop, std::function<absl::Status()> work);

 private:
  struct Task {
    std::string peer;
    std::function<absl::Status()> work;
    enum class State { kWaiting, kRunning, kDone } state = State::kWaiting;
    absl::Status result;
  };
  struct PeerTasks {
    int running = 0;
    int all = 0;
  };
  void Serve();
  // The first task that may run; end: none.
  std::deque<Task*>::iterator Next() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool HasNextOrStops() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || Next() != waiting_.end(); }
  absl::Status Enter(absl::string_view peer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Leave(const std::string& peer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  absl::Mutex mutex_;
  SteadyWait done_;  // A task is.
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  int all_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<Task*> waiting_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, PeerTasks> by_peer_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace roicast

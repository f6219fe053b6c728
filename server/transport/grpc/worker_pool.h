// Threads for calls that wait: uploads, watches, whatever reads the store. Bounded, and no client gets all of them.
#pragma once

#include <cstdint>
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

namespace roicast {

// Thread-safe.
class WorkerPool {
 public:
  struct Options {
    // Threads are made as they are needed, and kept; ≥ 2. More than all calls that may take as long as their clients
    // like: 32 open uploads, 16 exports, 64 watches, 32 long computations.
    int max_threads = 160;
    // Calls of one peer at once, beyond which it has to wait for its own; ≥ 1. Of these, too.
    int max_per_peer = 80;
  };

  explicit WorkerPool(const Options& options) : options_(options) {}
  // Waits for what runs, and for what that has run.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Runs work() on a thread that does nothing else meanwhile. peer: who asks, without the port. Errors:
  // ServerOverloaded (all threads are busy, or those that one peer may have; the system allows no more of them).
  absl::Status Run(absl::string_view peer, std::function<void()> work);

 private:
  struct Work {
    std::string peer;
    std::function<void()> run;
  };
  // Has no thread wait for more work. Returns those that there are.
  std::vector<std::thread> Stop();
  // False: the system allows no more.
  bool AddWorker() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Serve();

  const Options options_;
  absl::Mutex mutex_;
  std::deque<Work> waiting_ ABSL_GUARDED_BY(mutex_);
  // Running or waiting.
  int busy_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_map<std::string, int> by_peer_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roicast

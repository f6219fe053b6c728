// Threads for work that would block a polling thread for too long: large batches, and loading versions. The queue is
// bounded: work that does not fit is rejected at once rather than late.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "server/flag_defaults.h"

namespace roicast {

class ComputePool {
 public:
  struct Options {
    // ≥ 1.
    int threads = 2;
    // Maximum number of tasks that wait for a thread; ≥ 1.
    int max_waiting = defaults::kMaxWaitingBatches;
  };

  explicit ComputePool(const Options& options);
  // Runs the tasks that are still queued.
  ~ComputePool();
  ComputePool(const ComputePool&) = delete;
  ComputePool& operator=(const ComputePool&) = delete;

  // Errors: ServerOverloaded.
  absl::Status Submit(std::function<void()> task);

  // Calls body(begin, end) for ranges of up to `grain` that cover [0, count), count ≥ 1, on all threads that are or
  // become idle, and then done(), on the thread that ends the last range. Does not wait; but while idle threads are on
  // their way, which takes tens of microseconds, the calling thread takes ranges, too, `callers_ranges` at most.
  // Errors: as Submit; nothing is called.
  absl::Status StartParallelFor(int64_t count, int64_t grain, int callers_ranges,
                                std::function<void(int64_t, int64_t)> body, std::function<void()> done);

  // Calls body(begin, end) for ranges of up to `grain` that cover [0, count), on the calling thread and on idle ones;
  // returns when all are done. Never waits for a busy thread: alone, the caller does all the work.
  void ParallelFor(int64_t count, int64_t grain, const std::function<void(int64_t, int64_t)>& body);

 private:
  struct Task {
    std::function<void()> run;
    // False: helps with work that is counted already.
    bool counts = true;
  };

  void Run();
  // With the mutex held.
  absl::Status CheckRoom() const;

  const Options options_;
  // The standard library's condition variable wakes several threads at once. Abseil's wakes the second one when the
  // first releases the mutex, some twenty microseconds later.
  std::mutex mutex_;
  std::condition_variable changed_;
  // All below: guarded by mutex_.
  std::deque<Task> tasks_;
  // Number of tasks_ that count.
  int waiting_ = 0;
  int idle_ = 0;
  bool stopping_ = false;

  std::vector<std::thread> threads_;
};

}  // namespace roicast

// The threads that all connections run on: each has its own loop. Requests are served on these threads without a
// hand-off, so nothing that they run may block.
#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "server/transport/loop/event_loop.h"

namespace roicast {

// Thread-safe once started.
class LoopThreads {
 public:
  // threads ≥ 1.
  explicit LoopThreads(int threads) : count_(threads) {}
  ~LoopThreads() { Shutdown(); }
  LoopThreads(const LoopThreads&) = delete;
  LoopThreads& operator=(const LoopThreads&) = delete;

  int size() const { return count_; }
  // After Start.
  EventLoop& loop(int i) { return *loops_[static_cast<size_t>(i)]; }

  // Makes the loops; they do not run yet. Errors: those of EventLoop::Make.
  absl::Status Make();
  // Begins to run them. Call once, after Make.
  void Start();
  // Ends the threads. Whatever runs on them has to be gone.
  void Shutdown();

  // Runs task(i) soon on the thread of each loop i. Does nothing before Start and from Shutdown on.
  //
  // Does not wait: the task must not refer to locals of the caller. It runs before Shutdown returns, so it may refer to
  // whatever outlives that. Each loop has a copy of it, and the copies run concurrently.
  void RunOnEach(const std::function<void(int)>& task);
  // The same on each thread, and waits until all have run it. Not from a loop.
  void RunOnEachAndWait(const std::function<void(int)>& task);

 private:
  const int count_;
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::vector<std::thread> threads_;
  // Taken before no other lock: posted tasks run without it.
  absl::Mutex mutex_;
  // Between Start and Shutdown.
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
};

// Runs a function once on a loop; deletes itself.
void RunOnLoop(EventLoop& loop, std::function<void()> run);

}  // namespace roicast

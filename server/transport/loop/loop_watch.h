// Whether the loops answer, and how soon.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "server/transport/loop/event_loop.h"
#include "server/transport/loop/loop_threads.h"

namespace roicast {

// One thread asks. Has to outlive the threads of the loops.
class LoopWatch {
 public:
  // lag_nanoseconds: receives what the slowest loop took to begin its task; while one has not begun, how long it has
  // had.
  LoopWatch(LoopThreads* loops, std::atomic<int64_t>* lag_nanoseconds) : loops_(*loops), lag_(*lag_nanoseconds) {}
  LoopWatch(const LoopWatch&) = delete;
  LoopWatch& operator=(const LoopWatch&) = delete;

  // Gives each loop a task, and returns true; false: a loop has not begun the last one yet. Never waits.
  bool Ask(EventLoop::Clock::time_point now = EventLoop::Clock::now());

 private:
  void Answer();

  LoopThreads& loops_;
  std::atomic<int64_t>& lag_;
  // Loops that have not begun their task.
  std::atomic<int> silent_{0};
  // Written while none is silent.
  EventLoop::Clock::time_point asked_;
  std::atomic<int64_t> slowest_{0};
};

}  // namespace roicast

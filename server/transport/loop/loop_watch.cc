#include "server/transport/loop/loop_watch.h"

namespace roicast {

bool LoopWatch::Ask(EventLoop::Clock::time_point now) {
  if (silent_.load() > 0) {
    lag_.store(std::chrono::nanoseconds(now - asked_).count(), std::memory_order_relaxed);
    return false;
  }
  asked_ = now;
  slowest_.store(0);
  silent_.store(loops_.size());
  loops_.RunOnEach([this](int) { Answer(); });
  return true;
}

void LoopWatch::Answer() {
  const int64_t lag = std::chrono::nanoseconds(EventLoop::Clock::now() - asked_).count();
  int64_t slowest = slowest_.load();
  while (lag > slowest && !slowest_.compare_exchange_weak(slowest, lag)) continue;
  // The last one knows of all.
  if (silent_.fetch_sub(1) == 1) lag_.store(slowest_.load(), std::memory_order_relaxed);
}

}  // namespace roicast

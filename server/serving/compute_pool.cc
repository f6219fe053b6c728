#include "server/serving/compute_pool.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "absl/synchronization/notification.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"

namespace roicast {
namespace {

// Work that several threads take ranges from. Helpers may come late, even when all is done: they share the ownership,
// and touch the body only while ranges are left.
class SharedRanges {
 public:
  // done: called once, by the thread that ends the last range.
  SharedRanges(int64_t count, int64_t grain, std::function<void(int64_t, int64_t)> body, std::function<void()> done)
      : count_(count), grain_(grain), body_(std::move(body)), done_(std::move(done)), left_(count) {}

  // False: no range is left to begin.
  bool WorkOnOne() {
    const int64_t begin = next_.fetch_add(grain_, std::memory_order_relaxed);
    if (begin >= count_) return false;
    const int64_t end = std::min(count_, begin + grain_);
    body_(begin, end);
    if (left_.fetch_sub(end - begin, std::memory_order_acq_rel) == end - begin) done_();
    return true;
  }
  void Work() {
    helped_.store(true, std::memory_order_relaxed);
    while (WorkOnOne()) continue;
  }

  // A thread of the pool has come.
  bool helped() const { return helped_.load(std::memory_order_relaxed); }
  // All ranges have ended, and what was written in them is seen.
  bool ended() const { return left_.load(std::memory_order_acquire) == 0; }

 private:
  const int64_t count_;
  const int64_t grain_;
  const std::function<void(int64_t, int64_t)> body_;
  const std::function<void()> done_;
  std::atomic<int64_t> next_{0};
  std::atomic<int64_t> left_;
  std::atomic<bool> helped_{false};
};

}  // namespace

ComputePool::ComputePool(const Options& options) : options_(options) {
  ROICAST_CHECK(options_.threads >= 1 && options_.max_waiting >= 1);
  for (int i = 0; i < options_.threads; ++i) {
    threads_.emplace_back([this] { Run(); });
    pthread_setname_np(threads_.back().native_handle(), ("compute-" + std::to_string(i)).c_str());
  }
}

ComputePool::~ComputePool() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

absl::Status ComputePool::CheckRoom() const {
  if (waiting_ < options_.max_waiting) return absl::OkStatus();
  return ServerOverloaded("compute tasks waiting", options_.max_waiting, waiting_ + 1);
}

absl::Status ComputePool::Submit(std::function<void()> task) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ROICAST_RETURN_IF_ERROR(CheckRoom());
    tasks_.push_back({std::move(task)});
    ++waiting_;
  }
  changed_.notify_one();
  return absl::OkStatus();
}

absl::Status ComputePool::StartParallelFor(int64_t count, int64_t grain, int callers_ranges,
                                           std::function<void(int64_t, int64_t)> body, std::function<void()> done) {
  const auto ranges = std::make_shared<SharedRanges>(count, grain, std::move(body), std::move(done));
  const int64_t threads = std::min<int64_t>((count + grain - 1) / grain, options_.threads);
  bool on_their_way = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ROICAST_RETURN_IF_ERROR(CheckRoom());
    on_their_way = idle_ > static_cast<int>(tasks_.size());
    ++waiting_;
    for (int64_t i = 0; i < threads; ++i) tasks_.push_back({[ranges] { ranges->Work(); }, i == 0});
  }
  // The last one is to have this thread's core.
  for (int64_t i = 0; i + 1 < threads; ++i) changed_.notify_one();
  for (int i = 0; i < callers_ranges && on_their_way && !ranges->helped(); ++i) {
    if (!ranges->WorkOnOne()) break;
  }
  changed_.notify_one();
  return absl::OkStatus();
}

void ComputePool::ParallelFor(int64_t count, int64_t grain, const std::function<void(int64_t, int64_t)>& body) {
  if (count <= grain) {
    if (count > 0) body(0, count);
    return;
  }
  absl::Notification done;
  const auto ranges = std::make_shared<SharedRanges>(count, grain, body, [&done] { done.Notify(); });
  int64_t helpers = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const int64_t useful = (count + grain - 1) / grain - 1;
    helpers = std::min(useful, static_cast<int64_t>(idle_) - static_cast<int64_t>(tasks_.size()));
    for (int64_t i = 0; i < helpers; ++i) tasks_.push_back({[ranges] { ranges->Work(); }, false});
  }
  for (int64_t i = 0; i < helpers; ++i) changed_.notify_one();
  ranges->Work();
  done.WaitForNotification();
  ROICAST_CHECK(ranges->ended());
}

void ComputePool::Run() {
  while (true) {
    Task task;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      ++idle_;
      changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
      --idle_;
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
      if (task.counts) --waiting_;
    }
    task.run();
  }
}

}  // namespace roicast

#include "server/serving/compute_pool.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace roicast {
namespace {

// Work that several threads take ranges from. Helpers may come late, even when all is done: they share the ownership,
// and touch the body only while ranges are left.
struct SharedRanges {
  int64_t count;
  int64_t grain;
  const std::function<void(int64_t, int64_t)>* body;
  std::atomic<int64_t> next{0};
  absl::Mutex mutex;
  int64_t done ABSL_GUARDED_BY(mutex) = 0;

  void Work() {
    int64_t mine = 0;
    while (true) {
      const int64_t begin = next.fetch_add(grain, std::memory_order_relaxed);
      if (begin >= count) break;
      const int64_t end = std::min(count, begin + grain);
      (*body)(begin, end);
      mine += end - begin;
    }
    absl::MutexLock lock(&mutex);
    done += mine;
  }
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
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

absl::Status ComputePool::Submit(std::function<void()> task) {
  absl::MutexLock lock(&mutex_);
  if (tasks_.size() >= static_cast<size_t>(options_.max_waiting)) {
    return absl::ResourceExhaustedError(absl::StrCat("batches waiting: limit ", options_.max_waiting, ", got ",
                                                     tasks_.size() + 1, "; try again later"));
  }
  tasks_.push_back(std::move(task));
  return absl::OkStatus();
}

void ComputePool::ParallelFor(int64_t count, int64_t grain, const std::function<void(int64_t, int64_t)>& body) {
  if (count <= grain) {
    if (count > 0) body(0, count);
    return;
  }
  const auto ranges = std::make_shared<SharedRanges>();
  ranges->count = count;
  ranges->grain = grain;
  ranges->body = &body;
  {
    absl::MutexLock lock(&mutex_);
    const int64_t useful = (count + grain - 1) / grain - 1;
    const int64_t free = static_cast<int64_t>(idle_) - static_cast<int64_t>(tasks_.size());
    for (int64_t i = 0; i < std::min(useful, free); ++i) tasks_.emplace_back([ranges] { ranges->Work(); });
  }
  ranges->Work();
  absl::MutexLock lock(&ranges->mutex);
  const auto all_done = [&ranges]()
                            ABSL_EXCLUSIVE_LOCKS_REQUIRED(ranges->mutex) { return ranges->done == ranges->count; };
  ranges->mutex.Await(absl::Condition(&all_done));
}

void ComputePool::Run() {
  // For this thread alone; where it is not allowed, batches merely compete as equals.
  if (options_.nice != 0) setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), options_.nice);
  while (true) {
    std::function<void()> task;
    {
      absl::MutexLock lock(&mutex_);
      ++idle_;
      const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !tasks_.empty(); };
      mutex_.Await(absl::Condition(&ready));
      --idle_;
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace roicast

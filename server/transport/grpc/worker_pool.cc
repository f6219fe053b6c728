#include "server/transport/grpc/worker_pool.h"

#include <pthread.h>

#include <utility>

#include "base/new_thread.h"
#include "server/errors/errors.h"

namespace roicast {

WorkerPool::~WorkerPool() {
  // What runs may have more run, and that may need threads.
  for (std::vector<std::thread> threads = Stop(); !threads.empty(); threads = Stop()) {
    for (std::thread& thread : threads) thread.join();
  }
}

std::vector<std::thread> WorkerPool::Stop() {
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
  return std::exchange(threads_, {});
}

absl::Status WorkerPool::Run(absl::string_view peer, std::function<void()> work) {
  absl::MutexLock lock(&mutex_);
  if (busy_ >= options_.max_threads) {
    return ServerOverloaded("slow calls at once", options_.max_threads, busy_ + 1);
  }
  const auto known = by_peer_.find(peer);
  const int of_peer = known == by_peer_.end() ? 0 : known->second;
  if (of_peer >= options_.max_per_peer) {
    return ServerOverloaded("slow calls of one client at once", options_.max_per_peer, of_peer + 1);
  }
  // As many threads as calls: none waits for another.
  const auto threads = static_cast<int>(threads_.size());
  if (threads <= busy_ && !AddWorker()) return ServerOverloaded("threads that the system allows", threads, threads + 1);
  ++by_peer_[peer];
  ++busy_;
  waiting_.push_back({std::string(peer), std::move(work)});
  return absl::OkStatus();
}

bool WorkerPool::AddWorker() {
  if (!AddThread(threads_, [this] { Serve(); })) return false;
  pthread_setname_np(threads_.back().native_handle(), "slow-call");
  return true;
}

void WorkerPool::Serve() {
  while (true) {
    Work work;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(
          +[](WorkerPool* self)
               ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !self->waiting_.empty() || self->stopping_; },
          this));
      if (waiting_.empty()) return;
      work = std::move(waiting_.front());
      waiting_.pop_front();
    }
    work.run();
    absl::MutexLock lock(&mutex_);
    --busy_;
    const auto of_peer = by_peer_.find(work.peer);
    if (--of_peer->second == 0) by_peer_.erase(of_peer);
  }
}

}  // namespace roicast

// The threads that drive every asynchronous call: each polls its own completion queue and runs the handlers of its
// events. Requests are served on these threads without a hand-off, so nothing that they run may block.
#pragma once

#include <grpcpp/server_builder.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace roicast {

// Something that a completion queue reports back. Its address is the tag.
class Event {
 public:
  // Runs on the polling thread of the queue. ok = false: the operation did not take place.
  virtual void OnComplete(bool ok) = 0;

 protected:
  ~Event() = default;
};

// An event that calls a member function of its owner, which has to outlive the operation.
template <typename Owner, void (Owner::*Method)(bool)>
class MemberEvent final : public Event {
 public:
  explicit MemberEvent(Owner* owner) : owner_(owner) {}
  void OnComplete(bool ok) override { (owner_->*Method)(ok); }

 private:
  Owner* const owner_;
};

// Polling threads with a queue each. Thread-safe once started.
class CompletionQueues {
 public:
  // threads ≥ 1. Adds the queues to the builder; they have to be drained with Shutdown() before they are destroyed.
  CompletionQueues(int threads, grpc::ServerBuilder& builder);
  ~CompletionQueues();
  CompletionQueues(const CompletionQueues&) = delete;
  CompletionQueues& operator=(const CompletionQueues&) = delete;

  int size() const { return static_cast<int>(queues_.size()); }
  grpc::ServerCompletionQueue* queue(int i) { return queues_[static_cast<size_t>(i)].get(); }

  // Begins to poll. Call once, after the server has been built.
  void Start();

  // Waits until no object is registered, then ends the threads. The server has to be shut down first, and its
  // deadline passed to it: from then on every operation ends.
  //
  // Nothing registers after the count has reached zero. Only three things register: arming before the server takes
  // calls; an event that arms the next call, whose own object is still registered then; and RunOnEach, which Shutdown
  // has closed before it counts.
  void Shutdown();

  // Runs task(i) soon on the polling thread of each queue i. Does nothing before Start and from Shutdown on.
  //
  // Does not wait: the task must not refer to locals of the caller. It runs before Shutdown returns, so it may refer to
  // whatever outlives that. Each queue has a copy of it, and the copies run concurrently.
  void RunOnEach(const std::function<void(int)>& task);

  // An object with its own operations in a queue stays registered while it has any, and unregisters as the last thing
  // it does.
  void Register() { registered_.fetch_add(1, std::memory_order_relaxed); }
  void Unregister() { registered_.fetch_sub(1, std::memory_order_release); }

 private:
  static void Poll(grpc::CompletionQueue* queue);

  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues_;
  std::vector<std::thread> threads_;
  std::atomic<int64_t> registered_{0};
  // Taken before no other lock: posted tasks run without it.
  absl::Mutex mutex_;
  // Between Start and Shutdown.
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace roicast

#include "server/transport/completion_queues.h"

#include <grpcpp/alarm.h>
#include <pthread.h>

#include <chrono>
#include <string>
#include <utility>

#include "base/check.h"

namespace roicast {
namespace {

// A task on its way to a polling thread.
class PostedTask final : public Event {
 public:
  PostedTask(CompletionQueues* queues, int queue, std::function<void(int)> task)
      : queues_(queues), queue_(queue), task_(std::move(task)) {}

  void Post() {
    queues_->Register();
    alarm_.Set(queues_->queue(queue_), gpr_now(GPR_CLOCK_MONOTONIC), this);
  }
  void OnComplete(bool) override {
    task_(queue_);
    CompletionQueues* const queues = queues_;
    delete this;
    queues->Unregister();
  }

 private:
  CompletionQueues* const queues_;
  const int queue_;
  const std::function<void(int)> task_;
  grpc::Alarm alarm_;
};

}  // namespace

CompletionQueues::CompletionQueues(int threads, grpc::ServerBuilder& builder) {
  ROICAST_CHECK(threads >= 1);
  for (int i = 0; i < threads; ++i) queues_.push_back(builder.AddCompletionQueue());
}

CompletionQueues::~CompletionQueues() { Shutdown(); }

void CompletionQueues::Start() {
  ROICAST_CHECK(threads_.empty());
  {
    absl::MutexLock lock(&mutex_);
    open_ = true;
  }
  for (size_t i = 0; i < queues_.size(); ++i) {
    threads_.emplace_back(Poll, queues_[i].get());
    pthread_setname_np(threads_.back().native_handle(), ("rpc-" + std::to_string(i)).c_str());
  }
}

void CompletionQueues::RunOnEach(const std::function<void(int)>& task) {
  absl::MutexLock lock(&mutex_);
  if (!open_) return;
  for (int i = 0; i < size(); ++i) (new PostedTask(this, i, task))->Post();
}

void CompletionQueues::Poll(grpc::CompletionQueue* queue) {
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) static_cast<Event*>(tag)->OnComplete(ok);
}

void CompletionQueues::Shutdown() {
  if (queues_.empty()) return;
  {
    absl::MutexLock lock(&mutex_);
    open_ = false;
  }
  // Polled: this happens once in the life of a process, and a notification would burden every call.
  while (!threads_.empty() && registered_.load(std::memory_order_acquire) > 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  for (auto& queue : queues_) queue->Shutdown();
  if (threads_.empty()) {
    for (auto& queue : queues_) Poll(queue.get());
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  queues_.clear();
}

}  // namespace roicast

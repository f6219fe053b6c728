#include "server/transport/loop/loop_threads.h"

#include <pthread.h>

#include <latch>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

class FunctionTask final : public EventLoop::Task {
 public:
  explicit FunctionTask(std::function<void()> run) : run_(std::move(run)) {}
  void Run() override {
    run_();
    delete this;
  }

 private:
  const std::function<void()> run_;
};

}  // namespace

void RunOnLoop(EventLoop& loop, std::function<void()> run) { loop.Post(new FunctionTask(std::move(run))); }

absl::Status LoopThreads::Make() {
  ROICAST_CHECK(count_ >= 1 && loops_.empty());
  for (int i = 0; i < count_; ++i) {
    ROICAST_ASSIGN_OR_RETURN(auto loop, EventLoop::Make(i));
    loops_.push_back(std::move(loop));
  }
  return absl::OkStatus();
}

void LoopThreads::Start() {
  ROICAST_CHECK(threads_.empty() && !loops_.empty());
  for (size_t i = 0; i < loops_.size(); ++i) {
    threads_.emplace_back([loop = loops_[i].get()] { loop->Run(); });
    pthread_setname_np(threads_.back().native_handle(), ("rpc-" + std::to_string(i)).c_str());
  }
  absl::MutexLock lock(&mutex_);
  open_ = true;
}

void LoopThreads::Shutdown() {
  {
    absl::MutexLock lock(&mutex_);
    open_ = false;
  }
  for (size_t i = 0; i < threads_.size(); ++i) loops_[i]->Stop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void LoopThreads::RunOnEach(const std::function<void(int)>& task) {
  absl::MutexLock lock(&mutex_);
  if (!open_) return;
  for (int i = 0; i < count_; ++i) RunOnLoop(loop(i), [task, i] { task(i); });
}

void LoopThreads::RunOnEachAndWait(const std::function<void(int)>& task) {
  std::latch left(count_);
  {
    absl::MutexLock lock(&mutex_);
    if (!open_) return;
    for (int i = 0; i < count_; ++i) {
      RunOnLoop(loop(i), [&task, &left, i] {
        task(i);
        left.count_down();
      });
    }
  }
  left.wait();
}

}  // namespace roicast

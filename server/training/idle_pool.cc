#include "server/training/idle_pool.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"
#include "server/training/idle_priority.h"

namespace roicast {
namespace {

// How often a waiting call is asked whether somebody still wants it.
constexpr absl::Duration kAskEvery = absl::Milliseconds(50);

}  // namespace

IdlePool::IdlePool(const Options& options) : options_(options) {
  for (int i = 0; i < options_.threads; ++i) {
    threads_.emplace_back([this] { Serve(); });
    pthread_setname_np(threads_.back().native_handle(), "idle-work");
  }
}

IdlePool::~IdlePool() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

absl::Status IdlePool::Run(absl::string_view peer, const StopCheck& stop, std::function<absl::Status()> work) {
  Task task;
  task.peer = std::string(peer);
  task.work = std::move(work);
  absl::MutexLock lock(&mutex_);
  ROICAST_RETURN_IF_ERROR(Enter(peer));
  waiting_.push_back(&task);
  while (!done_.Await(mutex_, kAskEvery, [&task] { return task.state == Task::State::kDone; })) {
    if (task.state != Task::State::kWaiting) continue;
    const absl::Status unwanted = CheckStop(stop);
    if (unwanted.ok()) continue;
    waiting_.erase(std::find(waiting_.begin(), waiting_.end(), &task));
    task.result = unwanted;
    break;
  }
  Leave(task.peer);
  return task.result;
}

absl::Status IdlePool::Enter(absl::string_view peer) {
  PeerTasks& of_peer = by_peer_[peer];
  if (of_peer.all >= options_.max_per_peer) {
    return ServerOverloaded("long computations of one client", options_.max_per_peer, of_peer.all + 1);
  }
  if (all_ >= options_.max_all) {
    if (of_peer.all == 0) by_peer_.erase(peer);
    return ServerOverloaded("long computations", options_.max_all, all_ + 1);
  }
  ++of_peer.all;
  ++all_;
  return absl::OkStatus();
}

void IdlePool::Leave(const std::string& peer) {
  --all_;
  const auto of_peer = by_peer_.find(peer);
  if (--of_peer->second.all == 0) by_peer_.erase(of_peer);
}

std::deque<IdlePool::Task*>::iterator IdlePool::Next() {
  return std::find_if(waiting_.begin(), waiting_.end(), [this](const Task* task) {
    mutex_.AssertHeld();
    return by_peer_.at(task->peer).running < options_.max_running_per_peer;
  });
}

void IdlePool::Serve() {
  EnterIdlePriority();
  while (true) {
    Task* task = nullptr;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &IdlePool::HasNextOrStops));
      const auto next = Next();
      if (next == waiting_.end()) return;
      task = *next;
      waiting_.erase(next);
      task->state = Task::State::kRunning;
      ++by_peer_.at(task->peer).running;
    }
    absl::Status result = task->work();
    task->work = nullptr;  // What it holds is given back at this priority.
    absl::MutexLock lock(&mutex_);
    // The task is its caller's again once it is done.
    --by_peer_.at(task->peer).running;
    task->result = std::move(result);
    task->state = Task::State::kDone;
    done_.Notify();
  }
}

}  // namespace roicast

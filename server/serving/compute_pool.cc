#include "server/serving/compute_pool.h"

#include <pthread.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/synchronization/notification.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"

namespace roicast {
namespace {

// Instead of an address.
constexpr uint64_t kNobody = 0;
constexpr uint64_t kSeveral = 1;

// Two addresses that meet in it share their turns, and nothing else happens.
uint64_t KeyOf(absl::string_view peer) {
  return std::max<uint64_t>(kSeveral + 1, absl::Hash<absl::string_view>()(peer));
}

// Empty queues that are kept.
constexpr size_t kMaxUnused = 64;

}  // namespace

// Work that several threads take ranges from. Helpers may come late, even when all is done: they share the ownership,
// and touch the body only while ranges are left.
class ComputePool::SharedRanges {
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
  void NoteHelper() { helped_.store(true, std::memory_order_relaxed); }

  // A thread of the pool has come.
  bool helped() const { return helped_.load(std::memory_order_relaxed); }
  // All ranges have begun.
  bool begun() const { return next_.load(std::memory_order_relaxed) >= count_; }
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

ComputePool::ComputePool(const Options& options) : options_(options), who_waits_(kNobody) {
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

absl::Status ComputePool::CheckRoom(PeerKey peer) const {
  if (waiting_ < options_.max_waiting) return absl::OkStatus();
  const auto queue = Find(peer);
  const int of_peer = queue == turns_.end() ? 0 : queue->waiting;
  if (of_peer < options_.max_waiting / 4 && waiting_ < 2 * options_.max_waiting) return absl::OkStatus();
  return ServerOverloaded("compute tasks waiting", options_.max_waiting, waiting_ + 1);
}

std::list<ComputePool::Queue>::iterator ComputePool::Find(PeerKey peer) {
  return std::find_if(turns_.begin(), turns_.end(), [peer](const Queue& queue) { return queue.peer == peer; });
}

std::list<ComputePool::Queue>::const_iterator ComputePool::Find(PeerKey peer) const {
  return std::find_if(turns_.begin(), turns_.end(), [peer](const Queue& queue) { return queue.peer == peer; });
}

ComputePool::Queue& ComputePool::QueueOf(PeerKey peer) {
  const auto found = Find(peer);
  if (found != turns_.end()) return *found;
  if (unused_.empty()) unused_.emplace_back();
  turns_.splice(turns_.end(), unused_, unused_.begin());
  turns_.back().peer = peer;
  NoteWhoWaits();
  return turns_.back();
}

void ComputePool::Push(Queue& queue, Task task) {
  Pushed(queue, task);
  queue.tasks.push_back(std::move(task));
}

void ComputePool::PushFirst(Queue& queue, Task task) {
  Pushed(queue, task);
  queue.tasks.push_front(std::move(task));
}

void ComputePool::Pushed(Queue& queue, const Task& task) {
  ++queued_;
  if (!task.counts) return;
  ++queue.waiting;
  ++waiting_;
}

ComputePool::Task ComputePool::Take(PeerKey* peer) {
  --queued_;
  if (!helpers_.empty()) {
    Task task = std::move(helpers_.front());
    helpers_.pop_front();
    return task;
  }
  Queue& queue = turns_.front();
  *peer = queue.peer;
  Task task = std::move(queue.tasks.front());
  queue.tasks.pop_front();
  if (task.counts) {
    --queue.waiting;
    --waiting_;
  }
  if (!queue.tasks.empty()) {
    turns_.splice(turns_.end(), turns_, turns_.begin());
  } else if (unused_.size() < kMaxUnused) {
    unused_.splice(unused_.begin(), turns_, turns_.begin());
  } else {
    turns_.pop_front();
  }
  NoteWhoWaits();
  return task;
}

void ComputePool::NoteWhoWaits() {
  const PeerKey now = turns_.empty() ? kNobody : turns_.size() > 1 ? kSeveral : turns_.front().peer;
  if (now != who_waits_.load(std::memory_order_relaxed)) who_waits_.store(now, std::memory_order_relaxed);
}

bool ComputePool::OthersWait(PeerKey peer) const {
  const PeerKey who = who_waits_.load(std::memory_order_relaxed);
  return who != kNobody && who != peer;
}

absl::Status ComputePool::Submit(absl::string_view peer, std::function<void()> task) {
  const PeerKey key = KeyOf(peer);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ROICAST_RETURN_IF_ERROR(CheckRoom(key));
    Push(QueueOf(key), {std::move(task), nullptr});
  }
  changed_.notify_one();
  return absl::OkStatus();
}

absl::Status ComputePool::StartParallelFor(absl::string_view peer, int64_t count, int64_t grain, int callers_ranges,
                                           std::function<void(int64_t, int64_t)> body, std::function<void()> done) {
  const PeerKey key = KeyOf(peer);
  const auto ranges = std::make_shared<SharedRanges>(count, grain, std::move(body), std::move(done));
  const int64_t threads = std::min<int64_t>((count + grain - 1) / grain, options_.threads);
  bool on_their_way = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ROICAST_RETURN_IF_ERROR(CheckRoom(key));
    on_their_way = idle_ > queued_;
    Queue& queue = QueueOf(key);
    for (int64_t i = 0; i < threads; ++i) Push(queue, {nullptr, ranges, i == 0});
  }
  // The last one is to have this thread's core.
  for (int64_t i = 0; i + 1 < threads; ++i) changed_.notify_one();
  for (int i = 0; i < callers_ranges && on_their_way && !ranges->helped(); ++i) {
    if (!ranges->WorkOnOne()) break;
  }
  changed_.notify_one();
  return absl::OkStatus();
}

void ComputePool::ContinueWithParallelFor(absl::string_view peer, int64_t count, int64_t grain,
                                          std::function<void(int64_t, int64_t)> body, std::function<void()> done) {
  const PeerKey key = KeyOf(peer);
  const auto ranges = std::make_shared<SharedRanges>(count, grain, std::move(body), std::move(done));
  int64_t helpers = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const int64_t useful = (count + grain - 1) / grain - 1;
    helpers = std::clamp<int64_t>(idle_ - queued_, 0, useful);
    Queue& queue = QueueOf(key);
    // The first is for this thread.
    for (int64_t i = 0; i < 1 + helpers; ++i) PushFirst(queue, {nullptr, ranges, false});
  }
  for (int64_t i = 0; i < helpers; ++i) changed_.notify_one();
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
    helpers = std::min<int64_t>(useful, idle_ - queued_);
    for (int64_t i = 0; i < helpers; ++i) {
      helpers_.push_back({nullptr, ranges, false});
      ++queued_;
    }
  }
  for (int64_t i = 0; i < helpers; ++i) changed_.notify_one();
  while (ranges->WorkOnOne()) continue;
  done.WaitForNotification();
  ROICAST_CHECK(ranges->ended());
}

void ComputePool::Work(PeerKey peer, const std::shared_ptr<SharedRanges>& ranges) {
  ranges->NoteHelper();
  while (ranges->WorkOnOne()) {
    // Helpers of ParallelFor are for nobody: the caller waits for them.
    if (peer == kNobody || !OthersWait(peer)) continue;
    if (ranges->begun()) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    PushFirst(QueueOf(peer), {nullptr, ranges, false});
    return;  // To take the next task in turn.
  }
}

void ComputePool::Run() {
  while (true) {
    Task task;
    PeerKey peer = kNobody;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      ++idle_;
      changed_.wait(lock, [this] { return stopping_ || queued_ > 0; });
      --idle_;
      if (queued_ == 0) return;
      task = Take(&peer);
    }
    if (task.ranges != nullptr) {
      Work(peer, task.ranges);
    } else {
      task.run();
    }
  }
}

}  // namespace roicast

#include "server/transport/loop/event_loop.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace roicast {
namespace {

absl::Status NoDescriptor(absl::string_view what) {
  return absl::ResourceExhaustedError(absl::StrCat(what, ": ", std::strerror(errno)));
}

// How long a busy loop polls before it sleeps. Being woken costs a loop as much of the processor, and its client that
// long again (docs/adr/0084-polling.md).
constexpr auto kPolling = std::chrono::microseconds(50);
// A loop is busy if its turns begin this close to each other, the time it takes to be woken included.
constexpr auto kCloseTurns = std::chrono::microseconds(100);

}  // namespace

void EventLoop::Timer::Set(Clock::time_point when) {
  Cancel();
  when_ = when;
  set_ = true;
  loop_.timers_.emplace(when, this);
}

void EventLoop::Timer::Cancel() {
  if (!set_) return;
  set_ = false;
  loop_.timers_.erase({when_, this});
}

absl::StatusOr<std::unique_ptr<EventLoop>> EventLoop::Make(int index) {
  std::unique_ptr<EventLoop> loop(new EventLoop(index));
  loop->epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (loop->epoll_ < 0) return NoDescriptor("epoll");
  loop->wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (loop->wake_ < 0) return NoDescriptor("eventfd");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;
  if (epoll_ctl(loop->epoll_, EPOLL_CTL_ADD, loop->wake_, &event) != 0) return NoDescriptor("epoll");
  return loop;
}

EventLoop::~EventLoop() {
  if (wake_ >= 0) close(wake_);
  if (epoll_ >= 0) close(epoll_);
}

absl::Status EventLoop::Watch(int fd, uint32_t events, Watcher* watcher) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = watcher;
  return epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0 ? absl::OkStatus() : NoDescriptor("epoll");
}

void EventLoop::Change(int fd, uint32_t events, Watcher* watcher) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = watcher;
  ROICAST_CHECK(epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) == 0);
}

void EventLoop::Unwatch(int fd, Watcher* watcher) {
  epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  for (int i = ready_next_; i < ready_count_; ++i) {
    if (ready_[static_cast<size_t>(i)].data.ptr == watcher) ready_[static_cast<size_t>(i)].events = 0;
  }
}

void EventLoop::Post(Task* task) {
  Task* before = posted_.load(std::memory_order_relaxed);
  do {
    task->next_ = before;
  } while (!posted_.compare_exchange_weak(before, task, std::memory_order_release, std::memory_order_relaxed));
  // Whoever found the list empty wakes the loop, which takes the whole list at once.
  if (before != nullptr) return;
  const uint64_t one = 1;
  // Fails only if the counter is full, and then the loop is awake.
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof(one));
}

void EventLoop::RunSoon(Task* task) {
  if (std::exchange(task->runs_soon_, true)) return;
  soon_.push_back(task);
}

void EventLoop::RunAllSoon() {
  while (!soon_.empty()) {  // One may ask for another.
    running_.swap(soon_);
    for (Task* const task : running_) {
      task->runs_soon_ = false;
      task->Run();  // It may delete itself.
    }
    running_.clear();
  }
}

void EventLoop::RunPosted() {
  Task* newest = posted_.exchange(nullptr, std::memory_order_acquire);
  Task* oldest = nullptr;
  while (newest != nullptr) {
    Task* const before = newest->next_;
    newest->next_ = oldest;
    oldest = newest;
    newest = before;
  }
  while (oldest != nullptr) {
    // A task may delete itself, or be posted again.
    Task* const task = oldest;
    oldest = task->next_;
    task->Run();
  }
}

void EventLoop::RunDue() {
  while (!timers_.empty() && timers_.begin()->first <= now_) {
    Timer* const timer = timers_.begin()->second;
    timers_.erase(timers_.begin());
    timer->set_ = false;
    timer->run_();
  }
}

int EventLoop::Patience() const {
  if (timers_.empty()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(timers_.begin()->first - Clock::now()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, 60000));
}

int EventLoop::PollAWhile() {
  const Clock::time_point end = Clock::now() + kPolling;
  do {
    const int count = epoll_wait(epoll_, ready_.data(), static_cast<int>(ready_.size()), 0);
    if (count != 0) return count;
  } while (Clock::now() < end);
  return 0;
}

void EventLoop::Run() {
  thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  // What was asked for before.
  RunAllSoon();
  while (!stopped_) {
    int count = busy_ && lent_ == 0 ? PollAWhile() : 0;
    if (count == 0) count = epoll_wait(epoll_, ready_.data(), static_cast<int>(ready_.size()), Patience());
    ROICAST_CHECK(count >= 0 || errno == EINTR);
    const Clock::time_point before = now_;
    now_ = Clock::now();
    // Where one turn came soon, the next one probably does, too.
    busy_ = can_poll_ && now_ - before < kCloseTurns;
    ready_count_ = std::max(count, 0);
    bool woken = false;
    for (ready_next_ = 0; ready_next_ < ready_count_;) {
      const epoll_event event = ready_[static_cast<size_t>(ready_next_++)];
      if (event.events == 0) continue;
      if (event.data.ptr == nullptr) {
        woken = true;
        continue;
      }
      static_cast<Watcher*>(event.data.ptr)->OnReady(event.events);
      RunAllSoon();
    }
    ready_count_ = 0;
    if (woken) {
      uint64_t wakes = 0;
      [[maybe_unused]] const ssize_t taken = read(wake_, &wakes, sizeof(wakes));
      RunPosted();
      RunAllSoon();
    }
    RunDue();
    RunAllSoon();
  }
}

void EventLoop::Stop() {
  if (!stop_posted_.exchange(true, std::memory_order_relaxed)) Post(&stop_task_);
}

}  // namespace roicast

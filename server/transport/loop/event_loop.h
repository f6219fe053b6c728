// One thread's loop over file descriptors, timers and tasks (epoll). Everything that a connection does runs here, so
// nothing on it may block.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace roicast {

// All methods but Post and Stop: on the loop's own thread, or before it runs.
class EventLoop {
 public:
  using Clock = std::chrono::steady_clock;

  // Told what happens to a file descriptor.
  class Watcher {
   public:
    // events: EPOLLIN, EPOLLOUT, EPOLLHUP …
    virtual void OnReady(uint32_t events) = 0;

   protected:
    ~Watcher() = default;
  };

  // Something to run once on the loop. Belongs to its owner, which has to keep it until it has run, and may post it
  // again only then.
  class Task {
   public:
    virtual ~Task() = default;
    virtual void Run() = 0;

   private:
    friend class EventLoop;
    Task* next_ = nullptr;
    bool runs_soon_ = false;
  };

  // Runs a function at a time. Cancels itself when destroyed.
  class Timer {
   public:
    Timer(EventLoop* loop, std::function<void()> run) : loop_(*loop), run_(std::move(run)) {}
    ~Timer() { Cancel(); }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    // Replaces the time that was set before.
    void Set(Clock::time_point when);
    void Cancel();
    bool is_set() const { return set_; }

   private:
    friend class EventLoop;
    EventLoop& loop_;
    const std::function<void()> run_;
    Clock::time_point when_;
    bool set_ = false;
  };

  // index: of this loop among its server's, ≥ 0. Errors: ResourceExhausted (no file descriptor left).
  static absl::StatusOr<std::unique_ptr<EventLoop>> Make(int index);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  int index() const { return index_; }
  bool InLoop() const { return std::this_thread::get_id() == thread_.load(std::memory_order_relaxed); }

  // Level-triggered. Errors: ResourceExhausted.
  absl::Status Watch(int fd, uint32_t events, Watcher* watcher);
  void Change(int fd, uint32_t events, Watcher* watcher);
  // The watcher hears no more, not even of what epoll has reported already.
  void Unwatch(int fd, Watcher* watcher);

  // Runs the task soon on the loop. Any thread; takes no lock. Tasks run in the order in which they were posted.
  void Post(Task* task);

  // Runs the task at the end of what the loop is doing now, or as Run begins: once, however often that is asked for
  // until then. Not thread-safe, unlike Post, and costs no system call.
  void RunSoon(Task* task);

  // Runs until Stop.
  void Run();
  // Any thread. Tasks that were posted before still run. Only the first call counts.
  void Stop();

  // Counts what lives on the loop, and has to be gone before its thread ends.
  void Enter() { ++residents_; }
  void Leave() { --residents_; }
  int64_t residents() const { return residents_; }

  // How many descriptors are ready in this turn.
  int ready() const { return ready_count_; }

  // Work for the loop is done by another thread, until Return: the loop does not poll meanwhile, for that thread may
  // need the core.
  void Lend() { ++lent_; }
  void Return() { --lent_; }

  // The time of the current turn.
  Clock::time_point now() const { return now_; }

 private:
  explicit EventLoop(int index) : index_(index) {}
  void RunPosted();
  void RunAllSoon();
  void RunDue();
  // How many descriptors are ready, of those that become so within kPolling.
  int PollAWhile();
  // Milliseconds until the next timer, rounded up; -1: none is set.
  int Patience() const;

  class StopTask final : public Task {
   public:
    explicit StopTask(EventLoop* loop) : loop_(*loop) {}
    void Run() override { loop_.stopped_ = true; }

   private:
    EventLoop& loop_;
  };

  const int index_;
  int epoll_ = -1;
  int wake_ = -1;
  std::atomic<std::thread::id> thread_;
  // The last task that was posted; each refers to the one before it.
  std::atomic<Task*> posted_{nullptr};
  StopTask stop_task_{this};
  std::atomic<bool> stop_posted_{false};
  bool stopped_ = false;
  // Turns follow each other closely.
  bool busy_ = false;
  // There is another core for whoever is waited for.
  const bool can_poll_ = std::thread::hardware_concurrency() > 1;
  int64_t lent_ = 0;
  int64_t residents_ = 0;
  Clock::time_point now_ = Clock::now();
  std::set<std::pair<Clock::time_point, Timer*>> timers_;
  std::vector<Task*> soon_;
  std::vector<Task*> running_;
  // What epoll reported in this turn.
  std::array<epoll_event, 128> ready_;
  int ready_count_ = 0;
  int ready_next_ = 0;
};

}  // namespace roicast

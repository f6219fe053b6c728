#include "server/transport/loop/event_loop.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace roicast {
namespace {

using Clock = EventLoop::Clock;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Log = std::vector<std::string>;

class FakeWatcher final : public EventLoop::Watcher {
 public:
  explicit FakeWatcher(std::function<void(uint32_t)> on_ready) : on_ready_(std::move(on_ready)) {}
  void OnReady(uint32_t events) override { on_ready_(events); }

 private:
  const std::function<void(uint32_t)> on_ready_;
};

class FakeTask final : public EventLoop::Task {
 public:
  explicit FakeTask(std::function<void()> run) : run_(std::move(run)) {}
  void Run() override { run_(); }

 private:
  const std::function<void()> run_;
};

// A descriptor that is ready to be read from the first.
class ReadyDescriptor {
 public:
  ~ReadyDescriptor() { close(fd_); }
  int fd() const { return fd_; }
  void Clear() const {
    eventfd_t count = 0;
    EXPECT_EQ(eventfd_read(fd_, &count), 0);
  }

 private:
  const int fd_ = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
};

// Two ends of a connection.
class Sockets {
 public:
  Sockets() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends_), 0); }
  ~Sockets() {
    CloseFar();
    close(ends_[0]);
  }
  int near() const { return ends_[0]; }
  int far() const { return ends_[1]; }
  void CloseFar() {
    if (ends_[1] >= 0) close(std::exchange(ends_[1], -1));
  }

 private:
  int ends_[2] = {-1, -1};
};

// The loop runs on the thread of the test.
class EventLoopTest : public ::testing::Test {
 protected:
  // A task that adds a line to the log.
  std::unique_ptr<FakeTask> Writes(std::string line) {
    return std::make_unique<FakeTask>([this, line = std::move(line)] { log_.push_back(line); });
  }
  std::unique_ptr<EventLoop::Timer> TimerThatWrites(std::string line) {
    return std::make_unique<EventLoop::Timer>(loop_.get(), [this, line = std::move(line)] { log_.push_back(line); });
  }
  // Time passes within a turn.
  static void PassTime() {
    for (const auto begin = Clock::now(); Clock::now() - begin < milliseconds(2);) continue;
  }
  // Runs what is ready, and what it leads to in the same turn.
  void RunOneTurn() {
    loop_->Stop();
    loop_->Run();
  }

  const std::unique_ptr<EventLoop> loop_ = *EventLoop::Make(7);
  Log log_;
};

TEST_F(EventLoopTest, AWatcherIsToldAgainUntilItsDescriptorIsNotReadyAnyMore) {
  const ReadyDescriptor ready;
  int told = 0;
  FakeTask next_turn([&] { loop_->Stop(); });
  FakeWatcher watcher([&](uint32_t events) {
    EXPECT_EQ(events, EPOLLIN);
    EXPECT_EQ(loop_->ready(), 1);
    if (++told < 3) return;
    ready.Clear();
    loop_->Post(&next_turn);
  });
  ASSERT_EQ(loop_->Watch(ready.fd(), EPOLLIN, &watcher), absl::OkStatus());
  loop_->Run();
  EXPECT_EQ(told, 3);
}

TEST_F(EventLoopTest, OnlyTheEventsOfTheLastChangeAreTold) {
  const Sockets sockets;
  ASSERT_EQ(send(sockets.far(), "x", 1, 0), 1);
  FakeTask next_turn([&] { loop_->Stop(); });
  FakeWatcher second([&](uint32_t events) {
    EXPECT_EQ(events, EPOLLOUT);
    log_.push_back("second");
    loop_->Change(sockets.near(), 0, &second);
    loop_->Post(&next_turn);
  });
  FakeWatcher first([&](uint32_t events) {
    EXPECT_EQ(events, EPOLLIN);
    log_.push_back("first");
    loop_->Change(sockets.near(), EPOLLOUT, &second);
  });
  ASSERT_EQ(loop_->Watch(sockets.near(), EPOLLIN, &first), absl::OkStatus());
  loop_->Run();
  EXPECT_THAT(log_, ElementsAre("first", "second"));
}

TEST_F(EventLoopTest, AWatcherOfNothingIsToldThatTheOtherEndIsGone) {
  Sockets sockets;
  FakeWatcher watcher([&](uint32_t events) {
    EXPECT_NE(events & EPOLLHUP, 0U) << events;
    loop_->Unwatch(sockets.near(), &watcher);
    loop_->Stop();
  });
  ASSERT_EQ(loop_->Watch(sockets.near(), 0, &watcher), absl::OkStatus());
  sockets.CloseFar();
  loop_->Run();
}

// A connection closes another one that has something to say in the same turn; then its memory is gone.
TEST_F(EventLoopTest, WhoIsUnwatchedHearsNoMoreOfTheSameTurn) {
  const ReadyDescriptor ready[3];
  std::unique_ptr<FakeWatcher> watchers[3];
  std::vector<int> told;
  for (int i = 0; i < 3; ++i) {
    watchers[i] = std::make_unique<FakeWatcher>([&, i](uint32_t) {
      told.push_back(i);
      if (told.size() > 1) return;
      EXPECT_EQ(loop_->ready(), 4) << "with the wake-up of Stop";
      const int other = (i + 1) % 3;
      loop_->Unwatch(ready[other].fd(), watchers[other].get());
      watchers[other].reset();
    });
    ASSERT_EQ(loop_->Watch(ready[i].fd(), EPOLLIN, watchers[i].get()), absl::OkStatus());
  }
  RunOneTurn();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[1], (told[0] + 2) % 3);
}

TEST_F(EventLoopTest, WhoIsUnwatchedMayBeWatchedAgain) {
  const ReadyDescriptor ready;
  FakeWatcher second([&](uint32_t) {
    log_.push_back("second");
    ready.Clear();
    loop_->Stop();
  });
  FakeWatcher first([&](uint32_t) {
    log_.push_back("first");
    loop_->Unwatch(ready.fd(), &first);
    ASSERT_EQ(loop_->Watch(ready.fd(), EPOLLIN, &second), absl::OkStatus());
  });
  ASSERT_EQ(loop_->Watch(ready.fd(), EPOLLIN, &first), absl::OkStatus());
  loop_->Run();
  EXPECT_THAT(log_, ElementsAre("first", "second"));
}

TEST_F(EventLoopTest, ADescriptorThatCannotBeWatchedIsAnError) {
  FakeWatcher watcher([](uint32_t) {});
  EXPECT_EQ(loop_->Watch(-1, EPOLLIN, &watcher), absl::ResourceExhaustedError("epoll: Bad file descriptor"));
}

// More than are reported at once.
TEST_F(EventLoopTest, EachOfManyThatAreReadyIsTold) {
  constexpr int kMany = 300;
  const std::vector<ReadyDescriptor> ready(kMany);
  std::vector<std::unique_ptr<FakeWatcher>> watchers;
  std::vector<int> told(kMany, 0);
  int left = kMany;
  for (size_t i = 0; i < kMany; ++i) {
    watchers.push_back(std::make_unique<FakeWatcher>([&, i](uint32_t) {
      ready[i].Clear();
      ++told[i];
      if (--left == 0) loop_->Stop();
    }));
    ASSERT_EQ(loop_->Watch(ready[i].fd(), EPOLLIN, watchers[i].get()), absl::OkStatus());
  }
  loop_->Run();
  EXPECT_EQ(told, std::vector<int>(kMany, 1));
}

TEST_F(EventLoopTest, PostedTasksRunInTheirOrder) {
  std::vector<std::unique_ptr<FakeTask>> tasks;
  for (const char* const line : {"a", "b", "c", "d"}) tasks.push_back(Writes(line));
  for (const auto& task : tasks) loop_->Post(task.get());
  RunOneTurn();
  EXPECT_THAT(log_, ElementsAre("a", "b", "c", "d"));
}

TEST_F(EventLoopTest, TasksOfManyThreadsRunOnceEachAndInTheOrderOfTheirThread) {
  constexpr int kThreads = 8;
  constexpr int kTasks = 2000;
  std::vector<std::vector<std::unique_ptr<FakeTask>>> tasks(kThreads);
  std::vector<std::vector<int>> ran(kThreads);
  std::vector<int> all(kTasks);
  for (int i = 0; i < kTasks; ++i) all[static_cast<size_t>(i)] = i;
  int left = kThreads * kTasks;
  for (size_t thread = 0; thread < kThreads; ++thread) {
    for (int i = 0; i < kTasks; ++i) {
      tasks[thread].push_back(std::make_unique<FakeTask>([&, thread, i] {
        ran[thread].push_back(i);
        if (--left == 0) loop_->Stop();
      }));
    }
  }
  std::vector<std::thread> threads;
  for (const auto& of_thread : tasks) {
    threads.emplace_back([&] {
      for (const auto& task : of_thread) loop_->Post(task.get());
    });
  }
  loop_->Run();
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<int>& of_thread : ran) EXPECT_EQ(of_thread, all);
}

TEST_F(EventLoopTest, ATaskMayPostItselfAgainAndLeavesTurnsToOthers) {
  const ReadyDescriptor ready;
  int told = 0, ran = 0;
  FakeWatcher watcher([&](uint32_t) { ++told; });
  FakeTask again([&] {
    if (++ran < 100) {
      loop_->Post(&again);
    } else {
      loop_->Stop();
    }
  });
  ASSERT_EQ(loop_->Watch(ready.fd(), EPOLLIN, &watcher), absl::OkStatus());
  loop_->Post(&again);
  loop_->Run();
  EXPECT_EQ(ran, 100);
  EXPECT_GE(told, ran);
}

TEST_F(EventLoopTest, ATaskMayDeleteItself) {
  FakeTask* task = nullptr;
  task = new FakeTask([&] {
    log_.push_back("ran");
    delete std::exchange(task, nullptr);
  });
  loop_->Post(task);
  RunOneTurn();
  EXPECT_THAT(log_, ElementsAre("ran"));
}

TEST_F(EventLoopTest, WhatWasPostedBeforeStopStillRuns) {
  const auto before = Writes("before");
  loop_->Post(before.get());
  std::thread other([&] { loop_->Stop(); });
  other.join();
  loop_->Run();
  EXPECT_THAT(log_, ElementsAre("before"));
}

// The second call made a ring of the tasks, which the loop ran for ever.
TEST_F(EventLoopTest, MayBeStoppedTwice) {
  const auto before = Writes("before");
  loop_->Post(before.get());
  loop_->Stop();
  loop_->Stop();
  loop_->Run();
  EXPECT_THAT(log_, ElementsAre("before"));
}

TEST_F(EventLoopTest, RunSoonRunsOnceAtTheEndOfWhatTheLoopIsDoing) {
  const ReadyDescriptor ready[2];
  const auto soon = Writes("soon");
  FakeWatcher watcher([&](uint32_t) {
    log_.push_back("watcher");
    for (int i = 0; i < 3; ++i) loop_->RunSoon(soon.get());
    log_.push_back("end of watcher");
  });
  for (const ReadyDescriptor& one : ready) ASSERT_EQ(loop_->Watch(one.fd(), EPOLLIN, &watcher), absl::OkStatus());
  FakeTask posted([&] {
    log_.push_back("posted");
    loop_->RunSoon(soon.get());
  });
  loop_->Post(&posted);
  EventLoop::Timer timer(loop_.get(), [&] {
    log_.push_back("timer");
    loop_->RunSoon(soon.get());
  });
  timer.Set(Clock::now());
  RunOneTurn();
  EXPECT_THAT(log_, ElementsAre("watcher", "end of watcher", "soon", "watcher", "end of watcher", "soon", "posted",
                                "soon", "timer", "soon"));
}

TEST_F(EventLoopTest, WhatRunsSoonMayAskForItselfAndForOthers) {
  const auto other = Writes("other");
  int ran = 0;
  FakeTask again([&] {
    log_.push_back("again");
    if (++ran == 3) return;
    loop_->RunSoon(&again);
    loop_->RunSoon(other.get());
  });
  FakeTask posted([&] { loop_->RunSoon(&again); });
  loop_->Post(&posted);
  EventLoop::Timer timer(loop_.get(), [&] { log_.push_back("timer"); });
  timer.Set(Clock::now());
  RunOneTurn();
  EXPECT_THAT(log_, ElementsAre("again", "again", "other", "again", "timer"))
      << "others wait for their turn, for which they need not ask twice";
}

TEST_F(EventLoopTest, WhatRunsSoonMayDeleteItself) {
  FakeTask* task = nullptr;
  task = new FakeTask([&] {
    log_.push_back("ran");
    delete std::exchange(task, nullptr);
  });
  FakeTask posted([&] { loop_->RunSoon(task); });
  loop_->Post(&posted);
  RunOneTurn();
  EXPECT_THAT(log_, ElementsAre("ran"));
}

// It waited for the first descriptor to be ready.
TEST_F(EventLoopTest, WhatIsToRunSoonBeforeTheLoopRunsDoesNotWaitForAnythingElse) {
  FakeTask soon([&] {
    log_.push_back("soon");
    loop_->Stop();
  });
  loop_->RunSoon(&soon);
  loop_->Run();
  EXPECT_THAT(log_, ElementsAre("soon"));
}

TEST_F(EventLoopTest, TimersRunInTheOrderOfTheirTimes) {
  const auto now = Clock::now();
  const auto a = TimerThatWrites("a"), b = TimerThatWrites("b"), c = TimerThatWrites("c"), d = TimerThatWrites("d");
  c->Set(now - seconds(1));
  a->Set(now - seconds(3));
  d->Set(now);
  b->Set(now - seconds(2));
  RunOneTurn();
  EXPECT_THAT(log_, ElementsAre("a", "b", "c", "d"));
}

TEST_F(EventLoopTest, ATimerRunsNotBeforeItsTimeAndOnce) {
  const auto when = Clock::now() + milliseconds(20);
  FakeTask next_turn([&] { loop_->Stop(); });
  EventLoop::Timer timer(loop_.get(), [&] {
    log_.push_back("timer");
    EXPECT_GE(loop_->now(), when);
    EXPECT_FALSE(timer.is_set());
    loop_->Post(&next_turn);
  });
  timer.Set(when);
  EXPECT_TRUE(timer.is_set());
  loop_->Run();
  EXPECT_THAT(log_, ElementsAre("timer"));
}

TEST_F(EventLoopTest, SetReplacesTheTimeThatWasSet) {
  const auto now = Clock::now();
  const auto sooner = TimerThatWrites("sooner"), later = TimerThatWrites("later");
  sooner->Set(now + hours(1));
  sooner->Set(now);
  later->Set(now);
  later->Set(now + hours(1));
  RunOneTurn();
  EXPECT_THAT(log_, ElementsAre("sooner"));
  EXPECT_FALSE(sooner->is_set());
  EXPECT_TRUE(later->is_set());
}

TEST_F(EventLoopTest, ATimerThatIsCancelledOrDestroyedDoesNotRun) {
  const auto now = Clock::now();
  const auto cancelled = TimerThatWrites("cancelled"), other = TimerThatWrites("other");
  auto destroyed = TimerThatWrites("destroyed");
  for (EventLoop::Timer* const timer : {cancelled.get(), destroyed.get(), other.get()}) timer->Set(now);
  cancelled->Cancel();
  EXPECT_FALSE(cancelled->is_set());
  cancelled->Cancel();
  destroyed.reset();
  RunOneTurn();
  EXPECT_THAT(log_, ElementsAre("other"));
}

TEST_F(EventLoopTest, ATimerMayCancelChangeAndDestroyOthersThatAreDue) {
  const auto now = Clock::now();
  const auto cancelled = TimerThatWrites("cancelled"), put_off = TimerThatWrites("put off");
  const auto other = TimerThatWrites("other");
  auto destroyed = TimerThatWrites("destroyed");
  EventLoop::Timer first(loop_.get(), [&] {
    log_.push_back("first");
    first.Cancel();
    cancelled->Cancel();
    put_off->Set(now + hours(1));
    destroyed.reset();
  });
  first.Set(now - seconds(1));
  for (EventLoop::Timer* const timer : {cancelled.get(), put_off.get(), destroyed.get(), other.get()}) timer->Set(now);
  RunOneTurn();
  EXPECT_THAT(log_, ElementsAre("first", "other"));
  EXPECT_TRUE(put_off->is_set());
}

TEST_F(EventLoopTest, ATimerMaySetItselfAgain) {
  int ran = 0;
  EventLoop::Timer timer(loop_.get(), [&] {
    if (++ran == 3) {
      loop_->Stop();
    } else {
      timer.Set(loop_->now() + milliseconds(1));
    }
  });
  timer.Set(Clock::now());
  loop_->Run();
  EXPECT_EQ(ran, 3);
  EXPECT_FALSE(timer.is_set());
}

TEST_F(EventLoopTest, NowIsTheSameThroughoutATurnAndGoesOnWithTheNext) {
  const ReadyDescriptor ready[2];
  std::vector<Clock::time_point> turn;
  const auto note = [&] {
    turn.push_back(loop_->now());
    PassTime();
  };
  Clock::time_point next;
  FakeTask next_turn([&] {
    next = loop_->now();
    loop_->Stop();
  });
  FakeTask soon(note);
  FakeWatcher watchers[2] = {FakeWatcher([&](uint32_t) { note(); }), FakeWatcher([&](uint32_t) { note(); })};
  for (int i = 0; i < 2; ++i) ASSERT_EQ(loop_->Watch(ready[i].fd(), EPOLLIN, &watchers[i]), absl::OkStatus());
  FakeTask posted([&] {
    note();
    for (int i = 0; i < 2; ++i) loop_->Unwatch(ready[i].fd(), &watchers[i]);
    loop_->RunSoon(&soon);
    loop_->Post(&next_turn);
  });
  loop_->Post(&posted);
  EventLoop::Timer timer(loop_.get(), note);
  timer.Set(Clock::now());
  const auto before = Clock::now();
  loop_->Run();
  ASSERT_EQ(turn.size(), 5U) << "two watchers, a posted task, one that ran soon, a timer";
  EXPECT_GE(turn[0], before);
  for (const Clock::time_point& of_turn : turn) EXPECT_EQ(of_turn, turn[0]);
  EXPECT_GE(next - turn[0], turn.size() * milliseconds(2));
  EXPECT_LE(next, Clock::now());
}

TEST_F(EventLoopTest, TheThreadThatRunsItIsInTheLoop) {
  EXPECT_FALSE(loop_->InLoop());
  bool other_is_in = true;
  FakeTask task([&] {
    EXPECT_TRUE(loop_->InLoop());
    std::thread([&] { other_is_in = loop_->InLoop(); }).join();
  });
  loop_->Post(&task);
  RunOneTurn();
  EXPECT_FALSE(other_is_in);
}

TEST_F(EventLoopTest, KnowsItsIndexAndCountsItsResidents) {
  EXPECT_EQ(loop_->index(), 7);
  EXPECT_EQ(loop_->residents(), 0);
  loop_->Enter();
  loop_->Enter();
  EXPECT_EQ(loop_->residents(), 2);
  loop_->Leave();
  EXPECT_EQ(loop_->residents(), 1);
  loop_->Leave();
  EXPECT_EQ(loop_->residents(), 0);
}

std::chrono::nanoseconds ThreadTime() {
  timespec time{};
  EXPECT_EQ(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time), 0);
  return seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// Not even just after it was busy, when it polls for a while.
TEST_F(EventLoopTest, AnIdleLoopCostsNoProcessorTime) {
  const Sockets quiet;
  FakeWatcher watcher([&](uint32_t) { ADD_FAILURE() << "nothing arrives"; });
  ASSERT_EQ(loop_->Watch(quiet.near(), EPOLLIN, &watcher), absl::OkStatus());
  const auto later = TimerThatWrites("later");
  later->Set(Clock::now() + hours(1));
  std::chrono::nanoseconds spent{};
  EventLoop::Timer end(loop_.get(), [&] {
    spent = ThreadTime() - spent;
    loop_->Stop();
  });
  int turns = 0;
  FakeTask busy([&] {
    if (++turns < 1000) {
      loop_->Post(&busy);
      return;
    }
    spent = ThreadTime();
    end.Set(loop_->now() + milliseconds(300));
  });
  loop_->Post(&busy);
  loop_->Run();
  EXPECT_LT(spent, milliseconds(60)) << "of 300 ms";
  EXPECT_THAT(log_, IsEmpty());
}

// As many file descriptors as there are now, and some more.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t more) {
    EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &before_), 0);
    // The lowest that is free.
    const int next = Next();
    const rlimit low = {static_cast<rlim_t>(next) + more, before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  }
  ~DescriptorLimit() { EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before_), 0); }
  // The descriptor that would be opened next; -1: none is left.
  static int Next() {
    const int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (next >= 0) close(next);
    return next;
  }

 private:
  rlimit before_{};
};

TEST(EventLoop, WithoutDescriptorsItIsNotMadeAndKeepsNone) {
  const int next = DescriptorLimit::Next();
  {
    const DescriptorLimit none(0);
    EXPECT_EQ(EventLoop::Make(0).status(), absl::ResourceExhaustedError("epoll: Too many open files"));
  }
  {
    const DescriptorLimit one(1);
    EXPECT_EQ(EventLoop::Make(0).status(), absl::ResourceExhaustedError("eventfd: Too many open files"));
  }
  {
    const DescriptorLimit two(2);
    EXPECT_EQ(EventLoop::Make(0).status(), absl::OkStatus());
  }
  EXPECT_EQ(DescriptorLimit::Next(), next);
}

}  // namespace
}  // namespace roicast

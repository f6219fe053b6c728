#include "server/transport/grpc/worker_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/barrier.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "server/errors/errors.h"

namespace roicast {
namespace {

using std::chrono::milliseconds;
using ::testing::IsSubsetOf;
using ::testing::SizeIs;

constexpr WorkerPool::Options kFour = {.max_threads = 4, .max_per_peer = 4};

// A call counts for a moment after its work has returned: asks again until it is taken.
void RunOnceThereIsRoom(WorkerPool& pool, const std::string& peer, const std::function<void()>& work) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  absl::Status status;
  do {
    status = pool.Run(peer, work);
    std::this_thread::yield();
  } while (!status.ok() && std::chrono::steady_clock::now() < until);
  ASSERT_EQ(status, absl::OkStatus());
}

// Work that lasts until it is told to end. Destroyed before the pool.
class Calls {
 public:
  explicit Calls(WorkerPool* pool) : pool_(*pool) {}
  ~Calls() { EndAll(); }
  absl::Status Begin(const std::string& peer) {
    auto end = std::make_shared<absl::Notification>();
    const absl::Status status = pool_.Run(peer, [end] { end->WaitForNotification(); });
    if (status.ok()) ends_.push_back(std::move(end));
    return status;
  }
  // The one that began first.
  void EndFirst() {
    ends_.front()->Notify();
    ends_.erase(ends_.begin());
  }
  void EndAll() {
    while (!ends_.empty()) EndFirst();
  }

 private:
  WorkerPool& pool_;
  std::vector<std::shared_ptr<absl::Notification>> ends_;
};

// The threads on which work ran.
class Threads {
 public:
  void AddThis() {
    absl::MutexLock lock(&mutex_);
    ids_.insert(std::this_thread::get_id());
  }
  std::set<std::thread::id> ids() const {
    absl::MutexLock lock(&mutex_);
    return ids_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::set<std::thread::id> ids_ ABSL_GUARDED_BY(mutex_);
};

// Has `count` calls of as many peers run at the same time, and notes their threads.
void RunAtOnce(WorkerPool& pool, int count, Threads* threads) {
  auto* const all_run = new absl::Barrier(count);
  absl::BlockingCounter left(count);
  for (int i = 0; i < count; ++i) {
    RunOnceThereIsRoom(pool, absl::StrCat("10.0.0.", i), [=, &left] {
      threads->AddThis();
      if (all_run->Block()) delete all_run;
      left.DecrementCount();
    });
  }
  left.Wait();
}

TEST(WorkerPool, RefusesMoreCallsThanItHasThreads) {
  WorkerPool pool({.max_threads = 3, .max_per_peer = 3});
  Calls calls(&pool);
  for (const char* const peer : {"10.0.0.1", "10.0.0.2", "10.0.0.3"}) ASSERT_EQ(calls.Begin(peer), absl::OkStatus());
  const absl::Status refused = calls.Begin("10.0.0.4");
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(refused.message(), "slow calls at once: limit 3, got 4; try again later");
  EXPECT_EQ(ReasonOf(refused), v1::SERVER_OVERLOADED);
  calls.EndFirst();
  RunOnceThereIsRoom(pool, "10.0.0.4", [] {});
}

TEST(WorkerPool, RefusesMoreCallsOfOnePeerWhileOthersGetOn) {
  WorkerPool pool({.max_threads = 4, .max_per_peer = 2});
  Calls calls(&pool);
  for (int i = 0; i < 2; ++i) ASSERT_EQ(calls.Begin("10.0.0.1"), absl::OkStatus());
  const absl::Status refused = calls.Begin("10.0.0.1");
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(refused.message(), "slow calls of one client at once: limit 2, got 3; try again later");
  EXPECT_EQ(ReasonOf(refused), v1::SERVER_OVERLOADED);
  EXPECT_EQ(calls.Begin("10.0.0.2"), absl::OkStatus());
  EXPECT_EQ(calls.Begin("10.0.0.2"), absl::OkStatus()) << "what was refused has no thread";
  EXPECT_EQ(calls.Begin("10.0.0.1").message(), "slow calls at once: limit 4, got 5; try again later");
}

TEST(WorkerPool, APeerThatWasRefusedGetsOnOnceItsOwnWorkEnds) {
  WorkerPool pool({.max_threads = 4, .max_per_peer = 1});
  for (int round = 0; round < 3; ++round) {
    Calls calls(&pool);
    absl::Notification end, ran;
    RunOnceThereIsRoom(pool, "10.0.0.1", [&] { end.WaitForNotification(); });
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(absl::IsResourceExhausted(calls.Begin("10.0.0.1")));
    // Of another, that does not help it.
    RunOnceThereIsRoom(pool, "10.0.0.2", [] {});
    EXPECT_TRUE(absl::IsResourceExhausted(calls.Begin("10.0.0.1")));
    end.Notify();
    RunOnceThereIsRoom(pool, "10.0.0.1", [&] { ran.Notify(); });
    ran.WaitForNotification();
  }
}

TEST(WorkerPool, CallsRunAtOnceEachOnAThreadOfItsOwn) {
  WorkerPool pool(kFour);
  Threads threads;
  threads.AddThis();
  RunAtOnce(pool, 4, &threads);
  EXPECT_THAT(threads.ids(), SizeIs(5)) << "with that of the test";
}

TEST(WorkerPool, ThreadsAreMadeAsTheyAreNeededAndKept) {
  WorkerPool pool({.max_threads = 8, .max_per_peer = 1});
  Threads first, more, again;
  // One after the other: a peer has its next call once the one before counts no more.
  for (int i = 0; i < 20; ++i) RunOnceThereIsRoom(pool, "10.0.0.0", [&] { first.AddThis(); });
  RunOnceThereIsRoom(pool, "10.0.0.0", [] {});
  EXPECT_THAT(first.ids(), SizeIs(1));
  RunAtOnce(pool, 8, &more);
  EXPECT_THAT(more.ids(), SizeIs(8));
  RunAtOnce(pool, 8, &again);
  EXPECT_EQ(again.ids(), more.ids());
  EXPECT_THAT(first.ids(), IsSubsetOf(more.ids()));
}

TEST(WorkerPool, IsDestroyedOnceAllWorkIsDone) {
  constexpr int kCalls = 80;
  std::atomic<int> done{0};
  {
    WorkerPool pool({.max_threads = kCalls, .max_per_peer = kCalls});
    for (int i = 0; i < kCalls; ++i) {
      ASSERT_EQ(pool.Run("10.0.0.1",
                         [&] {
                           std::this_thread::sleep_for(milliseconds(20));
                           ++done;
                         }),
                absl::OkStatus());
    }
  }
  EXPECT_EQ(done, kCalls);
}

TEST(WorkerPool, APoolWithoutWorkIsDestroyed) { const WorkerPool pool(kFour); }

TEST(WorkerPool, WhatWorkHoldsIsDestroyedWithIt) {
  const auto held = std::make_shared<int>(1);
  {
    WorkerPool pool(kFour);
    ASSERT_EQ(pool.Run("10.0.0.1", [held] {}), absl::OkStatus());
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(WorkerPool, WorkMayWaitForWorkThatItHasRun) {
  WorkerPool pool({.max_threads = 2, .max_per_peer = 2});
  absl::Notification done;
  ASSERT_EQ(pool.Run("10.0.0.1",
                     [&] {
                       absl::Notification inner;
                       EXPECT_EQ(pool.Run("10.0.0.1", [&] { inner.Notify(); }), absl::OkStatus());
                       inner.WaitForNotification();
                       done.Notify();
                     }),
            absl::OkStatus());
  done.WaitForNotification();
}

// The thread that it was given was never joined, and the process ended.
TEST(WorkerPool, WorkThatIsRunByOtherWorkIsWaitedForAsWell) {
  std::atomic<int> begun{1}, done{0};
  auto pool = std::make_unique<WorkerPool>(kFour);
  const auto until = std::chrono::steady_clock::now() + milliseconds(100);
  const std::function<void()> work = [&, pool = pool.get()] {
    std::this_thread::sleep_for(milliseconds(5));
    if (std::chrono::steady_clock::now() < until && pool->Run("10.0.0.1", work).ok()) ++begun;
    ++done;
  };
  ASSERT_EQ(pool->Run("10.0.0.1", work), absl::OkStatus());
  pool.reset();
  EXPECT_EQ(done, begun);
}

// As long as it lives, the system has no room for another thread.
class NoMoreThreads {
 public:
  NoMoreThreads() {
    EXPECT_EQ(pthread_getattr_default_np(&before_), 0);
    pthread_attr_t large;
    EXPECT_EQ(pthread_attr_init(&large), 0);
    // Of the stack that each has: the whole address space.
    EXPECT_EQ(pthread_attr_setstacksize(&large, size_t{1} << 47), 0);
    EXPECT_EQ(pthread_setattr_default_np(&large), 0);
    pthread_attr_destroy(&large);
  }
  ~NoMoreThreads() {
    EXPECT_EQ(pthread_setattr_default_np(&before_), 0);
    pthread_attr_destroy(&before_);
  }

 private:
  pthread_attr_t before_;
};

// In a container with few processes, an exception ended the server.
TEST(WorkerPool, WhereTheSystemHasNoMoreThreadsCallsAreRefused) {
  WorkerPool pool(kFour);
  Calls calls(&pool);
  ASSERT_EQ(calls.Begin("10.0.0.1"), absl::OkStatus());
  {
    const NoMoreThreads full;
    for (int i = 0; i < 10; ++i) {
      const absl::Status refused = calls.Begin("10.0.0.1");
      EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
      EXPECT_EQ(refused.message(), "threads that the system allows: limit 1, got 2; try again later");
      EXPECT_EQ(ReasonOf(refused), v1::SERVER_OVERLOADED);
    }
    calls.EndFirst();
    absl::Notification ran;
    RunOnceThereIsRoom(pool, "10.0.0.1", [&] { ran.Notify(); });
    ran.WaitForNotification();
  }
  // What was refused neither counts nor runs.
  Threads threads;
  RunAtOnce(pool, 4, &threads);
  EXPECT_THAT(threads.ids(), SizeIs(4));
}

// How many there are now, and the most that there were.
struct Level {
  std::atomic<int> now{0}, most{0};
  void Enter() {
    const int entered = ++now;
    for (int seen = most; seen < entered && !most.compare_exchange_weak(seen, entered);) continue;
  }
  void Leave() { --now; }
};

TEST(WorkerPool, ManyThreadsAtOnceStayWithinTheLimits) {
  constexpr int kAskers = 8;
  constexpr int kCallsEach = 500;
  constexpr int kPeers = 3;
  constexpr WorkerPool::Options kLimits = {.max_threads = 6, .max_per_peer = 3};
  Level all;
  std::array<Level, kPeers> by_peer;
  std::atomic<int> taken{0}, refused{0}, ran{0};
  {
    WorkerPool pool(kLimits);
    std::vector<std::thread> askers;
    for (int asker = 0; asker < kAskers; ++asker) {
      askers.emplace_back([&, asker] {
        for (int i = 0; i < kCallsEach; ++i) {
          const int peer = (asker + i) % kPeers;
          Level& of_peer = by_peer[static_cast<size_t>(peer)];
          const absl::Status status = pool.Run(absl::StrCat("10.0.0.", peer), [&] {
            all.Enter();
            of_peer.Enter();
            std::this_thread::yield();
            ++ran;
            of_peer.Leave();
            all.Leave();
          });
          ++(status.ok() ? taken : refused);
        }
      });
    }
    for (std::thread& asker : askers) asker.join();
    // None of them counts any more.
    Threads threads;
    RunAtOnce(pool, 6, &threads);
    EXPECT_THAT(threads.ids(), SizeIs(6));
  }
  EXPECT_EQ(taken + refused, kAskers * kCallsEach);
  EXPECT_EQ(ran, taken);
  EXPECT_GE(taken, 1);
  EXPECT_LE(all.most, kLimits.max_threads);
  for (const Level& of_peer : by_peer) EXPECT_LE(of_peer.most, kLimits.max_per_peer);
}

}  // namespace
}  // namespace roicast

#include "server/training/idle_pool.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "server/errors/errors.h"

namespace roicast {
namespace {

const StopCheck kNever = nullptr;

// Computations that run until they are told to end, and note in which order they began.
class Computations {
 public:
  explicit Computations(IdlePool& pool) : pool_(pool) {}
  ~Computations() {
    EndAll();
    for (std::thread& thread : threads_) thread.join();
  }
  // Asks again while there is no room for it.
  void Start(const std::string& peer, const std::string& name) {
    threads_.emplace_back([this, peer, name] {
      absl::Status status;
      do {
        status = pool_.Run(peer, kNever, [&] {
          absl::MutexLock lock(&mutex_);
          began_.push_back(name);
          mutex_.Await(absl::Condition(&ending_));
          return absl::OkStatus();
        });
      } while (absl::IsResourceExhausted(status));
      EXPECT_EQ(status, absl::OkStatus());
    });
  }
  void AwaitBegun(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto begun = [&] { return began_.size() >= count; };
    mutex_.Await(absl::Condition(&begun));
  }
  std::vector<std::string> began() {
    absl::MutexLock lock(&mutex_);
    return began_;
  }
  void EndAll() {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
  }

 private:
  IdlePool& pool_;
  absl::Mutex mutex_;
  std::vector<std::string> began_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

TEST(IdlePool, RunsWorkAtIdlePriorityAndReturnsItsStatus) {
  IdlePool pool({.threads = 1});
  int policy = -1;
  EXPECT_EQ(pool.Run("a", kNever,
                     [&] {
                       policy = sched_getscheduler(0);
                       return absl::NotFoundError("nothing");
                     }),
            absl::NotFoundError("nothing"));
  EXPECT_EQ(policy, SCHED_IDLE);
  EXPECT_NE(sched_getscheduler(0), SCHED_IDLE);
}

TEST(IdlePool, APeerThatHasEnoughWaitsWhileOthersRun) {
  IdlePool pool({.threads = 2, .max_running_per_peer = 1, .max_per_peer = 2, .max_all = 8});
  Computations computations(pool);
  computations.Start("a", "a1");
  computations.AwaitBegun(1);
  computations.Start("a", "a2");
  // As soon as a2 waits, a third one of its peer is refused; before that, it is one that nobody waits for.
  const StopCheck gone = [] { return ClientDisconnected(); };
  absl::Status refused = ClientDisconnected();
  while (refused == ClientDisconnected()) refused = pool.Run("a", gone, [] { return absl::OkStatus(); });
  EXPECT_EQ(refused, ServerOverloaded("long computations of one client", 2, 3));
  computations.Start("b", "b1");
  computations.AwaitBegun(2);
  EXPECT_EQ(computations.began(), (std::vector<std::string>{"a1", "b1"}));
  computations.EndAll();
  computations.AwaitBegun(3);
  EXPECT_EQ(computations.began().back(), "a2");
}

TEST(IdlePool, TheRestOfAllIsRefused) {
  IdlePool pool({.threads = 1, .max_running_per_peer = 1, .max_per_peer = 8, .max_all = 1});
  Computations computations(pool);
  computations.Start("a", "a1");
  computations.AwaitBegun(1);
  EXPECT_EQ(pool.Run("b", kNever, [] { return absl::OkStatus(); }), ServerOverloaded("long computations", 1, 2));
}

TEST(IdlePool, WhatNobodyWaitsForAnyMoreIsNotBegun) {
  IdlePool pool({.threads = 1});
  Computations computations(pool);
  computations.Start("a", "a1");
  computations.AwaitBegun(1);
  bool ran = false;
  const StopCheck gone = [] { return ClientDisconnected(); };
  EXPECT_EQ(pool.Run("b", gone,
                     [&] {
                       ran = true;
                       return absl::OkStatus();
                     }),
            ClientDisconnected());
  computations.EndAll();
  EXPECT_EQ(pool.Run("b", kNever, [] { return absl::OkStatus(); }), absl::OkStatus());
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace roicast

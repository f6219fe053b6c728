#include "base/new_thread.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <future>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"

namespace roicast {
namespace {

// While it lives, there is no room for the stack of another thread; those that the C library keeps are in use.
class NoMoreThreads {
 public:
  NoMoreThreads() {
    getrlimit(RLIMIT_AS, &before_);
    std::ifstream file("/proc/self/statm");
    rlim_t pages = 0;
    file >> pages;
    const rlimit low = {pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + (rlim_t{1} << 20), before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_AS, &low), 0);
    threads_.reserve(kMost);
    while (threads_.size() < kMost && AddThread(threads_, [this] { end_.WaitForNotification(); })) continue;
    EXPECT_LT(threads_.size(), kMost);
  }
  ~NoMoreThreads() {
    setrlimit(RLIMIT_AS, &before_);
    end_.Notify();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  static constexpr size_t kMost = 100;
  rlimit before_{};
  absl::Notification end_;
  std::vector<std::thread> threads_;
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SKIP_UNDER_SANITIZERS GTEST_SKIP() << "sanitizers need more address space than a limit leaves"
#else
#define SKIP_UNDER_SANITIZERS static_cast<void>(0)
#endif

TEST(NewThread, RunsWork) {
  std::atomic<int> runs{0};
  std::vector<std::thread> threads;
  EXPECT_TRUE(AddThread(threads, [&runs] { ++runs; }));
  for (std::thread& thread : threads) thread.join();
  std::future<void> running;
  EXPECT_TRUE(RunAsync([&runs] { ++runs; }, running));
  running.wait();
  RunAsyncOrNow([&runs] { ++runs; }).wait();
  EXPECT_EQ(runs, 3);
}

TEST(NewThread, IsRefusedWhereTheSystemAllowsNoMore) {
  SKIP_UNDER_SANITIZERS;
  std::atomic<int> runs{0};
  std::vector<std::thread> threads;
  std::future<void> running;
  {
    const NoMoreThreads limit;
    EXPECT_FALSE(AddThread(threads, [&runs] { ++runs; }));
    EXPECT_FALSE(RunAsync([&runs] { ++runs; }, running));
  }
  EXPECT_TRUE(threads.empty());
  EXPECT_FALSE(running.valid());
  EXPECT_EQ(runs, 0);
}

TEST(NewThread, WhatMustBeDoneIsDoneWithoutOne) {
  SKIP_UNDER_SANITIZERS;
  std::atomic<int> runs{0};
  std::future<void> running;
  {
    const NoMoreThreads limit;
    running = RunAsyncOrNow([&runs] { ++runs; });
    EXPECT_EQ(runs, 1) << "before it returns";
  }
  EXPECT_EQ(running.wait_for(std::chrono::seconds(0)), std::future_status::ready);
}

}  // namespace
}  // namespace roicast

#include "server/serving/compute_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"

namespace roicast {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

// Counts how often each index was in a range.
class Visits {
 public:
  explicit Visits(int64_t size) : counts_(static_cast<size_t>(size)) {}
  void Add(int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) counts_[static_cast<size_t>(i)].fetch_add(1);
  }
  std::vector<int> counts() const { return {counts_.begin(), counts_.end()}; }

 private:
  std::vector<std::atomic<int>> counts_;
};

// Keeps all threads of a pool busy until it is let go.
class Blocker {
 public:
  Blocker(ComputePool& pool, int threads) : started_(threads) {
    for (int i = 0; i < threads; ++i) {
      EXPECT_TRUE(pool.Submit([this] {
                        started_.DecrementCount();
                        go_.WaitForNotification();
                      })
                      .ok());
    }
    started_.Wait();
  }
  void Release() { go_.Notify(); }

 private:
  absl::BlockingCounter started_;
  absl::Notification go_;
};

TEST(ComputePool, ParallelForCoversEachIndexOnce) {
  ComputePool pool({.threads = 3});
  for (const int64_t count : {int64_t{0}, int64_t{1}, int64_t{7}, int64_t{8}, int64_t{1000}}) {
    Visits visits(count);
    pool.ParallelFor(count, 8, [&](int64_t begin, int64_t end) {
      EXPECT_LE(end - begin, 8);
      visits.Add(begin, end);
    });
    EXPECT_THAT(visits.counts(), Each(1)) << count;
  }
}

TEST(ComputePool, ParallelForNeedsNoIdleThread) {
  ComputePool pool({.threads = 2});
  Blocker blocker(pool, 2);
  Visits visits(100);
  pool.ParallelFor(100, 8, [&](int64_t begin, int64_t end) { visits.Add(begin, end); });
  EXPECT_THAT(visits.counts(), Each(1));
  blocker.Release();
}

TEST(ComputePool, StartParallelForCoversEachIndexOnceAndThenCallsDoneOnce) {
  ComputePool pool({.threads = 3});
  for (int round = 0; round < 2000; ++round) {
    const int64_t count = 1 + round % 60;
    Visits visits(count);
    std::atomic<int64_t> worked{0};
    std::atomic<int> dones{0};
    absl::Notification ended;
    ASSERT_TRUE(pool.StartParallelFor(
                        count, 8, round % 4,
                        [&](int64_t begin, int64_t end) {
                          visits.Add(begin, end);
                          worked += end - begin;
                        },
                        [&] {
                          EXPECT_EQ(worked, count);
                          ++dones;
                          ended.Notify();
                        })
                    .ok());
    ended.WaitForNotification();
    ASSERT_THAT(visits.counts(), Each(1));
    ASSERT_EQ(dones, 1);
  }
}

TEST(ComputePool, StartParallelForLeavesTheWorkToThePoolIfAllThreadsAreBusy) {
  ComputePool pool({.threads = 2});
  Blocker blocker(pool, 2);
  std::atomic<int> ranges{0};
  absl::Notification ended;
  ASSERT_TRUE(pool.StartParallelFor(
                      64, 8, 3, [&](int64_t, int64_t) { ++ranges; }, [&] { ended.Notify(); })
                  .ok());
  EXPECT_EQ(ranges, 0);
  blocker.Release();
  ended.WaitForNotification();
  EXPECT_EQ(ranges, 8);
}

TEST(ComputePool, WorkBeyondTheLimitIsRefusedWithLimitAndValue) {
  ComputePool pool({.threads = 2, .max_waiting = 2});
  Blocker blocker(pool, 2);
  std::atomic<int> ran{0};
  // Its second thread does not count as a batch of its own.
  ASSERT_TRUE(pool.StartParallelFor(
                      16, 8, 3, [](int64_t, int64_t) {}, [&] { ++ran; })
                  .ok());
  ASSERT_TRUE(pool.Submit([&] { ++ran; }).ok());
  const absl::Status third = pool.Submit([&] { ++ran; });
  EXPECT_TRUE(absl::IsResourceExhausted(third));
  EXPECT_THAT(std::string(third.message()), HasSubstr("compute tasks waiting: limit 2, got 3"));
  EXPECT_TRUE(absl::IsResourceExhausted(pool.StartParallelFor(
      16, 8, 3, [](int64_t, int64_t) {}, [&] { ++ran; })));
  blocker.Release();
  absl::Notification ended;
  while (!pool.Submit([&] { ended.Notify(); }).ok()) std::this_thread::yield();
  ended.WaitForNotification();
}

TEST(ComputePool, WhatIsQueuedRunsBeforeThePoolEnds) {
  std::atomic<int> ran{0};
  {
    ComputePool pool({.threads = 2});
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(pool.Submit([&] { ++ran; }).ok());
    ASSERT_TRUE(pool.StartParallelFor(
                        100, 1, 3, [](int64_t, int64_t) {}, [&] { ++ran; })
                    .ok());
  }
  EXPECT_EQ(ran, 101);
}

}  // namespace
}  // namespace roicast

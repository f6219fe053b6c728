#include "server/serving/compute_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "server/errors/errors.h"

namespace roicast {
namespace {

using ::testing::AnyOf;
using ::testing::Each;
using ::testing::ElementsAre;
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
      EXPECT_TRUE(pool.Submit("a",
                              [this] {
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
    // ThreadSanitizer sees into it, unlike a notification of the packaged Abseil.
    std::latch ended(1);
    ASSERT_TRUE(pool.StartParallelFor(
                        "a", count, 8, round % 4,
                        [&](int64_t begin, int64_t end) {
                          visits.Add(begin, end);
                          worked += end - begin;
                        },
                        [&] {
                          EXPECT_EQ(worked, count);
                          ++dones;
                          ended.count_down();
                        })
                    .ok());
    ended.wait();
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
                      "a", 64, 8, 3, [&](int64_t, int64_t) { ++ranges; }, [&] { ended.Notify(); })
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
                      "a", 16, 8, 3, [](int64_t, int64_t) {}, [&] { ++ran; })
                  .ok());
  ASSERT_TRUE(pool.Submit("a", [&] { ++ran; }).ok());
  const absl::Status third = pool.Submit("a", [&] { ++ran; });
  EXPECT_TRUE(absl::IsResourceExhausted(third));
  EXPECT_THAT(std::string(third.message()), HasSubstr("compute tasks waiting: limit 2, got 3"));
  EXPECT_TRUE(absl::IsResourceExhausted(pool.StartParallelFor(
      "a", 16, 8, 3, [](int64_t, int64_t) {}, [&] { ++ran; })));
  blocker.Release();
  absl::Notification ended;
  while (!pool.Submit("a", [&] { ended.Notify(); }).ok()) std::this_thread::yield();
  ended.WaitForNotification();
}

TEST(ComputePool, WhatIsQueuedRunsBeforeThePoolEnds) {
  std::atomic<int> ran{0};
  {
    ComputePool pool({.threads = 2});
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(pool.Submit("a", [&] { ++ran; }).ok());
    ASSERT_TRUE(pool.StartParallelFor(
                        "a", 100, 1, 3, [](int64_t, int64_t) {}, [&] { ++ran; })
                    .ok());
  }
  EXPECT_EQ(ran, 101);
}

// Records what ran, in order.
class Journal {
 public:
  std::function<void()> Entry(const std::string& name) {
    return [this, name] { Add(name); };
  }
  void Add(const std::string& name) {
    absl::MutexLock lock(&mutex_);
    names_.push_back(name);
  }
  // Waits until there are so many.
  std::vector<std::string> Await(size_t size) {
    absl::MutexLock lock(&mutex_);
    const auto complete = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return names_.size() >= size; };
    mutex_.Await(absl::Condition(&complete));
    return names_;
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::string> names_ ABSL_GUARDED_BY(mutex_);
};

TEST(ComputePool, AddressesHaveTheirTurns) {
  Journal journal;
  ComputePool pool({.threads = 1});
  Blocker blocker(pool, 1);
  for (const char* name : {"a1", "a2", "a3", "b1", "b2", "c1"}) {
    ASSERT_TRUE(pool.Submit(std::string(name, 1), journal.Entry(name)).ok());
  }
  blocker.Release();
  EXPECT_THAT(journal.Await(6), ElementsAre("a1", "b1", "c1", "a2", "b2", "a3"));
}

// A batch of another address waited for all large ones before it.
TEST(ComputePool, WorkOnRangesGivesWayToAnotherAddressAfterEachRange) {
  Journal journal;
  ComputePool pool({.threads = 1});
  ASSERT_TRUE(pool.StartParallelFor(
                      "a", 4, 1, 0,
                      [&](int64_t begin, int64_t) {
                        journal.Add(absl::StrCat("range ", begin));
                        if (begin == 0) {
                          EXPECT_TRUE(pool.Submit("a", journal.Entry("of the same address")).ok());
                        } else if (begin == 1) {
                          EXPECT_TRUE(pool.Submit("b", journal.Entry("of another")).ok());
                        }
                      },
                      journal.Entry("done"))
                  .ok());
  // The address is in the queue itself, and may have one turn more.
  EXPECT_THAT(
      journal.Await(7),
      AnyOf(ElementsAre("range 0", "range 1", "of another", "range 2", "range 3", "done", "of the same address"),
            ElementsAre("range 0", "range 1", "range 2", "of another", "range 3", "done", "of the same address")));
}

TEST(ComputePool, WorkThatGaveWayCoversEachIndexOnceAndThenCallsDoneOnce) {
  ComputePool pool({.threads = 2});
  for (int round = 0; round < 300; ++round) {
    Visits visits(200);
    std::atomic<int> dones{0};
    absl::BlockingCounter ended(3);
    const auto start = [&](absl::string_view peer, int64_t grain, const std::function<void(int64_t, int64_t)>& body) {
      return pool.StartParallelFor(peer, 200, grain, 0, body, [&] {
        ++dones;
        ended.DecrementCount();
      });
    };
    ASSERT_TRUE(start("a", 1, [&](int64_t begin, int64_t end) { visits.Add(begin, end); }).ok());
    ASSERT_TRUE(start("b", 7, [](int64_t, int64_t) {}).ok());
    ASSERT_TRUE(start("c", 3, [](int64_t, int64_t) {}).ok());
    ended.Wait();
    ASSERT_THAT(visits.counts(), Each(1));
    ASSERT_EQ(dones, 3);
  }
}

TEST(ComputePool, TheRestOfATaskGoesBeforeWhatWaitsForItsAddress) {
  Journal journal;
  ComputePool pool({.threads = 1});
  Blocker blocker(pool, 1);
  ASSERT_TRUE(pool.Submit("a",
                          [&] {
                            pool.ContinueWithParallelFor(
                                "a", 2, 1, [&](int64_t begin, int64_t) { journal.Add(absl::StrCat("range ", begin)); },
                                journal.Entry("done"));
                            journal.Add("task");
                          })
                  .ok());
  ASSERT_TRUE(pool.Submit("a", journal.Entry("next")).ok());
  blocker.Release();
  EXPECT_THAT(journal.Await(5), ElementsAre("task", "range 0", "range 1", "done", "next"));
}

// One address may have all places, and still leaves some to others.
TEST(ComputePool, AnAddressWithFewTasksHasAPlaceWhenAllAreTaken) {
  ComputePool pool({.threads = 1, .max_waiting = 8});
  Blocker blocker(pool, 1);
  const auto submit = [&](absl::string_view peer) { return pool.Submit(peer, [] {}); };
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(submit("a").ok());
  EXPECT_EQ(submit("a"), ServerOverloaded("compute tasks waiting", 8, 9));
  for (const char* peer : {"b", "c", "d", "e"}) {
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(submit(peer).ok()) << peer;
    EXPECT_TRUE(absl::IsResourceExhausted(submit(peer))) << peer;
  }
  EXPECT_EQ(submit("f"), ServerOverloaded("compute tasks waiting", 8, 17)) << "twice as many wait";
  blocker.Release();
  absl::Notification ended;
  while (!pool.Submit("a", [&] { ended.Notify(); }).ok()) std::this_thread::yield();
  ended.WaitForNotification();
}

}  // namespace
}  // namespace roicast

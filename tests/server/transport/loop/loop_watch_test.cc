#include "server/transport/loop/loop_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>

#include "absl/synchronization/notification.h"

namespace roicast {
namespace {

using Clock = EventLoop::Clock;

class LoopWatchTest : public ::testing::Test {
 protected:
  LoopWatchTest() {
    EXPECT_TRUE(loops_.Make().ok());
    loops_.Start();
  }
  ~LoopWatchTest() override { loops_.Shutdown(); }
  // Until all that was posted before has run.
  void Settle() {
    loops_.RunOnEachAndWait([](int) {});
  }

  std::atomic<int64_t> lag_{0};
  LoopThreads loops_{2};
  LoopWatch watch_{&loops_, &lag_};
};

TEST_F(LoopWatchTest, LagIsFromTheQuestionToTheAnswer) {
  // Asked an hour ago, as far as it knows.
  const auto begin = Clock::now() - std::chrono::hours(1);
  EXPECT_TRUE(watch_.Ask(begin));
  Settle();
  const int64_t hour = std::chrono::nanoseconds(std::chrono::hours(1)).count();
  EXPECT_GE(lag_, hour);
  EXPECT_LE(lag_, hour + (Clock::now() - begin - std::chrono::hours(1)) / std::chrono::nanoseconds(1));
  EXPECT_TRUE(watch_.Ask());
  Settle();
  EXPECT_LT(lag_, hour) << "of the last question only";
}

TEST_F(LoopWatchTest, ALoopThatDoesNotAnswerLagsMoreAndMore) {
  absl::Notification held, go;
  RunOnLoop(loops_.loop(1), [&] {
    held.Notify();
    go.WaitForNotification();
  });
  held.WaitForNotification();
  const auto begin = Clock::now();
  EXPECT_TRUE(watch_.Ask(begin));
  EXPECT_FALSE(watch_.Ask(begin + std::chrono::seconds(100)));
  EXPECT_EQ(lag_, std::chrono::nanoseconds(std::chrono::seconds(100)).count());
  EXPECT_FALSE(watch_.Ask(begin + std::chrono::seconds(200)));
  EXPECT_EQ(lag_, std::chrono::nanoseconds(std::chrono::seconds(200)).count());
  go.Notify();
  Settle();
  EXPECT_LT(lag_, std::chrono::nanoseconds(std::chrono::seconds(100)).count());
  EXPECT_TRUE(watch_.Ask());
}

}  // namespace
}  // namespace roicast

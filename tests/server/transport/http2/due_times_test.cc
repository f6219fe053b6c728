#include "server/transport/http2/due_times.h"

#include <gtest/gtest.h>

#include <chrono>

namespace roicast {
namespace {

using std::chrono::seconds;

TEST(DueTimes, TheEarliestThatHasNotComeIsNext) {
  const DueTimes::TimePoint now{seconds(100)};
  DueTimes::TimePoint next;
  DueTimes times(now, &next);
  EXPECT_EQ(next, DueTimes::TimePoint::max());
  EXPECT_TRUE(times.HasCome(now));
  EXPECT_TRUE(times.HasCome(now - seconds(1)));
  EXPECT_EQ(next, DueTimes::TimePoint::max());
  EXPECT_FALSE(times.HasCome(now + seconds(3)));
  EXPECT_FALSE(times.HasCome(now + seconds(2)));
  EXPECT_FALSE(times.HasCome(now + seconds(4)));
  EXPECT_EQ(next, now + seconds(2));
  times.AskAt(now + seconds(1));
  EXPECT_EQ(next, now + seconds(1));
}

}  // namespace
}  // namespace roicast

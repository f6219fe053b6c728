#include "server/transport/tls/message_budget.h"

#include <gtest/gtest.h>

namespace roicast {
namespace {

TEST(MessageBudget, EachSecondHasItsOwn) {
  EventLoop::Clock::time_point now{std::chrono::hours(1)};
  MessageBudget budget;
  for (int second = 0; second < 3; ++second) {
    EXPECT_TRUE(budget.Take(2, now));
    EXPECT_TRUE(budget.Take(2, now + std::chrono::milliseconds(999)));
    EXPECT_FALSE(budget.Take(2, now + std::chrono::milliseconds(999)));
    now += std::chrono::seconds(1);
  }
}

}  // namespace
}  // namespace roicast

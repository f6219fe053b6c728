#include "server/telemetry/line_limit.h"

#include <gtest/gtest.h>

namespace roicast {
namespace {

TEST(LineLimit, TakesSoManyLinesASecondAndCountsTheRest) {
  LineLimit limit(2);
  EXPECT_TRUE(limit.Take(100));
  EXPECT_TRUE(limit.Take(100));
  EXPECT_FALSE(limit.Take(100));
  EXPECT_FALSE(limit.Take(100));
  EXPECT_TRUE(limit.Take(101));
  EXPECT_EQ(limit.TakeSuppressed(), 2);
  EXPECT_EQ(limit.TakeSuppressed(), 0);
}

}  // namespace
}  // namespace roicast

#include "base/number_range.h"

#include <gtest/gtest.h>

#include <cmath>

namespace roicast {
namespace {

TEST(NumberRange, SaysWhatWasExpectedAndWhatCame) {
  const NumberRange range{1, 256};
  EXPECT_EQ(range.Check("connections", 1), absl::OkStatus());
  EXPECT_EQ(range.Check("connections", 256), absl::OkStatus());
  EXPECT_EQ(range.Check("connections", 300), absl::InvalidArgumentError("connections: expected 1 to 256, got 300"));
  EXPECT_EQ(range.Check("noise", std::nan("")), absl::InvalidArgumentError("noise: expected 1 to 256, got nan"));
  EXPECT_EQ((NumberRange{0, 0.9}.Check("share", 0.95)),
            absl::InvalidArgumentError("share: expected 0 to 0.9, got 0.95"));
}

TEST(NumberRange, WritesWholeNumbersInFull) {
  EXPECT_EQ((NumberRange{1, 1e7}.ToString()), "1 to 10000000");
  EXPECT_EQ((NumberRange{1024, 2147483647}.ToString()), "1024 to 2147483647");
  EXPECT_EQ(NumberRange{1}.ToString(), "at least 1");
}

}  // namespace
}  // namespace roicast

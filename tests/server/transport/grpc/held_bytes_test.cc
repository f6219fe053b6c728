#include <gtest/gtest.h>

#include "server/transport/grpc/server_call.h"

namespace roicast {
namespace {

CallOptions Limits(int64_t max_bytes_held, int64_t spare_bytes) {
  CallOptions options;
  options.max_bytes_held = max_bytes_held;
  options.spare_bytes = spare_bytes;
  return options;
}

TEST(MayHold, OneAddressMayHoldEverythingAndNoMore) {
  const CallOptions options = Limits(144, 64);
  EXPECT_TRUE(MayHold(options, 144, 144));
  EXPECT_FALSE(MayHold(options, 145, 145));
}

// One address that held all of it kept everybody else's batches out.
TEST(MayHold, AnotherAddressHasItsPartWhenEverythingIsHeld) {
  const CallOptions options = Limits(144, 64);
  EXPECT_TRUE(MayHold(options, 64, 144 + 64));
  EXPECT_FALSE(MayHold(options, 65, 144 + 10)) << "more than its part";
  EXPECT_FALSE(MayHold(options, 10, 144 + 65)) << "others have all the parts";
}

TEST(MayHold, WithoutPartsTheLimitIsForAll) {
  const CallOptions options = Limits(144, 0);
  EXPECT_TRUE(MayHold(options, 1, 144));
  EXPECT_FALSE(MayHold(options, 1, 145));
}

}  // namespace
}  // namespace roicast

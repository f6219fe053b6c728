#include "server/transport/http2/http2_limits.h"

#include <gtest/gtest.h>

namespace roicast {
namespace {

Http2Limits Limits(int64_t in_all, int64_t spare) {
  Http2Limits limits;
  limits.max_streams_in_all = in_all;
  limits.spare_streams_per_peer = spare;
  return limits;
}

TEST(MayHaveStreams, UpToTheLimitAnybodyMay) {
  const Http2Limits limits = Limits(1000, 64);
  EXPECT_TRUE(MayHaveStreams(limits, 1000, 1000));
  EXPECT_FALSE(MayHaveStreams(limits, 1001, 1001));
}

TEST(MayHaveStreams, BeyondItWhoHasFewMay) {
  const Http2Limits limits = Limits(1000, 64);
  EXPECT_TRUE(MayHaveStreams(limits, 64, 2000));
  EXPECT_FALSE(MayHaveStreams(limits, 65, 1001)) << "more than its part";
  EXPECT_FALSE(MayHaveStreams(limits, 1, 2001)) << "others have all the parts";
}

TEST(MayHaveStreams, ThereIsNoLimitByDefault) {
  EXPECT_TRUE(MayHaveStreams(Http2Limits(), 1000000, std::numeric_limits<int64_t>::max() / 2));
}

}  // namespace
}  // namespace roicast

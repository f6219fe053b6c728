#include "server/process_settings.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>

namespace roicast {
namespace {

TEST(ProcessSettings, DescriptorsAreRaisedToTheHardLimit) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low = {std::min<rlim_t>(before.rlim_max, 64), before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(DescriptorLimit(), static_cast<int64_t>(low.rlim_cur));
  RaiseDescriptorLimit();
  EXPECT_EQ(DescriptorLimit(), static_cast<int64_t>(std::min<rlim_t>(before.rlim_max, 1000000)));
  rlimit raised{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &raised), 0);
  EXPECT_EQ(raised.rlim_cur, before.rlim_max);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

}  // namespace
}  // namespace roicast

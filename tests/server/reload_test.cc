#include "server/reload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace roicast {
namespace {

TEST(Reload, TakesOverWhatARunningServerCanChange) {
  ServerOptions running, wanted;
  wanted.log_level = LogLevel::kDebug;
  wanted.access_log_every = 100;
  wanted.lame_duck = absl::Seconds(1);
  wanted.drain_timeout = absl::Seconds(2);
  wanted.max_store_bytes = 1 << 20;
  wanted.max_models = 7;
  wanted.max_versions = 0;
  const std::vector<FlagChange> changes = ApplyReload(wanted, running);
  ASSERT_EQ(changes.size(), 7u);
  for (const FlagChange& change : changes) EXPECT_TRUE(change.applied) << change.flag;
  EXPECT_EQ(changes[5].flag, "log_level");
  EXPECT_EQ(changes[5].from, "info");
  EXPECT_EQ(changes[5].to, "debug");
  EXPECT_EQ(running.Effective(), wanted.Effective());
}

TEST(Reload, ReportsWhatNeedsARestartAndLeavesIt) {
  ServerOptions running, wanted;
  wanted.max_in_flight = 10;
  const std::vector<FlagChange> changes = ApplyReload(wanted, running);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].flag, "max_in_flight");
  EXPECT_EQ(changes[0].from, "4096");
  EXPECT_EQ(changes[0].to, "10");
  EXPECT_FALSE(changes[0].applied);
  EXPECT_EQ(running.max_in_flight, 4096);
}

TEST(Reload, SameFlagsChangeNothing) {
  ServerOptions running;
  EXPECT_TRUE(ApplyReload(ServerOptions{}, running).empty());
}

}  // namespace
}  // namespace roicast

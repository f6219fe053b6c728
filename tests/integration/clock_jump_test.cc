// The wall clock is set back while the server stops: it waited for an hour.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <fstream>
#include <memory>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "tests/integration/fixture.h"

namespace roicast::testing {
namespace {

using ::testing::HasSubstr;

TEST(ClockJump, AShutdownEndsInTimeWhenTheWallClockIsSetBack) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the sanitizer's runtime wants to be the first library, and so does the shifted clock";
#endif
  const TempDir folder;
  const std::string clock_file = folder.File("an-hour-behind");
  ::setenv("LD_PRELOAD", ROICAST_SHIFTED_CLOCK, 1);
  ::setenv("ROICAST_TEST_CLOCK", clock_file.c_str(), 1);
  auto server = ServerProcess::Start(folder.File("store"), {"--drain_timeout", "2s"});
  ::unsetenv("LD_PRELOAD");
  ::unsetenv("ROICAST_TEST_CLOCK");
  ASSERT_TRUE(server.ok()) << server.status();
  Api api(server->NewChannel());
  // A call that does not end keeps its connection open until the deadline of the drain.
  grpc::ClientContext context;
  v1::Dataset dataset;
  const auto upload = api.training().UploadDataset(&context, &dataset);
  v1::UploadDatasetRequest header;
  header.mutable_header()->set_display_name("never finished");
  ASSERT_TRUE(upload->Write(header));
  server->process().Signal(SIGTERM);
  while (!absl::StrContains(server->log(), "info draining")) {
    ASSERT_TRUE(server->process().running());
    absl::SleepFor(absl::Milliseconds(5));
  }
  std::ofstream(clock_file) << "x";
  const absl::StatusOr<int> code = server->process().Wait(absl::Seconds(60));
  ASSERT_TRUE(code.ok()) << code.status();
  EXPECT_EQ(*code, 0);
  context.TryCancel();
  upload->Finish();
}

}  // namespace
}  // namespace roicast::testing

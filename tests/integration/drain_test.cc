// How the real server tells its clients to go.
#include <gtest/gtest.h>
#include <signal.h>

#include <optional>

#include "tests/integration/fixture.h"
#include "tests/server/transport/grpc/raw_http2_client.h"

namespace roicast::testing {
namespace {

TEST(Drain, AtTheStopEachCallThatIsTakenIsAnswered) {
  const TempDir folder;
  auto server = ServerProcess::Start(folder.File("store"), {"--lame_duck", "0s"});
  ASSERT_TRUE(server.ok()) << server.status();
  RawHttp2Client client(server->grpc_port());
  client.Call(1, "/grpc.health.v1.Health/Check");
  EXPECT_EQ(client.StatusOf(1), "0");
  server->process().Signal(SIGTERM);
  const auto notice = client.NextOf(NGHTTP2_GOAWAY);
  ASSERT_TRUE(notice.has_value());
  EXPECT_EQ(NumberOf(notice->body), 0x7fffffffU) << "no call is refused yet";
  client.Call(3, "/roicast.v1.PredictionService/Predict");
  const auto goaway = client.NextOf(NGHTTP2_GOAWAY);
  ASSERT_TRUE(goaway.has_value());
  while (client.Next().has_value()) continue;
  // On a busy machine the notice may be over before the call comes.
  if (const uint32_t last = NumberOf(goaway->body); last == 3) {
    EXPECT_EQ(client.statuses().at(3), "14");
  } else {
    EXPECT_EQ(last, 1u);
    EXPECT_EQ(client.statuses().count(3), 0u);
  }
  const auto code = server->process().Wait(absl::Seconds(60));
  ASSERT_TRUE(code.ok()) << code.status();
  EXPECT_EQ(*code, 0) << server->log();
}

}  // namespace
}  // namespace roicast::testing

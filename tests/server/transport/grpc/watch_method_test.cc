#include "server/transport/grpc/watch_method.h"

#include <gtest/gtest.h>

#include <string>

#include "server/transport/transport_server.h"
#include "tests/server/transport/grpc/raw_http2_client.h"

namespace roicast {
namespace {

TEST(WatchMethod, AClientThatDoesNotReadWhatItWatchesIsEndedAndCounted) {
  TransportMetrics metrics;
  TransportServer server({.listen = {"127.0.0.1:0"}}, &metrics);
  WatchMethod method([](WatchCall& call) { call.Push(std::string(size_t{65} << 10, 'x')); }, &server.loops(), {});
  server.grpc().Add("/test/Watch", &method);
  ASSERT_EQ(server.Start(), absl::OkStatus());
  {
    testing::RawHttp2Client client(server.port());
    client.Call(1, "/test/Watch");
    EXPECT_EQ(client.StatusOf(1), "8");
  }
  EXPECT_EQ(metrics.count(Cut::kWrite), 1);
  server.Shutdown(absl::Seconds(60));
}

}  // namespace
}  // namespace roicast

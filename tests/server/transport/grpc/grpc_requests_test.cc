#include "server/transport/grpc/grpc_requests.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "server/transport/grpc/blocking_method.h"
#include "server/transport/transport_server.h"
#include "tests/server/transport/grpc/raw_http2_client.h"

namespace roicast {
namespace {

// Such calls were in no metric of their method, because it did not hear of them.
TEST(GrpcRequests, ACallWithHeadersThatAreNotGrpcsIsACallOfItsMethod) {
  TransportMetrics metrics;
  absl::Mutex mutex;
  std::vector<absl::Status> heard;
  int broken = 0;
  WorkerPool pool{WorkerPool::Options()};
  BlockingMethod method(
      [&](BlockingCall& call) {
        std::string request;
        if (call.Read(&request)) return absl::OkStatus();
        absl::MutexLock lock(&mutex);
        heard.push_back(call.ReadError());
        if (call.message_broken()) ++broken;
        return call.ReadError();
      },
      &pool, {});
  TransportServer server({.listen = {"127.0.0.1:0"}}, &metrics);
  server.grpc().Add("/test/Method", &method);
  ASSERT_EQ(server.Start(), absl::OkStatus());
  {
    testing::RawHttp2Client client(server.port());
    client.Call(1, "/test/Method", {{"te", ""}});
    EXPECT_EQ(client.StatusOf(1), "13");
    client.Call(3, "/test/Method", {{"grpc-timeout", "soon"}});
    EXPECT_EQ(client.StatusOf(3), "13");
    client.Call(5, "/test/Method", {{"grpc-encoding", "br"}});
    EXPECT_EQ(client.StatusOf(5), "12");
    client.Call(7, "/test/Method", {{"grpc-encoding", "identity"}, {"grpc-timeout", "1H"}});
    EXPECT_EQ(client.StatusOf(7), "0");
    client.Call(9, "/test/Other", {{"te", ""}});
    EXPECT_EQ(client.StatusOf(9), "13");
    client.Call(11, "/test/Other");
    EXPECT_EQ(client.StatusOf(11), "12");
  }
  server.Shutdown(absl::Seconds(60));
  absl::MutexLock lock(&mutex);
  EXPECT_EQ(heard, (std::vector<absl::Status>{
                       absl::InternalError("expected the header te: trailers"),
                       absl::InternalError("grpc-timeout: expected digits and a unit such as 50m, got soon"),
                       absl::UnimplementedError("grpc-encoding: expected identity or gzip, got br")}));
  EXPECT_EQ(broken, 2);
  EXPECT_EQ(metrics.count(Cut::kBrokenMessage), 2);
}

}  // namespace
}  // namespace roicast

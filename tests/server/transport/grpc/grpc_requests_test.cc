#include "server/transport/grpc/grpc_requests.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

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

// nghttp2 counted each read that ended in the head of a CONTINUATION as one more of them, and ended the connection
// after eight.
TEST(GrpcRequests, HeadersAreReadHoweverTheNetworkCutsThemUp) {
  constexpr size_t kParts = 9;
  TransportMetrics metrics;
  WorkerPool pool{WorkerPool::Options()};
  BlockingMethod method([](BlockingCall&) { return absl::OkStatus(); }, &pool, {});
  TransportServer server({.listen = {"127.0.0.1:0"}}, &metrics);
  server.grpc().Add("/test/Method", &method);
  ASSERT_EQ(server.Start(), absl::OkStatus());
  {
    testing::RawHttp2Client client(server.port());
    client.AwaitPing();
    const std::string block = testing::RawHttp2Client::BlockOf("/test/Method");
    std::string frames;
    for (size_t part = 0; part < kParts; ++part) {
      const size_t begin = block.size() * part / kParts;
      frames += testing::RawHttp2Client::FrameBytes(part == 0 ? NGHTTP2_HEADERS : NGHTTP2_CONTINUATION,
                                                    part + 1 == kParts ? NGHTTP2_FLAG_END_HEADERS : NGHTTP2_FLAG_NONE,
                                                    1, block.substr(begin, block.size() * (part + 1) / kParts - begin));
    }
    int64_t received = metrics.bytes_received;
    for (const char byte : frames) {
      client.Write({&byte, 1});
      ++received;
      while (metrics.bytes_received < received && metrics.connections > 0) std::this_thread::yield();
    }
    client.Send(NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, std::string(5, '\0'));
    EXPECT_EQ(client.StatusOf(1), "0");
  }
  server.Shutdown(absl::Seconds(60));
  EXPECT_EQ(metrics.count(Cut::kProtocol), 0);
}

}  // namespace
}  // namespace roicast

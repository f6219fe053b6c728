#include "client/channel.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/prediction_client.h"
#include "tests/client/fake_server.h"

namespace roicast::client {
namespace {

TEST(ChannelPool, EachChannelHasAConnectionOfItsOwn) {
  testing::FakeServer server;
  std::mutex mutex;
  std::set<std::string> peers;
  server.on_predict = [&](grpc::ServerContext* context, const v1::PredictRequest&, v1::PredictResponse*) {
    const std::lock_guard<std::mutex> lock(mutex);
    peers.insert(context->peer());
    return grpc::Status::OK;
  };
  server.Start();
  ChannelOptions options;
  options.target = server.target();
  options.connections = 3;
  const auto channels = ChannelPool::Create(options);
  ASSERT_TRUE(channels.ok());
  const PredictionClient client(*channels);
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(client.Predict(v1::Campaign()).ok());
  EXPECT_EQ(peers.size(), 3u);
}

// A busy machine, or a distant one, takes longer than a tenth of a second to shake hands. The channel gave up by then.
TEST(ChannelPool, WaitsForASlowHandshakeUntilTheCallsDeadline) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_GE(listener, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  // Connections are made, and nothing is ever said on them.
  ASSERT_EQ(listen(listener, 16), 0);
  ChannelOptions options;
  options.target = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
  CallOptions call;
  call.timeout = absl::Seconds(2);
  const PredictionClient client(*ChannelPool::Create(options), call);
  EXPECT_EQ(client.Predict(v1::Campaign()).status().code(), absl::StatusCode::kDeadlineExceeded);
  close(listener);
}

TEST(ChannelPool, FilesOfRootsHaveToHaveSome) {
  ChannelOptions options;
  options.tls_ca = "/nowhere/roots";
  EXPECT_EQ(ChannelPool::Create(options).status(),
            absl::NotFoundError("tls_ca: cannot read /nowhere/roots: No such file or directory"));
  options.tls_ca = "/proc/version";
  EXPECT_EQ(ChannelPool::Create(options).status(),
            absl::InvalidArgumentError("tls_ca: /proc/version: expected certificates in PEM, got none"));
}

TEST(ChannelPool, RefusesImpossibleOptions) {
  ChannelOptions options;
  options.connections = 0;
  EXPECT_EQ(ChannelPool::Create(options).status(), absl::InvalidArgumentError("connections: expected 1 to 256, got 0"));
  options = {};
  options.target = "";
  EXPECT_EQ(ChannelPool::Create(options).status(),
            absl::InvalidArgumentError("target: expected host:port, got nothing"));
}

}  // namespace
}  // namespace roicast::client

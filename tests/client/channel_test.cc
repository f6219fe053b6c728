#include "client/channel.h"

#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <string>

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

// A server that listens on several addresses: TCP and Unix sockets.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/integration/fixture.h"

namespace roicast::testing {
namespace {

using ::testing::HasSubstr;

class Listen : public ::testing::Test {
 protected:
  absl::StatusOr<ServerProcess> Start(const std::string& listen) {
    return ServerProcess::Start(folder_.File("store"), {"--listen", listen});
  }
  static absl::StatusOr<float> Predict(const std::string& target) {
    Api api(grpc::CreateChannel(target, grpc::InsecureChannelCredentials()));
    v1::PredictRequest request;
    *request.mutable_campaign() = SomeCampaign();
    const auto response = api.Predict(request);
    if (!response.ok()) return response.status();
    return response->roi();
  }

  const TempDir folder_;
  const std::string socket_ = folder_.File("s");
  const std::string unix_ = "unix:" + socket_;
};

TEST_F(Listen, EachAddressAnswers) {
  auto server = Start(absl::StrCat("127.0.0.1:0,", unix_, ", 127.0.0.1:0"));
  ASSERT_TRUE(server.ok()) << server.status();
  const std::vector<std::string>& addresses = server->grpc_addresses();
  ASSERT_EQ(addresses.size(), 3u);
  EXPECT_EQ(addresses[0], absl::StrCat("127.0.0.1:", server->grpc_port()));
  EXPECT_EQ(addresses[1], unix_);
  EXPECT_NE(addresses[2], addresses[0]);
  Api api(server->NewChannel());
  const auto job = TrainCampaignModel(api);
  ASSERT_TRUE(job.ok()) << job.status();
  const auto first = Predict(addresses[0]);
  ASSERT_TRUE(first.ok()) << first.status();
  for (const std::string& address : addresses) {
    const auto roi = Predict(address);
    ASSERT_TRUE(roi.ok()) << address << ": " << roi.status();
    EXPECT_EQ(*roi, *first) << address;
  }
  ASSERT_EQ(*server->Stop(), 0);
  EXPECT_THAT(server->log(), HasSubstr(absl::StrCat("ready listen=", absl::StrJoin(addresses, ","), " grpc_port=")));
  EXPECT_FALSE(std::filesystem::exists(socket_));
}

TEST_F(Listen, AUnixSocketIsEnough) {
  auto server = Start(unix_);
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(server->grpc_port(), 0);
  EXPECT_THAT(std::string(Predict(unix_).status().message()), HasSubstr("no version of model \"default\" is ready"));
  EXPECT_EQ(*server->Stop(), 0);
}

TEST_F(Listen, TheSocketOfAKilledServerIsReplaced) {
  {
    auto killed = Start(unix_);
    ASSERT_TRUE(killed.ok()) << killed.status();
    killed->process().Signal(SIGKILL);
    ASSERT_EQ(*killed->process().Wait(absl::Seconds(60)), 128 + SIGKILL);
  }
  ASSERT_TRUE(std::filesystem::is_socket(socket_));
  auto server = Start(unix_);
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_THAT(std::string(Predict(unix_).status().message()), HasSubstr("no version of model \"default\" is ready"));
}

TEST_F(Listen, APathThatIsTakenIsRefusedWithTheReason) {
  auto first = Start(unix_);
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string other = folder_.File("other");
  const auto second =
      ServerProcess::Start(folder_.File("store2"), {"--listen", absl::StrCat("unix:", other, ",", unix_)});
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr(absl::StrCat("cannot start: cannot listen on ", unix_, ": another process listens there")));
  EXPECT_FALSE(std::filesystem::exists(other));
  EXPECT_THAT(std::string(Predict(unix_).status().message()), HasSubstr("no version of model \"default\" is ready"));
}

TEST_F(Listen, AFileThatIsNoSocketStays) {
  std::ofstream(socket_) << "mine";
  const auto server = Start(unix_);
  EXPECT_THAT(std::string(server.status().message()),
              HasSubstr(absl::StrCat("cannot listen on ", unix_, ": a file that is no socket is there")));
  EXPECT_EQ(ReadFileOrEmpty(socket_), "mine");
}

}  // namespace
}  // namespace roicast::testing

#include "client/proxy.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "client/prediction_client.h"
#include "tests/client/fake_server.h"

namespace roicast::client {
namespace {

// No proxy variable but those given, until the end of the test.
class ProxyTest : public ::testing::Test {
 protected:
  ~ProxyTest() override { Set({}); }
  void Set(const std::vector<std::pair<const char*, const char*>>& variables) {
    for (const char* name : {"grpc_proxy", "https_proxy", "http_proxy", "no_grpc_proxy", "no_proxy"}) unsetenv(name);
    for (const auto& [name, value] : variables) setenv(name, value, 1);
  }
};

TEST(IsLoopback, KnowsAllNamesOfThisMachine) {
  for (const char* target : {"127.0.0.1:8500",
                             "127.255.3.4:1",
                             "127.0.0.1",
                             "0.0.0.0:8500",
                             "[::1]:8500",
                             "::1",
                             "[::]:8500",
                             "[::ffff:127.0.0.1]:1",
                             "localhost:8500",
                             "LocalHost",
                             "localhost.:1",
                             "api.localhost:1",
                             "dns:localhost:1",
                             "dns:///localhost:8500",
                             "dns://8.8.8.8/localhost:1",
                             "ipv4:127.0.0.1:1",
                             "ipv6:[::1]:1",
                             "unix:/run/roicast.sock",
                             "unix:///run/roicast.sock",
                             "unix-abstract:roicast"}) {
    EXPECT_TRUE(IsLoopback(target)) << target;
  }
  for (const char* target :
       {"128.0.0.1:8500", "10.127.0.1:1", "example.com:8500", "localhost.example.com:1", "notlocalhost:1", "[::2]:1",
        "[fe80::1]:1", "dns:///example.com:1", "unix.example.com:1"}) {
    EXPECT_FALSE(IsLoopback(target)) << target;
  }
}

TEST_F(ProxyTest, IsTheFirstVariableThatIsSet) {
  Set({});
  EXPECT_FALSE(ProxyFor("example.com:8500").has_value());
  Set({{"http_proxy", "http://proxy:3128"}});
  EXPECT_EQ(ProxyFor("example.com:8500")->variable, "http_proxy");
  EXPECT_EQ(ProxyFor("example.com:8500")->value, "http://proxy:3128");
  EXPECT_FALSE(ProxyFor("localhost:8500").has_value());
  Set({{"http_proxy", "http://proxy:3128"}, {"https_proxy", "http://me:secret@other:1"}});
  EXPECT_EQ(ProxyFor("example.com:8500")->variable, "https_proxy");
  EXPECT_EQ(ProxyFor("example.com:8500")->value, "http://other:1") << "the password is nobody's business";
  Set({{"http_proxy", "http://proxy:3128"}, {"grpc_proxy", ""}});
  EXPECT_FALSE(ProxyFor("example.com:8500").has_value()) << "set to nothing: no proxy";
}

TEST_F(ProxyTest, ExcludesHostsBySuffix) {
  Set({{"http_proxy", "http://proxy:3128"}, {"no_proxy", "internal, .corp.example"}});
  EXPECT_FALSE(ProxyFor("roicast.internal:8500").has_value());
  EXPECT_FALSE(ProxyFor("a.CORP.example:8500").has_value());
  EXPECT_TRUE(ProxyFor("example.com:8500").has_value());
  Set({{"http_proxy", "http://proxy:3128"}, {"no_proxy", "example.com"}, {"no_grpc_proxy", "other.com"}});
  EXPECT_TRUE(ProxyFor("example.com:8500").has_value()) << "no_grpc_proxy takes precedence";
}

// Every call to 127.0.0.1 went to the proxy, which refused it.
TEST_F(ProxyTest, CallsToThisMachineGoPastTheProxy) {
  Set({{"http_proxy", "http://127.0.0.1:1"}});
  testing::FakeServer server;
  server.Start();
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    ChannelOptions options;
    options.target = host + server.target().substr(server.target().find(':'));
    v1::Campaign campaign;
    campaign.set_spend(3);
    const auto answer = PredictionClient(*ChannelPool::Create(options)).Predict(campaign);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->roi(), 3);
  }
}

}  // namespace
}  // namespace roicast::client

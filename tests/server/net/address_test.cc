#include "server/net/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

TEST(Address, MayBeOfEitherFamily) {
  EXPECT_EQ(ParseAddress("0.0.0.0:8500").value(), std::make_pair(std::string("0.0.0.0"), 8500));
  EXPECT_EQ(ParseAddress("[::1]:0").value(), std::make_pair(std::string("::1"), 0));
  EXPECT_EQ(ParseAddress("::1:80").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ParseAddress("[::1:80").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ParseAddress("host:65536").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ParseAddress("host").status(),
            absl::InvalidArgumentError("expected host:port, such as 0.0.0.0:8500 or [::]:8500, got \"host\""));
}

TEST(Addresses, AreSeparatedByCommas) {
  EXPECT_THAT(ParseAddresses("127.0.0.1:0").value(), ElementsAre("127.0.0.1:0"));
  EXPECT_THAT(ParseAddresses("0.0.0.0:8500, [::1]:8500 ,unix:/run/roicast.sock").value(),
              ElementsAre("0.0.0.0:8500", "[::1]:8500", "unix:/run/roicast.sock"));
  EXPECT_THAT(ParseAddresses("a:0,a:0").value(), ElementsAre("a:0", "a:0"));
  EXPECT_EQ(UnixPath("unix:/run/roicast.sock"), "/run/roicast.sock");
  EXPECT_EQ(UnixPath("unix.example:80"), "");
}

TEST(Addresses, TheWrongOneIsNamed) {
  const auto refused = [](const std::string& list) { return std::string(ParseAddresses(list).status().message()); };
  const std::string expected = "expected host:port, such as 0.0.0.0:8500 or [::]:8500, or unix:/path, got ";
  EXPECT_EQ(refused("127.0.0.1:1,here,there"), expected + "\"here\"");
  EXPECT_EQ(refused(""), expected + "\"\"");
  EXPECT_EQ(refused("127.0.0.1:1,"), expected + "\"\"");
  EXPECT_EQ(refused("/run/roicast.sock"), expected + "\"/run/roicast.sock\"");
  EXPECT_EQ(refused("unix:"), "expected unix: and a path of 1 to 107 bytes, got \"unix:\"");
  const std::string longest = "unix:" + std::string(107, 'p');
  EXPECT_TRUE(ParseAddresses(longest).ok());
  EXPECT_EQ(refused(longest + "p"), "expected unix: and a path of 1 to 107 bytes, got \"" + longest + "p\"");
  EXPECT_EQ(refused("a:1,b:1,a:1"), "expected each address once, got \"a:1\" twice");
  EXPECT_EQ(refused("unix:/a,unix:/a"), "expected each address once, got \"unix:/a\" twice");
}

class ProbeListeningTest : public ::testing::Test {
 protected:
  void SetUp() override {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(socket_, 1), 0);
    socklen_t size = sizeof address;
    ASSERT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  void TearDown() override { ::close(socket_); }

  int socket_ = -1;
  int port_ = 0;
};

TEST_F(ProbeListeningTest, ATakenPortIsReported) {
  EXPECT_EQ(ProbeListening("127.0.0.1", port_),
            absl::FailedPreconditionError(
                absl::StrCat("cannot listen on 127.0.0.1:", port_,
                             ": the port is taken: stop the process that has it, or choose another port")));
}

TEST_F(ProbeListeningTest, AFreePortIsFine) { EXPECT_TRUE(ProbeListening("127.0.0.1", 0).ok()); }

TEST_F(ProbeListeningTest, AnAddressOfAnotherMachineAndAnUnknownNameAreReported) {
  // 192.0.2.0/24 is kept for documentation.
  EXPECT_EQ(ProbeListening("192.0.2.1", 0),
            absl::InvalidArgumentError("cannot listen on 192.0.2.1:0: this machine does not have that address"));
  const absl::Status unknown = ProbeListening("no such host", 80);
  EXPECT_EQ(unknown.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(unknown.message()), StartsWith("cannot listen on no such host:80: "));
}

}  // namespace
}  // namespace roicast

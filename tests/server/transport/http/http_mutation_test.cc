// Mutated requests in pieces of any size: each connection comes to an end, and the server goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/server/transport/http/http_server_fixture.h"

namespace roicast {
namespace {

using testing::BodyOf;
using testing::RawConnection;
using ::testing::StartsWith;

class HttpMutation : public testing::HttpServerTest {
 protected:
  size_t Below(size_t limit) { return random_() % limit; }

  std::string Mutated(std::string bytes) {
    for (size_t changes = Below(4); changes > 0 && !bytes.empty(); --changes) {
      const size_t at = Below(bytes.size());
      switch (Below(5)) {
        case 0:
          bytes[at] = static_cast<char>(Below(256));
          break;
        case 1:
          bytes.erase(at, 1 + Below(8));
          break;
        case 2:
          bytes.insert(at, 1, "\r\n0: ;,"[Below(7)]);
          break;
        case 3:
          bytes.insert(at, bytes.substr(Below(bytes.size()), Below(60)));
          break;
        default:
          bytes.insert(at, Below(20000), 'm');
          break;
      }
    }
    return bytes;
  }

  void SendInPieces(RawConnection& connection, absl::string_view bytes) {
    while (!bytes.empty()) {
      const size_t size = std::min(bytes.size(), 1 + Below(bytes.size()));
      connection.Write(bytes.substr(0, size));
      bytes.remove_prefix(size);
    }
    connection.EndWriting();
  }

 private:
  std::mt19937 random_{9};
};

TEST_F(HttpMutation, EveryConnectionEndsAndTheServerGoesOn) {
  Start();
  const std::string seeds[] = {"GET /hello?q HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n",
                               "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
                               "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
                               "chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nT: t\r\n\r\n",
                               "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab",
                               "HEAD /large HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\n\r\n",
                               "GET /stream HTTP/1.0\r\n\r\n",
                               "GET /dropped HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
                               std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33)};
  for (int round = 0; round < 1500; ++round) {
    std::string bytes;
    for (size_t requests = 1 + Below(4); requests > 0; --requests) {
      absl::StrAppend(&bytes, Mutated(seeds[Below(std::size(seeds))]));
    }
    RawConnection connection(port());
    ASSERT_TRUE(connection.connected());
    SendInPieces(connection, bytes);
    const std::string answer = connection.ReadAll();
    // HTTP/2 begins with settings.
    if (!answer.empty() && answer[0] != '\0') {
      ASSERT_THAT(answer, StartsWith("HTTP/1.1 ")) << bytes;
    }
  }
  EXPECT_EQ(BodyOf(Request("GET", "/hello")), "hello \n");
  server_->Shutdown(absl::Seconds(5));
  EXPECT_EQ(metrics_.connections.load(), 0);
  EXPECT_EQ(metrics_.bytes_held.load(), 0);
  EXPECT_EQ(metrics_.streams.load(), 0);
}

}  // namespace
}  // namespace roicast

#include "server/telemetry/http_endpoint.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/telemetry/metrics.h"

namespace roicast {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// A connection to the endpoint that says nothing by itself.
class RawConnection {
 public:
  explicit RawConnection(int port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  RawConnection(RawConnection&& other) noexcept : descriptor_(other.descriptor_), connected_(other.connected_) {
    other.descriptor_ = -1;
  }
  ~RawConnection() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  void Write(const std::string& text) {
    EXPECT_EQ(::write(descriptor_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  std::string ReadAll() {
    std::string out;
    char buffer[4096];
    for (ssize_t got; (got = ::read(descriptor_, buffer, sizeof buffer)) > 0;)
      out.append(buffer, static_cast<size_t>(got));
    return out;
  }
  bool connected() const { return connected_; }

 private:
  int descriptor_;
  bool connected_ = false;
};

class HttpEndpointTest : public ::testing::Test {
 protected:
  HttpEndpointTest() {
    options_.address = "127.0.0.1";
    options_.port = 0;
    options_.metrics = &metrics_;
    options_.ready = [this] { return ready_; };
  }
  void Start() {
    auto started = HttpEndpoint::Start(options_);
    ASSERT_TRUE(started.ok()) << started.status();
    endpoint_ = *std::move(started);
  }
  std::string Request(const std::string& method, const std::string& path, const std::string& headers = "") {
    RawConnection connection(endpoint_->port());
    EXPECT_TRUE(connection.connected());
    connection.Write(absl::StrCat(method, " ", path, " HTTP/1.1\r\nHost: localhost\r\n", headers, "\r\n"));
    return connection.ReadAll();
  }

  prometheus::Registry registry_;
  ServerMetrics metrics_{registry_, {"1.2.3", "g++", "none"}};
  absl::Status ready_;
  HttpEndpointOptions options_;
  std::unique_ptr<HttpEndpoint> endpoint_;
};

TEST_F(HttpEndpointTest, MetricsAreTextFormat004) {
  Start();
  EXPECT_GT(endpoint_->port(), 0);
  const std::string answer = Request("GET", "/metrics");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_THAT(answer, HasSubstr("# TYPE roicast_model_loads_total counter\nroicast_model_loads_total 0\n"));
}

// The body of an answer, inflated.
std::string Inflated(const std::string& answer) {
  const size_t begin = answer.find("\r\n\r\n") + 4;
  std::string body = answer.substr(begin), out(size_t{1} << 20, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(body.data());
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST_F(HttpEndpointTest, MetricsAreCompressedForScrapersThatAcceptGzip) {
  Start();
  for (const char* const accepted : {"gzip", "deflate, GZip;q=0.5", "br;q=1.0 , gzip ; q=1"}) {
    const std::string answer = Request("GET", "/metrics", absl::StrCat("Accept-Encoding: ", accepted, "\r\n"));
    EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("\r\nContent-Encoding: gzip\r\n")))
        << accepted;
    EXPECT_THAT(Inflated(answer), HasSubstr("\nroicast_model_loads_total 0\n"));
  }
  for (const char* const refused : {"identity", "gzip;q=0", "x-gzip-not", ""}) {
    const std::string answer = Request("GET", "/metrics", absl::StrCat("Accept-Encoding: ", refused, "\r\n"));
    EXPECT_THAT(answer, AllOf(Not(HasSubstr("Content-Encoding")), HasSubstr("\nroicast_model_loads_total 0\n")))
        << refused;
  }
}

TEST_F(HttpEndpointTest, ListensOnANameAndOnAllAddresses) {
  for (const char* const address : {"localhost", ""}) {
    options_.address = address;
    Start();
    EXPECT_THAT(Request("GET", "/healthz"), EndsWith("ok\n")) << address;
    endpoint_.reset();
  }
}

TEST_F(HttpEndpointTest, HealthIsOkAndReadinessHasTheReason) {
  ready_ = absl::FailedPreconditionError("no model is loaded");
  Start();
  EXPECT_THAT(Request("GET", "/healthz"), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("\r\n\r\nok\n")));
  EXPECT_THAT(Request("GET", "/readyz"), AllOf(StartsWith("HTTP/1.1 503 Service Unavailable\r\n"),
                                               EndsWith("\r\n\r\nnot ready: no model is loaded\n")));
  ready_ = absl::OkStatus();
  EXPECT_THAT(Request("GET", "/readyz"), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("\r\n\r\nready\n")));
}

TEST_F(HttpEndpointTest, OtherPathsAndMethodsAreRefused) {
  Start();
  EXPECT_THAT(Request("GET", "/"), HasSubstr("<a href=\"/metrics\">"));
  EXPECT_THAT(Request("GET", "/metrics/../etc/passwd"), StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_THAT(Request("POST", "/metrics"), AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("\r\nAllow: GET, HEAD\r\n")));
  EXPECT_THAT(Request("HEAD", "/healthz"), AllOf(HasSubstr("Content-Length: 3\r\n"), EndsWith("\r\n\r\n")));
}

TEST_F(HttpEndpointTest, ATakenPortIsNamed) {
  Start();
  options_.port = endpoint_->port();
  EXPECT_EQ(HttpEndpoint::Start(options_).status(),
            absl::FailedPreconditionError(
                absl::StrCat("metrics endpoint: cannot listen on 127.0.0.1:", endpoint_->port(),
                             ": the port is taken: stop the process that has it, or choose another port")));
}

TEST_F(HttpEndpointTest, WrongOptionsAreNamed) {
  options_.address = "::1";
  const absl::Status version_six = HttpEndpoint::Start(options_).status();
  EXPECT_EQ(version_six.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(version_six.message()),
              StartsWith("metrics endpoint: cannot listen on \"::1\": expected an IPv4 address such as 0.0.0.0"));
  options_.address = "127.0.0.1";
  options_.port = 70000;
  EXPECT_EQ(HttpEndpoint::Start(options_).status(),
            absl::InvalidArgumentError("metrics port: expected 0 to 65535, got 70000"));
}

TEST_F(HttpEndpointTest, SilentClientsHoldAThreadNoLongerThanTheTimeLimit) {
  options_.threads = 2;
  options_.io_timeout = absl::Milliseconds(200);
  Start();
  std::vector<RawConnection> silent;
  for (int i = 0; i < 6; ++i) {
    silent.emplace_back(endpoint_->port());
    silent.back().Write("GET /metrics HTTP/1.1\r\nHost:");
  }
  EXPECT_THAT(Request("GET", "/healthz"), EndsWith("ok\n"));
}

}  // namespace
}  // namespace roicast

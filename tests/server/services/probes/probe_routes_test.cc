#include "server/services/probes/probe_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "tests/server/services/probes/probe_fixture.h"

namespace roicast {
namespace {

using ::testing::AllOf;
using testing::BodyOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawConnection;
using ::testing::StartsWith;

class ProbeRoutesTest : public testing::ProbeTest {};

TEST_F(ProbeRoutesTest, MetricsAreTextFormat004) {
  Start();
  EXPECT_GT(server_->http_port(), 0);
  const std::string answer = Request("GET", "/metrics");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_THAT(answer, HasSubstr("# TYPE roicast_model_loads_total counter\nroicast_model_loads_total 0\n"));
}

// The body of an answer, inflated.
std::string Inflated(const std::string& answer) {
  std::string body = BodyOf(answer), out(size_t{1} << 20, '\0');
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

TEST_F(ProbeRoutesTest, MetricsAreCompressedForScrapersThatAcceptGzip) {
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

TEST_F(ProbeRoutesTest, ListensOnANameAndOnAllAddresses) {
  for (const char* const address : {"localhost:0", ":0", "0.0.0.0:0"}) {
    options_.http_listen = {address};
    Start();
    EXPECT_THAT(Request("GET", "/healthz"), EndsWith("ok\n")) << address;
  }
}

// Metrics that are not there until they may be.
class LateMetrics final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override {
    may_come.WaitForNotification();
    return {};
  }
  absl::Notification may_come;
};

TEST_F(ProbeRoutesTest, RequestsThatMayNotWaitAreCounted) {
  LateMetrics late;
  collected_ = &late;
  Start();
  // Of these one is being answered, or waits like the others.
  constexpr int kWaiting = WaitingLine<MetricsPage::Reader>::kMaxOfHost + 1;
  std::vector<RawConnection> readers;
  for (int i = 0; i < kWaiting + 1; ++i) {
    readers.emplace_back(server_->http_port());
    readers.back().Write("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }
  while (transport_metrics_.count(Cut::kPeerWaiting) == 0) absl::SleepFor(absl::Milliseconds(1));
  late.may_come.Notify();
  int refused = 0;
  for (RawConnection& reader : readers) {
    const std::string answer = reader.ReadAll();
    if (testing::StatusOf(answer) == "200 OK") continue;
    ++refused;
    EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 503 "), EndsWith("\r\n\r\nexpected at most 256 requests of one "
                                                                    "address that wait: try again later\n")));
  }
  EXPECT_GE(refused, 1);
  EXPECT_EQ(transport_metrics_.count(Cut::kPeerWaiting), refused);
}

TEST_F(ProbeRoutesTest, HealthIsOkAndReadinessHasTheReason) {
  ready_ = absl::FailedPreconditionError("no model is loaded");
  Start();
  EXPECT_THAT(Request("GET", "/healthz"), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("\r\n\r\nok\n")));
  EXPECT_THAT(Request("GET", "/readyz"), AllOf(StartsWith("HTTP/1.1 503 Service Unavailable\r\n"),
                                               EndsWith("\r\n\r\nnot ready: no model is loaded\n")));
  ready_ = absl::OkStatus();
  EXPECT_THAT(Request("GET", "/readyz"), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("\r\n\r\nready\n")));
}

TEST_F(ProbeRoutesTest, APortOfGrpcThatAcceptsNothingIsNotReady) {
  testing::DeafPort port;
  grpc_address_ = port.address();
  Start();
  EXPECT_THAT(
      Request("GET", "/readyz"),
      AllOf(StartsWith("HTTP/1.1 503 "), EndsWith(absl::StrCat("\r\n\r\nnot ready: a call through ", port.address(),
                                                               " had no answer within 500ms\n"))));
  port.Close();
  EXPECT_THAT(
      Request("GET", "/readyz"),
      AllOf(StartsWith("HTTP/1.1 503 "), EndsWith(absl::StrCat("\r\n\r\nnot ready: a call through ", port.address(),
                                                               " failed: cannot connect: Connection refused\n"))));
  EXPECT_THAT(Request("GET", "/healthz"), EndsWith("ok\n"));
}

TEST_F(ProbeRoutesTest, OtherPathsAndMethodsAreRefused) {
  Start();
  EXPECT_THAT(Request("GET", "/"), HasSubstr("<a href=\"/metrics\">"));
  EXPECT_THAT(Request("GET", "/metrics/../etc/passwd"),
              AllOf(StartsWith("HTTP/1.1 404 Not Found\r\n"),
                    EndsWith("not found: expected /, /healthz, /metrics or /readyz, got /metrics/../etc/passwd\n")));
  EXPECT_THAT(Request("POST", "/metrics"), AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("\r\nAllow: GET, HEAD\r\n"),
                                                 EndsWith("POST is not allowed: expected GET or HEAD\n")));
  EXPECT_THAT(Request("HEAD", "/healthz"), AllOf(HasSubstr("Content-Length: 3\r\n"), EndsWith("\r\n\r\n")));
}

TEST_F(ProbeRoutesTest, ATakenPortIsNamed) {
  const testing::DeafPort port;
  options_.http_listen = {port.address()};
  EXPECT_EQ(TryStart(), absl::FailedPreconditionError(
                            absl::StrCat("HTTP: cannot listen on ", port.address(),
                                         ": the port is taken: stop the process that has it, or choose another port")));
}

TEST_F(ProbeRoutesTest, WrongAddressesAreNamed) {
  options_.http_listen = {"127.0.0.1:70000"};
  EXPECT_EQ(TryStart(), absl::InvalidArgumentError("HTTP: expected host:port, such as 0.0.0.0:8500 or [::]:8500, got "
                                                   "\"127.0.0.1:70000\""));
}

TEST_F(ProbeRoutesTest, SilentClientsDelayNobody) {
  Start();
  std::vector<RawConnection> silent;
  for (int i = 0; i < 100; ++i) {
    silent.emplace_back(server_->http_port());
    silent.back().Write("GET /metrics HTTP/1.1\r\nHost:");
  }
  EXPECT_THAT(Request("GET", "/healthz"), EndsWith("ok\n"));
  EXPECT_THAT(Request("GET", "/readyz"), EndsWith("ready\n"));
}

}  // namespace
}  // namespace roicast

#include "server/services/probes/grpc_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "base/steady_clock.h"
#include "server/services/probes/probe_connection.h"
#include "tests/server/services/probes/probe_fixture.h"
#include "tests/testing/certificates.h"
#include "tests/testing/temp_dir.h"

namespace roicast {
namespace {

using ::testing::AnyOf;
using testing::DeafPort;

constexpr absl::Duration kPlenty = absl::Seconds(20);
constexpr absl::Duration kShort = absl::Milliseconds(50);

// Of this machine, from or to the port.
int TimeWaitConnections(int port) {
  int count = 0;
  std::ifstream table("/proc/net/tcp");
  const std::string end = absl::StrFormat(":%04X", port);
  for (std::string line; std::getline(table, line);) {
    const std::vector<std::string> fields = absl::StrSplit(line, ' ', absl::SkipEmpty());
    constexpr char kTimeWait[] = "06";
    if (fields.size() > 3 && fields[3] == kTimeWait &&
        (absl::EndsWith(fields[1], end) || absl::EndsWith(fields[2], end)))
      ++count;
  }
  return count;
}

class GrpcProbeTest : public testing::ProbeTest {
 protected:
  std::string address() const { return absl::StrCat("127.0.0.1:", server_->port()); }
};

TEST_F(GrpcProbeTest, AServerThatServesIsFoundServing) {
  Start();
  EXPECT_EQ(CheckGrpcHealth(address(), kPlenty), absl::OkStatus());
}

// Looking up a name may take seconds, whatever the deadline.
TEST_F(GrpcProbeTest, ANamedAddressIsLookedUpOnceAtTheStart) {
  options_.listen = {"localhost:0"};
  Start();
  EXPECT_EQ(server_->addresses()[0], absl::StrCat("localhost:", server_->port()));
  EXPECT_THAT(server_->numeric_addresses()[0],
              AnyOf(absl::StrCat("127.0.0.1:", server_->port()), absl::StrCat("[::1]:", server_->port())));
  EXPECT_EQ(CheckGrpcHealth(server_->numeric_addresses()[0], kPlenty), absl::OkStatus());
  EXPECT_EQ(CheckGrpcHealth(server_->addresses()[0], kPlenty).code(), absl::StatusCode::kUnavailable);
}

// A port in TIME_WAIT is not free for a minute: three clients that asked for /readyz again and again used up all.
TEST_F(GrpcProbeTest, NoConnectionLeavesItsPortWaiting) {
  const testing::CertificateFiles files;
  TlsCredentials credentials(files.certificate(), files.key(), &transport_metrics_);
  ASSERT_EQ(credentials.Load(absl::Now()), absl::OkStatus());
  for (const TlsCredentials* const tls :
       {static_cast<const TlsCredentials*>(nullptr), static_cast<const TlsCredentials*>(&credentials)}) {
    options_.tls = tls;
    Start();
    // Other processes' connections may have the same number.
    const int others = TimeWaitConnections(server_->port());
    for (int i = 0; i < 20; ++i) ASSERT_EQ(CheckGrpcHealth(address(), kPlenty, tls, &own_), absl::OkStatus());
    while (transport_metrics_.connections.load() > 0) std::this_thread::yield();
    EXPECT_LT(TimeWaitConnections(server_->port()), others + 10);
    for (size_t i = 0; i < kCuts; ++i) EXPECT_EQ(transport_metrics_.cuts[i].load(), 0) << CutName(static_cast<Cut>(i));
    Stop();
  }
}

// Local clients had used up the share of ::1, and the server was not ready.
TEST_F(GrpcProbeTest, LocalClientsDoNotUseUpItsShare) {
  options_.table.max_connections_per_peer = 1;
  for (const char* const listen : {"127.0.0.1:0", "[::1]:0"}) {
    options_.listen = {listen};
    Start();
    const std::string here = server_->addresses()[0];
    const auto client = ProbeConnection::Make(here, nullptr, nullptr, SteadyClock().Now() + kPlenty);
    ASSERT_TRUE(client.ok()) << client.status();
    EXPECT_EQ(CheckGrpcHealth(here, kPlenty).code(), absl::StatusCode::kUnavailable) << here;
    EXPECT_EQ(CheckGrpcHealth(here, kPlenty, nullptr, &own_), absl::OkStatus()) << here;
  }
  EXPECT_EQ(transport_metrics_.count(Cut::kPeerConnections), 2);
}

// A server whose socket another one had replaced was ready as long as that one was.
TEST_F(GrpcProbeTest, AnotherProcessDoesNotAnswerForItOnAUnixSocket) {
  const testing::TempDir folder;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  folder.File("socket").copy(address.sun_path, sizeof(address.sun_path) - 1);
  const pid_t other = fork();
  if (other == 0) {
    const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) listen(listener, 10);
    while (true) pause();
  }
  const std::string place = absl::StrCat("unix:", folder.File("socket"));
  absl::Status checked;
  // Until it listens.
  do {
    checked = CheckGrpcHealth(place, kPlenty, nullptr, &own_);
  } while (absl::StrContains(checked.message(), "cannot connect"));
  EXPECT_EQ(checked, absl::UnavailableError(absl::StrCat("a call through ", place, " failed: process ", other,
                                                         " listens there, not this server")));
  kill(other, SIGKILL);
  waitpid(other, nullptr, 0);
}

TEST_F(GrpcProbeTest, OtherProcessesDoNotUseUpItsShareOfAUnixSocket) {
  const testing::TempDir folder;
  options_.table.max_connections_per_peer = 1;
  options_.listen = {absl::StrCat("unix:", folder.File("socket"))};
  Start();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  folder.File("socket").copy(address.sun_path, sizeof(address.sun_path) - 1);
  const pid_t other = fork();
  if (other == 0) {
    for (int i = 0; i < 2; ++i) {
      connect(socket(AF_UNIX, SOCK_STREAM, 0), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    }
    while (true) pause();
  }
  while (transport_metrics_.count(Cut::kPeerConnections) == 0) std::this_thread::yield();
  EXPECT_EQ(CheckGrpcHealth(options_.listen[0], kPlenty, nullptr, &own_), absl::OkStatus());
  kill(other, SIGKILL);
  waitpid(other, nullptr, 0);
}

TEST_F(GrpcProbeTest, AUnixSocketIsFound) {
  const testing::TempDir folder;
  options_.listen = {absl::StrCat("unix:", folder.File("socket"))};
  Start();
  EXPECT_EQ(CheckGrpcHealth(options_.listen[0], kPlenty), absl::OkStatus());
}

TEST_F(GrpcProbeTest, OverTlsTheOwnCertificateIsTrustedAlone) {
  testing::CertificateFiles files;
  TlsCredentials own(files.certificate(), files.key(), &transport_metrics_);
  ASSERT_EQ(own.Load(absl::Now()), absl::OkStatus());
  const testing::TempDir folder;
  options_.tls = &own;
  options_.listen.push_back(absl::StrCat("unix:", folder.File("socket")));
  Start();
  EXPECT_EQ(CheckGrpcHealth(address(), kPlenty, &own), absl::OkStatus());
  EXPECT_EQ(CheckGrpcHealth(options_.listen[1], kPlenty, &own), absl::OkStatus());
  // Neither the host's name nor its age matters: it is ours.
  files.Write(testing::MakeCertificate({.hosts = "DNS:elsewhere", .ends = -absl::Minutes(1)}));
  ASSERT_EQ(own.Load(absl::Now()), absl::OkStatus());
  EXPECT_EQ(CheckGrpcHealth(address(), kPlenty, &own), absl::OkStatus());
  const testing::CertificateFiles others;
  TlsCredentials other(others.certificate(), others.key(), &transport_metrics_);
  ASSERT_EQ(other.Load(absl::Now()), absl::OkStatus());
  EXPECT_EQ(
      CheckGrpcHealth(address(), kPlenty, &other),
      absl::UnavailableError(absl::StrCat("a call through ", address(),
                                          " failed: TLS: expected the certificate of this server, got another one")));
  EXPECT_EQ(CheckGrpcHealth(address(), kPlenty),
            absl::UnavailableError(
                absl::StrCat("a call through ", address(), " failed: the connection was closed without an answer")));
  Stop();
}

TEST_F(GrpcProbeTest, APortWithoutTlsWhereThereShouldBeSomeIsAnError) {
  const testing::CertificateFiles files;
  TlsCredentials own(files.certificate(), files.key(), &transport_metrics_);
  ASSERT_EQ(own.Load(absl::Now()), absl::OkStatus());
  const DeafPort port;
  std::thread answerer([&port] { port.Answer("HTTP/1.1 400 Bad Request\r\n\r\n"); });
  EXPECT_EQ(
      CheckGrpcHealth(port.address(), kPlenty, &own),
      absl::UnavailableError(absl::StrCat("a call through ", port.address(), " failed: TLS: wrong version number")));
  answerer.join();
}

TEST_F(GrpcProbeTest, AHandshakeThatDoesNotEndIsAnErrorInTime) {
  const testing::CertificateFiles files;
  TlsCredentials own(files.certificate(), files.key(), &transport_metrics_);
  ASSERT_EQ(own.Load(absl::Now()), absl::OkStatus());
  const DeafPort port;
  EXPECT_EQ(CheckGrpcHealth(port.address(), kShort, &own),
            absl::DeadlineExceededError(absl::StrCat("a call through ", port.address(), " had no answer within 50ms")));
}

TEST_F(GrpcProbeTest, AnotherHealthIsAnError) {
  Start();
  health_->SetServing("", false);
  EXPECT_EQ(CheckGrpcHealth(address(), kPlenty),
            absl::UnavailableError(absl::StrCat("a call through ", address(),
                                                " failed: Health/Check: expected SERVING, got another status")));
}

TEST_F(GrpcProbeTest, AServerWithoutHealthIsAnError) {
  TransportServer bare(options_, &transport_metrics_);
  ASSERT_TRUE(bare.Start().ok());
  const std::string bare_address = absl::StrCat("127.0.0.1:", bare.port());
  EXPECT_EQ(CheckGrpcHealth(bare_address, kPlenty),
            absl::UnavailableError(absl::StrCat("a call through ", bare_address,
                                                " failed: Health/Check: expected HTTP status 200 and gRPC status 0, "
                                                "got \"200\" and \"12\"")));
}

TEST(CheckGrpcHealth, NobodyThereIsAnError) {
  DeafPort port;
  port.Close();
  EXPECT_EQ(CheckGrpcHealth(port.address(), kPlenty),
            absl::UnavailableError(
                absl::StrCat("a call through ", port.address(), " failed: cannot connect: Connection refused")));
}

TEST(CheckGrpcHealth, APortThatAcceptsNothingIsAnErrorInTime) {
  const DeafPort port;
  EXPECT_EQ(CheckGrpcHealth(port.address(), kShort),
            absl::DeadlineExceededError(absl::StrCat("a call through ", port.address(), " had no answer within 50ms")));
}

TEST(CheckGrpcHealth, AnotherProtocolIsAnError) {
  const DeafPort port;
  for (const char* const says : {"HTTP/1.1 400 Bad Request\r\n\r\nexpected something else\n", ""}) {
    std::thread answerer([&port, says] { port.Answer(says); });
    EXPECT_EQ(CheckGrpcHealth(port.address(), kPlenty),
              absl::UnavailableError(absl::StrCat("a call through ", port.address(),
                                                  " failed: the connection was closed without an answer")));
    answerer.join();
  }
}

TEST(ReachableAddress, IsOnThisMachine) {
  EXPECT_EQ(ReachableAddress("0.0.0.0:8500"), "127.0.0.1:8500");
  EXPECT_EQ(ReachableAddress(":8500"), "127.0.0.1:8500");
  EXPECT_EQ(ReachableAddress("[::]:8500"), "[::1]:8500");
  EXPECT_EQ(ReachableAddress("10.0.0.5:8500"), "10.0.0.5:8500");
  EXPECT_EQ(ReachableAddress("[fe80::1]:8500"), "[fe80::1]:8500");
  EXPECT_EQ(ReachableAddress("host:8500"), "host:8500");
  EXPECT_EQ(ReachableAddress("unix:/path"), "unix:/path");
}

TEST_F(GrpcProbeTest, ThoseWhoAskAtTheSameTimeShareACall) {
  Start();
  absl::Notification blocked, go;
  std::atomic<int> calls{0};
  GrpcProbe probe({.addresses =
                       [&] {
                         ++calls;
                         return std::vector<std::string>{address()};
                       },
                   .shared_for = absl::ZeroDuration()});
  probe.Ask("host", {.done = [&](const absl::Status&) {
              blocked.Notify();
              go.WaitForNotification();
            }});
  blocked.WaitForNotification();
  absl::BlockingCounter left(10);
  for (int i = 0; i < 10; ++i) {
    probe.Ask("host", {.done = [&](const absl::Status& status) {
                EXPECT_EQ(status, absl::OkStatus());
                left.DecrementCount();
              }});
  }
  go.Notify();
  left.Wait();
  EXPECT_EQ(calls.load(), 2);
}

TEST_F(GrpcProbeTest, ThoseWhoAskSoonAfterACallShareItsResult) {
  Start();
  std::atomic<int> calls{0};
  GrpcProbe probe({.addresses =
                       [&] {
                         ++calls;
                         return std::vector<std::string>{address()};
                       },
                   .shared_for = absl::Hours(1)});
  for (int i = 0; i < 100; ++i) {
    absl::Notification answered;
    EXPECT_TRUE(probe.Ask("host", {.done = [&](const absl::Status& status) {
                            EXPECT_EQ(status, absl::OkStatus());
                            answered.Notify();
                          }}));
    answered.WaitForNotification();
  }
  EXPECT_EQ(calls.load(), 1);
}

TEST_F(GrpcProbeTest, NoMoreOfAHostWaitThanMayBe) {
  Start();
  absl::Notification blocked, go;
  std::atomic<int> answered{0};
  std::atomic<bool> gone{false};
  constexpr size_t kMost = WaitingLine<GrpcProbe::Asker>::kMaxOfHost;
  {
    GrpcProbe probe(
        {.addresses = [&] { return std::vector<std::string>{address()}; }, .shared_for = absl::ZeroDuration()});
    probe.Ask("host", {.done = [&](const absl::Status&) {
                blocked.Notify();
                go.WaitForNotification();
              }});
    blocked.WaitForNotification();
    const auto ask = [&](const char* host) {
      return probe.Ask(host, {.done = [&](const absl::Status&) { ++answered; }, .gone = [&] { return gone.load(); }});
    };
    for (size_t i = 0; i < kMost; ++i) EXPECT_TRUE(ask("host"));
    EXPECT_FALSE(ask("host"));
    EXPECT_TRUE(ask("another"));
    gone = true;
    EXPECT_TRUE(ask("host")) << "those who are gone hold no place";
    gone = false;
    go.Notify();
  }
  EXPECT_EQ(answered.load(), 2);
}

TEST_F(GrpcProbeTest, EveryAddressHasToAnswer) {
  Start();
  const DeafPort deaf;
  GrpcProbe probe({.addresses =
                       [&] {
                         return std::vector<std::string>{address(), deaf.address()};
                       },
                   .timeout = absl::Seconds(1)});
  absl::Notification answered;
  absl::Status result;
  probe.Ask("host", {.done = [&](const absl::Status& status) {
              result = status;
              answered.Notify();
            }});
  answered.WaitForNotification();
  EXPECT_EQ(result.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(result.message(), ::testing::HasSubstr(deaf.address()));
}

TEST_F(GrpcProbeTest, TheEndAnswersThoseWhoWait) {
  const DeafPort port;
  absl::Notification asked;
  std::atomic<int> answered{0};
  {
    GrpcProbe probe({.addresses =
                         [&] {
                           asked.Notify();
                           return std::vector<std::string>{port.address()};
                         },
                     .timeout = kShort});
    probe.Ask("host", {.done = [&](const absl::Status& status) {
                EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
                ++answered;
              }});
    asked.WaitForNotification();
    probe.Ask("host", {.done = [&](const absl::Status& status) {
                EXPECT_EQ(status, absl::UnavailableError("the server is stopping"));
                ++answered;
              }});
  }
  EXPECT_EQ(answered.load(), 2);
}

}  // namespace
}  // namespace roicast

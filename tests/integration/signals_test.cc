// What a running server does when it is signalled, and what it tells the service manager meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tests/testing/process.h"
#include "tests/testing/server_process.h"
#include "tests/testing/temp_dir.h"

namespace roicast {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Signals : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string path = folder_.File("notify");
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    ASSERT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    WriteConfig("log_level = info\n");
    absl::StatusOr<testing::ServerProcess> server = testing::ServerProcess::Start(
        folder_.File("store"), {"--config", folder_.File("server.conf"), "--lame_duck", "0s"});
    ASSERT_TRUE(server.ok()) << server.status();
    server_.emplace(*std::move(server));
    ASSERT_EQ(NextNotice(), "READY=1");
  }
  ~Signals() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC"}) ::unsetenv(name);
    ::close(socket_);
  }

  void WriteConfig(const std::string& text) { std::ofstream(folder_.File("server.conf")) << text; }
  // The next datagram that is not the watchdog's; "" after 30 s.
  std::string NextNotice() {
    std::string message = "WATCHDOG=1";
    while (message == "WATCHDOG=1") message = NextMessage();
    return message;
  }
  std::string NextMessage() {
    pollfd readable = {socket_, POLLIN, 0};
    char buffer[256];
    if (::poll(&readable, 1, 30000) != 1) return "";
    const ssize_t bytes = ::recv(socket_, buffer, sizeof(buffer), 0);
    return bytes < 0 ? "" : std::string(buffer, static_cast<size_t>(bytes));
  }
  void Reload() {
    server_->process().Signal(SIGHUP);
    ASSERT_THAT(NextNotice(), StartsWith("RELOADING=1\nMONOTONIC_USEC="));
    ASSERT_EQ(NextNotice(), "READY=1");
  }
  void ExpectReady() {
    int code = 0;
    EXPECT_TRUE(server_->HttpGet("/readyz", &code).ok());
    EXPECT_EQ(code, 200);
  }

  const testing::TempDir folder_;
  int socket_ = -1;
  std::optional<testing::ServerProcess> server_;
};

TEST_F(Signals, HangUpReloadsWhatCanBeReloaded) {
  WriteConfig("log_level = debug\nmax_in_flight = 10\n");
  Reload();
  ExpectReady();
  EXPECT_THAT(server_->LogWith("info reloaded"), HasSubstr("info reloaded flag=log_level from=info to=debug"));
  EXPECT_THAT(server_->log(), HasSubstr("warning needs a restart to take effect flag=max_in_flight from=4096 to=10"));
  WriteConfig("log_level = debug\n");
  Reload();
  EXPECT_THAT(server_->LogWith("info reload:"), HasSubstr("info reload: no flag has changed"));
}

TEST_F(Signals, HangUpWithAWrongFileKeepsTheSettings) {
  WriteConfig("log_level = loud\n");
  Reload();
  ExpectReady();
  EXPECT_THAT(server_->LogWith("error reload failed"),
              AllOf(HasSubstr("error reload failed, all settings are kept error="), HasSubstr("server.conf:1: "),
                    HasSubstr("got \\\"loud\\\"")));
}

// It opened the pipe, waited for somebody to write to it, and heard of nothing any more.
TEST_F(Signals, HangUpWithAPipeForAFileKeepsTheSettings) {
  const std::string config = folder_.File("server.conf");
  std::filesystem::remove(config);
  ASSERT_EQ(::mkfifo(config.c_str(), 0600), 0);
  Reload();
  EXPECT_THAT(server_->LogWith("error reload failed"), HasSubstr("expected a regular file"));
  EXPECT_EQ(*server_->Stop(), 0);
}

// As a file is while an editor writes it: every setting went back to its default.
TEST_F(Signals, HangUpWithAnEmptyFileKeepsTheSettings) {
  WriteConfig("max_models = 7\n");
  Reload();
  WriteConfig("");
  Reload();
  EXPECT_THAT(server_->LogWith("error reload failed"), HasSubstr("the file sets no flag, and set 1 before"));
  WriteConfig("max_models = 7\n");
  Reload();
  EXPECT_THAT(server_->LogWith("info reload:"), HasSubstr("info reload: no flag has changed"));
}

TEST_F(Signals, UserSignalsAreIgnoredAndLogged) {
  server_->process().Signal(SIGUSR1);
  server_->process().Signal(SIGUSR2);
  Reload();
  ExpectReady();
  // The pending signal with the lowest number comes first: SIGTERM is the last of these.
  ASSERT_EQ(*server_->Stop(), 0);
  EXPECT_THAT(server_->log(), AllOf(HasSubstr("warning signal ignored signal=SIGUSR1"),
                                    HasSubstr("warning signal ignored signal=SIGUSR2")));
}

TEST_F(Signals, TerminateReportsStoppingAndDrains) {
  server_->process().Signal(SIGTERM);
  EXPECT_EQ(NextNotice(), "STOPPING=1");
  const absl::StatusOr<int> code = server_->process().Wait(absl::Seconds(60));
  ASSERT_TRUE(code.ok()) << code.status();
  EXPECT_EQ(*code, 0);
  EXPECT_THAT(server_->log(), AllOf(HasSubstr("info draining"), HasSubstr("info stopped")));
}

// As `timeout` sends it: to the process, and to its group.
TEST_F(Signals, TwoSignalsAtOnceAreOneRequestToStop) {
  server_->process().Signal(SIGTERM);
  EXPECT_EQ(NextNotice(), "STOPPING=1");
  server_->process().Signal(SIGTERM);
  const absl::StatusOr<int> code = server_->process().Wait(absl::Seconds(60));
  ASSERT_TRUE(code.ok()) << code.status();
  EXPECT_EQ(*code, 0);
  EXPECT_THAT(server_->log(), AllOf(HasSubstr("info stopped"), Not(HasSubstr("second signal"))));
}

// It ended a server that had not come to its own handling of signals.
TEST_F(Signals, HangUpAtAnyTimeOfTheStartDoesNotEndTheServer) {
  ASSERT_EQ(*server_->Stop(), 0);
  ::unsetenv("NOTIFY_SOCKET");
  const std::string ports = folder_.File("ports"), log = folder_.File("log");
  auto started =
      testing::Process::Start({testing::ServerBinary(), "--store", folder_.File("store"), "--listen", "127.0.0.1:0",
                               "--http_listen", "127.0.0.1:0", "--lame_duck", "0s", "--port_file", ports},
                              log, log);
  ASSERT_TRUE(started.ok()) << started.status();
  // From the first moment at which the process blocks the signal, which is before it runs anything of its own.
  const std::string status_file = absl::StrCat("/proc/", started->pid(), "/status");
  const auto blocks_hang_up = [&] {
    const std::string status = testing::ReadFileOrEmpty(status_file);
    const size_t at = status.find("SigBlk:\t");
    return at != std::string::npos && std::stoull(status.substr(at + 8, 16), nullptr, 16) % 2 == 1;
  };
  while (!blocks_hang_up()) ASSERT_TRUE(started->running()) << testing::ReadFileOrEmpty(log);
  while (testing::ReadFileOrEmpty(ports).empty()) {
    started->Signal(SIGHUP);
    ASSERT_TRUE(started->running()) << testing::ReadFileOrEmpty(log);
  }
  started->Signal(SIGHUP);
  started->Signal(SIGTERM);
  started->Signal(SIGHUP);
  const absl::StatusOr<int> code = started->Wait(absl::Seconds(60));
  ASSERT_TRUE(code.ok()) << code.status();
  EXPECT_EQ(*code, 0) << testing::ReadFileOrEmpty(log);
  EXPECT_THAT(testing::ReadFileOrEmpty(log), HasSubstr("info stopped"));
}

TEST_F(Signals, HangUpWhileDrainingDoesNotEndTheServer) {
  ASSERT_EQ(*server_->Stop(), 0);
  ASSERT_EQ(NextNotice(), "STOPPING=1");
  ::setenv("WATCHDOG_USEC", "200000", 1);
  absl::StatusOr<testing::ServerProcess> slow =
      testing::ServerProcess::Start(folder_.File("store"), {"--lame_duck", "2s"});
  ASSERT_TRUE(slow.ok()) << slow.status();
  slow->process().Signal(SIGTERM);
  std::string message;
  while (message != "STOPPING=1") ASSERT_NE(message = NextMessage(), "");
  slow->process().Signal(SIGHUP);
  slow->process().Signal(SIGUSR1);
  // Still alive, and the watchdog hears of it.
  EXPECT_EQ(NextMessage(), "WATCHDOG=1");
  const absl::StatusOr<int> code = slow->process().Wait(absl::Seconds(60));
  ASSERT_TRUE(code.ok()) << code.status();
  EXPECT_EQ(*code, 0);
  EXPECT_THAT(slow->log(), Not(HasSubstr("second signal")));
}

TEST_F(Signals, AWorkingServerFeedsTheWatchdog) {
  ASSERT_EQ(*server_->Stop(), 0);
  ASSERT_EQ(NextNotice(), "STOPPING=1");
  ::setenv("WATCHDOG_USEC", "2000000", 1);
  absl::StatusOr<testing::ServerProcess> watched = testing::ServerProcess::Start(folder_.File("store"), {});
  ASSERT_TRUE(watched.ok()) << watched.status();
  int heard = 0;
  while (heard < 3) {
    const std::string message = NextMessage();
    ASSERT_NE(message, "");
    heard += message == "WATCHDOG=1" ? 1 : 0;
  }
}

}  // namespace
}  // namespace roicast

#include "server/service_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/testing/temp_dir.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

// The service manager's end: a datagram socket that records what it receives.
class FakeManager {
 public:
  // "@name" is abstract, as in NOTIFY_SOCKET.
  explicit FakeManager(const std::string& name) : descriptor_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    const socklen_t length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), length), 0) << std::strerror(errno);
  }
  ~FakeManager() { ::close(descriptor_); }
  std::vector<std::string> Received() const {
    std::vector<std::string> messages;
    char buffer[256];
    for (ssize_t bytes; (bytes = ::recv(descriptor_, buffer, sizeof(buffer), 0)) >= 0;) {
      messages.emplace_back(buffer, static_cast<size_t>(bytes));
    }
    return messages;
  }

 private:
  const int descriptor_;
};

class ServiceManagerTest : public ::testing::Test {
 protected:
  void TearDown() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  }
  const testing::TempDir folder_;
};

TEST_F(ServiceManagerTest, ReportsReadyReloadingAndStopping) {
  const std::string path = absl::StrCat(folder_.path(), "/notify");
  const FakeManager manager(path);
  ServiceManager service({.socket = path});
  EXPECT_TRUE(service.Ready().ok());
  EXPECT_TRUE(service.Reloading().ok());
  EXPECT_TRUE(service.Stopping().ok());
  EXPECT_THAT(manager.Received(),
              ElementsAre("READY=1", MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]*"), "STOPPING=1"));
}

TEST_F(ServiceManagerTest, AnAtSignNamesAnAbstractSocket) {
  const std::string name = absl::StrCat("@roicast-test-", ::getpid());
  const FakeManager manager(name);
  EXPECT_TRUE(ServiceManager({.socket = name}).Ready().ok());
  EXPECT_THAT(manager.Received(), ElementsAre("READY=1"));
}

TEST_F(ServiceManagerTest, TheWatchdogIsNotifiedAtHalfOfItsPeriod) {
  const std::string path = absl::StrCat(folder_.path(), "/notify");
  const FakeManager manager(path);
  ServiceManager service({.socket = path, .watchdog = absl::Seconds(10)});
  const std::chrono::steady_clock::time_point start;
  for (int second = 0; second <= 10; ++second) EXPECT_TRUE(service.Alive(start + std::chrono::seconds(second)).ok());
  EXPECT_THAT(manager.Received(), ElementsAre("WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"));
}

TEST_F(ServiceManagerTest, WithoutAWatchdogNothingIsSent) {
  const std::string path = absl::StrCat(folder_.path(), "/notify");
  const FakeManager manager(path);
  EXPECT_TRUE(ServiceManager({.socket = path}).Alive({}).ok());
  EXPECT_THAT(manager.Received(), ElementsAre());
}

TEST_F(ServiceManagerTest, WithoutAServiceManagerNothingHappens) {
  ServiceManager service({});
  EXPECT_TRUE(service.Ready().ok());
  EXPECT_TRUE(service.Alive({}).ok());
}

TEST_F(ServiceManagerTest, ASocketThatIsNotThereIsAnError) {
  const absl::Status status = ServiceManager({.socket = absl::StrCat(folder_.path(), "/none")}).Ready();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(status.message(), HasSubstr("NOTIFY_SOCKET: cannot send to "));
}

TEST_F(ServiceManagerTest, TheEnvironmentNamesSocketAndWatchdog) {
  ::setenv("NOTIFY_SOCKET", "/run/notify", 1);
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  ::setenv("WATCHDOG_PID", absl::StrCat(::getpid()).c_str(), 1);
  const absl::StatusOr<ServiceManager::Options> options = ServiceManager::FromEnvironment();
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->socket, "/run/notify");
  EXPECT_EQ(options->watchdog, absl::Seconds(30));
}

TEST_F(ServiceManagerTest, TheWatchdogOfAnotherProcessIsIgnored) {
  ::setenv("NOTIFY_SOCKET", "/run/notify", 1);
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(ServiceManager::FromEnvironment()->watchdog, absl::ZeroDuration());
}

TEST_F(ServiceManagerTest, AWrongEnvironmentIsReportedByItsVariable) {
  ::setenv("NOTIFY_SOCKET", "relative", 1);
  EXPECT_EQ(ServiceManager::FromEnvironment().status().message(),
            "NOTIFY_SOCKET: expected an absolute path or @name of less than 108 bytes, got \"relative\"");
  ::setenv("NOTIFY_SOCKET", "/run/notify", 1);
  ::setenv("WATCHDOG_USEC", "soon", 1);
  EXPECT_EQ(ServiceManager::FromEnvironment().status().message(),
            "WATCHDOG_USEC: expected a number of microseconds > 0, got \"soon\"");
}

}  // namespace
}  // namespace roicast

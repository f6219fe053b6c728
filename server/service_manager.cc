#include "server/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

// As systemd compares it with its own clock.
int64_t MonotonicMicroseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000000 + now.tv_nsec / 1000;
}

std::string Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

absl::StatusOr<ServiceManager::Options> ServiceManager::FromEnvironment() {
  Options options;
  options.socket = Variable("NOTIFY_SOCKET");
  if (options.socket.empty()) return options;
  if ((options.socket[0] != '/' && options.socket[0] != '@') ||
      options.socket.size() >= sizeof(sockaddr_un::sun_path)) {
    return absl::InvalidArgumentError(absl::StrCat("NOTIFY_SOCKET: expected an absolute path or @name of less than ",
                                                   sizeof(sockaddr_un::sun_path), " bytes, got \"", options.socket,
                                                   "\""));
  }
  const std::string pid = Variable("WATCHDOG_PID");
  const std::string period = Variable("WATCHDOG_USEC");
  if (period.empty() || (!pid.empty() && pid != absl::StrCat(getpid()))) return options;
  int64_t microseconds = 0;
  if (!absl::SimpleAtoi(period, &microseconds) || microseconds <= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("WATCHDOG_USEC: expected a number of microseconds > 0, got \"", period, "\""));
  }
  options.watchdog = absl::Microseconds(microseconds);
  return options;
}

absl::Status ServiceManager::Ready() { return Send("READY=1"); }

absl::Status ServiceManager::Reloading() {
  return Send(absl::StrCat("RELOADING=1\nMONOTONIC_USEC=", MonotonicMicroseconds()));
}

absl::Status ServiceManager::Stopping() { return Send("STOPPING=1"); }

absl::Status ServiceManager::Alive(std::chrono::steady_clock::time_point now) {
  if (options_.watchdog == absl::ZeroDuration() || now < next_alive_) return absl::OkStatus();
  next_alive_ = now + absl::ToChronoNanoseconds(options_.watchdog / 2);
  return Send("WATCHDOG=1");
}

absl::Status ServiceManager::Send(absl::string_view message) const {
  if (options_.socket.empty()) return absl::OkStatus();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, options_.socket.data(), options_.socket.size());
  // The name of an abstract socket starts with a zero byte and ends with its length.
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const socklen_t length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + options_.socket.size());
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, "NOTIFY_SOCKET: cannot make a socket");
  // Never waits: a service manager that does not read must not hold up the server.
  const ssize_t sent = ::sendto(descriptor, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                                reinterpret_cast<const sockaddr*>(&address), length);
  const int error = errno;
  ::close(descriptor);
  if (sent < 0) return absl::ErrnoToStatus(error, absl::StrCat("NOTIFY_SOCKET: cannot send to ", options_.socket));
  return absl::OkStatus();
}

}  // namespace roicast

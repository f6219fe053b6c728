#include "server/transport/connection/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "server/net/address.h"

namespace roicast {
namespace {

constexpr absl::string_view kUnix = "unix:";
// As many as the system allows: a client whose connection finds no place in the queue asks again after a second only.
constexpr int kBacklog = std::numeric_limits<int>::max();
// Connections accepted in one turn, so that others have theirs (docs/benchmarks.md, clients that attack).
constexpr int kMaxAccepted = 64;

// A socket bound to a TCP address, or why not.
absl::StatusOr<int> BindTcp(const std::string& host, int port, bool ipv6_only) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.empty() ? nullptr : host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "expected an address to listen on, such as 127.0.0.1:8500 or [::1]:8500, got the host \"", host, "\""));
  }
  int fd = -1;
  for (const addrinfo* address = found; address != nullptr && fd < 0; address = address->ai_next) {
    fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) continue;
    const int on = 1;
    // Without SO_REUSEPORT: a second server on the port has to fail, not to share it.
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    const int only = ipv6_only ? 1 : 0;
    // Otherwise [::] takes IPv4, too.
    if (address->ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
    if (bind(fd, address->ai_addr, address->ai_addrlen) != 0) {
      close(fd);
      fd = -1;
    }
  }
  freeaddrinfo(found);
  if (fd < 0) {
    ROICAST_RETURN_IF_ERROR(ProbeListening(host, port));
    return absl::UnavailableError(absl::StrCat("cannot listen on ", host, ":", port));
  }
  return fd;
}

// Of a TCP socket: its host, a number, and its port.
std::pair<std::string, int> PlaceOf(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  char host[NI_MAXHOST] = {};
  getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host, sizeof(host), nullptr, 0, NI_NUMERICHOST);
  if (address.ss_family == AF_INET) return {host, ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port)};
  return {absl::StrCat("[", host, "]"), ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port)};
}

// Removes the socket of a process that has ended without doing so.
absl::Status RemoveStale(const std::string& path, const sockaddr* address, socklen_t size) {
  struct stat file {};
  if (stat(path.c_str(), &file) != 0) return absl::OkStatus();
  const std::string where = absl::StrCat("cannot listen on unix:", path, ": ");
  if (!S_ISSOCK(file.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(where, "a file that is no socket is there"));
  }
  // Without waiting: a process that is slow to accept listens, too.
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int error = probe >= 0 && connect(probe, address, size) == 0 ? 0 : errno;
  if (probe >= 0) close(probe);
  if (error == 0 || error == EAGAIN) {
    return absl::FailedPreconditionError(absl::StrCat(where, "another process listens there"));
  }
  if (error != ECONNREFUSED || unlink(path.c_str()) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat(where, "a socket is there already: ", std::strerror(error != ECONNREFUSED ? error : errno)));
  }
  return absl::OkStatus();
}

absl::StatusOr<int> BindUnix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(absl::StrCat("unix:", path, ": expected a path of 1 to ",
                                                   sizeof(address.sun_path) - 1, " bytes, got ", path.size()));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  const auto* const bound = reinterpret_cast<const sockaddr*>(&address);
  ROICAST_RETURN_IF_ERROR(RemoveStale(path, bound, sizeof(address)));
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return absl::ResourceExhaustedError(absl::StrCat("unix:", path, ": ", std::strerror(errno)));
  if (bind(fd, bound, sizeof(address)) != 0) {
    const int error = errno;
    close(fd);
    const std::string message = absl::StrCat("cannot listen on unix:", path, ": ", std::strerror(error));
    if (error == EACCES || error == EPERM) return absl::PermissionDeniedError(message);
    return absl::InvalidArgumentError(message);
  }
  return fd;
}

}  // namespace

Listener::Listener(TransportMetrics* metrics, OnAccepted on_accepted)
    : metrics_(*metrics), on_accepted_(std::move(on_accepted)), reserve_(open("/dev/null", O_RDONLY | O_CLOEXEC)) {}

Listener::~Listener() {
  Stop();
  if (reserve_ >= 0) close(reserve_);
}

absl::StatusOr<std::unique_ptr<Listener>> Listener::Make(absl::string_view address, TransportMetrics* metrics,
                                                         OnAccepted on_accepted, bool ipv6_only) {
  std::unique_ptr<Listener> listener(new Listener(metrics, std::move(on_accepted)));
  if (absl::ConsumePrefix(&address, kUnix)) {
    std::string path(address);
    ROICAST_ASSIGN_OR_RETURN(listener->fd_, BindUnix(path));
    listener->address_ = listener->numeric_address_ = absl::StrCat(kUnix, path);
    if (struct stat file{}; lstat(path.c_str(), &file) == 0) {
      listener->device_ = file.st_dev;
      listener->inode_ = file.st_ino;
      listener->path_ = std::move(path);
    }
  } else {
    ROICAST_ASSIGN_OR_RETURN(const auto place, ParseAddress(address));
    ROICAST_ASSIGN_OR_RETURN(listener->fd_, BindTcp(place.first, place.second, ipv6_only));
    const auto [host, port] = PlaceOf(listener->fd_);
    listener->port_ = port;
    listener->numeric_address_ = absl::StrCat(host, ":", port);
    listener->address_ = absl::StrCat(address.substr(0, address.rfind(':') + 1), listener->port_);
  }
  if (listen(listener->fd_, kBacklog) != 0) {
    return absl::FailedPreconditionError(absl::StrCat("cannot listen on ", address, ": ", std::strerror(errno)));
  }
  return listener;
}

absl::Status Listener::Start(EventLoop* loop) {
  loop_ = loop;
  return loop_->Watch(fd_, EPOLLIN, this);
}

void Listener::Stop() {
  if (fd_ < 0) return;
  if (loop_ != nullptr) loop_->Unwatch(fd_, this);
  // While it is listened on: afterwards another process may replace the file.
  if (!path_.empty()) RemoveFile();
  close(fd_);
  fd_ = -1;
}

void Listener::RemoveFile() const {
  struct stat file {};
  if (lstat(path_.c_str(), &file) == 0 && file.st_dev == device_ && file.st_ino == inode_) unlink(path_.c_str());
}

void Listener::OnReady(uint32_t) {
  for (int i = 0; i < kMaxAccepted && fd_ >= 0; ++i) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    const int fd = accept4(fd_, reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EMFILE || errno == ENFILE) TurnAway();
      // Anything else is the client's affair, or there is no more to accept.
      return;
    }
    metrics_.accepted.fetch_add(1, std::memory_order_relaxed);
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));  // Fails for unix sockets, which do not wait.
    on_accepted_(fd, DescribePeer(address));
  }
}

void Listener::TurnAway() {
  metrics_.Count(Cut::kDescriptors);
  if (reserve_ < 0) return;
  close(reserve_);
  const int fd = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd >= 0) close(fd);
  reserve_ = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

}  // namespace roicast

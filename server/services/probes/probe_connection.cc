#include "server/services/probes/probe_connection.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "base/steady_clock.h"
#include "server/net/address.h"

namespace roicast {
namespace {

absl::Status ErrnoStatus(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(errno)));
}

struct SocketAddress {
  sockaddr_storage bytes;
  socklen_t size;
};

absl::StatusOr<SocketAddress> Resolve(absl::string_view address) {
  SocketAddress resolved{};
  if (absl::ConsumePrefix(&address, "unix:")) {
    auto* const place = reinterpret_cast<sockaddr_un*>(&resolved.bytes);
    place->sun_family = AF_UNIX;
    std::memcpy(place->sun_path, address.data(), std::min(address.size(), sizeof(place->sun_path) - 1));
    resolved.size = sizeof(sockaddr_un);
    return resolved;
  }
  ROICAST_ASSIGN_OR_RETURN(const auto place, ParseAddress(address));
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(place.first.c_str(), std::to_string(place.second).c_str(), &hints, &found);
  if (error != 0) return absl::UnavailableError(gai_strerror(error));
  std::memcpy(&resolved.bytes, found->ai_addr, found->ai_addrlen);
  resolved.size = found->ai_addrlen;
  freeaddrinfo(found);
  return resolved;
}

// Of the client's side; it checks certificates by itself.
SSL_CTX* ClientContext() {
  static SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  return context;
}

}  // namespace

ProbeConnection::~ProbeConnection() {
  // While nobody else can have its address.
  if (own_ != nullptr) own_->Remove(peer_);
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<std::unique_ptr<ProbeConnection>> ProbeConnection::Make(absl::string_view address,
                                                                       const TlsCredentials* tls, OwnConnections* own,
                                                                       absl::Time deadline) {
  ROICAST_ASSIGN_OR_RETURN(const SocketAddress resolved, Resolve(address));
  std::unique_ptr<ProbeConnection> made(
      new ProbeConnection(socket(resolved.bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), deadline));
  if (made->fd_ < 0) return ErrnoStatus("no socket");
  const int on = 1;
  setsockopt(made->fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));  // Fails where there is nothing to delay.
  // Closing resets the connection. Otherwise its port is not free for a minute, and whoever asks often uses up all.
  const linger reset{.l_onoff = 1, .l_linger = 0};
  setsockopt(made->fd_, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  if (own != nullptr) made->EnterOwn(resolved.bytes, resolved.size, own);
  ROICAST_RETURN_IF_ERROR(made->Connect(reinterpret_cast<const sockaddr*>(&resolved.bytes), resolved.size));
  if (own != nullptr && resolved.bytes.ss_family == AF_UNIX) ROICAST_RETURN_IF_ERROR(made->CheckListener());
  if (tls != nullptr && UnixPath(address).empty()) {
    ROICAST_RETURN_IF_ERROR(WithContext(made->Secure(*tls), "TLS"));
  }
  return made;
}

// The ports are on this machine: from an address of theirs they can be reached. Unix sockets tell by themselves whose
// the other end is.
void ProbeConnection::EnterOwn(sockaddr_storage to, socklen_t size, OwnConnections* own) {
  if (to.ss_family == AF_INET) {
    reinterpret_cast<sockaddr_in&>(to).sin_port = 0;
  } else if (to.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6&>(to).sin6_port = 0;
  } else {
    return;
  }
  auto* const near = reinterpret_cast<sockaddr*>(&to);
  // Otherwise it comes from where the others come from.
  if (bind(fd_, near, size) != 0 || getsockname(fd_, near, &size) != 0) return;
  own_ = own;
  peer_ = DescribePeer(to).peer;
  own_->Add(peer_);
}

// Another server may have bound the path since, and would answer for this one.
absl::Status ProbeConnection::CheckListener() const {
  ucred listener{};
  socklen_t size = sizeof(listener);
  if (getsockopt(fd_, SOL_SOCKET, SO_PEERCRED, &listener, &size) != 0) return ErrnoStatus("no credentials");
  if (listener.pid == getpid()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("process ", listener.pid, " listens there, not this server"));
}

absl::Status ProbeConnection::Wait(int16_t events) const {
  const int64_t left = absl::ToInt64Milliseconds(deadline_ - SteadyClock().Now());
  pollfd waiting{.fd = fd_, .events = events, .revents = 0};
  if (left > 0 && poll(&waiting, 1, static_cast<int>(left)) > 0) return absl::OkStatus();
  return absl::DeadlineExceededError("no answer in time");
}

absl::Status ProbeConnection::Connect(const sockaddr* address, socklen_t size) const {
  if (connect(fd_, address, size) == 0) return absl::OkStatus();
  if (errno != EINPROGRESS) return ErrnoStatus("cannot connect");
  ROICAST_RETURN_IF_ERROR(WithContext(Wait(POLLOUT), "cannot connect"));
  int error = 0;
  socklen_t error_size = sizeof(error);
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &error_size);
  if (error == 0) return absl::OkStatus();
  errno = error;
  return ErrnoStatus("cannot connect");
}

absl::Status ProbeConnection::WaitForTls(int outcome) const {
  switch (SSL_get_error(ssl_.get(), outcome)) {
    case SSL_ERROR_WANT_READ:
      return Wait(POLLIN);
    case SSL_ERROR_WANT_WRITE:
      return Wait(POLLOUT);
    case SSL_ERROR_SSL:
      return absl::UnavailableError(TakeOpenSslError());
    default:
      return absl::UnavailableError("the connection was closed");
  }
}

absl::Status ProbeConnection::Secure(const TlsCredentials& tls) {
  // The certificate may be replaced while they shake hands.
  const std::shared_ptr<const TlsContext> before = tls.Current();
  ssl_.reset(SSL_new(ClientContext()));
  if (ssl_ == nullptr || SSL_set_fd(ssl_.get(), fd_) != 1) return absl::UnavailableError(TakeOpenSslError());
  SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(kAlpnHttp2.data()), kAlpnHttp2.size());
  ERR_clear_error();
  for (int outcome = 0; (outcome = SSL_connect(ssl_.get())) != 1;) ROICAST_RETURN_IF_ERROR(WaitForTls(outcome));
  const UniqueX509 theirs(SSL_get1_peer_certificate(ssl_.get()));
  for (const auto& context : {before, tls.Current()}) {
    if (theirs != nullptr && X509_cmp(theirs.get(), context->certificate()->leaf()) == 0) return absl::OkStatus();
  }
  return absl::UnavailableError("expected the certificate of this server, got another one");
}

absl::StatusOr<size_t> ProbeConnection::Read(absl::Span<char> to) {
  while (ssl_ != nullptr) {
    ERR_clear_error();
    size_t count = 0;
    const int outcome = SSL_read_ex(ssl_.get(), to.data(), to.size(), &count);
    if (outcome == 1) return count;
    if (SSL_get_error(ssl_.get(), outcome) == SSL_ERROR_ZERO_RETURN) return 0;
    ROICAST_RETURN_IF_ERROR(WithContext(WaitForTls(outcome), "TLS"));
  }
  ROICAST_RETURN_IF_ERROR(Wait(POLLIN));
  const ssize_t count = recv(fd_, to.data(), to.size(), 0);
  if (count < 0) return ErrnoStatus("cannot read");
  return static_cast<size_t>(count);
}

absl::Status ProbeConnection::Write(absl::string_view bytes) {
  while (ssl_ != nullptr && !bytes.empty()) {
    ERR_clear_error();
    size_t count = 0;
    const int outcome = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
    if (outcome == 1) return absl::OkStatus();
    ROICAST_RETURN_IF_ERROR(WithContext(WaitForTls(outcome), "TLS"));
  }
  while (!bytes.empty()) {
    const ssize_t count = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EAGAIN) {
      ROICAST_RETURN_IF_ERROR(Wait(POLLOUT));
      continue;
    }
    if (count < 0) return ErrnoStatus("cannot write");
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return absl::OkStatus();
}

}  // namespace roicast

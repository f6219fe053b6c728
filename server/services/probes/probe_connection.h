// A connection of this process to a port of its own, which waits for what it does, until a deadline.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/transport/connection/own_connections.h"
#include "server/transport/tls/openssl_ptr.h"
#include "server/transport/tls/tls_credentials.h"

namespace roicast {

// Errors of all: Unavailable, DeadlineExceeded; the message says what failed.
class ProbeConnection {
 public:
  // address: host:port or unix:/path; the host is a number, for a name may take longer than the deadline to look up.
  // own: has the connection for as long as it is there, and outlives it; nullptr: none. tls: of the server; nullptr: it
  // has none. Over TLS, which unix sockets do not have, no certificate is trusted but the server's own. deadline: of
  // the SteadyClock.
  static absl::StatusOr<std::unique_ptr<ProbeConnection>> Make(absl::string_view address, const TlsCredentials* tls,
                                                               OwnConnections* own, absl::Time deadline);
  ~ProbeConnection();
  ProbeConnection(const ProbeConnection&) = delete;
  ProbeConnection& operator=(const ProbeConnection&) = delete;

  bool is_secure() const { return ssl_ != nullptr; }
  // Waits for the next bytes. 0: the other side has closed the connection.
  absl::StatusOr<size_t> Read(absl::Span<char> to);
  absl::Status Write(absl::string_view bytes);

 private:
  ProbeConnection(int fd, absl::Time deadline) : fd_(fd), deadline_(deadline) {}
  // Waits until it can be read or written, as `events` say.
  absl::Status Wait(int16_t events) const;
  // For what OpenSSL could not do yet; an error where it will not be able to.
  absl::Status WaitForTls(int outcome) const;
  // Has the socket bound to an address that nobody else has, and entered in `own`, before it is connected.
  void EnterOwn(sockaddr_storage to, socklen_t size, OwnConnections* own);
  // Unavailable: another process listens on this Unix socket.
  absl::Status CheckListener() const;
  absl::Status Connect(const sockaddr* address, socklen_t size) const;
  absl::Status Secure(const TlsCredentials& tls);

  const int fd_;
  const absl::Time deadline_;
  // nullptr: it is not entered.
  OwnConnections* own_ = nullptr;
  std::string peer_;
  UniqueSsl ssl_;
};

}  // namespace roicast

// What connections of TLS begin with: a certificate, and which versions, ciphers and tickets are taken.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/transport/tls/openssl_ptr.h"
#include "server/transport/tls/tls_certificate.h"

namespace roicast {

// Protocols that clients may ask for, in our order, as TLS writes them (ALPN, RFC 7301). A client that asks for none of
// them is refused. One that does not ask at all is taken: it says by its first bytes what it speaks.
inline constexpr absl::string_view kAlpnHttp2 = "\x02h2";
inline constexpr absl::string_view kAlpnHttp = "\x02h2\x08http/1.1";

// TLS 1.3 and 1.2, the latter with forward secrecy and authenticated encryption alone (RFC 9113, section 9.2). No
// renegotiation, no compression, no early data. One ticket a connection, valid for two hours, under keys that are the
// context's own and nowhere else; nothing is stored for it.
//
// Immutable, thread-safe.
class TlsContext {
 public:
  // Errors: InvalidArgument (--tls_certificate), as when the key is too short.
  static absl::StatusOr<std::shared_ptr<const TlsContext>> Make(std::shared_ptr<const TlsCertificate> certificate);

  // The server's side of a new connection. protocols: one of the above, there for as long as the connection.
  UniqueSsl Accept(const absl::string_view* protocols) const;

  const std::shared_ptr<const TlsCertificate>& certificate() const { return certificate_; }

 private:
  explicit TlsContext(std::shared_ptr<const TlsCertificate> certificate) : certificate_(std::move(certificate)) {}

  const std::shared_ptr<const TlsCertificate> certificate_;
  UniqueSslContext context_;
};

}  // namespace roicast

// A certificate with its chain and its private key, as files in PEM have them.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/transport/tls/openssl_ptr.h"

namespace roicast {

// Immutable.
class TlsCertificate {
 public:
  // chain_file: the certificate first, then those that issued it, as far as clients need them. Errors name the flag
  // (--tls_certificate, --tls_key) and the file: NotFound, PermissionDenied, InvalidArgument (no PEM, an encrypted key,
  // a key of another certificate).
  static absl::StatusOr<TlsCertificate> Read(const std::string& chain_file, const std::string& key_file);

  X509* leaf() const { return leaf_.get(); }
  // Those behind the first.
  const std::vector<UniqueX509>& issuers() const { return issuers_; }
  EVP_PKEY* key() const { return key_.get(); }

  // For whom it is: "CN = localhost".
  std::string subject() const;
  absl::Time begins() const { return begins_; }
  absl::Time expires() const { return expires_; }

  // What is wrong with it although it can be used: expired, not valid yet, expires within 14 days, a key that everybody
  // on the machine can read.
  std::vector<std::string> Warnings(absl::Time now) const;

 private:
  TlsCertificate() = default;

  std::string chain_file_;
  std::string key_file_;
  bool key_is_public_ = false;
  UniqueX509 leaf_;
  std::vector<UniqueX509> issuers_;
  UniqueKey key_;
  absl::Time begins_;
  absl::Time expires_;
};

}  // namespace roicast

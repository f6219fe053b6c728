#include "server/transport/tls/tls_certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <ctime>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/regular_file.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

constexpr char kChainFlag[] = "--tls_certificate";
constexpr char kKeyFlag[] = "--tls_key";
constexpr absl::Duration kSoon = absl::Hours(14 * 24);

absl::StatusOr<UniqueBio> ReadPem(const std::string& file) {
  constexpr size_t kMaxBytes = size_t{1} << 20;
  absl::StatusOr<std::string> pem = ReadRegularFile(file, kMaxBytes);
  if (pem.ok() && pem->empty()) pem = absl::InvalidArgumentError("no bytes");
  if (!pem.ok()) {
    const std::string message = absl::StrCat("cannot read ", file, ": ", pem.status().message());
    if (absl::IsNotFound(pem.status())) return absl::NotFoundError(message);
    if (absl::IsPermissionDenied(pem.status())) return absl::PermissionDeniedError(message);
    return absl::InvalidArgumentError(message);
  }
  // It has a copy.
  UniqueBio bio(BIO_new(BIO_s_mem()));
  BIO_write(bio.get(), pem->data(), static_cast<int>(pem->size()));
  return bio;
}

// Nobody is asked for a passphrase.
int NoPassphrase(char*, int, int, void*) { return -1; }

absl::Time ToTime(const ASN1_TIME* asn1) {
  std::tm fields{};
  return ASN1_TIME_to_tm(asn1, &fields) == 1 ? absl::FromTimeT(timegm(&fields)) : absl::InfinitePast();
}

std::string Day(absl::Time time) { return absl::FormatTime("%Y-%m-%d %H:%M UTC", time, absl::UTCTimeZone()); }

}  // namespace

absl::string_view TakeOpenSslError() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "unknown error" : reason;
}

absl::StatusOr<TlsCertificate> TlsCertificate::Read(const std::string& chain_file, const std::string& key_file) {
  TlsCertificate certificate;
  certificate.chain_file_ = chain_file;
  certificate.key_file_ = key_file;
  absl::StatusOr<UniqueBio> chain = ReadPem(chain_file);
  if (!chain.ok()) return WithContext(chain.status(), kChainFlag);
  ERR_clear_error();
  certificate.leaf_.reset(PEM_read_bio_X509(chain->get(), nullptr, NoPassphrase, nullptr));
  if (certificate.leaf_ == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat(kChainFlag, ": ", chain_file, ": expected a certificate in PEM, got none: ", TakeOpenSslError()));
  }
  while (X509* const issuer = PEM_read_bio_X509(chain->get(), nullptr, NoPassphrase, nullptr)) {
    certificate.issuers_.emplace_back(issuer);
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    return absl::InvalidArgumentError(absl::StrCat(kChainFlag, ": ", chain_file, ": certificate ",
                                                   certificate.issuers_.size() + 2, ": ", TakeOpenSslError()));
  }
  ERR_clear_error();

  absl::StatusOr<UniqueBio> key = ReadPem(key_file);
  if (!key.ok()) return WithContext(key.status(), kKeyFlag);
  certificate.key_.reset(PEM_read_bio_PrivateKey(key->get(), nullptr, NoPassphrase, nullptr));
  if (certificate.key_ == nullptr) {
    const int reason = ERR_GET_REASON(ERR_peek_last_error());
    const bool encrypted = reason == PEM_R_BAD_PASSWORD_READ || reason == PEM_R_PROBLEMS_GETTING_PASSWORD;
    return absl::InvalidArgumentError(
        absl::StrCat(kKeyFlag, ": ", key_file, ": expected a private key in PEM without a passphrase, got ",
                     encrypted ? "one with a passphrase" : absl::StrCat("none: ", TakeOpenSslError())));
  }
  if (X509_check_private_key(certificate.leaf_.get(), certificate.key_.get()) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError(absl::StrCat(
        kKeyFlag, ": ", key_file, ": expected the key of the certificate in ", chain_file, ", got another one"));
  }
  struct stat status {};
  certificate.key_is_public_ = stat(key_file.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0;
  certificate.begins_ = ToTime(X509_get0_notBefore(certificate.leaf_.get()));
  certificate.expires_ = ToTime(X509_get0_notAfter(certificate.leaf_.get()));
  return certificate;
}

std::string TlsCertificate::subject() const {
  const UniqueBio bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(leaf_.get()), 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
  const char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &bytes);
  return std::string(bytes, static_cast<size_t>(size));
}

std::vector<std::string> TlsCertificate::Warnings(absl::Time now) const {
  std::vector<std::string> warnings;
  if (now < begins_) {
    warnings.push_back(absl::StrCat(chain_file_, ": the certificate is not valid before ", Day(begins_)));
  } else if (now > expires_) {
    warnings.push_back(absl::StrCat(chain_file_, ": the certificate expired at ", Day(expires_)));
  } else if (expires_ - now < kSoon) {
    warnings.push_back(absl::StrCat(chain_file_, ": the certificate expires at ", Day(expires_)));
  }
  if (key_is_public_) {
    warnings.push_back(absl::StrCat(key_file_, ": everybody on this machine can read the private key: chmod o-r"));
  }
  return warnings;
}

}  // namespace roicast

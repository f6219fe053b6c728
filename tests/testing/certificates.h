// Certificates and keys for tests, made by OpenSSL.
#pragma once

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/transport/tls/openssl_ptr.h"
#include "tests/testing/temp_dir.h"

namespace roicast::testing {

struct CertificateWish {
  // Its subject, and a name and an address of the host that it is for.
  std::string subject = "localhost";
  std::string hosts = "DNS:localhost,IP:127.0.0.1";
  absl::Duration begins = -absl::Hours(1);
  absl::Duration ends = absl::Hours(24 * 365);
  // 0: an elliptic curve, which is faster.
  int rsa_bits = 0;
};

// A certificate and its key.
struct CertificatePair {
  UniqueX509 certificate;
  UniqueKey key;

  std::string certificate_pem() const {
    const UniqueBio bio(BIO_new(BIO_s_mem()));
    EXPECT_EQ(PEM_write_bio_X509(bio.get(), certificate.get()), 1);
    return TextOf(bio.get());
  }
  // passphrase: nullptr: none.
  std::string key_pem(const char* passphrase = nullptr) const {
    const UniqueBio bio(BIO_new(BIO_s_mem()));
    const EVP_CIPHER* const cipher = passphrase == nullptr ? nullptr : EVP_aes_128_cbc();
    EXPECT_EQ(
        PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), cipher, nullptr, 0, nullptr, const_cast<char*>(passphrase)),
        1);
    return TextOf(bio.get());
  }

 private:
  static std::string TextOf(BIO* bio) {
    const char* bytes = nullptr;
    const long size = BIO_get_mem_data(bio, &bytes);
    return std::string(bytes, static_cast<size_t>(size));
  }
};

// issuer: nullptr: it issues itself.
inline CertificatePair MakeCertificate(const CertificateWish& wish = {}, const CertificatePair* issuer = nullptr) {
  CertificatePair made;
  made.key.reset(wish.rsa_bits > 0 ? EVP_RSA_gen(static_cast<unsigned int>(wish.rsa_bits)) : EVP_EC_gen("P-256"));
  made.certificate.reset(X509_new());
  X509* const certificate = made.certificate.get();
  X509_set_version(certificate, X509_VERSION_3);
  static int serial = 0;
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_time_adj_ex(X509_getm_notBefore(certificate), 0, absl::ToInt64Seconds(wish.begins), nullptr);
  X509_time_adj_ex(X509_getm_notAfter(certificate), 0, absl::ToInt64Seconds(wish.ends), nullptr);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wish.subject.c_str()), -1, -1, 0);
  X509* const by = issuer == nullptr ? certificate : issuer->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(by));
  X509_set_pubkey(certificate, made.key.get());
  const auto extend = [certificate](int kind, const std::string& value) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    EXPECT_EQ(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
  };
  extend(NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "critical,CA:FALSE");
  extend(NID_subject_alt_name, wish.hosts);
  EXPECT_GT(X509_sign(certificate, issuer == nullptr ? made.key.get() : issuer->key.get(), EVP_sha256()), 0);
  return made;
}

// Files of a certificate and its key.
class CertificateFiles {
 public:
  explicit CertificateFiles(const CertificateWish& wish = {}) { Write(MakeCertificate(wish)); }
  void Write(const CertificatePair& pair) { Write(pair.certificate_pem(), pair.key_pem()); }
  void Write(const std::string& certificate_pem, const std::string& key_pem) {
    std::ofstream(certificate()) << certificate_pem;
    std::ofstream(key()) << key_pem;
    std::filesystem::permissions(key(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  std::string certificate() const { return folder_.File("certificate.pem"); }
  std::string key() const { return folder_.File("key.pem"); }

 private:
  const TempDir folder_;
};

}  // namespace roicast::testing

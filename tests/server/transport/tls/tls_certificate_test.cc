#include "server/transport/tls/tls_certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/transport/tls/tls_credentials.h"
#include "tests/testing/certificates.h"

namespace roicast {
namespace {

using testing::CertificateFiles;
using testing::CertificatePair;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::MakeCertificate;
using ::testing::StartsWith;

absl::Status ErrorOf(const CertificateFiles& files) {
  return TlsCertificate::Read(files.certificate(), files.key()).status();
}

TEST(TlsCertificate, HasWhatTheFilesHave) {
  const CertificatePair issuer = MakeCertificate({.subject = "issuer"});
  const CertificatePair pair = MakeCertificate({.subject = "leaf"}, &issuer);
  CertificateFiles files;
  files.Write(absl::StrCat("a remark\n", pair.certificate_pem(), issuer.certificate_pem()), pair.key_pem());
  const auto read = TlsCertificate::Read(files.certificate(), files.key());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->subject(), "CN = leaf");
  EXPECT_EQ(X509_cmp(read->leaf(), pair.certificate.get()), 0);
  ASSERT_EQ(read->issuers().size(), 1u);
  EXPECT_EQ(X509_cmp(read->issuers()[0].get(), issuer.certificate.get()), 0);
  EXPECT_EQ(EVP_PKEY_eq(read->key(), pair.key.get()), 1);
  EXPECT_EQ(read->expires() - read->begins(), absl::Hours(24 * 365 + 1));
  EXPECT_THAT(read->Warnings(absl::Now()), IsEmpty());
}

TEST(TlsCertificate, FilesThatAreMissingAreNamedWithTheirFlag) {
  CertificateFiles files;
  EXPECT_EQ(TlsCertificate::Read("/nowhere/chain", files.key()).status(),
            absl::NotFoundError("--tls_certificate: cannot read /nowhere/chain: No such file or directory"));
  EXPECT_EQ(TlsCertificate::Read(files.certificate(), "/nowhere/key").status(),
            absl::NotFoundError("--tls_key: cannot read /nowhere/key: No such file or directory"));
  EXPECT_EQ(TlsCertificate::Read("/", files.key()).status(),
            absl::InvalidArgumentError("--tls_certificate: cannot read /: Is a directory"));
}

// SIGHUP waited for whoever would write to the pipe, and then no signal was heard.
TEST(TlsCertificate, WhatIsNoRegularFileIsNotWaitedFor) {
  const CertificateFiles files;
  std::filesystem::remove(files.key());
  ASSERT_EQ(::mkfifo(files.key().c_str(), 0600), 0);
  EXPECT_EQ(ErrorOf(files),
            absl::InvalidArgumentError(absl::StrCat("--tls_key: cannot read ", files.key(),
                                                    ": expected a regular file, which can be read again")));
  EXPECT_EQ(TlsCertificate::Read("/dev/zero", files.key()).status(),
            absl::InvalidArgumentError(
                "--tls_certificate: cannot read /dev/zero: expected a regular file, which can be read again"));
}

TEST(TlsCertificate, FilesThatHoldSomethingElseAreRefused) {
  const CertificatePair pair = MakeCertificate();
  CertificateFiles files;
  files.Write("", pair.key_pem());
  EXPECT_THAT(std::string(ErrorOf(files).message()), StartsWith("--tls_certificate: cannot read "));
  files.Write(pair.key_pem(), pair.key_pem());
  EXPECT_EQ(ErrorOf(files),
            absl::InvalidArgumentError(absl::StrCat("--tls_certificate: ", files.certificate(),
                                                    ": expected a certificate in PEM, got none: no start line")));
  files.Write(pair.certificate_pem(), pair.certificate_pem());
  EXPECT_THAT(std::string(ErrorOf(files).message()),
              HasSubstr(absl::StrCat("--tls_key: ", files.key(),
                                     ": expected a private key in PEM without a passphrase, got none: ")));
}

TEST(TlsCertificate, ADamagedCertificateOfTheChainIsRefused) {
  const CertificatePair pair = MakeCertificate();
  std::string damaged = pair.certificate_pem();
  damaged.replace(damaged.size() / 2, 4, "!!!!");
  CertificateFiles files;
  files.Write(absl::StrCat(pair.certificate_pem(), damaged), pair.key_pem());
  EXPECT_THAT(std::string(ErrorOf(files).message()),
              StartsWith(absl::StrCat("--tls_certificate: ", files.certificate(), ": certificate 2: ")));
}

TEST(TlsCertificate, AKeyWithAPassphraseIsRefusedAndNobodyIsAskedForIt) {
  const CertificatePair pair = MakeCertificate();
  CertificateFiles files;
  files.Write(pair.certificate_pem(), pair.key_pem("secret"));
  EXPECT_EQ(ErrorOf(files), absl::InvalidArgumentError(absl::StrCat(
                                "--tls_key: ", files.key(),
                                ": expected a private key in PEM without a passphrase, got one with a passphrase")));
}

TEST(TlsCertificate, AKeyOfAnotherCertificateIsRefused) {
  CertificateFiles files;
  files.Write(MakeCertificate().certificate_pem(), MakeCertificate().key_pem());
  EXPECT_EQ(ErrorOf(files), absl::InvalidArgumentError(absl::StrCat("--tls_key: ", files.key(),
                                                                    ": expected the key of the certificate in ",
                                                                    files.certificate(), ", got another one")));
}

TEST(TlsCertificate, WhatIsAmissIsWarnedOf) {
  const CertificateFiles files;
  std::filesystem::permissions(files.key(), std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  const auto read = TlsCertificate::Read(files.certificate(), files.key());
  ASSERT_TRUE(read.ok()) << read.status();
  const std::string open_key =
      absl::StrCat(files.key(), ": everybody on this machine can read the private key: chmod o-r");
  EXPECT_THAT(read->Warnings(read->expires() - absl::Hours(24 * 14)), ElementsAre(open_key));
  EXPECT_THAT(
      read->Warnings(read->begins() - absl::Seconds(1)),
      ElementsAre(StartsWith(absl::StrCat(files.certificate(), ": the certificate is not valid before ")), open_key));
  EXPECT_THAT(read->Warnings(read->expires() - absl::Hours(24 * 13)),
              ElementsAre(absl::StrCat(files.certificate(), ": the certificate expires at ",
                                       absl::FormatTime("%Y-%m-%d %H:%M UTC", read->expires(), absl::UTCTimeZone())),
                          open_key));
  EXPECT_THAT(read->Warnings(read->expires() + absl::Seconds(1)),
              ElementsAre(StartsWith(absl::StrCat(files.certificate(), ": the certificate expired at ")), open_key));
}

TEST(TlsCredentials, ABadPairKeepsTheFormerOne) {
  CertificateFiles files({.subject = "former"});
  TransportMetrics metrics;
  TlsCredentials credentials(files.certificate(), files.key(), &metrics);
  ASSERT_EQ(credentials.Load(absl::Now()), absl::OkStatus());
  EXPECT_EQ(metrics.certificate_expires.load(), absl::ToUnixSeconds(credentials.Current()->certificate()->expires()));
  const auto former = credentials.Current();
  files.Write(MakeCertificate({.subject = "other"}).certificate_pem(), MakeCertificate().key_pem());
  EXPECT_THAT(std::string(credentials.Load(absl::Now()).message()), HasSubstr("got another one"));
  EXPECT_EQ(credentials.Current(), former);
  files.Write(MakeCertificate({.subject = "new", .ends = absl::Hours(1)}));
  EXPECT_EQ(credentials.Load(absl::Now()), absl::OkStatus());
  EXPECT_EQ(credentials.Current()->certificate()->subject(), "CN = new");
  EXPECT_EQ(former->certificate()->subject(), "CN = former");
  EXPECT_LT(metrics.certificate_expires.load(), absl::ToUnixSeconds(former->certificate()->expires()));
}

TEST(TlsCredentials, AnExpiredCertificateIsTaken) {
  const CertificateFiles files({.ends = -absl::Minutes(1)});
  TransportMetrics metrics;
  TlsCredentials credentials(files.certificate(), files.key(), &metrics);
  EXPECT_EQ(credentials.Load(absl::Now()), absl::OkStatus());
}

TEST(TlsCredentials, AKeyThatIsTooShortIsRefused) {
  const CertificateFiles files({.rsa_bits = 1024});
  TransportMetrics metrics;
  TlsCredentials credentials(files.certificate(), files.key(), &metrics);
  EXPECT_EQ(credentials.Load(absl::Now()),
            absl::InvalidArgumentError(
                "--tls_certificate: the certificate of CN = localhost is not usable: ee key too small"));
}

TEST(TlsCredentials, KeysOfTicketsAreReplacedOnceTheyAreADayOld) {
  const CertificateFiles files;
  TransportMetrics metrics;
  TlsCredentials credentials(files.certificate(), files.key(), &metrics);
  const absl::Time begin = absl::Now();
  ASSERT_EQ(credentials.Load(begin), absl::OkStatus());
  const auto first = credentials.Current();
  credentials.RenewTicketKeysIfDue(begin + absl::Hours(23));
  EXPECT_EQ(credentials.Current(), first);
  credentials.RenewTicketKeysIfDue(begin + absl::Hours(24));
  EXPECT_NE(credentials.Current(), first);
  EXPECT_EQ(credentials.Current()->certificate(), first->certificate());
}

}  // namespace
}  // namespace roicast

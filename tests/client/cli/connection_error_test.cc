#include "client/cli/connection_error.h"

#include <gtest/gtest.h>

namespace roicast::client {
namespace {

std::string Message(absl::string_view library) {
  return ConnectionErrorMessage(absl::UnavailableError(library), "db:8500");
}

// As gRPC 1.51 and 1.30 say it.
TEST(ConnectionErrorMessage, SaysWhatFailedWithoutTheLibrarysInternals) {
  EXPECT_EQ(Message("failed to connect to all addresses; last error: UNKNOWN: ipv4:10.0.0.7:8500: Failed to connect to "
                    "remote host: Connection refused"),
            "cannot connect to db:8500: Connection refused");
  EXPECT_EQ(Message("failed to connect to all addresses"), "cannot connect to db:8500");
  EXPECT_EQ(Message("DNS resolution failed for db:8500: C-ares status is not ARES_SUCCESS qtype=A"),
            "cannot find the address of db:8500");
}

// As gRPC 1.51 says it with OpenSSL 3.
TEST(ConnectionErrorMessage, SaysWhatOpenSslRefused) {
  const absl::string_view unknown =
      "failed to connect to all addresses; last error: UNKNOWN: Ssl handshake failed: SSL_ERROR_SSL: "
      "error:0A000086:SSL routines::certificate verify failed";
  EXPECT_EQ(Message(unknown), "cannot connect to db:8500: certificate verify failed");
  EXPECT_EQ(EncryptionHint(absl::UnavailableError(unknown), true),
            "--tls-ca FILE trusts those who issued the server's certificate; FILE may also be that certificate");
  const absl::string_view plain =
      "failed to connect to all addresses; last error: UNKNOWN: error:0A00010B:SSL routines::wrong version number";
  EXPECT_EQ(Message(plain), "cannot connect to db:8500: wrong version number");
  EXPECT_EQ(EncryptionHint(absl::UnavailableError(plain), true),
            "the server does not speak TLS there: leave out --tls and --tls-ca, and unset ROICAST_TLS_CA");
  const absl::string_view other =
      "failed to connect to all addresses; last error: UNKNOWN: Peer name db is not in peer certificate";
  EXPECT_EQ(Message(other), "cannot connect to db:8500: Peer name db is not in peer certificate");
  EXPECT_EQ(EncryptionHint(absl::UnavailableError(other), true),
            "--server has to name a host that the server's certificate is for");
}

TEST(EncryptionHint, IsForWhatEncryptionExplains) {
  EXPECT_EQ(EncryptionHint(absl::UnavailableError("failed to connect to all addresses; last error: UNKNOWN: "
                                                  "ipv4:10.0.0.7:8500: Socket closed"),
                           false),
            "does the server speak TLS? Then --tls-ca FILE names whom to trust; --tls trusts whom the system trusts");
  EXPECT_EQ(EncryptionHint(absl::UnavailableError("Connection refused"), false), "");
  EXPECT_EQ(EncryptionHint(absl::UnavailableError("Connection refused"), true), "");
}

// As gRPC 1.51 says it of the server's HTTP port, and of another server.
TEST(IsHttpAnswer, KnowsAServerThatSpeaksNoGrpc) {
  EXPECT_TRUE(IsHttpAnswer(absl::UnimplementedError("Received http2 header with status: 404")));
  EXPECT_FALSE(IsHttpAnswer(absl::UnimplementedError("unknown method")));
}

TEST(ConnectionErrorMessage, KeepsWhatStandsBefore) {
  EXPECT_EQ(Message("lines 2 to 9: failed to connect to all addresses; last error: UNKNOWN: Connection refused"),
            "lines 2 to 9: cannot connect to db:8500: Connection refused");
}

// Another version of the library may have other words: they are shown then, with the server's name.
TEST(ConnectionErrorMessage, ShowsWordsThatItDoesNotKnow) {
  EXPECT_EQ(Message("Socket closed"), "cannot reach db:8500: Socket closed");
}

}  // namespace
}  // namespace roicast::client

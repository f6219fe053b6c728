#include "client/cli/connection_error.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace roicast::client {
namespace {

// "error:0A000086:SSL routines::certificate verify failed" → "certificate verify failed".
absl::string_view WithoutOpenSslsPrefix(absl::string_view reason) {
  const size_t end = reason.rfind("::");
  return end == absl::string_view::npos ? reason : reason.substr(end + 2);
}

}  // namespace

std::string ConnectionErrorMessage(const absl::Status& status, absl::string_view server) {
  const absl::string_view message = status.message();
  const size_t unknown = message.find("DNS resolution failed");
  if (unknown != absl::string_view::npos) {
    return absl::StrCat(message.substr(0, unknown), "cannot find the address of ", server);
  }
  const size_t refused = message.find("failed to connect to all addresses");
  if (refused == absl::string_view::npos) return absl::StrCat("cannot reach ", server, ": ", message);
  // "...; last error: UNKNOWN: ipv4:127.0.0.1:1: Failed to connect to remote host: Connection refused".
  const size_t reason = message.rfind(": ");
  if (reason == absl::string_view::npos || reason < refused) {
    return absl::StrCat(message.substr(0, refused), "cannot connect to ", server);
  }
  return absl::StrCat(message.substr(0, refused), "cannot connect to ", server, ": ",
                      WithoutOpenSslsPrefix(message.substr(reason + 2)));
}

absl::string_view EncryptionHint(const absl::Status& status, bool encrypted) {
  const absl::string_view message = status.message();
  if (!encrypted) {
    return absl::StrContains(message, "Socket closed") ? "does the server speak TLS? Then --tls-ca FILE names whom to "
                                                         "trust; --tls trusts whom the system trusts"
                                                       : "";
  }
  if (absl::StrContains(message, "certificate verify failed")) {
    return "--tls-ca FILE trusts those who issued the server's certificate; FILE may also be that certificate";
  }
  if (absl::StrContains(message, "not in peer certificate")) {
    return "--server has to name a host that the server's certificate is for";
  }
  if (absl::StrContains(message, "wrong version number")) {
    return "the server does not speak TLS there: leave out --tls and --tls-ca, and unset ROICAST_TLS_CA";
  }
  return "";
}

// As gRPC's C++ library says it, with UNIMPLEMENTED for 404 and other codes for other statuses.
bool IsHttpAnswer(const absl::Status& status) {
  return absl::StrContains(status.message(), "http2 header with status") ||
         absl::StrContains(status.message(), "HTTP status code");
}

}  // namespace roicast::client

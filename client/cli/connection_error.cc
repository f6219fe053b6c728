#include "client/cli/connection_error.h"

#include "absl/strings/str_cat.h"

namespace roicast::client {

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
  return absl::StrCat(message.substr(0, refused), "cannot connect to ", server,
                      reason == absl::string_view::npos || reason < refused ? "" : message.substr(reason));
}

}  // namespace roicast::client

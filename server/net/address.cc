#include "server/net/address.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

constexpr absl::string_view kUnix = "unix:";
// With the zero at its end.
constexpr size_t kMaxPathBytes = sizeof(sockaddr_un::sun_path);

absl::Status HostPortExpected(absl::string_view address, absl::string_view other = "") {
  return absl::InvalidArgumentError(
      absl::StrCat("expected host:port, such as 0.0.0.0:8500 or [::]:8500,", other, " got \"", address, "\""));
}

absl::Status CheckListed(absl::string_view address) {
  if (!absl::StartsWith(address, kUnix)) {
    return ParseAddress(address).ok() ? absl::OkStatus() : HostPortExpected(address, " or unix:/path,");
  }
  const size_t bytes = UnixPath(address).size();
  if (bytes > 0 && bytes < kMaxPathBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("expected unix: and a path of 1 to ", kMaxPathBytes - 1, " bytes, got \"", address, "\""));
}

absl::Status ListeningStatus(int error_number) {
  switch (error_number) {
    case 0:
      return absl::OkStatus();
    case EADDRINUSE:
      return absl::FailedPreconditionError("the port is taken: stop the process that has it, or choose another port");
    case EACCES:
      return absl::PermissionDeniedError(std::strerror(error_number));
    case EADDRNOTAVAIL:
      return absl::InvalidArgumentError("this machine does not have that address");
    default:
      return absl::InternalError(std::strerror(error_number));
  }
}

// Binds and listens for a moment. 0, or the error's number.
int TryListening(const addrinfo& address) {
  const int descriptor = ::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC, address.ai_protocol);
  if (descriptor < 0) return errno;
  // As servers do: connections of the last process that listened there do not count.
  const int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool listening = ::bind(descriptor, address.ai_addr, address.ai_addrlen) == 0 && ::listen(descriptor, 1) == 0;
  const int error_number = listening ? 0 : errno;
  ::close(descriptor);
  return error_number;
}

}  // namespace

absl::StatusOr<std::pair<std::string, int>> ParseAddress(absl::string_view address) {
  const size_t colon = address.rfind(':');
  int port = 0;
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(address.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return HostPortExpected(address);
  }
  absl::string_view host = address.substr(0, colon);
  if (absl::ConsumePrefix(&host, "[")) {
    if (!absl::ConsumeSuffix(&host, "]")) return HostPortExpected(address);
  } else if (absl::StrContains(host, ':')) {
    return HostPortExpected(address);
  }
  return std::make_pair(std::string(host), port);
}

absl::string_view UnixPath(absl::string_view address) {
  return absl::ConsumePrefix(&address, kUnix) ? address : absl::string_view();
}

absl::StatusOr<std::vector<std::string>> ParseAddresses(absl::string_view list) {
  std::vector<std::string> addresses;
  for (absl::string_view address : absl::StrSplit(list, ',')) {
    address = absl::StripAsciiWhitespace(address);
    ROICAST_RETURN_IF_ERROR(CheckListed(address));
    // Port 0 is another one each time.
    if (!absl::EndsWith(address, ":0") && std::find(addresses.begin(), addresses.end(), address) != addresses.end()) {
      return absl::InvalidArgumentError(absl::StrCat("expected each address once, got \"", address, "\" twice"));
    }
    addresses.emplace_back(address);
  }
  return addresses;
}

absl::Status ProbeListening(const std::string& host, int port) {
  const std::string where = absl::StrCat("cannot listen on ", host, ":", port);
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* addresses = nullptr;
  const int unknown =
      ::getaddrinfo(host.empty() ? nullptr : host.c_str(), std::to_string(port).c_str(), &hints, &addresses);
  if (unknown != 0) return absl::InvalidArgumentError(absl::StrCat(where, ": ", ::gai_strerror(unknown)));
  int error_number = 0;
  for (const addrinfo* address = addresses; address != nullptr && error_number == 0; address = address->ai_next) {
    error_number = TryListening(*address);
  }
  ::freeaddrinfo(addresses);
  return WithContext(ListeningStatus(error_number), where);
}

}  // namespace roicast

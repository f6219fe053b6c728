// Addresses to listen on: host:port or unix:/path.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace roicast {

// "0.0.0.0:8500" or "[::]:8500" → host without brackets, and port. InvalidArgument.
absl::StatusOr<std::pair<std::string, int>> ParseAddress(absl::string_view address);

// The path of "unix:/path"; empty: it is another address.
absl::string_view UnixPath(absl::string_view address);

// "0.0.0.0:8500, unix:/run/roicast.sock" → each of them: host:port or unix:/path, without blanks around it; at least
// one. A path has no comma. InvalidArgument: names the one that is wrong, or given twice.
absl::StatusOr<std::vector<std::string>> ParseAddresses(absl::string_view list);

// Whether a socket can listen there, for libraries that report only that theirs cannot. An empty host: all addresses.
// Errors: FailedPrecondition (the port is taken), PermissionDenied, InvalidArgument (not an address of this machine),
// Internal; the message says so with host and port.
absl::Status ProbeListening(const std::string& host, int port);

}  // namespace roicast

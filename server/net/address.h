// Addresses to listen on: host:port.
#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace roicast {

// "0.0.0.0:8500" or "[::]:8500" → host without brackets, and port. InvalidArgument.
absl::StatusOr<std::pair<std::string, int>> ParseAddress(absl::string_view address);

// Whether a socket can listen there, for libraries that report only that theirs cannot. An empty host: all addresses.
// Errors: FailedPrecondition (the port is taken), PermissionDenied, InvalidArgument (not an address of this machine),
// Internal; the message says so with host and port.
absl::Status ProbeListening(const std::string& host, int port);

}  // namespace roicast

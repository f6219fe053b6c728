// Tells scripts and tests on which ports the server listens.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace roicast {

// grpc_port: of the first TCP address; 0: there is none. Writes {"grpc_port": …, "http_port": …, "pid": …} to `path`;
// whoever reads it sees the whole file or none. An empty path writes nothing. Errors: PermissionDenied.
absl::Status WritePortFile(const std::string& path, int grpc_port, int http_port);

}  // namespace roicast

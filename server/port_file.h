// Tells scripts and tests where the server listens.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace roicast {

struct Ports {
  // Of the first TCP address; 0: there is none.
  int grpc_port;
  // All of them, with the ports that they have.
  std::vector<std::string> grpc_addresses;
  int http_port;
};

// Writes {"grpc_port": …, "grpc_addresses": […], "http_port": …, "pid": …} to `path`; whoever reads it sees the whole
// file or none. An empty path writes nothing. Errors: PermissionDenied.
absl::Status WritePortFile(const std::string& path, const Ports& ports);

}  // namespace roicast

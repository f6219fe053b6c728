// Whether calls to a server go through an HTTP proxy, by the environment variables that gRPC reads.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace roicast::client {

// True for targets on this machine: 127.0.0.0/8, 0.0.0.0, ::1, localhost and names below it, and Unix sockets.
// `target` as gRPC takes it: "localhost:8500", "[::1]:8500", "dns:///localhost:8500", "unix:/run/roicast.sock".
bool IsLoopback(absl::string_view target);

struct Proxy {
  // "http_proxy".
  std::string variable;
  // Its value, without user and password.
  std::string value;
};

// The proxy that gRPC uses for the target: the first of grpc_proxy, https_proxy and http_proxy that is set, unless
// no_grpc_proxy or no_proxy excludes the host, or the target is on this machine.
std::optional<Proxy> ProxyFor(absl::string_view target);

}  // namespace roicast::client

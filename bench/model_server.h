// PredictionService as roicast-server runs it, with one model; the RPC benchmarks compare it with the echo server.
#pragma once

#include <string>

namespace roicast::bench {

// Serves the artifact as version 1 of "default" from a store in `folder`, until the process is killed. Writes the port
// to `port_fd`.
[[noreturn]] void RunModelServer(const std::string& artifact, const std::string& folder, int port_fd);

}  // namespace roicast::bench

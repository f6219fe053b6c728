// PredictionService as the server runs it, with one model: what the echo is compared with.
#pragma once

#include <string>

namespace roicast::bench {

// Serves the artifact as version 1 of "default" from a store in `folder`, until the process is killed. Writes the port
// to `port_fd`.
[[noreturn]] void RunModelServer(const std::string& artifact, const std::string& folder, int port_fd);

}  // namespace roicast::bench

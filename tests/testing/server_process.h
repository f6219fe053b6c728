// The real roicast-server as a child process on loopback, on ports that the system chooses.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tests/testing/process.h"

namespace roicast::testing {

class ServerProcess {
 public:
  // Starts the server on the store and waits until its ports are open. `flags` come last. log_file: empty for one of
  // its own. Errors: FailedPrecondition with exit code and log if the server exits instead.
  static absl::StatusOr<ServerProcess> Start(const std::string& store, std::vector<std::string> flags = {},
                                             std::string log_file = "");

  Process& process() { return process_; }
  int grpc_port() const { return grpc_port_; }
  // All gRPC addresses, with their ports.
  const std::vector<std::string>& grpc_addresses() const { return grpc_addresses_; }
  int http_port() const { return http_port_; }
  std::string target() const;
  // A channel with its own connection.
  std::shared_ptr<grpc::Channel> NewChannel() const;
  // Body of an HTTP GET, such as "/metrics"; `code` is set to the HTTP status code.
  absl::StatusOr<std::string> HttpGet(const std::string& path, int* code = nullptr) const;
  // SIGTERM, then the exit code.
  absl::StatusOr<int> Stop(absl::Duration timeout = absl::Seconds(60));
  std::string log() const;
  // The log, as soon as it has the text: lines are written a moment after what they tell of. After a minute without it,
  // as it is then.
  std::string LogWith(absl::string_view text) const;

 private:
  ServerProcess(Process process, std::string log_file, int grpc_port, std::vector<std::string> grpc_addresses,
                int http_port)
      : process_(std::move(process)),
        log_file_(std::move(log_file)),
        grpc_port_(grpc_port),
        grpc_addresses_(std::move(grpc_addresses)),
        http_port_(http_port) {}

  Process process_;
  std::string log_file_;
  int grpc_port_ = 0;
  std::vector<std::string> grpc_addresses_;
  int http_port_ = 0;
};

// Path of the program under test.
std::string ServerBinary();

}  // namespace roicast::testing

// Connections to a server.
#pragma once

#include <grpcpp/channel.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/number_range.h"

namespace roicast::client {

struct ChannelOptions {
  // host:port, unix:/path, or any other name that gRPC resolves. A target on this machine is never reached through a
  // proxy.
  std::string target = "localhost:8500";
  static constexpr NumberRange kConnections{1, 256};

  // TLS: the server has to show a certificate for the target's host name that one of the roots has issued. Not on unix
  // sockets, which servers do not encrypt.
  bool tls = false;
  // A file of roots in PEM; makes `tls` true. Empty: the system's, or those of GRPC_DEFAULT_SSL_ROOTS_FILE_PATH.
  std::string tls_ca;

  // TCP connections. One handles about 100 calls in flight; several use more of the server's cores.
  int connections = 1;
  // Idle time before a keepalive ping, which detects dead peers. ≥ 10 s.
  absl::Duration keepalive = absl::Seconds(60);
  // Largest message sent or received, in bytes. ≥ 1 KiB.
  int64_t max_message_bytes = int64_t{256} << 20;

  absl::Status Validate() const;
};

// A fixed set of channels, each with its own connection. Thread-safe.
class ChannelPool {
 public:
  // Connects lazily. Errors: INVALID_ARGUMENT (options; a file of roots that cannot be read, or has none).
  static absl::StatusOr<std::shared_ptr<ChannelPool>> Create(const ChannelOptions& options);

  // Round robin.
  const std::shared_ptr<grpc::Channel>& Next();
  const std::shared_ptr<grpc::Channel>& At(size_t i) const { return channels_[i % channels_.size()]; }
  size_t size() const { return channels_.size(); }
  // Waits for a connection that was lost and returns once it is back; if none is lost, or it stays lost, at `until`.
  // gRPC makes progress with a connection only while someone waits: calls that fail at once leave it to a look every 5
  // s. So this is how to spend the time before a retry.
  void AwaitConnection(absl::Time until) const;
  const std::string& target() const { return target_; }

 private:
  ChannelPool(std::string target, std::vector<std::shared_ptr<grpc::Channel>> channels);

  const std::string target_;
  const std::vector<std::shared_ptr<grpc::Channel>> channels_;
  std::atomic<size_t> next_{0};
};

}  // namespace roicast::client

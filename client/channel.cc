#include "client/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "client/proxy.h"

namespace roicast::client {
namespace {

absl::StatusOr<std::string> ReadRoots(const std::string& file) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::ostringstream pem;
  if (!in || !(pem << in.rdbuf())) {
    const std::string message =
        absl::StrCat("tls_ca: cannot read ", file, ": ", errno != 0 ? std::strerror(errno) : "no bytes");
    return errno == ENOENT ? absl::NotFoundError(message) : absl::InvalidArgumentError(message);
  }
  if (!absl::StrContains(pem.str(), "-----BEGIN CERTIFICATE-----")) {
    return absl::InvalidArgumentError(absl::StrCat("tls_ca: ", file, ": expected certificates in PEM, got none"));
  }
  return pem.str();
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> CredentialsOf(const ChannelOptions& options) {
  const bool tls = (options.tls || !options.tls_ca.empty()) && !absl::StartsWith(options.target, "unix");
  if (!tls) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions ssl;
  if (!options.tls_ca.empty()) {
    ROICAST_ASSIGN_OR_RETURN(ssl.pem_root_certs, ReadRoots(options.tls_ca));
  }
  return grpc::SslCredentials(ssl);
}

}  // namespace

absl::Status ChannelOptions::Validate() const {
  if (target.empty()) return absl::InvalidArgumentError("target: expected host:port, got nothing");
  ROICAST_RETURN_IF_ERROR(kConnections.Check("connections", connections));
  if (keepalive < absl::Seconds(10)) {
    return absl::InvalidArgumentError(
        absl::StrCat("keepalive: expected at least 10s, got ", absl::FormatDuration(keepalive)));
  }
  const NumberRange message_bytes{1024, std::numeric_limits<int>::max()};
  return message_bytes.Check("max_message_bytes", static_cast<double>(max_message_bytes));
}

absl::StatusOr<std::shared_ptr<ChannelPool>> ChannelPool::Create(const ChannelOptions& options) {
  ROICAST_RETURN_IF_ERROR(options.Validate());
  ROICAST_ASSIGN_OR_RETURN(const auto credentials, CredentialsOf(options));
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < options.connections; ++i) {
    grpc::ChannelArguments arguments;
    // Channels to one address share a connection unless their subchannel pools are separate.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt("roicast.connection", i);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, static_cast<int>(absl::ToInt64Milliseconds(options.keepalive)));
    // A proxy elsewhere cannot reach this machine by its own name.
    if (IsLoopback(options.target)) arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    // gRPC's own retries are off: client/retry.h knows which calls are safe.
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    // gRPC's core takes no less than 100 ms; its default of 1 s is what every restart would cost.
    // The minimum reconnect backoff stays at gRPC's 20 s: despite its name, it is the timeout of a connection attempt.
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5000);
    arguments.SetMaxReceiveMessageSize(static_cast<int>(options.max_message_bytes));
    arguments.SetMaxSendMessageSize(static_cast<int>(options.max_message_bytes));
    channels.push_back(grpc::CreateCustomChannel(options.target, credentials, arguments));
  }
  return std::shared_ptr<ChannelPool>(new ChannelPool(options.target, std::move(channels)));
}

ChannelPool::ChannelPool(std::string target, std::vector<std::shared_ptr<grpc::Channel>> channels)
    : target_(std::move(target)), channels_(std::move(channels)) {}

void ChannelPool::AwaitConnection(absl::Time until) const {
  for (const std::shared_ptr<grpc::Channel>& channel : channels_) {
    if (channel->GetState(/*try_to_connect=*/true) == GRPC_CHANNEL_READY) continue;
    channel->WaitForConnected(absl::ToChronoTime(until));
    return;
  }
  absl::SleepFor(until - absl::Now());
}

const std::shared_ptr<grpc::Channel>& ChannelPool::Next() {
  return channels_[next_.fetch_add(1, std::memory_order_relaxed) % channels_.size()];
}

}  // namespace roicast::client

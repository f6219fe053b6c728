#include "server/transport/grpc_server.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "server/net/address.h"

namespace roicast {
namespace {

// gRPC reports only that it could not listen.
absl::Status WhyNotListening(const std::string& listen) {
  ROICAST_ASSIGN_OR_RETURN(const auto address, ParseAddress(listen));
  ROICAST_RETURN_IF_ERROR(ProbeListening(address.first, address.second));
  return absl::UnavailableError(absl::StrCat("cannot listen on ", listen));
}

}  // namespace

GrpcServer::GrpcServer(const Options& options) : options_(options), queues_(options.polling_threads, builder_) {
  builder_.SetMaxReceiveMessageSize(static_cast<int>(
      std::min<int64_t>(std::numeric_limits<int>::max(), int64_t{options.max_message_bytes} * kRefusedMessages)));
  builder_.SetMaxSendMessageSize(options.max_message_bytes);
  // A second server on the port has to fail, not to share it.
  builder_.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Channelz costs an allocation per call, and nothing reads it.
  builder_.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);
  // Well-behaved clients may ping an idle connection every 10 s.
  builder_.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10000);
  builder_.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // Detects clients that vanished without closing the connection, and ends their streams and uploads.
  builder_.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60000);
  builder_.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20000);
  grpc::ResourceQuota quota("server");
  quota.SetMaxThreads(options.max_synchronous_threads);
  builder_.SetResourceQuota(quota);
}

GrpcServer::~GrpcServer() { Shutdown(absl::InfinitePast()); }

absl::Status GrpcServer::Start() {
  builder_.AddListeningPort(options_.listen, grpc::InsecureServerCredentials(), &port_);
  server_ = builder_.BuildAndStart();
  if (server_ == nullptr || port_ == 0) {
    return WhyNotListening(options_.listen);
  }
  queues_.Start();
  return absl::OkStatus();
}

void GrpcServer::Shutdown(absl::Time deadline) {
  if (server_ != nullptr) server_->Shutdown(absl::ToChronoTime(deadline));
  queues_.Shutdown();
  server_.reset();
}

}  // namespace roicast

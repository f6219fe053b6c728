#include "server/transport/grpc_server.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

// gRPC tells only that it could not listen. Tries the same and returns why.
std::string WhyNotListening(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  if (colon == std::string::npos) return "expected host:port";
  std::string host = listen.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* addresses = nullptr;
  const int error = getaddrinfo(host.empty() ? nullptr : host.c_str(), listen.c_str() + colon + 1, &hints, &addresses);
  if (error != 0) return gai_strerror(error);
  std::string reason = "the address cannot be used";
  for (const addrinfo* address = addresses; address != nullptr; address = address->ai_next) {
    const int fd = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
    if (fd < 0) continue;
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, address->ai_addr, address->ai_addrlen) != 0 || ::listen(fd, 1) != 0) reason = std::strerror(errno);
    close(fd);
  }
  freeaddrinfo(addresses);
  return reason;
}

}  // namespace

GrpcServer::GrpcServer(const Options& options) : options_(options), queues_(options.polling_threads, builder_) {
  builder_.SetMaxReceiveMessageSize(options.max_message_bytes);
  builder_.SetMaxSendMessageSize(options.max_message_bytes);
  // A second server on the port has to fail, not to share it.
  builder_.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Introspection of channels costs an allocation per call and nobody reads it.
  builder_.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);
  // Well-behaved clients may ping an idle connection every 10 s.
  builder_.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10000);
  builder_.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // A client that vanished without a word is found out, and its streams and uploads with it.
  builder_.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60000);
  builder_.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20000);
  grpc::ResourceQuota quota("server");
  quota.SetMaxThreads(options.max_slow_threads);
  builder_.SetResourceQuota(quota);
}

GrpcServer::~GrpcServer() { Shutdown(absl::InfinitePast()); }

absl::Status GrpcServer::Start() {
  builder_.AddListeningPort(options_.listen, grpc::InsecureServerCredentials(), &port_);
  server_ = builder_.BuildAndStart();
  if (server_ == nullptr || port_ == 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", options_.listen, ": ", WhyNotListening(options_.listen)));
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

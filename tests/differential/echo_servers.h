// Two servers with the same methods, which echo bytes: one on this transport and one on gRPC's. Both take messages of
// up to kMaxMessageBytes.
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <memory>

#include "server/telemetry/transport_metrics.h"
#include "server/transport/grpc/stream_method.h"
#include "server/transport/grpc/unary_method.h"
#include "server/transport/transport_server.h"

namespace roicast {

inline constexpr char kUnaryPath[] = "/grpc.testing.TestService/UnaryCall";
inline constexpr char kStreamPath[] = "/grpc.testing.TestService/FullDuplexCall";
inline constexpr size_t kMaxMessageBytes = 20000;

class EchoServer {
 public:
  EchoServer();
  ~EchoServer();
  int port() const { return server_.port(); }

 private:
  class Handler;
  TransportMetrics metrics_;
  TransportServer server_;
  const std::unique_ptr<Handler> handler_;
  UnaryMethod unary_;
  StreamMethod stream_;
};

class ReferenceServer {
 public:
  ReferenceServer();
  ~ReferenceServer();
  int port() const { return port_; }

 private:
  class Service;
  const std::unique_ptr<Service> service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace roicast

// Two servers with the same methods, which echo bytes: one on this transport and one on gRPC's. Both take messages of
// up to kMaxMessageBytes.
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/telemetry/transport_metrics.h"
#include "server/transport/grpc/blocking_method.h"
#include "server/transport/grpc/stream_method.h"
#include "server/transport/grpc/unary_method.h"
#include "server/transport/grpc/worker_pool.h"
#include "server/transport/transport_server.h"

namespace roicast {

// Answers a message with itself.
inline constexpr char kUnaryPath[] = "/grpc.testing.TestService/UnaryCall";
// Answers each message with itself.
inline constexpr char kStreamPath[] = "/grpc.testing.TestService/FullDuplexCall";
// The same, once all messages are there.
inline constexpr char kHalfDuplexPath[] = "/grpc.testing.TestService/HalfDuplexCall";
// Answers all messages with one, their bytes one after the other.
inline constexpr char kInputPath[] = "/grpc.testing.TestService/StreamingInputCall";
// Answers a message with parts of it, of kOutputPart bytes but for the last; one at least.
inline constexpr char kOutputPath[] = "/grpc.testing.TestService/StreamingOutputCall";

inline constexpr size_t kOutputPart = 1000;
inline constexpr size_t kMaxMessageBytes = 20000;

inline std::vector<absl::string_view> AllPaths() {
  return {kUnaryPath, kStreamPath, kHalfDuplexPath, kInputPath, kOutputPath};
}
// Whether requests have any number of messages.
inline bool StreamsIn(absl::string_view path) {
  return path == kStreamPath || path == kHalfDuplexPath || path == kInputPath;
}

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
  WorkerPool pool_;
  UnaryMethod unary_;
  StreamMethod stream_;
  BlockingMethod half_duplex_;
  BlockingMethod input_;
  BlockingMethod output_;
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

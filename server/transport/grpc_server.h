// The listening gRPC server: a port, limits, completion queues, and the order in which they start and stop.
//
//   GrpcServer server(options);
//   … register services with server.builder(), give server.queues() to the asynchronous ones …
//   ROICAST_RETURN_IF_ERROR(server.Start());
//   … arm the asynchronous services …
//   server.Shutdown(absl::Now() + absl::Seconds(30));
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/flag_defaults.h"
#include "server/transport/completion_queues.h"

namespace roicast {

class GrpcServer {
 public:
  static constexpr int kRefusedMessages = 4;

  struct Options {
    // host:port; port 0: the system chooses.
    std::string listen = defaults::kListen;
    // ≥ 1.
    int polling_threads = 1;
    // Largest answer, in bytes; ≥ 1. Larger requests are for the handlers to refuse, with a message that names the
    // flag: gRPC itself cuts off only those of more than kRefusedMessages times as many bytes, with a message of its
    // own.
    int max_message_bytes = defaults::kMaxMessageBytes;
    // Maximum number of threads for synchronous calls; ≥ 2.
    int max_synchronous_threads = 64;
  };

  explicit GrpcServer(const Options& options);
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  grpc::ServerBuilder& builder() { return builder_; }
  CompletionQueues* queues() { return &queues_; }

  // Errors: those of ProbeListening if the address cannot be listened on.
  absl::Status Start();

  // The port that is listened on; after Start.
  int port() const { return port_; }

  // Rejects new connections and calls, waits for the calls in flight, and cancels at the deadline those that are left.
  void Shutdown(absl::Time deadline);

 private:
  const Options options_;
  grpc::ServerBuilder builder_;
  CompletionQueues queues_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace roicast

// The listening server: addresses, loops, limits, and the order in which they start and stop.
//
//   TransportServer server(options, &metrics);
//   … server.grpc().Add("/package.Service/Method", &method) …
//   ROICAST_RETURN_IF_ERROR(server.Start());
//   server.Shutdown(absl::Now() + absl::Seconds(30));
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/flag_defaults.h"
#include "server/telemetry/transport_metrics.h"
#include "server/transport/connection/connection.h"
#include "server/transport/connection/connection_table.h"
#include "server/transport/connection/listener.h"
#include "server/transport/grpc/grpc_requests.h"
#include "server/transport/http2/http2_session.h"
#include "server/transport/loop/loop_threads.h"

namespace roicast {

class TransportServer {
 public:
  struct Options {
    // host:port (port 0: the system chooses) or unix:/path; at least one.
    std::vector<std::string> listen = {defaults::kListen};
    // ≥ 1.
    int threads = 1;
    ConnectionTable::Limits table = {};
    Connection::Limits connection = {};
    Http2Limits http2 = {};
  };

  TransportServer(const Options& options, TransportMetrics* metrics);
  ~TransportServer();
  TransportServer(const TransportServer&) = delete;
  TransportServer& operator=(const TransportServer&) = delete;

  // Where methods are added before Start.
  GrpcRequests& grpc() { return grpc_; }
  LoopThreads& loops() { return loops_; }

  // Errors: those of Listener::Make.
  absl::Status Start();

  // The port of the first TCP address; after Start.
  int port() const;

  // Tells clients to move on. Calls that they send nevertheless are still answered, and so are new connections.
  void Drain();

  // Accepts no more connections, drains, waits for the calls under way, and closes at the deadline what is left. The
  // methods have to be there until it returns.
  void Shutdown(absl::Time deadline);

 private:
  void Accept(int fd, std::string peer, std::string host);

  const Options options_;
  TransportMetrics& metrics_;
  GrpcRequests grpc_;
  ConnectionTable table_;
  LoopThreads loops_;
  std::vector<std::unique_ptr<LoopBuffers>> buffers_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  // On loop 0: the loop of the next connection.
  int next_loop_ = 0;
  bool started_ = false;
};

}  // namespace roicast

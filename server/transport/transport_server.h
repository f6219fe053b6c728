// The listening server: addresses for gRPC and for HTTP, loops, limits, and the order in which they start and stop.
//
//   TransportServer server(options, &metrics);
//   … server.grpc().Add("/package.Service/Method", &method) …
//   … server.http().Add("GET", "/path", {handler}) …
//   ROICAST_RETURN_IF_ERROR(server.Start());
//   server.Shutdown(absl::Seconds(30));
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/flag_defaults.h"
#include "server/telemetry/transport_metrics.h"
#include "server/transport/connection/connection.h"
#include "server/transport/connection/connection_table.h"
#include "server/transport/connection/listener.h"
#include "server/transport/connection/own_connections.h"
#include "server/transport/connection/peer_address.h"
#include "server/transport/grpc/grpc_requests.h"
#include "server/transport/http/http_limits.h"
#include "server/transport/http/http_requests.h"
#include "server/transport/http/http_routes.h"
#include "server/transport/http2/http2_session.h"
#include "server/transport/loop/loop_threads.h"
#include "server/transport/tls/tls_credentials.h"
#include "server/transport/tls/tls_stream.h"

namespace roicast {

class TransportServer {
 public:
  struct Options {
    // host:port (port 0: the system chooses) or unix:/path; at least one.
    std::vector<std::string> listen = {defaults::kListen};
    // The same for HTTP; none: it is not served.
    std::vector<std::string> http_listen = {};
    // ≥ 1.
    int threads = 1;
    // Of gRPC's connections, and of HTTP's.
    ConnectionTable::Limits table = {};
    ConnectionTable::Limits http_table = {};
    Connection::Limits connection = {};
    // Of all TCP addresses; nullptr: none speaks TLS. Unix sockets never do. Outlives the server.
    const TlsCredentials* tls = nullptr;
    // Those of HTTP, too.
    bool http_tls = false;
    // Of the process to itself; nullptr: none. Outlives the server.
    const OwnConnections* own = nullptr;
    Http2Limits http2 = {};
    HttpLimits http = {};
  };

  TransportServer(const Options& options, TransportMetrics* metrics);
  ~TransportServer();
  TransportServer(const TransportServer&) = delete;
  TransportServer& operator=(const TransportServer&) = delete;

  // Where methods and routes are added before Start.
  GrpcRequests& grpc() { return grpc_; }
  HttpRoutes& http() { return http_.routes(); }
  LoopThreads& loops() { return loops_; }

  // Errors: those of Listener::Make.
  absl::Status Start();

  // The port of the first TCP address; after Start. 0: there is none.
  int port() const { return PortOf(grpc_door_); }
  int http_port() const { return PortOf(http_door_); }
  // Those of gRPC, with the ports that they have, such as "127.0.0.1:8500" and "unix:/run/roicast.sock"; after Start.
  const std::vector<std::string>& addresses() const { return addresses_; }
  // The same, with numbers for hosts.
  const std::vector<std::string>& numeric_addresses() const { return numeric_addresses_; }

  // Tells clients of gRPC to move on. Calls that they send nevertheless are still answered, and so are new connections.
  void Drain() { DrainAll(grpc_door_); }

  // Accepts no more connections, drains, waits for the calls under way, and closes what is left after `patience`, by a
  // clock that does not jump. HTTP is answered until gRPC's calls are. The methods and handlers have to be there until
  // it returns.
  void Shutdown(absl::Duration patience);

 private:
  // What comes in on some addresses.
  struct Door {
    std::vector<std::unique_ptr<Listener>> listeners;
    ConnectionTable table;
    // What its connections speak.
    Connection::Speak speak;
    // Over TLS: what of it clients may ask for (ALPN). nullptr: as it is.
    const absl::string_view* tls_protocols = nullptr;
  };
  struct PerLoop {
    std::unique_ptr<LoopBuffers> buffers;
    // nullptr: there is no TLS.
    std::unique_ptr<TlsBuffers> tls;
  };

  static int PortOf(const Door& door);
  absl::Status ListenEverywhere();
  absl::Status Listen(const std::vector<std::string>& addresses, Door& door);
  // secure: over TLS.
  void Accept(Door& door, bool secure, int fd, PeerAddress from);
  std::unique_ptr<ByteStream> MakeStream(const Door& door, bool secure, int loop, int fd);
  void DrainAll(Door& door);
  void Close(Door& door, std::chrono::steady_clock::time_point deadline);

  const Options options_;
  TransportMetrics& metrics_;
  GrpcRequests grpc_;
  HttpRequests http_;
  Door grpc_door_;
  Door http_door_;
  LoopThreads loops_;
  std::vector<PerLoop> per_loop_;
  std::vector<std::string> addresses_;
  std::vector<std::string> numeric_addresses_;
  // On loop 0: the loop of the next connection.
  int next_loop_ = 0;
  bool started_ = false;
};

}  // namespace roicast

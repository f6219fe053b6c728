#include "server/transport_settings.h"

#include <algorithm>

#include "base/status_macros.h"
#include "server/net/address.h"

namespace roicast {
namespace {

// Smaller limits are not shared: they are for tests and for servers with one client.
constexpr int64_t kSharedCalls = 64;
constexpr int kSharedDecisions = 4;

// How many of all may be of one address: a quarter is for others.
template <typename Count>
Count ShareOfOnePeer(Count all, Count shared) {
  return all < shared ? all : all - all / 4;
}

// Calls that do nothing may have a quarter of what predictions leave to all; and as much beyond it, for addresses that
// have few.
int64_t StreamsInAll(const ServerOptions& options) {
  constexpr int64_t kFewest = 256;
  const uint64_t room = static_cast<uint64_t>(options.memory_budget) - PredictionReserve(options);
  return std::max(kFewest, static_cast<int64_t>(room / 4 / kBytesOfStream));
}

// Probes and scrapes are few, but whoever opens many connections must not keep them out.
ConnectionTable::Limits OfHttp(const ServerOptions& options, int64_t descriptors) {
  constexpr int64_t kFew = 16;
  const int64_t connections = std::min(std::max(kFew, options.max_connections), std::max(kFew, descriptors / 8));
  return {.max_connections = connections, .max_connections_per_peer = connections / (options.http_tls ? 3 : 2)};
}

}  // namespace

uint64_t PredictionReserve(const ServerOptions& options) {
  return static_cast<uint64_t>(std::min(2 * options.max_bytes_held, options.memory_budget / 2));
}

absl::StatusOr<TransportServer::Options> TransportSettings(const ServerOptions& options, int64_t descriptors) {
  TransportServer::Options transport;
  ROICAST_ASSIGN_OR_RETURN(transport.listen, ParseAddresses(options.listen));
  transport.http_listen = {options.http_listen};
  transport.threads = options.polling_threads;
  transport.table = {.max_connections = options.max_connections,
                     .max_connections_per_peer = options.max_connections_per_peer};
  transport.http_table = OfHttp(options, descriptors);
  transport.connection.write_timeout = options.write_timeout;
  transport.connection.handshake_timeout = options.preface_timeout;
  transport.connection.piece_timeout = options.header_timeout;
  transport.http_tls = options.http_tls;

  Http2Limits& http2 = transport.http2;
  http2.max_streams = static_cast<uint32_t>(options.max_streams_per_connection);
  http2.max_streams_in_all = StreamsInAll(options);
  http2.max_streams_per_peer =
      std::min(http2.max_streams_per_peer, ShareOfOnePeer(http2.max_streams_in_all, kSharedCalls));
  // A client with one connection waits for its turn, rather than being refused.
  http2.max_streams = static_cast<uint32_t>(std::min<int64_t>(http2.max_streams, http2.max_streams_per_peer));
  http2.max_header_bytes = static_cast<size_t>(options.max_header_bytes);
  http2.max_headers = static_cast<size_t>(options.max_headers);
  http2.max_useless_frames = options.max_useless_frames;
  http2.preface_timeout = options.preface_timeout;
  http2.header_timeout = options.header_timeout;
  http2.idle_timeout = options.idle_timeout;
  http2.window_timeout = options.write_timeout;
  http2.keepalive_time = options.keepalive_time;
  http2.keepalive_timeout = options.keepalive_timeout;
  if (options.max_connection_age > absl::ZeroDuration()) http2.max_age = options.max_connection_age;
  http2.max_age_grace = options.max_connection_age_grace;

  HttpLimits& http = transport.http;
  http.max_header_bytes = http2.max_header_bytes;
  http.max_headers = http2.max_headers;
  http.http2 = ForSmallRequests(http2);
  http.preface_timeout = options.preface_timeout;
  http.header_timeout = options.header_timeout;
  http.body_timeout = options.body_timeout;
  http.idle_timeout = std::min(http.idle_timeout, options.idle_timeout);
  // Beside those of calls. The page of many models' metrics has megabytes.
  http.max_bytes_held = std::max(int64_t{16} << 20, options.max_bytes_held / 4);
  return transport;
}

CallOptions CallSettings(const ServerOptions& options) {
  CallOptions calls;
  calls.max_request_bytes = static_cast<size_t>(options.max_message_bytes);
  calls.body_timeout = options.body_timeout;
  calls.held.max_bytes = options.max_bytes_held;
  calls.held.max_bytes_per_connection = options.max_bytes_held_per_connection;
  // One message as large as may be, whatever another address holds.
  calls.held.spare_bytes = std::min(options.max_message_bytes, options.max_bytes_held);
  calls.max_calls_per_peer = ShareOfOnePeer(options.max_in_flight, kSharedCalls);
  return calls;
}

CallOptions ForSlowCalls(CallOptions calls) {
  const auto of = [&calls](int64_t limit) {
    return std::max(limit / 4 * 3, static_cast<int64_t>(calls.max_request_bytes));
  };
  calls.held.max_bytes = of(calls.held.max_bytes);
  calls.held.max_bytes_per_connection = of(calls.held.max_bytes_per_connection);
  return calls;
}

WorkerPool::Options DecisionThreads(const ServerOptions& options) {
  return {.max_threads = options.decision_threads,
          .max_per_peer = ShareOfOnePeer(options.decision_threads, kSharedDecisions)};
}

}  // namespace roicast

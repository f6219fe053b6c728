// What the transport counts: connections, streams, bytes, and everything that it refused or cut off, by cause.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "prometheus/metric_family.h"

namespace roicast {

// Why the transport refused something or ended a connection or a stream by itself.
enum class Cut {
  kConnections,      // More connections than the server takes.
  kPeerConnections,  // More connections than one address may have.
  kPeerStreams,      // More requests under way than one address may have.
  kStreams,          // More requests under way than the server keeps for all.
  kPeerCalls,        // More calls in flight than one address may have.
  kSlowCalls,        // More slow calls than there are threads for, in all or for one address.
  kPeerWaiting,      // More requests of one address waiting for a page than may.
  kDescriptors,      // No file descriptor left.
  kHandshake,        // The handshake of TLS took too long.
  kTls,              // What came was no TLS, or none that both sides take.
  kRecord,           // A record of TLS took too long.
  kPreface,          // The connection's first bytes came too late, or were no HTTP.
  kHeaders,          // A request's headers came too late.
  kBody,             // A request's body came too late.
  kIdle,             // Nothing was asked for too long.
  kWrite,            // The client did not read its answers.
  kKeepalive,        // The client did not answer a ping.
  kAge,              // The connection was as old as connections may be.
  kHeaderBytes,      // Headers too large or too many.
  kMessageBytes,     // A message larger than its method takes.
  kBrokenMessage,    // A message cut short, or not gzip where its client says so; headers that are not gRPC's.
  kBytesHeld,        // More bytes held for clients, in all, than the server keeps.
  kConnectionBytes,  // More of these for one connection than it may have.
  kFloodSettings,    // More frames a second than any use has of …
  kFloodPing,
  kFloodReset,
  kFloodPriority,
  kFloodEmptyData,
  kFloodWindowUpdate,
  kFloodContinuation,
  kFloodKeyUpdate,
  kProtocol,  // Bytes that break the protocol.
};
inline constexpr size_t kCuts = static_cast<size_t>(Cut::kProtocol) + 1;
// Such as "peer_connections"; a string literal.
absl::string_view CutName(Cut cut);

// Thread-safe; takes no lock.
struct TransportMetrics {
  std::atomic<int64_t> connections{0};  // Open now.
  std::atomic<int64_t> accepted{0};
  // Of the open ones, those that speak TLS and have begun to.
  std::atomic<int64_t> tls_connections{0};
  std::atomic<int64_t> streams{0};  // Open now.
  // Handshakes of TLS that succeeded; and of these, those that went on with an earlier session.
  std::atomic<int64_t> handshakes{0};
  std::atomic<int64_t> resumed_handshakes{0};
  // When the certificate of new connections expires, in seconds since 1970; 0: there is no TLS.
  std::atomic<int64_t> certificate_expires{0};
  std::atomic<int64_t> bytes_received{0};
  std::atomic<int64_t> bytes_sent{0};
  // How often a client's receive buffer was full.
  std::atomic<int64_t> write_stalls{0};
  // Held now for calls: requests that are not yet answered, and answers that are not yet written.
  std::atomic<int64_t> bytes_held{0};
  // Held now for the HTTP port beside these: each request as such, its headers and body until it is handled, its answer
  // until that is written, and each page of metrics for as long as anybody reads it.
  std::atomic<int64_t> http_bytes{0};
  // What the slowest loop took to begin what it was given when last asked, or takes by now.
  std::atomic<int64_t> loop_lag_nanoseconds{0};
  std::array<std::atomic<int64_t>, kCuts> cuts{};

  void Count(Cut cut) { cuts[static_cast<size_t>(cut)].fetch_add(1, std::memory_order_relaxed); }
  int64_t count(Cut cut) const { return cuts[static_cast<size_t>(cut)].load(std::memory_order_relaxed); }
};

// Appends all of them, causes that have not happened included. docs/operations.md lists the names.
void CollectTransport(const TransportMetrics& metrics, std::vector<prometheus::MetricFamily>& families);

}  // namespace roicast

// What a client of the HTTP port may cost.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"
#include "base/memory_budget.h"
#include "server/transport/http2/http2_limits.h"

namespace roicast {

// The same where requests are few and small.
inline Http2Limits ForSmallRequests(Http2Limits limits) {
  limits.max_streams = std::min(limits.max_streams, uint32_t{100});
  limits.max_streams_per_peer = std::min(limits.max_streams_per_peer, int64_t{1024});
  limits.stream_window = 64 << 10;
  limits.connection_window = 1 << 20;
  limits.max_frame_bytes = 16 << 10;
  return limits;
}

struct HttpLimits {
  // Of one request: the bytes of its line and headers, and the number of fields. Beyond: 431.
  size_t max_header_bytes = size_t{16} << 10;
  size_t max_headers = 100;
  // How long a new connection may say nothing.
  absl::Duration preface_timeout = absl::Seconds(10);
  // From the first byte of a request until its headers are complete, and from there until its body is. Beyond: 408.
  absl::Duration header_timeout = absl::Seconds(10);
  absl::Duration body_timeout = absl::Seconds(30);
  // Between two requests.
  absl::Duration idle_timeout = absl::Seconds(75);
  // What HTTP/2 has beside these. On a connection of HTTP/1.1 one request is under way.
  Http2Limits http2 = ForSmallRequests({});
  // Of all that the port holds for clients, requests and answers (TransportMetrics::http_bytes): then requests and
  // answers that are not small get 503.
  int64_t max_bytes_held = int64_t{36} << 20;
  // Follows what the transport holds (MemoryBudget::Follow): headers that are not small get 503 where it has no room
  // for them beside what is kept for predictions.
  const MemoryBudget* memory = MemoryBudget::Unlimited();
};

}  // namespace roicast

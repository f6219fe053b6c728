// What a client of the HTTP port may cost.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace roicast {

struct HttpLimits {
  // Of one request: the bytes of its line and headers, and the number of fields. Beyond: 431.
  size_t max_header_bytes = size_t{16} << 10;
  size_t max_headers = 100;
  // From the first byte of a request until its headers are complete, and from there until its body is. Beyond: 408. The
  // first also limits how long a new connection may say nothing.
  absl::Duration header_timeout = absl::Seconds(10);
  absl::Duration body_timeout = absl::Seconds(30);
  // Between two requests.
  absl::Duration idle_timeout = absl::Seconds(75);
  // Requests under way on one connection of HTTP/2. On HTTP/1.1 there is one.
  uint32_t max_streams = 100;
  // Of all that the transport holds for clients, requests and answers: then requests and answers that are not small get
  // 503.
  int64_t max_bytes_held = int64_t{256} << 20;
};

}  // namespace roicast

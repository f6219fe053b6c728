// What one client may cost on an HTTP/2 connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "absl/time/time.h"

namespace roicast {

struct Http2Limits {
  // Requests under way on one connection.
  uint32_t max_streams = 1024;
  // Requests under way from one address.
  int64_t max_streams_per_peer = 16384;
  // Of all, on both ports. Beyond it an address may still have spare_streams_per_peer; all such addresses together have
  // as many beyond it.
  int64_t max_streams_in_all = std::numeric_limits<int64_t>::max() / 2;
  int64_t spare_streams_per_peer = 64;
  // Of one request: bytes as HTTP/2 counts them, and fields.
  size_t max_header_bytes = size_t{16} << 10;
  size_t max_headers = 128;
  // Bytes that a client may send ahead of the work on a stream; and on all of them.
  int32_t stream_window = 1 << 20;
  int32_t connection_window = 16 << 20;
  // Largest frame that a client may send.
  uint32_t max_frame_bytes = 1 << 20;
  // Frames a second of each kind that costs without use (see FrameBudget).
  int max_useless_frames = 1000;

  absl::Duration preface_timeout = absl::Seconds(10);
  absl::Duration header_timeout = absl::Seconds(10);
  absl::Duration idle_timeout = absl::Minutes(30);
  // How long a part of an answer may wait for room in the client's window.
  absl::Duration window_timeout = absl::Seconds(20);
  // Asked of a client that has requests under way and says nothing.
  absl::Duration keepalive_time = absl::Seconds(60);
  absl::Duration keepalive_timeout = absl::Seconds(20);
  // A connection about this old is drained, and cut off after the grace; infinite: never.
  absl::Duration max_age = absl::InfiniteDuration();
  absl::Duration max_age_grace = absl::Seconds(60);
  // How long a client has to hear that no new requests are wanted, before those that come are refused.
  absl::Duration drain_notice = absl::Milliseconds(200);
};

// Whether an address may have so many requests under way while all have so many; both with the one in question.
inline bool MayHaveStreams(const Http2Limits& limits, int64_t of_address, int64_t of_all) {
  if (of_all <= limits.max_streams_in_all) return true;
  return of_address <= limits.spare_streams_per_peer && of_all <= 2 * limits.max_streams_in_all;
}

}  // namespace roicast

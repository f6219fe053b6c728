// Frames that cost without use, and how many a client may send of them a second.
#pragma once

#include <nghttp2/nghttp2.h>

#include <array>
#include <cstdint>
#include <optional>

#include "server/telemetry/transport_metrics.h"
#include "server/transport/loop/event_loop.h"

namespace roicast {

// Of one connection. Not thread-safe.
class FrameBudget {
 public:
  // Of RST_STREAM, which clients send in bursts when deadlines pass, this many times as many as of the others.
  static constexpr int kResets = 20;
  // Less than half of the smallest message of a stream with a prediction in it, and its frame.
  static constexpr size_t kBytesPerAnswer = 8;
  // What was sent earns at most this many times the limit: what a client reads at once after a pause.
  static constexpr int kMaxEarned = 100;

  // limit: frames a second of each kind, ≥ 1.
  FrameBudget(int limit, EventLoop::Clock::time_point now) : limit_(limit), second_begin_(now) {}

  // A frame begins to arrive. What it is too many of, if it is.
  //
  // Clients answer what they receive with WINDOW_UPDATE and PING: gRPC's C++ library sends the former, for the stream
  // and for the connection, for nearly every small message, of which a frame may hold hundreds. So what was sent earns
  // both: they count against the limit once that is spent.
  std::optional<Cut> Received(const nghttp2_frame_hd& frame, EventLoop::Clock::time_point now);
  // A frame was sent: it earns two, and its payload one for every kBytesPerAnswer bytes.
  void Sent(size_t payload_bytes);

 private:
  // In the order of Cut's kinds of floods, from kFloodSettings to kFloodWindowUpdate.
  static constexpr size_t kKinds = 6;
  // nullopt: the frame costs nothing beyond its use.
  static std::optional<Cut> KindOf(const nghttp2_frame_hd& frame);

  const int limit_;
  // Of the current second.
  EventLoop::Clock::time_point second_begin_;
  std::array<int64_t, kKinds> received_{};
  // WINDOW_UPDATE and PING that what was sent explains. Not of the current second alone: clients may read late.
  int64_t earned_ = 0;
};

}  // namespace roicast

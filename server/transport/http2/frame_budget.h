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

  // limit: frames a second of each kind, ≥ 1.
  FrameBudget(int limit, EventLoop::Clock::time_point now) : limit_(limit), second_begin_(now) {}

  // A frame begins to arrive. What it is too many of, if it is.
  //
  // Clients answer what they receive with WINDOW_UPDATE and PING: gRPC's C++ library sends the former for nearly every
  // small answer. So two of each for every frame that was sent do not count.
  std::optional<Cut> Received(const nghttp2_frame_hd& frame, EventLoop::Clock::time_point now);
  // A frame was sent.
  void Sent() { ++sent_; }

 private:
  // In the order of Cut's kinds of floods, from kFloodSettings to kFloodWindowUpdate.
  static constexpr size_t kKinds = 6;
  // nullopt: the frame costs nothing beyond its use.
  static std::optional<Cut> KindOf(const nghttp2_frame_hd& frame);

  const int limit_;
  // Of the current second.
  EventLoop::Clock::time_point second_begin_;
  std::array<int64_t, kKinds> received_{};
  int64_t sent_ = 0;
};

}  // namespace roicast

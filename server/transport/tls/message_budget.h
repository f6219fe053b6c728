// How many messages of TLS a client may send after its handshake: each makes the server compute keys, or answer.
#pragma once

#include <chrono>
#include <cstdint>

#include "server/transport/loop/event_loop.h"

namespace roicast {

// Of one connection. Not thread-safe.
class MessageBudget {
 public:
  // Whether one more may be, of `limit` in the second that began with the first of them.
  bool Take(int limit, EventLoop::Clock::time_point now) {
    if (now - second_begin_ >= std::chrono::seconds(1)) {
      second_begin_ = now;
      taken_ = 0;
    }
    return ++taken_ <= limit;
  }

 private:
  EventLoop::Clock::time_point second_begin_;
  int taken_ = 0;
};

}  // namespace roicast

// A request on an HTTP/2 connection, and the answer to it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/transport/http2/header_block.h"
#include "server/transport/loop/event_loop.h"

namespace roicast {

class Http2Session;

// Lives on its session's loop, and is called there alone.
class Http2Stream {
 public:
  virtual ~Http2Stream() = default;
  // A part of the request's body. Returns how many of these bytes the client may send anew; the rest it may once
  // Http2Session::Consume says so.
  virtual size_t OnData(absl::string_view bytes) = 0;
  // The request is complete.
  virtual void OnEnd() = 0;
  // The stream is over: answered, reset by the client, or its connection is gone. The last call.
  virtual void OnClosed() = 0;

  // The next part of the answer's body: up to `room` bytes. What came, and what comes next.
  enum class Next { kMore, kWait, kEnd, kTrailers };
  virtual size_t ReadBody(char* to, size_t room, Next* next) = 0;

  // When the request has to be complete; max: it may take as long as it likes.
  virtual EventLoop::Clock::time_point BodyDue() const = 0;
  // That time has passed.
  virtual void OnBodyOverdue() = 0;
  // When the answer has to end for which nothing else waits; max: it may take as long as it likes.
  virtual EventLoop::Clock::time_point AnswerDue() const { return EventLoop::Clock::time_point::max(); }
  // That time has passed.
  virtual void OnAnswerOverdue() {}

 private:
  friend class Http2Session;
  int32_t id_ = 0;
  // Since when a part of the answer has waited for room in the client's window; max: none does.
  EventLoop::Clock::time_point waits_since_ = EventLoop::Clock::time_point::max();
  // What the client may send anew and has not been told yet.
  size_t unannounced_ = 0;
  Http2Stream* next_ = nullptr;
  Http2Stream* previous_ = nullptr;
};

// Who answers the requests of a connection.
class Http2Requests {
 public:
  virtual ~Http2Requests() = default;
  // A request has begun; ended: it has no body. `headers` may be taken. nullptr: it is answered already.
  virtual Http2Stream* Begin(Http2Session& session, int32_t id, HeaderBlock& headers, bool ended) = 0;
};

}  // namespace roicast

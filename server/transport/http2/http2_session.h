// The server's side of an HTTP/2 connection (RFC 9113), by nghttp2: frames, header compression, flow control and
// priorities are the library's; what a client may cost is limited here.
#pragma once

#include <nghttp2/nghttp2.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/transport/connection/connection.h"
#include "server/transport/connection/protocol.h"
#include "server/transport/http2/frame_budget.h"
#include "server/transport/http2/header_block.h"
#include "server/transport/http2/header_values.h"
#include "server/transport/http2/http2_limits.h"
#include "server/transport/http2/http2_stream.h"

namespace roicast {

class DueTimes;

// The age at which one connection is drained: within a tenth of `max_age`, so that the clients that a start or a lost
// network brought all at once do not come back all at once. share: 0 to 1.
absl::Duration AgeWithJitter(absl::Duration max_age, double share);

class Http2Session final : public Protocol {
 public:
  // All outlive the session.
  Http2Session(Connection* connection, Http2Requests* requests, const Http2Limits* limits);
  ~Http2Session() override;
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  Connection& connection() const { return connection_; }
  EventLoop& loop() const { return connection_.loop(); }
  TransportMetrics& metrics() const { return connection_.metrics(); }

  // For streams. Names and values have to outlive the connection, or be copied (see nghttp2_nv::flags).
  // Begins the answer to a stream; has_body: ReadBody is asked for the rest. Otherwise it ends with these headers.
  void SubmitHeaders(int32_t id, Http2Stream* stream, absl::Span<const nghttp2_nv> headers, bool has_body);
  // The whole answer, without a body.
  void Answer(int32_t id, absl::Span<const nghttp2_nv> headers);
  // Ends an answer whose ReadBody says kTrailers.
  void SubmitTrailers(int32_t id, absl::Span<const nghttp2_nv> trailers);
  // ReadBody has something to say again.
  void Resume(int32_t id);
  void Reset(int32_t id, uint32_t error_code);
  // The client may send `bytes` more on the stream.
  void Consume(int32_t id, size_t bytes);

  // Protocol.
  bool Receive(absl::string_view bytes) override;
  void Produce(OutputBuffer& out) override;
  bool finished() const override;
  void Drain() override;
  std::optional<Cut> Overdue(EventLoop::Clock::time_point now, EventLoop::Clock::time_point* next) override;
  void OnClosed() override;

 private:
  static const nghttp2_session_callbacks* Callbacks();
  int OnBeginFrame(const nghttp2_frame_hd& frame);
  int OnBeginHeaders(const nghttp2_frame& frame);
  int OnHeader(const nghttp2_frame& frame, absl::string_view name, absl::string_view value);
  int OnFrame(const nghttp2_frame& frame);
  void OnSent(const nghttp2_frame& frame);
  int OnStreamClosed(int32_t id);
  void OnRequest(int32_t id, bool ended);
  void OnData(int32_t id, absl::string_view data);
  // nullptr: it was never taken, or is over.
  Http2Stream* Find(int32_t id);
  // Counts one more of the client's address; else why there may be none.
  std::optional<Cut> EnterStream();
  // Tells the metrics how many streams there are.
  void CountStreams();
  void Link(Http2Stream* stream);
  void Unlink(Http2Stream* stream);
  void SendGoaway();
  // Parts of Overdue. Streams whose body or window did not come in time end.
  void EndOverdueStreams(DueTimes& times);
  // Without streams for too long: the client is asked to end the connection.
  void DrainIfIdle(DueTimes& times);
  // Whether a client with streams did not answer the ping that its silence brought it.
  bool IsGone(DueTimes& times);
  // Whether the grace after the connection's age has passed, too.
  bool IsTooOld(DueTimes& times);
  // Part of the answer is to be sent now, or as soon as the client has room for it.
  void Waits(Http2Stream* stream);

  Connection& connection_;
  Http2Requests& requests_;
  const Http2Limits& limits_;
  nghttp2_session* session_ = nullptr;
  // A copy of what nghttp2 handed out and the buffer had no room for.
  absl::string_view unproduced_;
  HeaderBlock headers_;
  // The headers of this stream are arriving; 0: none.
  int32_t headers_of_ = 0;
  bool headers_are_trailers_ = false;
  bool headers_too_large_ = false;
  // What has arrived since they began, in whole turns.
  size_t incomplete_bytes_ = 0;
  EventLoop::Clock::time_point incomplete_since_;

  Http2Stream* streams_ = nullptr;
  int64_t stream_count_ = 0;
  // As the metrics have it.
  int64_t counted_streams_ = 0;
  // The last stream that was found: most frames belong to the one before them.
  int32_t last_id_ = 0;
  Http2Stream* last_ = nullptr;
  // Bytes of bodies that have arrived since the client was told how many more it may send.
  size_t unannounced_ = 0;

  std::optional<Cut> cut_;
  bool had_preface_ = false;
  bool drain_begun_ = false;
  bool goaway_sent_ = false;
  bool closed_ = false;
  const EventLoop::Clock::time_point begin_;
  EventLoop::Clock::time_point last_received_;
  EventLoop::Clock::time_point idle_since_;
  EventLoop::Clock::time_point drain_since_;
  // Since when a keepalive ping has had no answer.
  std::optional<EventLoop::Clock::time_point> pinged_;
  EventLoop::Clock::time_point max_age_at_;
  FrameBudget budget_;
};

}  // namespace roicast

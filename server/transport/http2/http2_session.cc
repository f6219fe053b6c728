#include "server/transport/http2/http2_session.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/random.h"
#include "server/transport/http2/due_times.h"

namespace roicast {
namespace {

using Clock = EventLoop::Clock;

constexpr Clock::time_point kNever = Clock::time_point::max();
constexpr uint8_t kDrainPing[8] = {'d', 'r', 'a', 'i', 'n', 0, 0, 0};
constexpr uint8_t kKeepalivePing[8] = {'a', 'l', 'i', 'v', 'e', 0, 0, 0};
// The largest piece that nghttp2 hands out at once: a frame of the size that we let it send.
constexpr size_t kLargestPiece = (size_t{16} << 10) + 512;
// Eight frames of CONTINUATION, nghttp2's default. It counts every read that ends in front of one or in its head, too,
// of which there are at most ten: how the network cuts up a header block must not matter.
constexpr size_t kMaxContinuations = 8 * 10;

Clock::time_point After(Clock::time_point begin, absl::Duration duration) {
  return duration == absl::InfiniteDuration() ? Clock::time_point::max() : begin + absl::ToChronoNanoseconds(duration);
}

// Without a random number where there is no such age. seed: another one for each connection.
Clock::time_point AgeEnd(Clock::time_point begin, absl::Duration max_age, uint64_t seed) {
  if (max_age == absl::InfiniteDuration()) return Clock::time_point::max();
  Random random(seed ^ static_cast<uint64_t>(begin.time_since_epoch().count()));
  return After(begin, AgeWithJitter(max_age, random.Uniform()));
}

absl::string_view ToView(const uint8_t* bytes, size_t size) { return {reinterpret_cast<const char*>(bytes), size}; }

}  // namespace

absl::Duration AgeWithJitter(absl::Duration max_age, double share) { return max_age * (0.9 + 0.2 * share); }

const nghttp2_session_callbacks* Http2Session::Callbacks() {
  static const nghttp2_session_callbacks* const callbacks = [] {
    nghttp2_session_callbacks* made = nullptr;
    ROICAST_CHECK(nghttp2_session_callbacks_new(&made) == 0);
    nghttp2_session_callbacks_set_on_begin_frame_callback(
        made, [](nghttp2_session*, const nghttp2_frame_hd* frame, void* self) {
          return static_cast<Http2Session*>(self)->OnBeginFrame(*frame);
        });
    nghttp2_session_callbacks_set_on_begin_headers_callback(
        made, [](nghttp2_session*, const nghttp2_frame* frame, void* self) {
          return static_cast<Http2Session*>(self)->OnBeginHeaders(*frame);
        });
    nghttp2_session_callbacks_set_on_header_callback(
        made, [](nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
                 const uint8_t* value, size_t value_size, uint8_t, void* self) {
          return static_cast<Http2Session*>(self)->OnHeader(*frame, ToView(name, name_size), ToView(value, value_size));
        });
    nghttp2_session_callbacks_set_on_frame_recv_callback(made,
                                                         [](nghttp2_session*, const nghttp2_frame* frame, void* self) {
                                                           return static_cast<Http2Session*>(self)->OnFrame(*frame);
                                                         });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        made, [](nghttp2_session*, uint8_t, int32_t id, const uint8_t* data, size_t size, void* self) {
          static_cast<Http2Session*>(self)->OnData(id, ToView(data, size));
          return 0;
        });
    nghttp2_session_callbacks_set_on_stream_close_callback(
        made, [](nghttp2_session*, int32_t id, uint32_t, void* self) {
          return static_cast<Http2Session*>(self)->OnStreamClosed(id);
        });
    nghttp2_session_callbacks_set_on_frame_send_callback(made,
                                                         [](nghttp2_session*, const nghttp2_frame* frame, void* self) {
                                                           static_cast<Http2Session*>(self)->OnSent(*frame);
                                                           return 0;
                                                         });
    return made;
  }();
  return callbacks;
}

Http2Session::Http2Session(Connection* connection, Http2Requests* requests, const Http2Limits* limits)
    : connection_(*connection),
      requests_(*requests),
      limits_(*limits),
      begin_(Clock::now()),
      last_received_(begin_),
      idle_since_(begin_),
      max_age_at_(AgeEnd(begin_, limits_.max_age, reinterpret_cast<uintptr_t>(this))),
      budget_(limits->max_useless_frames, begin_) {
  nghttp2_option* option = nullptr;
  ROICAST_CHECK(nghttp2_option_new(&option) == 0);
  nghttp2_option_set_no_auto_window_update(option, 1);
  // Closed streams are kept only for priorities, which are not used.
  nghttp2_option_set_no_closed_streams(option, 1);
  // The budget counts resets. nghttp2's own limit of 33 a second ends connections on which deadlines pass.
  const uint64_t resets = 2 * static_cast<uint64_t>(limits_.max_useless_frames) * FrameBudget::kResets;
  nghttp2_option_set_stream_reset_rate_limit(option, resets, resets);
  nghttp2_option_set_max_continuations(option, kMaxContinuations);
  ROICAST_CHECK(nghttp2_session_server_new2(&session_, Callbacks(), this, option) == 0);
  nghttp2_option_del(option);
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits_.max_streams},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<uint32_t>(limits_.stream_window)},
      {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, limits_.max_frame_bytes},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<uint32_t>(limits_.max_header_bytes)},
  };
  ROICAST_CHECK(nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings)) == 0);
  ROICAST_CHECK(nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, limits_.connection_window) == 0);
}

Http2Session::~Http2Session() { nghttp2_session_del(session_); }

void Http2Session::Link(Http2Stream* stream) {
  stream->next_ = streams_;
  stream->previous_ = nullptr;
  if (streams_ != nullptr) streams_->previous_ = stream;
  streams_ = stream;
  ++stream_count_;
}

void Http2Session::Unlink(Http2Stream* stream) {
  (stream->previous_ != nullptr ? stream->previous_->next_ : streams_) = stream->next_;
  if (stream->next_ != nullptr) stream->next_->previous_ = stream->previous_;
  stream->next_ = stream->previous_ = nullptr;
  stream->waits_since_ = kNever;
  if (--stream_count_ == 0) idle_since_ = loop().now();
  connection_.use().streams.fetch_sub(1, std::memory_order_relaxed);
}

std::optional<Cut> Http2Session::EnterStream() {
  std::atomic<int64_t>& of_address = connection_.use().streams;
  if (!PeerUse::Enter(of_address, limits_.max_streams_per_peer)) return Cut::kPeerStreams;
  // Other sessions tell of theirs after each turn, and so does this one.
  const int64_t others = metrics().streams.load(std::memory_order_relaxed) - counted_streams_;
  if (MayHaveStreams(limits_, of_address.load(std::memory_order_relaxed), others + stream_count_ + 1)) return {};
  of_address.fetch_sub(1, std::memory_order_relaxed);
  return Cut::kStreams;
}

void Http2Session::CountStreams() {
  if (counted_streams_ == stream_count_) return;
  metrics().streams.fetch_add(stream_count_ - counted_streams_, std::memory_order_relaxed);
  counted_streams_ = stream_count_;
}

Http2Stream* Http2Session::Find(int32_t id) {
  if (id != last_id_) {
    last_id_ = id;
    last_ = static_cast<Http2Stream*>(nghttp2_session_get_stream_user_data(session_, id));
  }
  return last_;
}

int Http2Session::OnBeginFrame(const nghttp2_frame_hd& frame) {
  had_preface_ = true;
  const std::optional<Cut> flood = budget_.Received(frame, loop().now());
  if (!flood.has_value()) return 0;
  cut_ = flood;
  metrics().Count(*cut_);
  return NGHTTP2_ERR_CALLBACK_FAILURE;
}

int Http2Session::OnBeginHeaders(const nghttp2_frame& frame) {
  headers_.Clear();
  headers_of_ = frame.hd.stream_id;
  incomplete_bytes_ = 0;
  headers_too_large_ = false;
  headers_are_trailers_ = frame.headers.cat != NGHTTP2_HCAT_REQUEST;
  return 0;
}

int Http2Session::OnHeader(const nghttp2_frame&, absl::string_view name, absl::string_view value) {
  if (headers_are_trailers_ || headers_too_large_) return 0;
  headers_.Add(name, value);
  headers_too_large_ = headers_.bytes() > limits_.max_header_bytes || headers_.size() > limits_.max_headers;
  return 0;
}

int Http2Session::OnFrame(const nghttp2_frame& frame) {
  const bool ended = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  switch (frame.hd.type) {
    case NGHTTP2_HEADERS:
      headers_of_ = 0;
      if (frame.headers.cat == NGHTTP2_HCAT_REQUEST) {
        OnRequest(frame.hd.stream_id, ended);
        return 0;
      }
      break;
    case NGHTTP2_DATA:
      break;
    case NGHTTP2_PING:
      if ((frame.hd.flags & NGHTTP2_FLAG_ACK) == 0) return 0;
      if (std::memcmp(frame.ping.opaque_data, kDrainPing, sizeof(kDrainPing)) == 0) SendGoaway();
      pinged_.reset();
      // Otherwise not before the time for this answer is over.
      connection_.CheckBy(After(last_received_, limits_.keepalive_time));
      return 0;
    default:
      return 0;
  }
  if (!ended) return 0;
  if (Http2Stream* const stream = Find(frame.hd.stream_id); stream != nullptr) stream->OnEnd();
  return 0;
}

void Http2Session::OnData(int32_t id, absl::string_view data) {
  unannounced_ += data.size();
  Http2Stream* const stream = Find(id);
  if (stream == nullptr) return;
  // Most requests end long before their window does, and then nobody needs to know.
  stream->unannounced_ += stream->OnData(data);
  if (stream->unannounced_ >= static_cast<size_t>(limits_.stream_window) / 4) {
    Consume(id, std::exchange(stream->unannounced_, 0));
  }
}

void Http2Session::OnRequest(int32_t id, bool ended) {
  if (headers_too_large_) {
    metrics().Count(Cut::kHeaderBytes);
    // Without a body, so as not to keep anything for it; gRPC's clients show their users the message.
    Answer(id, {StaticHeader(":status", "431"), StaticHeader("grpc-status", "8"),
                CopiedHeader("grpc-message",
                             absl::StrCat("headers: expected at most ", limits_.max_header_bytes, " bytes and ",
                                          limits_.max_headers,
                                          " fields, got more; --max_header_bytes and --max_headers change it"))});
    return;
  }
  if (const std::optional<Cut> refused = EnterStream(); refused.has_value()) {
    metrics().Count(*refused);
    Reset(id, NGHTTP2_REFUSED_STREAM);
    return;
  }
  Http2Stream* const stream = requests_.Begin(*this, id, headers_, ended);
  if (stream == nullptr) {
    connection_.use().streams.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  nghttp2_session_set_stream_user_data(session_, id, stream);
  stream->id_ = id;
  Link(stream);
  // Before the first of them, nobody asked when a silent client has to be pinged.
  if (stream_count_ == 1) connection_.CheckBy(After(last_received_, limits_.keepalive_time));
  stream->unannounced_ = 0;
  last_id_ = id;
  last_ = stream;
  if (ended) stream->OnEnd();
}

void Http2Session::OnSent(const nghttp2_frame& frame) {
  budget_.Sent(frame.hd.type == NGHTTP2_DATA ? frame.hd.length : 0);
  const bool ends_stream =
      (frame.hd.type == NGHTTP2_HEADERS || frame.hd.type == NGHTTP2_DATA) && (frame.hd.flags & NGHTTP2_FLAG_END_STREAM);
  // What the client has not sent yet of an answered request is not wanted any more (RFC 9113, section 8.1). Not
  // earlier: nghttp2 sends no answer on a stream that is to be reset.
  if (ends_stream && nghttp2_session_get_stream_remote_close(session_, frame.hd.stream_id) == 0) {
    Reset(frame.hd.stream_id, NGHTTP2_NO_ERROR);
  }
  if (frame.hd.type != NGHTTP2_GOAWAY) return;
  if (frame.goaway.error_code != NGHTTP2_NO_ERROR) {
    if (!cut_.has_value()) {
      cut_ = Cut::kProtocol;
      metrics().Count(*cut_);
    }
  } else if (drain_begun_ && !goaway_sent_) {
    nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, kDrainPing);
  }
}

int Http2Session::OnStreamClosed(int32_t id) {
  if (headers_of_ == id) headers_of_ = 0;
  auto* const stream = static_cast<Http2Stream*>(nghttp2_session_get_stream_user_data(session_, id));
  if (stream == nullptr) return 0;
  nghttp2_session_set_stream_user_data(session_, id, nullptr);
  Unlink(stream);
  if (last_id_ == id) last_ = nullptr;
  stream->OnClosed();
  return 0;
}

void Http2Session::SubmitHeaders(int32_t id, Http2Stream* stream, absl::Span<const nghttp2_nv> headers, bool has_body) {
  nghttp2_data_provider body{};
  body.source.ptr = stream;
  body.read_callback = [](nghttp2_session*, int32_t, uint8_t* to, size_t room, uint32_t* flags,
                          nghttp2_data_source* source, void* self) -> ssize_t {
    Http2Stream::Next next = Http2Stream::Next::kMore;
    auto* const answer = static_cast<Http2Stream*>(source->ptr);
    const size_t size = answer->ReadBody(reinterpret_cast<char*>(to), room, &next);
    answer->waits_since_ = next == Http2Stream::Next::kMore ? static_cast<Http2Session*>(self)->loop().now() : kNever;
    switch (next) {
      case Http2Stream::Next::kMore:
        break;
      case Http2Stream::Next::kWait:
        if (size == 0) return NGHTTP2_ERR_DEFERRED;
        break;
      case Http2Stream::Next::kEnd:
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        break;
      case Http2Stream::Next::kTrailers:
        *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
        break;
    }
    return static_cast<ssize_t>(size);
  };
  nghttp2_submit_response(session_, id, headers.data(), headers.size(), has_body ? &body : nullptr);
  if (has_body) Waits(stream);
  connection_.SendSoon();
}

void Http2Session::Waits(Http2Stream* stream) {
  stream->waits_since_ = loop().now();
  connection_.CheckBy(After(stream->waits_since_, limits_.window_timeout));
}

void Http2Session::Answer(int32_t id, absl::Span<const nghttp2_nv> headers) {
  nghttp2_submit_response(session_, id, headers.data(), headers.size(), nullptr);
  connection_.SendSoon();
}

void Http2Session::SubmitTrailers(int32_t id, absl::Span<const nghttp2_nv> trailers) {
  nghttp2_submit_trailer(session_, id, trailers.data(), trailers.size());
  connection_.SendSoon();
}

void Http2Session::Resume(int32_t id) {
  nghttp2_session_resume_data(session_, id);
  auto* const stream = static_cast<Http2Stream*>(nghttp2_session_get_stream_user_data(session_, id));
  if (stream != nullptr) Waits(stream);
  connection_.SendSoon();
}

void Http2Session::Reset(int32_t id, uint32_t error_code) {
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, error_code);
  connection_.SendSoon();
}

void Http2Session::Consume(int32_t id, size_t bytes) {
  nghttp2_session_consume_stream(session_, id, bytes);
  connection_.SendSoon();
}

bool Http2Session::Receive(absl::string_view bytes) {
  last_received_ = loop().now();
  const ssize_t used = nghttp2_session_mem_recv(session_, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  if (used < 0 || static_cast<size_t>(used) != bytes.size()) {
    if (!cut_.has_value()) {
      cut_ = used == NGHTTP2_ERR_BAD_CLIENT_MAGIC ? Cut::kPreface : Cut::kProtocol;
      metrics().Count(*cut_);
    }
    nghttp2_session_terminate_session(
        session_, used == NGHTTP2_ERR_CALLBACK_FAILURE ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_PROTOCOL_ERROR);
    return false;
  }
  if (unannounced_ >= static_cast<size_t>(limits_.connection_window) / 4) {
    nghttp2_session_consume_connection(session_, std::exchange(unannounced_, 0));
  }
  CountStreams();
  if (headers_of_ != 0) {
    if (incomplete_bytes_ == 0) {
      incomplete_since_ = last_received_;
      connection_.CheckBy(After(incomplete_since_, limits_.header_timeout));
    }
    incomplete_bytes_ += bytes.size();
    // Header blocks end in one frame or a few; who goes on and on has no use for an answer.
    if (incomplete_bytes_ > 4 * limits_.max_header_bytes + LoopBuffers::kReadBytes) {
      cut_ = Cut::kFloodContinuation;
      metrics().Count(*cut_);
      nghttp2_session_terminate_session(session_, NGHTTP2_ENHANCE_YOUR_CALM);
      return false;
    }
  } else {
    incomplete_bytes_ = 0;
  }
  return true;
}

void Http2Session::Produce(OutputBuffer& out) {
  while (true) {
    if (unproduced_.empty()) {
      if (out.room() < kLargestPiece) break;
      const uint8_t* piece = nullptr;
      const ssize_t size = nghttp2_session_mem_send(session_, &piece);
      if (size <= 0) break;  // Errors are those of memory; then there is nothing to send.
      unproduced_ = ToView(piece, static_cast<size_t>(size));
    }
    const size_t part = std::min(out.room(), unproduced_.size());
    out.Append(unproduced_.substr(0, part));
    unproduced_.remove_prefix(part);
    if (!unproduced_.empty()) break;
  }
  CountStreams();
}

bool Http2Session::finished() const {
  return unproduced_.empty() && nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0;
}

void Http2Session::Drain() {
  if (std::exchange(drain_begun_, true)) return;
  drain_since_ = Clock::now();
  // First the notice; once the client has answered the ping behind it (see OnSent), it has heard, and no request that
  // it sends can be lost any more (RFC 9113, section 6.8).
  nghttp2_submit_shutdown_notice(session_);
  connection_.CheckBy(After(drain_since_, limits_.drain_notice));
}

void Http2Session::SendGoaway() {
  if (std::exchange(goaway_sent_, true)) return;
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_),
                        NGHTTP2_NO_ERROR, nullptr, 0);
  connection_.SendSoon();
}

std::optional<Cut> Http2Session::Overdue(Clock::time_point now, Clock::time_point* next) {
  DueTimes times(now, next);
  if (!had_preface_ && times.HasCome(After(begin_, limits_.preface_timeout))) return Cut::kPreface;
  if (incomplete_bytes_ > 0 && times.HasCome(After(incomplete_since_, limits_.header_timeout))) return Cut::kHeaders;
  EndOverdueStreams(times);
  if (drain_begun_ && !goaway_sent_ && times.HasCome(After(drain_since_, limits_.drain_notice))) SendGoaway();
  if (stream_count_ == 0) {
    DrainIfIdle(times);
  } else if (IsGone(times)) {
    return Cut::kKeepalive;
  }
  return IsTooOld(times) ? std::optional(Cut::kAge) : std::nullopt;
}

void Http2Session::EndOverdueStreams(DueTimes& times) {
  for (Http2Stream* stream = streams_; stream != nullptr;) {
    Http2Stream* const following = stream->next_;
    if (times.HasCome(stream->BodyDue())) {
      metrics().Count(Cut::kBody);
      stream->OnBodyOverdue();
    }
    if (times.HasCome(stream->AnswerDue())) stream->OnAnswerOverdue();
    if (stream->waits_since_ != kNever && times.HasCome(After(stream->waits_since_, limits_.window_timeout))) {
      metrics().Count(Cut::kWrite);
      stream->waits_since_ = kNever;
      Reset(stream->id_, NGHTTP2_CANCEL);
    }
    stream = following;
  }
}

void Http2Session::DrainIfIdle(DueTimes& times) {
  pinged_.reset();
  if (drain_begun_ || !times.HasCome(After(idle_since_, limits_.idle_timeout))) return;
  metrics().Count(Cut::kIdle);
  Drain();
  times.AskAt(After(times.now(), limits_.drain_notice));
}

bool Http2Session::IsGone(DueTimes& times) {
  if (pinged_.has_value()) return times.HasCome(After(*pinged_, limits_.keepalive_timeout));
  if (times.HasCome(After(last_received_, limits_.keepalive_time))) {
    nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, kKeepalivePing);
    pinged_ = times.now();
    times.AskAt(After(times.now(), limits_.keepalive_timeout));
  }
  return false;
}

bool Http2Session::IsTooOld(DueTimes& times) {
  if (max_age_at_ == kNever || !times.HasCome(max_age_at_)) return false;
  if (!drain_begun_) {
    metrics().Count(Cut::kAge);
    Drain();
    times.AskAt(After(times.now(), limits_.drain_notice));
  }
  return times.HasCome(After(max_age_at_, limits_.max_age_grace));
}

void Http2Session::OnClosed() {
  if (std::exchange(closed_, true)) return;
  while (streams_ != nullptr) {
    Http2Stream* const stream = streams_;
    Unlink(stream);
    stream->OnClosed();
  }
  CountStreams();
}

}  // namespace roicast

// A gRPC call on the server: what all kinds of calls have in common. Messages come in, are inflated and handed on, in
// order and no faster than the kind of call takes them; a status goes out.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/transport/grpc/held_bytes.h"
#include "server/transport/grpc/message_reader.h"
#include "server/transport/grpc/wire.h"
#include "server/transport/http2/http2_session.h"
#include "server/transport/http2/http2_stream.h"

namespace roicast {

// What a call begins with.
struct CallStart {
  Http2Session* session;
  int32_t stream_id;
  HeaderBlock* headers;  // May be taken.
  EventLoop::Clock::time_point deadline;
  // grpc-encoding is gzip, and grpc-accept-encoding has it.
  bool sends_gzip;
  bool takes_gzip;
};

// Limits of a method, and what its calls need of the server.
struct CallOptions {
  // Of a message, as it comes and inflated; ≥ 1.
  size_t max_request_bytes = size_t{4} << 20;
  // How errors name it: a literal.
  absl::string_view request_limit_name = "request bytes";
  // How long a request of one message may take to arrive, and each message of a stream that is read by a thread.
  absl::Duration body_timeout = absl::Seconds(30);
  HeldLimits held = {};
  // Unary calls in flight from one address; ≥ 1.
  int64_t max_calls_per_peer = std::numeric_limits<int64_t>::max();
  // How the messages of errors are written.
  MessageText message_text = MessageText::kOneLine;
  // Runs work that takes too long for a loop, on another thread, for an address. Errors: ServerOverloaded. nullptr: all
  // is done on the loop.
  std::function<absl::Status(absl::string_view host, std::function<void()> work)> offload = nullptr;
};

// The same for a method whose requests have so many bytes at most, however much others may have. Such a limit is no
// flag's, and errors do not say so.
CallOptions WithRequestLimit(CallOptions calls, size_t bytes);

class ServerCall : public Http2Stream {
 public:
  ServerCall(const ServerCall&) = delete;
  ServerCall& operator=(const ServerCall&) = delete;

  // Any thread, while the call is not answered.

  // As logs name it, such as "ipv4:127.0.0.1:40000".
  const std::string& peer() const { return peer_; }
  // As limits count it, such as "127.0.0.1": see PeerAddress.
  const std::string& host() const { return host_; }
  // The request's headers, by lowercase name; empty: it has none of that name. Values of names that end in -bin are in
  // base64.
  absl::string_view metadata(absl::string_view name) const { return headers_.Find(name); }
  const HeaderBlock& headers() const { return headers_; }
  // The loop that the call lives on.
  int loop_index() const { return loop_->index(); }
  EventLoop& loop() const { return *loop_; }
  // When its headers had arrived; for a request of one message, when that was complete.
  std::chrono::steady_clock::time_point arrival() const { return arrival_; }
  // max: none.
  std::chrono::steady_clock::time_point deadline() const { return deadline_; }
  bool expired() const {
    return deadline_ != std::chrono::steady_clock::time_point::max() && std::chrono::steady_clock::now() >= deadline_;
  }
  // Nobody waits for the answer: the client has reset the call or closed the connection, or the server ends it.
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }
  // The client broke the call: a message was cut short, or compressed otherwise than it said, or the headers are not
  // gRPC's. gRPC asks for INTERNAL.
  bool message_broken() const { return message_broken_.load(std::memory_order_relaxed); }

  // After Begin of its method, on the loop: refuses the call if its headers are not OK, or are too much for what the
  // server holds.
  void CheckHeaders(const absl::Status& readable);

  // Http2Stream.
  size_t OnData(absl::string_view bytes) final;
  void OnEnd() final;
  void OnClosed() final;
  EventLoop::Clock::time_point BodyDue() const final;
  void OnBodyOverdue() final;

 protected:
  explicit ServerCall(const CallOptions* options) : options_(*options) {}

  // All on the loop.

  // For a call object that is used for the first time or again. body_due: whether the request is one message, which has
  // to arrive in time.
  void Begin(const CallStart& start, bool body_due);

  // A message, inflated; it may be taken.
  virtual void OnMessage(std::string& message) = 0;
  // In OnMessage: whether it came compressed.
  bool message_was_compressed() const { return message_was_compressed_; }
  // A message is larger than the method takes. True: it is passed over, and the call goes on.
  virtual bool PassOver(const absl::Status&) { return false; }
  // Whether no message can be taken for now; Continue says that one can be.
  virtual bool paused() const = 0;
  // All messages have been handed on, and no more come.
  virtual void OnRequestEnd() = 0;
  // The request cannot be read to its end: nothing more comes. It has to be answered with this status.
  virtual void OnUnreadable(const absl::Status& why) = 0;
  // The stream is gone: nothing can be sent any more.
  virtual void OnGone() = 0;
  // Nobody refers to the call any more.
  virtual void OnUnused() = 0;

  // Goes on with what came while the call was paused.
  void Continue();
  // Whoever works on the call may stop. Any thread.
  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  // Someone else, such as a handler, uses the call until Unref.
  void Ref() { ++users_; }
  void Unref();

  void SetArrival() { arrival_ = loop_->now(); }
  // The stream still exists.
  bool open() const { return open_; }
  bool headers_sent() const { return headers_sent_; }
  // The answer's headers; ReadBody is asked for messages from now on. gzip: they may be compressed. more: the method's
  // own headers, which are copied; nullptr: it has none.
  void SendHeaders(bool gzip, const HeaderBlock* more = nullptr);
  // The answer without a message.
  void SendStatusOnly(const absl::Status& status, const HeaderBlock* more = nullptr,
                      const HeaderBlock* trailers = nullptr);
  // After the last message, when ReadBody says kTrailers.
  void SendTrailers(const absl::Status& status, const HeaderBlock* more = nullptr);
  void Resume() { session_->Resume(stream_id_); }
  // Bytes that the kind of call holds in memory for its client.
  virtual size_t holding() const = 0;
  void CountCut(Cut why) { session_->metrics().Count(why); }
  // Counts a call that is refused because CountHeld was false, and says why.
  absl::Status TooMuchHeld();
  void RefuseForMemory();
  // Counts them, the headers, and those that are being read. False: it is too much for the server; more was not
  // counted. Small calls do not get as far as the counters that all share.
  bool CountHeld();
  // Of the client's address.
  PeerUse& peer_use() const { return session_->connection().use(); }
  // Of the client's connection. There as long as the call is open.
  HeldBytes held_bytes() const;
  // Whether the client sends compressed messages, and takes them.
  bool gzip() const { return sends_gzip_ && takes_gzip_; }
  // Whether it takes them.
  bool takes_gzip() const { return takes_gzip_; }

 private:
  // Hands on the messages in `bytes`, and takes what it read from them.
  void Parse(absl::string_view* bytes);
  void ParseAll(absl::string_view* bytes);
  // size: of the message, inflated.
  void InflateElsewhere(std::string compressed, size_t size);
  MessageLimit message_limit() const { return {options_.max_request_bytes, options_.request_limit_name}; }
  void StopReading();
  // True: the call goes on with the next message.
  bool PassOverTooLarge(const absl::Status& why);
  void Refuse(const absl::Status& why);
  void MaybeEnd();

  const CallOptions& options_;
  Http2Session* session_ = nullptr;
  EventLoop* loop_ = nullptr;
  int32_t stream_id_ = 0;
  HeaderBlock headers_;
  std::string peer_;
  std::string host_;
  std::chrono::steady_clock::time_point arrival_;
  std::chrono::steady_clock::time_point deadline_;
  std::atomic<bool> cancelled_{false};
  std::atomic<bool> message_broken_{false};
  int users_ = 0;

  MessageReader reader_;
  // Came while the call was paused; the client has been granted no room for more.
  std::string pending_;
  size_t held_ = 0;
  // What InflateElsewhere needs.
  size_t inflating_bytes_ = 0;
  // Why CountHeld was false.
  HeldBytes::Outcome held_outcome_;
  bool sends_gzip_ = false;
  bool takes_gzip_ = false;
  bool message_was_compressed_ = false;
  bool body_due_ = false;
  bool open_ = false;
  bool parsing_ = false;
  bool inflating_ = false;
  // The client has sent everything.
  bool half_closed_ = false;
  bool ended_ = false;
  // Nothing more is read.
  bool refused_ = false;
  bool headers_sent_ = false;
  bool status_sent_ = false;
};

}  // namespace roicast

// The server's side of an HTTP/1.1 or HTTP/1.0 connection (RFC 9112): one request after the other, each answered before
// the next is read.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "server/transport/connection/connection.h"
#include "server/transport/connection/protocol.h"
#include "server/transport/http/http1_parser.h"
#include "server/transport/http/http_exchange.h"
#include "server/transport/http/http_limits.h"
#include "server/transport/http/http_routes.h"

namespace roicast {

class Http1Session final : public Protocol, private HttpExchange::Sink {
 public:
  // All outlive the session.
  Http1Session(Connection* connection, const HttpRoutes* routes, const HttpLimits* limits);
  Http1Session(const Http1Session&) = delete;
  Http1Session& operator=(const Http1Session&) = delete;

  bool Receive(absl::string_view bytes) override;
  void Produce(OutputBuffer& out) override;
  bool finished() const override { return state_ == State::kFinished; }
  bool busy() const override {
    return state_ == State::kWaiting || state_ == State::kSending || (yielded_ && state_ == State::kIdle);
  }
  bool unread() const override { return request_unread_; }
  void Drain() override;
  std::optional<Cut> Overdue(EventLoop::Clock::time_point now, EventLoop::Clock::time_point* next) override;
  void OnClosed() override;

 private:
  enum class State {
    kIdle,     // Between two requests.
    kHeaders,  // A request's headers are arriving.
    kBody,     // Its body is.
    kWaiting,  // A handler has it.
    kSending,  // It is being answered.
    kFinished,
  };

  // Reads as many of the bytes that came as it can.
  void Advance();
  void BeginRequest();
  void OnHeaders();
  // What a request's headers must not be; a status of 200: nothing.
  HttpResponse Objection() const;
  // Answers what is no request that a route could take, and reads no more.
  void Reject(HttpResponse response);
  void EnterBy(State state, absl::Duration time);
  void WriteHead();
  void OnAnswer() override;
  void OnResume() override { connection_.SendSoon(); }
  // Appends what there is room for. False: no room, or nothing for now.
  bool ProduceBody(OutputBuffer& out);
  bool ProduceStream(OutputBuffer& out);
  void EndAnswer();
  // Leaves the rest of what came for the loop's next turn.
  void Yield();

  Connection& connection_;
  const HttpRoutes& routes_;
  const HttpLimits& limits_;
  Http1Parser parser_;
  State state_ = State::kIdle;
  // When the state has to end; max: never.
  EventLoop::Clock::time_point due_;
  // Came and, from in_begin_ on, is not parsed.
  std::string in_;
  size_t in_begin_ = 0;
  std::shared_ptr<HttpExchange> exchange_;
  bool is_http11_ = true;
  bool keep_alive_ = true;
  bool draining_ = false;
  // The client may still be sending what is not wanted.
  bool request_unread_ = false;

  // The head of the answer, and "100 Continue" before it; and how much of it and of the body is written.
  std::string head_;
  size_t head_written_ = 0;
  size_t body_written_ = 0;
  // Of which turn of the loop these answers are.
  EventLoop::Clock::time_point turn_;
  int answers_in_turn_ = 0;
  bool yielded_ = false;

  bool head_made_ = false;
  bool stream_ended_ = false;
};

}  // namespace roicast

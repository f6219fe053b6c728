#include "server/transport/http/http1_session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/one_line.h"
#include "server/transport/http/http1_head.h"

namespace roicast {
namespace {

using Clock = EventLoop::Clock;

constexpr absl::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
// Of one connection: after so many pipelined requests others have their turn. Hundreds of connections may be in a turn.
constexpr int kMaxAnswersInTurn = 4;
constexpr size_t kMaxQuotedHeaderBytes = 100;
// A chunk as it is sent: its size in five hexadecimal digits, CR LF, the bytes, CR LF.
constexpr size_t kChunkPrefix = 7;
constexpr size_t kChunkSuffix = 2;
constexpr size_t kMaxChunk = size_t{16} << 10;
constexpr absl::string_view kLastChunk = "0\r\n\r\n";

size_t CountOf(const HeaderBlock& headers, absl::string_view name) {
  size_t count = 0;
  for (size_t i = 0; i < headers.size(); ++i) count += headers[i].name == name ? 1 : 0;
  return count;
}

}  // namespace

Http1Session::Http1Session(Connection* connection, const HttpRoutes* routes, const HttpLimits* limits)
    : connection_(*connection),
      routes_(*routes),
      limits_(*limits),
      parser_(limits->max_header_bytes, limits->max_headers) {
  EnterBy(State::kIdle, limits_.idle_timeout);
}

void Http1Session::EnterBy(State state, absl::Duration time) {
  state_ = state;
  due_ = Clock::now() + absl::ToChronoNanoseconds(time);
  connection_.CheckBy(due_);
}

bool Http1Session::Receive(absl::string_view bytes) {
  if (state_ == State::kFinished) return true;
  in_.erase(0, in_begin_);
  in_begin_ = 0;
  in_.append(bytes.data(), bytes.size());
  Advance();
  return true;
}

void Http1Session::BeginRequest() {
  parser_.Begin();
  exchange_ = HttpExchange::Make({.loop = &connection_.loop(),
                                  .metrics = &connection_.metrics(),
                                  .routes = &routes_,
                                  .limits = &limits_,
                                  .use = &connection_.use(),
                                  .sink = this});
  is_http11_ = keep_alive_ = true;
  EnterBy(State::kHeaders, limits_.header_timeout);
}

void Http1Session::Advance() {
  absl::string_view left = absl::string_view(in_).substr(in_begin_);
  while (true) {
    if (state_ == State::kIdle) {
      // Lines may be empty before a request (RFC 9112, section 2.2).
      while (absl::StartsWith(left, "\r\n")) left.remove_prefix(2);
      if (left.empty() || left == "\r") break;
      BeginRequest();
    }
    if (state_ != State::kHeaders && state_ != State::kBody) break;
    const Http1Parser::Event event = parser_.Parse(&left);
    if (event == Http1Parser::Event::kNeedMore) break;
    switch (event) {
      case Http1Parser::Event::kHeaders:
        OnHeaders();
        break;
      case Http1Parser::Event::kBody:
        if (!exchange_->AddBody(parser_.body())) request_unread_ = true;
        break;
      case Http1Parser::Event::kEnd:
        state_ = State::kWaiting;
        HttpExchange::Run(exchange_);
        break;
      case Http1Parser::Event::kError:
        connection_.metrics().Count(parser_.error_status() == 431 ? Cut::kHeaderBytes : Cut::kProtocol);
        Reject(PlainText(parser_.error_status(), parser_.error()));
        break;
      case Http1Parser::Event::kNeedMore:
        break;
    }
  }
  if (left.empty() || request_unread_) {
    in_.clear();
    in_begin_ = 0;
  } else {
    in_begin_ = in_.size() - left.size();
  }
}

HttpResponse Http1Session::Objection() const {
  const HeaderBlock& headers = exchange_->request().headers;
  const size_t hosts = CountOf(headers, "host");
  if (hosts > 1 || (hosts == 0 && is_http11_)) {
    return PlainText(400, absl::StrCat("expected one Host header, got ", hosts));
  }
  const absl::string_view coding = headers.Find("transfer-encoding");
  if (CountOf(headers, "transfer-encoding") > 0 &&
      (!is_http11_ || !parser_.is_chunked() || !absl::EqualsIgnoreCase(coding, "chunked"))) {
    return PlainText(501, absl::StrCat("Transfer-Encoding: expected chunked, in HTTP/1.1, got ",
                                       OneLine(coding, kMaxQuotedHeaderBytes)));
  }
  const absl::string_view expectation = headers.Find("expect");
  if (!expectation.empty() && !absl::EqualsIgnoreCase(expectation, "100-continue")) {
    return PlainText(417,
                     absl::StrCat("Expect: expected 100-continue, got ", OneLine(expectation, kMaxQuotedHeaderBytes)));
  }
  return {};
}

void Http1Session::OnHeaders() {
  is_http11_ = parser_.is_http11();
  keep_alive_ = parser_.keeps_alive();
  HttpRequest& request = exchange_->request();
  request.method = std::string(parser_.method());
  SplitTarget(parser_.target(), &request.path, &request.query);
  request.peer = connection_.peer();
  request.host = connection_.host();
  std::swap(request.headers, parser_.headers());
  const bool has_body = parser_.content_length() > 0 || parser_.is_chunked();
  if (HttpResponse objection = Objection(); objection.status != 200) {
    Reject(std::move(objection));
    return;
  }
  if (!exchange_->Route(parser_.content_length())) {
    // Whoever sends a body all the same cannot use the connection for another request.
    if (has_body) request_unread_ = true;
    return;
  }
  if (!has_body) return;  // The parser says kEnd.
  EnterBy(State::kBody, limits_.body_timeout);
  if (is_http11_ && !request.headers.Find("expect").empty()) {
    head_.append(kContinue.data(), kContinue.size());
    connection_.SendSoon();
  }
}

void Http1Session::Reject(HttpResponse response) {
  keep_alive_ = false;
  request_unread_ = true;
  exchange_->Refuse(std::move(response));
}

void Http1Session::OnAnswer() {
  state_ = State::kSending;
  due_ = Clock::time_point::max();
  body_written_ = 0;
  stream_ended_ = false;
  connection_.SendSoon();
}

void Http1Session::WriteHead() {
  const HttpResponse& response = exchange_->response();
  if (draining_ || request_unread_) keep_alive_ = false;
  // Without chunks only the connection's end can be the stream's.
  if (response.stream != nullptr && !is_http11_) keep_alive_ = false;
  AppendHttp1Head(response, {.is_http11 = is_http11_, .keep_alive = keep_alive_}, &head_);
}

void Http1Session::Produce(OutputBuffer& out) {
  if (yielded_ && connection_.loop().now() != turn_) {
    yielded_ = false;
    Advance();
  }
  while (true) {
    if (head_written_ == head_.size()) {
      head_.clear();
      head_written_ = 0;
    }
    if (!head_.empty()) {
      const absl::string_view part = absl::string_view(head_).substr(head_written_, out.room());
      out.Append(part);
      head_written_ += part.size();
      if (head_written_ < head_.size()) return;
      continue;
    }
    if (state_ != State::kSending || !ProduceBody(out)) return;
  }
}

bool Http1Session::ProduceBody(OutputBuffer& out) {
  HttpResponse& response = exchange_->response();
  if (!head_made_) {
    head_made_ = true;
    WriteHead();
    return true;
  }
  if (!exchange_->is_head()) {
    if (response.stream != nullptr) {
      if (!ProduceStream(out)) return false;
    } else {
      const absl::string_view part = response.bytes().substr(body_written_, out.room());
      out.Append(part);
      body_written_ += part.size();
      if (body_written_ < response.bytes().size()) return false;
    }
  }
  EndAnswer();
  return true;
}

bool Http1Session::ProduceStream(OutputBuffer& out) {
  while (!stream_ended_) {
    if (out.room() <= kChunkPrefix + kChunkSuffix + kLastChunk.size()) return false;
    const size_t frame = is_http11_ ? kChunkPrefix + kChunkSuffix + kLastChunk.size() : 0;
    HttpBody::Next next = HttpBody::Next::kMore;
    char* const to = out.end() + (is_http11_ ? kChunkPrefix : 0);
    const size_t size = exchange_->response().stream->Read(to, std::min(kMaxChunk, out.room() - frame), &next);
    stream_ended_ = next == HttpBody::Next::kEnd;
    if (size > 0 && is_http11_) {
      const std::string prefix = absl::StrFormat("%05x\r\n", size);
      std::copy(prefix.begin(), prefix.end(), out.end());
      out.Advance(kChunkPrefix + size);
      out.Append("\r\n");
    } else {
      out.Advance(size);
    }
    if (stream_ended_ && is_http11_) out.Append(kLastChunk);
    if (!stream_ended_ && (size == 0 || next == HttpBody::Next::kWait)) return false;
  }
  return true;
}

void Http1Session::EndAnswer() {
  head_made_ = false;
  exchange_->Detach();
  exchange_.reset();
  if (!keep_alive_ || draining_) {
    state_ = State::kFinished;
    return;
  }
  EnterBy(State::kIdle, limits_.idle_timeout);
  if (std::exchange(turn_, connection_.loop().now()) != turn_) answers_in_turn_ = 0;
  if (++answers_in_turn_ < kMaxAnswersInTurn) {
    Advance();
  } else if (in_begin_ < in_.size()) {
    Yield();
  }
}

void Http1Session::Yield() {
  yielded_ = true;
  // Later than this turn, which knows no other time than its own.
  connection_.CheckBy(connection_.loop().now() + Clock::duration(1));
}

void Http1Session::Drain() {
  draining_ = true;
  if (state_ == State::kIdle) state_ = State::kFinished;
}

std::optional<Cut> Http1Session::Overdue(Clock::time_point now, Clock::time_point* next) {
  *next = due_;
  if (now < due_) return std::nullopt;
  *next = Clock::time_point::max();
  switch (state_) {
    case State::kIdle:
      return Cut::kIdle;
    case State::kHeaders:
      connection_.metrics().Count(Cut::kHeaders);
      Reject(PlainText(
          408, absl::StrCat("headers: expected all of them within ", absl::FormatDuration(limits_.header_timeout))));
      return std::nullopt;
    case State::kBody:
      connection_.metrics().Count(Cut::kBody);
      Reject(PlainText(408, absl::StrCat("body: expected all of it within ", absl::FormatDuration(limits_.body_timeout),
                                         ", got ", exchange_->request().body.size(), " bytes")));
      return std::nullopt;
    case State::kWaiting:
    case State::kSending:
    case State::kFinished:
      return std::nullopt;
  }
  return std::nullopt;
}

void Http1Session::OnClosed() {
  if (exchange_ != nullptr) exchange_->Detach();
}

}  // namespace roicast

#include "server/transport/http/http_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

using Clock = EventLoop::Clock;

// How long, and for how many bytes more, a client may go on sending a request that is answered.
constexpr auto kAnswerTime = std::chrono::seconds(1);
constexpr size_t kMaxDiscarded = size_t{1} << 20;

// Both are copied.
nghttp2_nv AnyHeader(absl::string_view name, absl::string_view value) {
  nghttp2_nv header = StaticHeader(name, value);
  header.flags = NGHTTP2_NV_FLAG_NONE;
  return header;
}

}  // namespace

HttpStream::HttpStream(Http2Session* session, int32_t id, HeaderBlock* headers, const HttpRoutes* routes,
                       const HttpLimits* limits)
    : session_(*session), id_(id), limits_(*limits) {
  exchange_ = HttpExchange::Make({.loop = &session_.loop(),
                                  .metrics = &session_.metrics(),
                                  .routes = routes,
                                  .limits = limits,
                                  .use = &session_.connection().use(),
                                  .sink = this});
  body_due_ = session_.loop().now() + absl::ToChronoNanoseconds(limits_.body_timeout);
  session_.connection().CheckBy(body_due_);
  HttpRequest& request = exchange_->request();
  std::swap(request.headers, *headers);
  request.method = std::string(request.headers.Find(":method"));
  SplitTarget(request.headers.Find(":path"), &request.path, &request.query);
  request.peer = session_.connection().peer();
  request.host = session_.connection().host();
  uint64_t content_length = 0;
  // nghttp2 has checked it.
  static_cast<void>(absl::SimpleAtoi(request.headers.Find("content-length"), &content_length));
  exchange_->Route(content_length);
}

size_t HttpStream::OnData(absl::string_view bytes) {
  if (exchange_->AddBody(bytes)) return bytes.size();
  // It is answered already.
  discarded_ += bytes.size();
  return discarded_ <= kMaxDiscarded ? bytes.size() : 0;
}

void HttpStream::OnEnd() {
  request_ended_ = true;
  body_due_ = Clock::time_point::max();
  if (std::exchange(end_waits_, false)) session_.Resume(id_);
  HttpExchange::Run(exchange_);
}

void HttpStream::OnClosed() {
  exchange_->Detach();
  delete this;
}

Clock::time_point HttpStream::BodyDue() const { return body_due_; }

void HttpStream::OnBodyOverdue() {
  body_due_ = Clock::time_point::max();
  if (exchange_->answered()) {
    if (std::exchange(end_waits_, false)) session_.Resume(id_);
    return;
  }
  // The session has counted it.
  exchange_->Refuse(
      PlainText(408, absl::StrCat("body: expected all of it within ", absl::FormatDuration(limits_.body_timeout),
                                  ", got ", exchange_->request().body.size(), " bytes")));
}

void HttpStream::OnAnswer() {
  const HttpResponse& response = exchange_->response();
  const std::string status = absl::StrCat(response.status);
  const std::string length = absl::StrCat(response.bytes().size());
  const std::string date = HttpDate();
  std::vector<nghttp2_nv> headers = {AnyHeader(":status", status), AnyHeader("date", date),
                                     AnyHeader("content-type", response.content_type)};
  if (response.stream == nullptr) headers.push_back(AnyHeader("content-length", length));
  headers.push_back(AnyHeader("cache-control", "no-store"));
  for (const auto& [name, value] : response.headers) headers.push_back(AnyHeader(name, value));
  const bool has_body = !exchange_->is_head() && (response.stream != nullptr || !response.bytes().empty());
  if (!request_ended_) {
    // The session resets a stream whose answer ends before its request (RFC 9113, section 8.1). Some clients then drop
    // what they have not read of the answer.
    end_waits_ = true;
    body_due_ = session_.loop().now() + kAnswerTime;
    session_.connection().CheckBy(body_due_);
  }
  session_.SubmitHeaders(id_, this, headers, has_body);
}

size_t HttpStream::ReadBody(char* to, size_t room, Next* next) {
  HttpResponse& response = exchange_->response();
  size_t size = 0;
  if (ended_) {
    *next = Next::kEnd;
  } else if (response.stream != nullptr) {
    HttpBody::Next after = HttpBody::Next::kMore;
    size = response.stream->Read(to, room, &after);
    *next = after == HttpBody::Next::kEnd                ? Next::kEnd
            : after == HttpBody::Next::kMore && size > 0 ? Next::kMore
                                                         : Next::kWait;
  } else {
    const absl::string_view left = response.bytes().substr(body_written_);
    size = std::min(room, left.size());
    std::memcpy(to, left.data(), size);
    body_written_ += size;
    *next = size < left.size() ? Next::kMore : Next::kEnd;
  }
  ended_ = *next == Next::kEnd;
  if (ended_ && end_waits_) *next = Next::kWait;
  return size;
}

}  // namespace roicast

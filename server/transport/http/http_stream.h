// A request of the HTTP port that came over HTTP/2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "server/transport/http/http_exchange.h"
#include "server/transport/http/http_limits.h"
#include "server/transport/http/http_routes.h"
#include "server/transport/http2/http2_session.h"
#include "server/transport/http2/http2_stream.h"

namespace roicast {

// Deletes itself once the stream is over.
class HttpStream final : public Http2Stream, private HttpExchange::Sink {
 public:
  // All outlive the stream. Takes the headers.
  HttpStream(Http2Session* session, int32_t id, HeaderBlock* headers, const HttpRoutes* routes,
             const HttpLimits* limits);

  size_t OnData(absl::string_view bytes) override;
  void OnEnd() override;
  void OnClosed() override;
  size_t ReadBody(char* to, size_t room, Next* next) override;
  EventLoop::Clock::time_point BodyDue() const override;
  void OnBodyOverdue() override;

 private:
  ~HttpStream() = default;
  void OnAnswer() override;
  void OnResume() override { session_.Resume(id_); }

  Http2Session& session_;
  const int32_t id_;
  const HttpLimits& limits_;
  std::shared_ptr<HttpExchange> exchange_;
  EventLoop::Clock::time_point body_due_;
  bool request_ended_ = false;
  // The answer is there, and its end waits for the request's.
  bool end_waits_ = false;
  size_t discarded_ = 0;
  size_t body_written_ = 0;
  // ReadBody has come to the end.
  bool ended_ = false;
};

}  // namespace roicast

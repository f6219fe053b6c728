// What answers on the HTTP port: the same routes for HTTP/1.1 and HTTP/2.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/strings/string_view.h"
#include "server/transport/connection/connection.h"
#include "server/transport/connection/protocol.h"
#include "server/transport/http/http_limits.h"
#include "server/transport/http/http_routes.h"
#include "server/transport/http2/http2_session.h"
#include "server/transport/http2/http2_stream.h"

namespace roicast {

// Outlives all connections.
class HttpRequests final : public Http2Requests {
 public:
  explicit HttpRequests(const HttpLimits& limits);

  // Where routes are added before the first connection.
  HttpRoutes& routes() { return routes_; }
  const HttpLimits& limits() const { return limits_; }

  // For a new connection: speaks the version whose first bytes come.
  std::unique_ptr<Protocol> Speak(Connection* connection);

  std::unique_ptr<Protocol> SpeakHttp1(Connection* connection);
  std::unique_ptr<Protocol> SpeakHttp2(Connection* connection);

  // Http2Requests.
  Http2Stream* Begin(Http2Session& session, int32_t id, HeaderBlock& headers, bool ended) override;

 private:
  const HttpLimits limits_;
  const Http2Limits http2_limits_;
  HttpRoutes routes_;
};

}  // namespace roicast

#include "server/transport/http/http_requests.h"

#include "server/transport/http/http1_session.h"
#include "server/transport/http/http_stream.h"
#include "server/transport/http/version_choice.h"

namespace roicast {
namespace {

Http2Limits ForHttp2(const HttpLimits& limits) {
  Http2Limits http2 = limits.http2;
  http2.max_header_bytes = limits.max_header_bytes;
  http2.max_headers = limits.max_headers;
  http2.preface_timeout = limits.preface_timeout;
  http2.header_timeout = limits.header_timeout;
  http2.idle_timeout = limits.idle_timeout;
  return http2;
}

}  // namespace

HttpRequests::HttpRequests(const HttpLimits& limits) : limits_(limits), http2_limits_(ForHttp2(limits)) {}

std::unique_ptr<Protocol> HttpRequests::Speak(Connection* connection) {
  return std::make_unique<VersionChoice>(connection, this);
}

std::unique_ptr<Protocol> HttpRequests::SpeakHttp1(Connection* connection) {
  return std::make_unique<Http1Session>(connection, &routes_, &limits_);
}

std::unique_ptr<Protocol> HttpRequests::SpeakHttp2(Connection* connection) {
  return std::make_unique<Http2Session>(connection, this, &http2_limits_);
}

Http2Stream* HttpRequests::Begin(Http2Session& session, int32_t id, HeaderBlock& headers, bool) {
  return new HttpStream(&session, id, &headers, &routes_, &limits_);
}

}  // namespace roicast

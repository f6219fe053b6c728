// An HTTP request and the answer to it, whichever version of HTTP they travel in.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/transport/http2/header_block.h"

namespace roicast {

struct HttpRequest {
  std::string method;   // As it came, such as "GET".
  std::string path;     // As it came, without the query, such as "/metrics".
  std::string query;    // What follows the "?"; empty: none.
  HeaderBlock headers;  // By lowercase name.
  std::string body;
  std::string peer;  // As logs name it, such as "ipv4:127.0.0.1:40000".
  std::string host;  // As limits count it, such as "127.0.0.1": see PeerAddress.
};

// The body of an answer that is made while it is sent. Used on the request's loop alone, and must not wait there.
class HttpBody {
 public:
  // What comes after the bytes that were read: more, more once HttpResponder::Resume is called, or nothing.
  enum class Next { kMore, kWait, kEnd };
  virtual ~HttpBody() = default;
  // Writes up to `room` bytes, room ≥ 1, and returns how many. None with kMore counts as kWait.
  virtual size_t Read(char* to, size_t room, Next* next) = 0;
};

inline constexpr char kPlainText[] = "text/plain; charset=utf-8";

struct HttpResponse {
  int status = 200;
  std::string content_type = kPlainText;
  std::string body;
  // Instead of `body`, if there is one: others get it, too. Who makes it counts it (TransportMetrics::http_bytes).
  std::shared_ptr<const std::string> shared_body;
  // Instead of both, if there is one.
  std::unique_ptr<HttpBody> stream;
  // Names are lowercase. Those of the transport, such as content-length and connection, are not among them.
  std::vector<std::pair<std::string, std::string>> headers;

  absl::string_view bytes() const { return shared_body != nullptr ? *shared_body : body; }
};

// An answer of one line.
HttpResponse PlainText(int status, absl::string_view line);

// Such as "Not Found"; a string literal, "Unknown" for codes that are not used here.
absl::string_view ReasonPhrase(int status);

// The time as HTTP writes it, such as "Sun, 06 Nov 1994 08:49:37 GMT".
std::string HttpDate();

// Splits a request target such as "/a?b=c" or "http://host/a?b=c" into path and query.
void SplitTarget(absl::string_view target, std::string* path, std::string* query);

}  // namespace roicast

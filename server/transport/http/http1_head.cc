#include "server/transport/http/http1_head.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace roicast {
namespace {

// "content-type" as people know it: "Content-Type".
std::string Capitalized(absl::string_view name) {
  std::string text(name);
  bool first = true;
  for (char& c : text) {
    if (first) c = absl::ascii_toupper(static_cast<unsigned char>(c));
    first = c == '-';
  }
  return text;
}

}  // namespace

void AppendHttp1Head(const HttpResponse& response, const Http1Framing& framing, std::string* to) {
  absl::StrAppend(to, "HTTP/1.1 ", response.status, " ", ReasonPhrase(response.status), "\r\n");
  absl::StrAppend(to, "Date: ", HttpDate(), "\r\nContent-Type: ", response.content_type, "\r\n");
  if (response.stream == nullptr) {
    absl::StrAppend(to, "Content-Length: ", response.bytes().size(), "\r\n");
  } else if (framing.is_http11) {
    absl::StrAppend(to, "Transfer-Encoding: chunked\r\n");
  }
  absl::StrAppend(to, "Cache-Control: no-store\r\n");
  for (const auto& [name, value] : response.headers) absl::StrAppend(to, Capitalized(name), ": ", value, "\r\n");
  if (!framing.keep_alive) {
    absl::StrAppend(to, "Connection: close\r\n");
  } else if (!framing.is_http11) {
    absl::StrAppend(to, "Connection: keep-alive\r\n");
  }
  absl::StrAppend(to, "\r\n");
}

}  // namespace roicast

#include "server/transport/http/http_message.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace roicast {

HttpResponse PlainText(int status, absl::string_view line) {
  HttpResponse response;
  response.status = status;
  response.body = absl::StrCat(line, "\n");
  return response;
}

absl::string_view ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Unknown";
  }
}

std::string HttpDate() { return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::Now(), absl::UTCTimeZone()); }

void SplitTarget(absl::string_view target, std::string* path, std::string* query) {
  if (!absl::StartsWith(target, "/")) {
    // The absolute form, which proxies use (RFC 9112, section 3.2.2).
    if (const size_t scheme = target.find("://"); scheme != absl::string_view::npos) {
      const size_t slash = target.find_first_of("/?", scheme + 3);
      target = slash == absl::string_view::npos ? "/" : target.substr(slash);
    }
  }
  const size_t mark = target.find('?');
  *path = std::string(target.substr(0, mark));
  if (path->empty()) *path = "/";
  *query = mark == absl::string_view::npos ? std::string() : std::string(target.substr(mark + 1));
}

}  // namespace roicast

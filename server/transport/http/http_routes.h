// Which handler answers which path and method.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "server/transport/http/http_message.h"
#include "server/transport/http/http_responder.h"

namespace roicast {

// Runs on a loop and must not wait. Answers through the responder, now or later from any thread. The request is there
// until the handler returns.
using HttpHandler = std::function<void(const HttpRequest&, HttpResponder)>;

struct HttpRoute {
  HttpHandler handler;
  // Larger bodies get 413; 0: none is allowed.
  size_t max_body_bytes = 0;
};

// Filled before the first connection; then safe to use from all loops.
class HttpRoutes {
 public:
  // path: as it comes in a request, such as "/metrics". A route for GET answers HEAD, too.
  void Add(absl::string_view method, absl::string_view path, HttpRoute route);

  // nullptr: there is none, and *refusal is the answer: 404, or 405 with the methods that are allowed.
  const HttpRoute* Find(absl::string_view method, absl::string_view path, HttpResponse* refusal) const;

 private:
  using Methods = std::map<std::string, HttpRoute, std::less<>>;
  std::map<std::string, Methods, std::less<>> paths_;
};

}  // namespace roicast

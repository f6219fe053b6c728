// What operators and their tools read over HTTP:
//   /metrics   all figures, Prometheus text format 0.0.4; compressed where the scraper accepts gzip
//   /healthz   200 while the process answers
//   /readyz    200 while calls would be answered; else 503 with the reason
//   /          a small index
// GET and HEAD alone. A few threads of its own, one request per connection, a time limit on reading and writing:
// a slow reader holds one of these threads until the limit, and nothing else.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "prometheus/collectable.h"

struct mg_context;
struct mg_connection;

namespace roicast {

struct HttpEndpointOptions {
  std::string address = "0.0.0.0";                   // To listen on: IPv4, or a name; "": all.
  int port = 9464;                                   // 0 to 65,535; 0: the system chooses.
  int threads = 4;                                   // 1 to 64.
  absl::Duration io_timeout = absl::Seconds(5);      // Per request, for reading and for writing; ≥ 1 ms.
  const prometheus::Collectable* metrics = nullptr;  // Required; outlives the endpoint.
  // OK: ready. Else the message is the reason. Called on the endpoint's threads. Required.
  std::function<absl::Status()> ready;

  absl::Status Validate() const;
};

// Serves from Start to destruction, which waits for requests that are being answered.
class HttpEndpoint {
 public:
  // FailedPrecondition: the port is taken. PermissionDenied: a port below 1,024 without the right to it.
  // InvalidArgument: options, or an address that this machine does not have.
  static absl::StatusOr<std::unique_ptr<HttpEndpoint>> Start(const HttpEndpointOptions& given);
  ~HttpEndpoint();
  HttpEndpoint(const HttpEndpoint&) = delete;
  HttpEndpoint& operator=(const HttpEndpoint&) = delete;

  int port() const { return port_; }

 private:
  explicit HttpEndpoint(const HttpEndpointOptions& options) : options_(options) {}
  int Answer(mg_connection* connection) const;

  const HttpEndpointOptions options_;
  mg_context* server_ = nullptr;
  int port_ = 0;
};

}  // namespace roicast

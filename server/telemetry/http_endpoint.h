// The HTTP endpoint for operators and their tools:
//   /metrics   all metrics, Prometheus text format 0.0.4; compressed if the scraper accepts gzip
//   /healthz   200 while the process responds
//   /readyz    200 while calls are answered; otherwise 503 with the reason
//   /          a small index
// Only GET and HEAD. It has a few threads of its own, serves one request per connection, and limits the time for
// reading and writing: a slow client occupies one of these threads until the limit, and nothing else.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "prometheus/collectable.h"
#include "server/flag_defaults.h"

struct mg_context;
struct mg_connection;

namespace roicast {

struct HttpEndpointOptions {
  std::string address = defaults::kHttpAddress;      // To listen on: an IPv4 address or a name; "": all.
  int port = defaults::kHttpPort;                    // 0 to 65,535; 0: chosen by the system.
  int threads = 4;                                   // 1 to 64.
  absl::Duration io_timeout = absl::Seconds(5);      // Per request, for reading and for writing; ≥ 1 ms.
  const prometheus::Collectable* metrics = nullptr;  // Required; outlives the endpoint.
  // OK: ready. Otherwise the message is the reason. Called on the endpoint's threads. Required.
  std::function<absl::Status()> ready;

  absl::Status Validate() const;
};

// Serves from Start until destruction, which waits for requests under way.
class HttpEndpoint {
 public:
  // FailedPrecondition: the port is taken. PermissionDenied: a port below 1,024 without the privilege.
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

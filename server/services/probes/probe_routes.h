// What the HTTP port answers to operators and their tools:
//   /metrics   all metrics, Prometheus text format 0.0.4; compressed if the scraper accepts gzip
//   /healthz   200 while the loops answer
//   /readyz    200 while calls are answered, which a call through the gRPC port proves; otherwise 503 with the reason
//   /          a small index
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "prometheus/collectable.h"
#include "server/services/probes/grpc_probe.h"
#include "server/services/probes/metrics_page.h"
#include "server/telemetry/transport_metrics.h"
#include "server/transport/http/http_routes.h"

namespace roicast {

// Outlives the requests.
class ProbeRoutes {
 public:
  // All outlive it.
  struct Parts {
    const prometheus::Collectable* metrics;
    // OK: ready, as far as the process knows. Otherwise the message is the reason. Called on loops.
    std::function<absl::Status()> ready;
    GrpcProbe* grpc;
    // Counts the bytes of pages, and requests that may not wait because too many of their address do.
    TransportMetrics* transport;
  };

  ProbeRoutes(const Parts& parts, HttpRoutes* routes);
  ProbeRoutes(const ProbeRoutes&) = delete;
  ProbeRoutes& operator=(const ProbeRoutes&) = delete;

 private:
  void Metrics(const HttpRequest& request, const HttpResponder& responder);
  void Ready(const HttpRequest& request, const HttpResponder& responder) const;
  void RefuseToWait(const HttpResponder& responder) const;

  const Parts parts_;
  MetricsPage metrics_page_;
};

}  // namespace roicast

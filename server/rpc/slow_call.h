// What all calls of the slow services (training, models) share: they are counted and timed on every way out, and
// refused while the server drains.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/rpc/status_mapping.h"
#include "server/telemetry/access_log.h"
#include "server/telemetry/metrics.h"

namespace roicast {

// Thread-safe.
class SlowCalls {
 public:
  // Both outlive it.
  SlowCalls(ServerMetrics* metrics, AccessLog* access_log) : metrics_(*metrics), access_log_(*access_log) {}

  void StartDraining() { draining_.store(true, std::memory_order_release); }
  bool draining() const { return draining_.load(std::memory_order_acquire); }
  RpcMetrics& AddMethod(absl::string_view method) { return metrics_.AddMethod(method); }

  // Runs `work`, which returns an absl::Status.
  template <typename Work>
  grpc::Status Run(RpcMetrics& method, const grpc::ServerContext& context, Work work) {
    const absl::Time begin = absl::Now();
    RpcCall observed(method);
    absl::Status status = draining() ? absl::UnavailableError("the server is draining; another one will answer")
                          : context.IsCancelled() ? absl::CancelledError("the client has gone")
                                                  : work();
    observed.Finish(status.code());
    if (access_log_.Sampled()) {
      const std::string peer = context.peer();
      access_log_.Record({.method = method.method(),
                          .code = status.code(),
                          .latency = absl::Now() - begin,
                          .model = {},
                          .version = 0,
                          .rows = 0,
                          .peer = peer});
    }
    return ToGrpcStatus(status);
  }

 private:
  ServerMetrics& metrics_;
  AccessLog& access_log_;
  std::atomic<bool> draining_{false};
};

}  // namespace roicast

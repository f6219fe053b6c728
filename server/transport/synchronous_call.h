// What all calls of the slow services (training, models) share: they are counted and timed on every way out, and
// refused while the server drains.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/errors/errors.h"
#include "server/serving/in_flight_limit.h"
#include "server/telemetry/access_log.h"
#include "server/telemetry/metrics.h"
#include "server/transport/status_mapping.h"

namespace roicast {

// Which version a call was about, once that is known; for the access log.
struct CallSubject {
  std::string model;
  int64_t version = 0;  // 0: none yet.
};

// Thread-safe.
class SynchronousCalls {
 public:
  // Calls that send a file to the server, at once. Each holds one of the transport's threads for as long as its client
  // likes; the rest of the threads stays for others.
  static constexpr int kMaxUploads = 16;

  // Both outlive it.
  SynchronousCalls(ServerMetrics* metrics, AccessLog* access_log) : metrics_(*metrics), access_log_(*access_log) {}

  void StartDraining() { draining_.store(true, std::memory_order_release); }
  bool draining() const { return draining_.load(std::memory_order_acquire); }
  RpcMetrics& AddMethod(absl::string_view method) { return metrics_.AddMethod(method); }

  // Shared by the methods that take a file.
  InFlightLimit& uploads() { return uploads_; }

  // Runs `work`, which returns an absl::Status and may tell `subject`.
  template <typename Work>
  grpc::Status Run(RpcMetrics& method, const grpc::ServerContext& context, Work work,
                   const CallSubject& subject = CallSubject()) {
    const absl::Time begin = absl::Now();
    RpcCall observed(method);
    absl::Status status = draining() ? ServerDraining() : context.IsCancelled() ? ClientDisconnected() : work();
    observed.Finish(status.code());
    if (access_log_.Sampled()) {
      const std::string peer = context.peer();
      access_log_.Record({.method = method.method(),
                          .code = status.code(),
                          .latency = absl::Now() - begin,
                          .model = subject.model,
                          .version = subject.version,
                          .rows = 0,
                          .peer = peer});
    }
    return ToGrpcStatus(status);
  }

 private:
  ServerMetrics& metrics_;
  AccessLog& access_log_;
  std::atomic<bool> draining_{false};
  InFlightLimit uploads_{kMaxUploads, "uploads"};
};

}  // namespace roicast

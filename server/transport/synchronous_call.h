// Common to all synchronous methods (training and models): their calls are counted and timed however they end, and
// rejected while the server drains.
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <string>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/errors/errors.h"
#include "server/serving/in_flight_limit.h"
#include "server/serving/lifecycle.h"
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
  // Maximum number of calls that upload a file at once. Each holds one of the transport's threads for as long as its
  // client likes; the other threads remain free for other calls.
  static constexpr int kMaxUploads = 16;

  // All outlive it.
  SynchronousCalls(const Lifecycle* lifecycle, ServerMetrics* metrics, AccessLog* access_log)
      : lifecycle_(*lifecycle), metrics_(*metrics), access_log_(*access_log) {}

  const Lifecycle& lifecycle() const { return lifecycle_; }
  RpcMetrics& AddMethod(absl::string_view method) { return metrics_.AddMethod(method); }

  // Shared by the methods that take a file.
  InFlightLimit& uploads() { return uploads_; }

  // Runs `work`, which returns an absl::Status. It takes a CallSubject& if it can say what the call was about.
  template <typename Work>
  grpc::Status Run(RpcMetrics& method, const grpc::ServerContext& context, Work work) {
    const absl::Time begin = absl::Now();
    RpcCall observed(method);
    CallSubject subject;
    absl::Status status = lifecycle_.Admit();
    if (status.ok() && context.IsCancelled()) status = ClientDisconnected();
    if (status.ok()) {
      if constexpr (std::is_invocable_v<Work, CallSubject&>) {
        status = work(subject);
      } else {
        status = work();
      }
    }
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
  const Lifecycle& lifecycle_;
  ServerMetrics& metrics_;
  AccessLog& access_log_;
  InFlightLimit uploads_{kMaxUploads, "uploads"};
};

}  // namespace roicast

// Whether the gRPC port answers: calls grpc.health.v1.Health/Check through it, over a connection of its own, as any
// client would. So a port that accepts no more, or loops that answer no more, are seen.
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/transport/connection/own_connections.h"
#include "server/transport/tls/tls_credentials.h"

namespace roicast {

// Calls Check for the server as a whole and waits for the answer. address: host:port or unix:/path. tls: what its TCP
// addresses have; nullptr: no TLS. own: where the connection is entered; nullptr: nowhere. OK: SERVING. Errors:
// Unavailable, DeadlineExceeded; the message says what failed.
absl::Status CheckGrpcHealth(absl::string_view address, absl::Duration timeout, const TlsCredentials* tls = nullptr,
                             OwnConnections* own = nullptr);

// Where a server that listens on `address` is reached from its own machine.
std::string ReachableAddress(absl::string_view address);

// Thread-safe. Has a thread, which does nothing unless asked.
class GrpcProbe {
 public:
  struct Options {
    // Where to call, one after the other; asked each time.
    std::function<std::vector<std::string>()> addresses;
    // For all addresses together.
    absl::Duration timeout = absl::Milliseconds(500);
    // Both outlive it.
    const TlsCredentials* tls = nullptr;
    OwnConnections* own = nullptr;
  };
  using Done = std::function<void(const absl::Status&)>;

  explicit GrpcProbe(Options options);
  // Answers those who wait.
  ~GrpcProbe();
  GrpcProbe(const GrpcProbe&) = delete;
  GrpcProbe& operator=(const GrpcProbe&) = delete;

  // Calls done with the result of calls that begin from now on: OK if every address answers, else what the first said
  // that does not. Those who ask at the same time share them. On the probe's thread, within twice the timeout. Does not
  // wait.
  void Ask(Done done);

 private:
  void Run();
  absl::Status CheckAll() const;

  const Options options_;
  absl::Mutex mutex_;
  std::vector<Done> asked_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace roicast

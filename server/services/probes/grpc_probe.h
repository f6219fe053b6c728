// Whether the gRPC port answers: calls grpc.health.v1.Health/Check through it, over a connection of its own, as any
// client would. So a port that accepts no more, or loops that answer no more, are seen.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/services/probes/waiting_line.h"
#include "server/transport/connection/own_connections.h"
#include "server/transport/tls/tls_credentials.h"

namespace roicast {

// Calls Check for the server as a whole and waits for the answer. address: as of ProbeConnection. tls: what its TCP
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
    // A result is also that of those who ask so soon after it: each call takes a connection.
    absl::Duration shared_for = absl::Milliseconds(200);
    // Both outlive it.
    const TlsCredentials* tls = nullptr;
    OwnConnections* own = nullptr;
  };
  struct Asker {
    // On the probe's thread, or on that of Ask.
    std::function<void(const absl::Status&)> done;
    // Nobody waits any more: `done` need not be called.
    std::function<bool()> gone = [] { return false; };
  };

  explicit GrpcProbe(Options options);
  // Answers those who wait.
  ~GrpcProbe();
  GrpcProbe(const GrpcProbe&) = delete;
  GrpcProbe& operator=(const GrpcProbe&) = delete;

  // Tells the asker the result of calls that begin from now on, or ended a moment ago: OK if every address answers,
  // else what the first said that does not. Those who ask at the same time share them. Within twice the timeout. False:
  // as many of the host (PeerAddress) wait as may be, and this one is not taken. Does not wait.
  bool Ask(absl::string_view host, Asker asker);

 private:
  void Run();
  absl::Status CheckAll() const;

  const Options options_;
  // Loops wait for it: no asker is destroyed under it.
  absl::Mutex mutex_;
  WaitingLine<Asker> asked_ ABSL_GUARDED_BY(mutex_);
  // The last one, and until when it is shared.
  absl::Status result_ ABSL_GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point shared_until_ ABSL_GUARDED_BY(mutex_){};
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace roicast

// The certificate of new connections, and how it is replaced while the server runs.
#pragma once

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/telemetry/transport_metrics.h"
#include "server/transport/tls/tls_context.h"

namespace roicast {

// Thread-safe.
class TlsCredentials {
 public:
  // Of a certificate's chain and of its key. The metrics outlive it.
  TlsCredentials(std::string chain_file, std::string key_file, TransportMetrics* metrics)
      : chain_file_(std::move(chain_file)), key_file_(std::move(key_file)), metrics_(*metrics) {}

  // Reads the files: from now on new connections have what they hold. If that fails they keep what they have. Errors:
  // those of TlsCertificate::Read and TlsContext::Make.
  absl::Status Load(absl::Time now);

  // Replaces the keys of tickets once they are a day old, so that none that leaks tells what was said long ago. Clients
  // with an older ticket make a whole handshake. Call now and then.
  void RenewTicketKeysIfDue(absl::Time now);

  // After a Load that succeeded.
  std::shared_ptr<const TlsContext> Current() const;

 private:
  const std::string chain_file_;
  const std::string key_file_;
  TransportMetrics& metrics_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const TlsContext> current_ ABSL_GUARDED_BY(mutex_);
  absl::Time made_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roicast

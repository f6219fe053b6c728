// Tells the service manager how the server is doing: datagrams to $NOTIFY_SOCKET, the protocol of sd_notify(3), which
// systemd and others speak. Without that variable every call does nothing.
#pragma once

#include <chrono>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace roicast {

// Not thread-safe; another thread may continue with a copy.
class ServiceManager {
 public:
  struct Options {
    // A path, or "@name" for an abstract socket. Empty: there is no service manager.
    std::string socket = {};
    // The service manager restarts a server that has been silent for this long. Zero: no watchdog. ≥ 0.
    absl::Duration watchdog = absl::ZeroDuration();
  };

  // $NOTIFY_SOCKET, and $WATCHDOG_USEC if $WATCHDOG_PID names this process or is not set. InvalidArgument naming the
  // variable.
  static absl::StatusOr<Options> FromEnvironment();

  explicit ServiceManager(const Options& options) : options_(options) {}

  // Each returns why the datagram was not accepted, if so; the server continues without the service manager.
  // The server answers calls; also ends a reload.
  absl::Status Ready();
  // A reload begins; Ready() ends it.
  absl::Status Reloading();
  absl::Status Stopping();
  // Call often, and only while the server works: the watchdog is notified at half of its period. `now` never decreases.
  absl::Status Alive(std::chrono::steady_clock::time_point now);
  absl::Duration watchdog() const { return options_.watchdog; }

 private:
  absl::Status Send(absl::string_view message) const;

  Options options_;
  std::chrono::steady_clock::time_point next_alive_ = std::chrono::steady_clock::time_point::min();
};

}  // namespace roicast

// Where the server is between its start and its end: it decides whether calls are admitted.
#pragma once

#include <atomic>

#include "absl/status/status.h"
#include "server/errors/errors.h"

namespace roicast {

// Thread-safe; takes no lock.
class Lifecycle {
 public:
  // In this order, each entered at most once.
  enum class Phase {
    kStarting,
    kServing,
    // Health says NOT_SERVING, and calls are still answered, so that clients can move away.
    kLameDuck,
    // New calls are rejected; those in flight finish.
    kDraining,
  };

  void Enter(Phase phase) { phase_.store(phase, std::memory_order_release); }

  bool serving() const { return phase() == Phase::kServing; }
  bool draining() const { return phase() == Phase::kDraining; }

  // Whether a new call is admitted. Errors: ServerDraining.
  absl::Status Admit() const { return draining() ? ServerDraining() : absl::OkStatus(); }

  // Whether load balancers should send calls here. Errors: Unavailable.
  absl::Status Ready() const {
    switch (phase()) {
      case Phase::kStarting:
        return absl::UnavailableError("starting");
      case Phase::kServing:
        return absl::OkStatus();
      case Phase::kLameDuck:
      case Phase::kDraining:
        return absl::UnavailableError("draining");
    }
    return absl::OkStatus();
  }

 private:
  Phase phase() const { return phase_.load(std::memory_order_acquire); }

  std::atomic<Phase> phase_{Phase::kStarting};
};

}  // namespace roicast

// Limits how many calls are in flight.
#pragma once

#include <atomic>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/errors/errors.h"

namespace roicast {

// Thread-safe; takes no lock.
class InFlightLimit {
 public:
  // `what` names the counted resource in the message; a string literal.
  explicit InFlightLimit(int64_t limit, absl::string_view what = "calls in flight") : limit_(limit), what_(what) {}

  // OK: one more call is in flight, until Leave. Errors: ServerOverloaded.
  absl::Status Enter() {
    const int64_t now = in_flight_.fetch_add(1, std::memory_order_relaxed) + 1;
    if (now <= limit_) return absl::OkStatus();
    in_flight_.fetch_sub(1, std::memory_order_relaxed);
    return ServerOverloaded(what_, limit_, now);
  }
  void Leave() { in_flight_.fetch_sub(1, std::memory_order_release); }

  int64_t in_flight() const { return in_flight_.load(std::memory_order_acquire); }
  int64_t limit() const { return limit_; }

 private:
  const int64_t limit_;
  const absl::string_view what_;
  std::atomic<int64_t> in_flight_{0};
};

}  // namespace roicast

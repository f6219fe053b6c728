// How a long computation learns that its answer is no longer wanted.
#pragma once

#include <cstddef>
#include <functional>

#include "absl/status/status.h"

namespace roicast {

// Asked at least every few milliseconds of work. OK: go on. Any other status ends the computation, which returns it.
// Empty: never stops.
using StopCheck = std::function<absl::Status()>;

inline absl::Status CheckStop(const StopCheck& stop) { return stop ? stop() : absl::OkStatus(); }

// Asks so rarely that the asking costs nothing. Not thread-safe.
class RareStopCheck {
 public:
  // stop has to outlive it. every: so much work lies between two questions, in whatever unit Done counts.
  RareStopCheck(const StopCheck* stop, size_t every) : stop_(*stop), every_(every) {}

  // So much more work is done.
  absl::Status Done(size_t work) {
    since_ += work;
    if (since_ < every_) return absl::OkStatus();
    since_ = 0;
    return CheckStop(stop_);
  }

 private:
  const StopCheck& stop_;
  const size_t every_;
  size_t since_ = 0;
};

}  // namespace roicast

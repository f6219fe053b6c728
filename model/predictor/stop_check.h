// How a long computation learns that its answer is no longer wanted.
#pragma once

#include <functional>

#include "absl/status/status.h"

namespace roicast {

// Asked at least every few milliseconds of work. OK: go on. Any other status ends the computation, which returns it.
// Empty: never stops.
using StopCheck = std::function<absl::Status()>;

inline absl::Status CheckStop(const StopCheck& stop) { return stop ? stop() : absl::OkStatus(); }

}  // namespace roicast

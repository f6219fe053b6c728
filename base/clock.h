// The source of the current time, so that tests can control it.
#pragma once

#include "absl/time/time.h"

namespace roicast {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Wall-clock time.
  virtual absl::Time Now() const = 0;

  // The system's clock; never destroyed.
  static const Clock& System();
};

}  // namespace roicast

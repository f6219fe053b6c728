// Where the time comes from, so that a test can set it.
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

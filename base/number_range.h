// The allowed range of a number, both ends included, and the words for it.
#pragma once

#include <limits>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace roicast {

struct NumberRange {
  double low = 0;
  double high = std::numeric_limits<double>::infinity();

  // False for NaN.
  bool Contains(double value) const { return value >= low && value <= high; }
  // "1 to 256", or "at least 1" if high is infinite.
  std::string ToString() const;
  // INVALID_ARGUMENT `name: expected 1 to 256, got 300` if the value is outside.
  absl::Status Check(absl::string_view name, double value) const;
};

}  // namespace roicast

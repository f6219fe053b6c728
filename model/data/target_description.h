// What is predicted, in words.
#pragma once

#include <string>

namespace roicast {

struct TargetDescription {
  std::string name;     // "ROI", or the column's name; empty in artifacts of releases that did not record it
  bool is_roi = false;  // the target is an ROI, or was computed as one
  // Two-valued: the value whose probability is predicted, and the other one.
  std::string positive_value, negative_value;

  bool operator==(const TargetDescription& other) const = default;
};

}  // namespace roicast

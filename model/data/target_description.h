// What is predicted, in words.
#pragma once

#include <string>

#include "model/data/target.h"

namespace roicast {

struct TargetDescription {
  std::string name;     // "ROI", or the column's name; empty in artifacts of releases that did not record it
  bool is_roi = false;  // the target is an ROI, or was computed as one
  // Two-valued: the value whose probability is predicted, and the other one.
  std::string positive_value, negative_value;

  bool operator==(const TargetDescription& other) const = default;
};

// A revenue, by what its name means (meaning/target_names.h); never an ROI, never two-valued.
bool IsRevenue(const TargetDescription& target);

// An ROI if it is computed as one, or if that is what the column's name means (meaning/target_names.h); otherwise the
// column by its name. spec: complete (Target::spec); it does not know the negative value.
TargetDescription DescribeTarget(const TargetSpec& spec);

}  // namespace roicast

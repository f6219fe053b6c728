// How far a model is from the law that its rows follow, apart from the noise of single rows.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"

namespace roicast {

// Standard deviations on the transformed scale of the target, of predictions of typical rows. What they would be if the
// model had been fitted to another table of the same law and size: not what every such model gets wrong.
struct ModelError {
  double level = 0.0;   // of a row's prediction
  double common = 0.0;  // the part of it that all rows share, ≤ level
  // How the error changes as a numeric feature moves up by FittedFeature::scale after its transform.
  struct Slope {
    double all = 0.0;
    double common = 0.0;  // the part that all rows share, ≤ all
  };
  std::vector<Slope> slopes;  // per feature of the schema; 0 for those that are not numeric
  int64_t rows = 0;           // that it was measured on

  // Errors: InvalidArgument naming the field.
  absl::Status Validate(int64_t features) const;
};

}  // namespace roicast

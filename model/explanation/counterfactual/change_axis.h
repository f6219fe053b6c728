// The ways in which a row may be changed, and what each of them costs.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/data/schema.h"
#include "model/explanation/background.h"
#include "model/explanation/counterfactual.h"

namespace roicast::explanation {

// A feature that may change.
struct ChangeAxis {
  int feature = 0;
  bool word = false;   // a category; `grid` has all that it may become
  bool whole = false;  // a time: whole hours
  float original = 0.0f;
  double min = 0.0, max = 0.0, step = 0.0;  // of numbers and times
  double steps = 0.0;                       // whole ones between min and max
  double scale = 1.0;
  double cost = 1.0, cost_per_feature = 0.0;
  // Values that are tried, ascending, without the original.
  std::vector<float> grid;

  // Whether `a` and `b` are no different, missing ones among them.
  static bool Same(float a, float b);
  bool IsOriginal(float value) const { return Same(value, original); }
  // Whether values lie between the original and another one.
  bool Continuous() const;
  // FeatureChange::distance of a new value; 0 for the original.
  double Distance(float value) const;
  // The nearest value that is allowed. Numbers and times.
  float Snap(double value) const;
};

// Resolves and checks freedoms: see counterfactual.h. row [schema.size()].
absl::StatusOr<std::vector<ChangeAxis>> MakeChangeAxes(const Schema& schema, const Background& background,
                                                       const float* row, absl::Span<const Freedom> freedoms,
                                                       double cost_per_feature);

}  // namespace roicast::explanation

// The best split of a node of a regression tree over one attribute.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "model/data/schema.h"
#include "model/explanation/feature_grid.h"

namespace roicast::explanation {

// A feature as a tree sees it: a time counts as a moment, a month and a weekday.
struct TreeAttribute {
  int feature = 0;
  FeatureKind kind = FeatureKind::kNumeric;
  TimePart part = TimePart::kMoment;

  // Split by a threshold, else by a set of values.
  bool ordered() const {
    return kind == FeatureKind::kNumeric || (kind == FeatureKind::kTime && part == TimePart::kMoment);
  }
};

std::vector<TreeAttribute> AttributesOf(const Schema& schema);

// The value of an attribute in a raw row: a number, whole hours, a code or a part of a time; NaN: missing.
float AttributeValue(const TreeAttribute& attribute, const float* row);

struct TreeSplit {
  // As TreeNode has them.
  float threshold = 0;
  std::vector<int> left_values;
  bool missing_left = false, missing_seen = false;
  double gain = 0;  // by how much it reduces the sum of squared errors, > 0

  bool GoesLeft(const TreeAttribute& attribute, float value) const;
};

// values, targets: of the node's rows, the same length. Both sides get at least min_rows rows. Nullopt: no such split
// reduces the error.
std::optional<TreeSplit> BestSplit(const TreeAttribute& attribute, absl::Span<const float> values,
                                   absl::Span<const double> targets, int64_t min_rows);

// A number t with low ≤ t < high of as few digits as possible. low < high, finite.
float RoundestBetween(float low, float high);

}  // namespace roicast::explanation

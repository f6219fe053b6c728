// The values of a numeric feature that a model has learnt from.
#pragma once

#include <optional>
#include <string>

#include "absl/types/span.h"
#include "roicast/v1/model.pb.h"

namespace roicast::client {

// Tells a unit or a decimal mark that cannot be meant, which is off by a factor of 100 or more, from one that may be.
class SeenRange {
 public:
  // Nullopt: the feature is no number, or the model does not say.
  static std::optional<SeenRange> Of(const v1::Feature& feature);

  // Whether there are values, and each lies within the range or not far outside: at twice its upper end, at half of its
  // lower end, or nearer.
  bool Holds(absl::Span<const double> values) const;
  // Whether there are values, and each lies beyond that.
  bool HoldsNone(absl::Span<const double> values) const;
  // "34.1 to 9000".
  std::string Text() const;

 private:
  SeenRange(double min, double max) : min_(min), max_(max) {}
  bool HoldsOne(double value) const;

  double min_;
  double max_;
};

}  // namespace roicast::client

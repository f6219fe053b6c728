#include "client/scoring/seen_range.h"

#include <algorithm>

#include "absl/strings/str_format.h"

namespace roicast::client {

std::optional<SeenRange> SeenRange::Of(const v1::Feature& feature) {
  if (feature.kind() != v1::FEATURE_KIND_NUMERIC || !(feature.seen_min() < feature.seen_max())) return std::nullopt;
  return SeenRange(feature.seen_min(), feature.seen_max());
}

bool SeenRange::HoldsOne(double value) const {
  const double lowest = min_ > 0 ? min_ / 2 : min_ * 2;
  const double highest = max_ > 0 ? max_ * 2 : max_ / 2;
  return value >= lowest && value <= highest;
}

bool SeenRange::Holds(absl::Span<const double> values) const {
  return !values.empty() && std::all_of(values.begin(), values.end(), [this](double value) { return HoldsOne(value); });
}

bool SeenRange::HoldsNone(absl::Span<const double> values) const {
  return !values.empty() &&
         std::none_of(values.begin(), values.end(), [this](double value) { return HoldsOne(value); });
}

std::string SeenRange::Text() const { return absl::StrFormat("%.4g to %.4g", min_, max_); }

}  // namespace roicast::client

#include "model/uncertainty/range_excess.h"

#include <algorithm>
#include <cmath>

namespace roicast {
namespace {

// Continued as an odd function below 0, where log1p ends at −1.
double Transformed(NumericTransform transform, double x) {
  return x < 0.0 ? -ApplyTransform(transform, -x) : ApplyTransform(transform, x);
}

double NumericExcess(const Feature& feature, const FittedFeature& fitted, double x) {
  const double low = std::max(feature.seen_min, fitted.clip_min), high = std::min(feature.seen_max, fitted.clip_max);
  const double nearest = low <= high ? std::clamp(x, low, high) : low;
  const double distance = std::abs(Transformed(fitted.transform, x) - Transformed(fitted.transform, nearest));
  return distance / fitted.scale;
}

}  // namespace

double SquaredExcess(const Schema& schema, const std::vector<FittedFeature>& features, const float* row, double z,
                     absl::Span<const double> missing) {
  double sum = 0.0, of_missing = 0.0;
  for (int f = 0; f < schema.size(); ++f) {
    const RawValue state = ClassifyRawValue(schema.features[f], row[f]);
    double excess = 0.0;
    if (state == RawValue::kUnseen) {
      sum += features[static_cast<size_t>(f)].unseen_excess.value_or(kUnseenExcess * kUnseenExcess);
    }
    if (state == RawValue::kOutOfRange) {
      const bool time = schema.features[f].kind == FeatureKind::kTime;
      excess = time ? kUnseenExcess : NumericExcess(schema.features[f], features[f], row[f]);
    }
    if (state == RawValue::kMissing && !missing.empty()) of_missing += missing[static_cast<size_t>(f)];
    sum += excess * excess;
  }
  return std::min(sum + std::min(of_missing, kMostMissingExcess), std::max(kMostSquaredExcess, z * z));
}

}  // namespace roicast

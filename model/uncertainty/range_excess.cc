#include "model/uncertainty/range_excess.h"

#include <algorithm>
#include <cmath>

#include "model/features/word_ranges.h"

namespace roicast {
namespace {

// Continued as an odd function below 0, where log1p ends at −1.
double Transformed(NumericTransform transform, double x) {
  return x < 0.0 ? -ApplyTransform(transform, -x) : ApplyTransform(transform, x);
}

// Values below this share of the smallest one are as far from it as that share is: ln ends nowhere.
constexpr double kLeastShare = 1e-6;

// The standard deviation of ln x where artifacts do not have it: that of an even distribution over the range; 0: the
// feature is not measured by its logarithm.
double LogScale(const Feature& feature, const FittedFeature& fitted) {
  if (fitted.log_scale > 0.0) return fitted.log_scale;
  const bool decades = feature.seen_min > 0.0 && feature.seen_max >= kDecade * feature.seen_min;
  return decades && std::isfinite(feature.seen_max) ? std::log(feature.seen_max / feature.seen_min) / std::sqrt(12.0)
                                                    : 0.0;
}

// The distance from x to the nearest value of a range.
double RangeExcess(const Feature& feature, const FittedFeature& fitted, double min, double max, double x) {
  const double low = std::max(min, fitted.clip_min), high = std::min(max, fitted.clip_max);
  const double nearest = low <= high ? std::clamp(x, low, high) : low;
  const double distance = std::abs(Transformed(fitted.transform, x) - Transformed(fitted.transform, nearest));
  const double log_scale = LogScale(feature, fitted);
  if (log_scale == 0.0 || !(nearest > 0.0)) return distance / fitted.scale;
  const double log_distance = std::abs(std::log(std::max(x / nearest, kLeastShare)));
  return std::max(distance / fitted.scale, log_distance / log_scale);
}

// The largest of those to the range of training and to the ranges of the row's words.
double NumericExcess(const Feature& feature, const FittedFeature& fitted, const float* row, double x) {
  double excess = RangeExcess(feature, fitted, feature.seen_min, feature.seen_max, x);
  for (const WordRange& range : feature.word_ranges) {
    if (HasWord(range, row)) excess = std::max(excess, RangeExcess(feature, fitted, range.min, range.max, x));
  }
  return excess;
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
      excess = time ? kUnseenExcess : NumericExcess(schema.features[f], features[f], row, row[f]);
    } else if (state == RawValue::kUsual && !schema.features[f].word_ranges.empty()) {
      excess = NumericExcess(schema.features[f], features[f], row, row[f]);
    }
    if (state == RawValue::kMissing && !missing.empty()) of_missing += missing[static_cast<size_t>(f)];
    sum += excess * excess;
  }
  return std::min(sum + std::min(of_missing, kMostMissingExcess), std::max(kMostSquaredExcess, z * z));
}

}  // namespace roicast

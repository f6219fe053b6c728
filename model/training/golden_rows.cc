#include "model/training/golden_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "base/enumerators.h"

namespace roicast {
namespace {

// A row each, behind the usual ones.
enum class Edge { kAllMissing, kUnseenCategories, kSmallest, kLargest, kBelow, kAbove };

constexpr int kUsualRows = 16;
constexpr int kEdgeRows = kEnumerators<Edge>;
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

float EdgeOfCategory(const Feature& feature, Edge edge) {
  const float last = static_cast<float>(feature.vocabulary.size()) - 1.0f;
  switch (edge) {
    case Edge::kAllMissing:
      return kMissing;
    case Edge::kUnseenCategories:
      return kUnseenCode;
    case Edge::kSmallest:
      return last >= 0 ? 0.0f : kUnseenCode;
    case Edge::kLargest:
      return last >= 0 ? last : kUnseenCode;
    case Edge::kBelow:
      return kMissing;
    case Edge::kAbove:
      return last + 1.0f;
  }
  return kMissing;
}

float EdgeOfNumber(const Feature& feature, Edge edge) {
  const double range = feature.seen_max - feature.seen_min + 1.0;
  switch (edge) {
    case Edge::kAllMissing:
    case Edge::kUnseenCategories:
      return kMissing;
    case Edge::kSmallest:
      return static_cast<float>(feature.seen_min);
    case Edge::kLargest:
      return static_cast<float>(feature.seen_max);
    case Edge::kBelow:
      return static_cast<float>(std::max(feature.seen_min - 10.0 * range, feature.allowed_min));
    case Edge::kAbove:
      return static_cast<float>(std::min(feature.seen_max + 10.0 * range, feature.allowed_max));
  }
  return kMissing;
}

// Hours since 1970: the ends of the years 1970 and 2069, and far out.
float EdgeOfTime(Edge edge) {
  switch (edge) {
    case Edge::kAllMissing:
    case Edge::kUnseenCategories:
      return kMissing;
    case Edge::kSmallest:
      return 0.0f;
    case Edge::kLargest:
      return 876'575.0f;
    case Edge::kBelow:
      return -600'000.0f;
    case Edge::kAbove:
      return 2'000'000.0f;
  }
  return kMissing;
}

// In (0, 1): the rows of a feature are spread evenly, and no two features go together. The additive recurrence with an
// irrational step for each feature: Niederreiter, "Random Number Generation and Quasi-Monte Carlo Methods" (1992), 3.1.
double Spread(int row, int feature) {
  constexpr double kGolden = 0.6180339887498949;
  const double step = std::sqrt(2.0 + feature) * kGolden;
  const double at = (row + 1) * (step - std::floor(step)) + (feature + 1) * kGolden;
  return std::clamp(at - std::floor(at), 0.02, 0.98);
}

// Three significant digits: what a person would make up.
double Rounded(double value) {
  if (value == 0.0 || !std::isfinite(value)) return value;
  const double unit = std::pow(10.0, std::floor(std::log10(std::abs(value))) - 2.0);
  return std::round(value / unit) * unit;
}

// Where the transform is even: half of the values of a skewed feature are small.
float UsualNumber(const Feature& feature, const FittedFeature& fitted, double spread) {
  const double low = std::max(feature.seen_min, fitted.clip_min);
  const double high = std::min(feature.seen_max, fitted.clip_max);
  if (!std::isfinite(low) || !std::isfinite(high) || !(low < high)) return static_cast<float>(feature.seen_min);
  const double wanted =
      ApplyTransform(fitted.transform, low) * (1.0 - spread) + ApplyTransform(fitted.transform, high) * spread;
  // The transforms rise and have no inverse here: bisection.
  double below = low, above = high;
  for (int i = 0; i < 60; ++i) {
    const double middle = below + (above - below) / 2.0;
    (ApplyTransform(fitted.transform, middle) < wanted ? below : above) = middle;
  }
  return static_cast<float>(std::clamp(Rounded(below), low, high));
}

float UsualCategory(const Feature& feature, double spread) {
  const auto words = static_cast<double>(feature.vocabulary.size());
  return words > 0.0 ? static_cast<float>(std::floor(spread * words)) : kUnseenCode;
}

// Within two years around the usual time, or within the learnt span.
float UsualTime(const FittedFeature& fitted, double spread) {
  constexpr double kYear = 8766.0;
  const double low = fitted.trend ? fitted.clip_min : fitted.fill_value - kYear;
  const double high = fitted.trend ? fitted.clip_max : fitted.fill_value + kYear;
  return static_cast<float>(std::floor(low + spread * (high - low)));
}

float UsualValue(const Feature& feature, const FittedFeature& fitted, double spread) {
  switch (feature.kind) {
    case FeatureKind::kNumeric:
      return UsualNumber(feature, fitted, spread);
    case FeatureKind::kCategorical:
      return UsualCategory(feature, spread);
    case FeatureKind::kTime:
      return UsualTime(fitted, spread);
  }
  return kMissing;
}

// Serving would reject it otherwise.
float Acceptable(const Feature& feature, float value) {
  const RawValue kind = ClassifyRawValue(feature, value);
  return kind == RawValue::kNotFinite || kind == RawValue::kNotAllowed ? kMissing : value;
}

}  // namespace

RowMajorMatrix MakeGoldenRows(const Schema& schema, absl::Span<const FittedFeature> features) {
  ROICAST_CHECK(features.size() == schema.features.size());
  RowMajorMatrix rows(kUsualRows + kEdgeRows, schema.size());
  for (int row = 0; row < kUsualRows; ++row) {
    for (int i = 0; i < schema.size(); ++i) {
      const size_t f = static_cast<size_t>(i);
      const float value = UsualValue(schema.features[f], features[f], Spread(row, i));
      // Each feature is missing now and then.
      rows(row, i) = (row + i) % 8 == 7 ? kMissing : Acceptable(schema.features[f], value);
    }
  }
  for (int e = 0; e < kEdgeRows; ++e) {
    const Edge edge = static_cast<Edge>(e);
    for (int i = 0; i < schema.size(); ++i) {
      const Feature& feature = schema.features[i];
      float& value = rows(kUsualRows + e, i);
      switch (feature.kind) {
        case FeatureKind::kNumeric:
          value = EdgeOfNumber(feature, edge);
          break;
        case FeatureKind::kCategorical:
          value = EdgeOfCategory(feature, edge);
          break;
        case FeatureKind::kTime:
          value = EdgeOfTime(edge);
          break;
      }
      value = Acceptable(feature, value);
    }
  }
  return rows;
}

}  // namespace roicast

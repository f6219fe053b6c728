#include "model/training/golden_rows.h"

#include <cmath>
#include <limits>

#include "model/features/preprocessor.h"

namespace roicast {
namespace {

constexpr int kDataRows = 16;
constexpr int kEdgeRows = 6;
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

enum Edge { kAllMissing, kUnseenCategories, kSmallest, kLargest, kBelow, kAbove };

float EdgeOfCategory(const Feature& feature, Edge edge) {
  const float last = static_cast<float>(feature.vocabulary.size()) - 1.0f;
  switch (edge) {
    case kAllMissing:
      return kMissing;
    case kUnseenCategories:
      return kUnseenCode;
    case kSmallest:
      return last >= 0 ? 0.0f : kUnseenCode;
    case kLargest:
      return last >= 0 ? last : kUnseenCode;
    case kBelow:
      return kMissing;
    case kAbove:
      return last + 1.0f;
  }
  return kMissing;
}

float EdgeOfNumber(const Feature& feature, Edge edge) {
  const double range = feature.seen_max - feature.seen_min + 1.0;
  switch (edge) {
    case kSmallest:
      return static_cast<float>(feature.seen_min);
    case kLargest:
      return static_cast<float>(feature.seen_max);
    case kBelow:
      return static_cast<float>(std::max(feature.seen_min - 10.0 * range, feature.allowed_min));
    case kAbove:
      return static_cast<float>(std::min(feature.seen_max + 10.0 * range, feature.allowed_max));
    default:
      return kMissing;
  }
}

// Hours since 1970: the ends of the years 1970 and 2069, and far out.
float EdgeOfTime(Edge edge) {
  switch (edge) {
    case kSmallest:
      return 0.0f;
    case kLargest:
      return 876'575.0f;
    case kBelow:
      return -600'000.0f;
    case kAbove:
      return 2'000'000.0f;
    default:
      return kMissing;
  }
}

}  // namespace

RowMajorMatrix ChooseGoldenRows(const RowMajorMatrix& raw, const Schema& schema) {
  RowMajorMatrix rows(kDataRows + kEdgeRows, raw.cols());
  for (int i = 0; i < kDataRows; ++i) {
    rows.row(i) = raw.row(raw.rows() >= kDataRows ? i * raw.rows() / kDataRows : i % raw.rows());
  }
  for (int e = 0; e < kEdgeRows; ++e) {
    const Edge edge = static_cast<Edge>(e);
    for (int i = 0; i < schema.size(); ++i) {
      const Feature& feature = schema.features[i];
      float& value = rows(kDataRows + e, i);
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
      const RawValue kind = ClassifyRawValue(feature, value);
      if (kind == RawValue::kNotFinite || kind == RawValue::kNotAllowed) value = kMissing;
    }
  }
  return rows;
}

}  // namespace roicast

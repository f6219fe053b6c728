#include "model/training/golden_rows.h"

#include <cmath>
#include <limits>

#include "base/enumerators.h"
#include "model/features/preprocessor.h"

namespace roicast {
namespace {

// A row each, behind those of the data.
enum class Edge { kAllMissing, kUnseenCategories, kSmallest, kLargest, kBelow, kAbove };

constexpr int kDataRows = 16;
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

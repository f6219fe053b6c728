#include "model/uncertainty/missing_excess.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/types/span.h"
#include "model/explanation/background.h"
#include "model/uncertainty/range_excess.h"

namespace roicast {
namespace {

// It is computed when a version is loaded.
constexpr int kMostRowsPredicted = 20'000;

// Locations of rows, on the transformed scale; NaN: rejected.
std::vector<float> LocationsOf(const Predictor& predictor, const std::vector<float>& rows, size_t count) {
  std::vector<float> roi(count), location(count), log_scale(count), share(count);
  std::vector<uint8_t> flags(count);
  predictor.PredictWithSpread(rows.data(), static_cast<int64_t>(count), absl::MakeSpan(roi), absl::MakeSpan(flags),
                              {absl::MakeSpan(location), absl::MakeSpan(log_scale), absl::MakeSpan(share)});
  return location;
}

}  // namespace

std::vector<double> MissingExcess(const Artifact& artifact, const Predictor* predictor) {
  const auto features = static_cast<size_t>(artifact.schema.size());
  constexpr double kUnseen = kUnseenExcess * kUnseenExcess;
  std::vector<double> excess(features, kUnseen);
  for (size_t f = 0; f < features; ++f) {
    if (artifact.features[f].missing_indicator) excess[f] = 0.0;
  }
  if (predictor == nullptr || !artifact.background.has_value() || artifact.background->size() == 0) return excess;
  const Background& typical = *artifact.background;
  const auto most = std::max<size_t>(1, kMostRowsPredicted / features);
  const size_t count = std::min(static_cast<size_t>(typical.size()), most);
  std::vector<float> rows(typical.rows.begin(), typical.rows.begin() + static_cast<int64_t>(count * features));
  const std::vector<float> known = LocationsOf(*predictor, rows, count);
  for (size_t f = 0; f < features; ++f) {
    if (excess[f] == 0.0) continue;
    for (size_t i = 0; i < count; ++i) rows[i * features + f] = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> unknown = LocationsOf(*predictor, rows, count);
    double sum = 0.0, weights = 0.0;
    for (size_t i = 0; i < count; ++i) {
      rows[i * features + f] = typical.rows[i * features + f];
      const double moved = (static_cast<double>(known[i]) - unknown[i]) / artifact.target.factor;
      if (!std::isfinite(moved)) continue;
      sum += typical.weights[i] * moved * moved;
      weights += typical.weights[i];
    }
    if (weights <= 0.0) continue;
    const bool word = artifact.schema.features[f].kind == FeatureKind::kCategorical;
    excess[f] = std::max(sum / weights, word ? kUnseen : 0.0);
  }
  return excess;
}

}  // namespace roicast

#include "model/data/moves_with_spend.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

absl::Status UnexpectedMove(absl::string_view field, absl::string_view expected, double got) {
  return absl::InvalidArgumentError(absl::StrCat("moves_with_spend.", field, ": expected ", expected, ", got ", got));
}

bool IsNumericFeature(const Schema& schema, int feature) {
  return feature >= 0 && feature < schema.size() &&
         schema.features[static_cast<size_t>(feature)].kind == FeatureKind::kNumeric;
}

bool IsWithin(double value, double most) { return std::isfinite(value) && std::abs(value) <= most; }

}  // namespace

bool MovesWithSpend::Moves(int feature) const {
  return std::any_of(features.begin(), features.end(),
                     [&](const SpendCompanion& moving) { return moving.feature == feature; });
}

void MovesWithSpend::SetSpend(const Schema& schema, float to, float* row) const {
  constexpr double kMost = std::numeric_limits<float>::max();
  const float from = row[spend];
  row[spend] = to;
  if (!(to > 0.0f) || std::isinf(to)) return;
  for (const SpendCompanion& moving : features) {
    float& value = row[moving.feature];
    const bool known = from > 0.0f && std::isfinite(from) && std::isfinite(value);
    if (known && from == to) continue;
    const double moved = known ? value * std::pow(static_cast<double>(to) / from, moving.elasticity)
                               : std::exp(moving.level + moving.elasticity * std::log(static_cast<double>(to)));
    const Feature& feature = schema.features[static_cast<size_t>(moving.feature)];
    const double allowed = std::clamp(std::clamp(moved, -kMost, kMost), feature.allowed_min, feature.allowed_max);
    if (feature.Allows(static_cast<float>(allowed))) value = static_cast<float>(allowed);
  }
}

MovesWithSpend MovesWithSpend::For(const Schema& own, const Schema& other) const {
  const auto index_of = [&](int feature) { return other.IndexOf(own.features[static_cast<size_t>(feature)].name); };
  MovesWithSpend moves;
  if (empty() || index_of(spend) < 0) return moves;
  moves.spend = index_of(spend);
  for (SpendCompanion moving : features) {
    moving.feature = index_of(moving.feature);
    if (moving.feature >= 0) moves.features.push_back(moving);
  }
  std::sort(moves.features.begin(), moves.features.end(),
            [](const SpendCompanion& a, const SpendCompanion& b) { return a.feature < b.feature; });
  return moves;
}

absl::Status MovesWithSpend::Validate(const Schema& schema) const {
  if (empty()) return absl::OkStatus();
  if (!IsNumericFeature(schema, spend)) return UnexpectedMove("spend", "a numeric feature", spend);
  if (features.size() > static_cast<size_t>(kMostMovingFeatures)) {
    return UnexpectedMove("features", absl::StrCat("at most ", kMostMovingFeatures),
                          static_cast<double>(features.size()));
  }
  for (size_t i = 0; i < features.size(); ++i) {
    const auto field = [i](absl::string_view name) { return absl::StrCat("features[", i, "].", name); };
    const SpendCompanion& moving = features[i];
    if (!IsNumericFeature(schema, moving.feature) || moving.feature == spend) {
      return UnexpectedMove(field("feature"), "a numeric feature other than the spend", moving.feature);
    }
    if (i > 0 && moving.feature <= features[i - 1].feature) {
      return UnexpectedMove(field("feature"), "ascending features", moving.feature);
    }
    if (!IsWithin(moving.elasticity, SpendCompanion::kMostElasticity)) {
      return UnexpectedMove(field("elasticity"), "a number from -10 to 10", moving.elasticity);
    }
    if (!IsWithin(moving.level, SpendCompanion::kMostLevel)) {
      return UnexpectedMove(field("level"), "a number from -500 to 500", moving.level);
    }
  }
  return absl::OkStatus();
}

}  // namespace roicast

#include "model/data/schema.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/sha256.h"

namespace roicast {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Prefixed with its length, so that different lists of words never have the same bytes.
void AppendWord(absl::string_view word, std::string& bytes) { absl::StrAppend(&bytes, word.size(), ":", word, ";"); }

Feature Numeric(absl::string_view name, FeatureGroup group, absl::string_view unit, double allowed_min,
                double allowed_max = kInfinity) {
  Feature feature;
  feature.name = std::string(name);
  feature.group = group;
  feature.unit = std::string(unit);
  feature.allowed_min = allowed_min;
  feature.allowed_max = allowed_max;
  return feature;
}

Feature Positive(absl::string_view name, FeatureGroup group, absl::string_view unit) {
  Feature feature = Numeric(name, group, unit, 0.0);
  feature.allowed_min_exclusive = true;
  return feature;
}

Feature OfKind(absl::string_view name, FeatureGroup group, FeatureKind kind) {
  Feature feature;
  feature.name = std::string(name);
  feature.group = group;
  feature.kind = kind;
  return feature;
}

Schema MakeCampaignSchema() {
  constexpr FeatureGroup kBehaviour = FeatureGroup::kBehaviour;
  constexpr FeatureGroup kProduct = FeatureGroup::kProduct;
  constexpr FeatureGroup kAd = FeatureGroup::kAd;
  constexpr FeatureGroup kContext = FeatureGroup::kContext;
  return Schema{{
      Numeric("avg_session_seconds", kBehaviour, "seconds", 0),
      Numeric("page_views_per_user", kBehaviour, "pages", 0),
      Numeric("add_to_cart_rate", kBehaviour, "1", 0, 1),
      Numeric("purchases_per_user_90d", kBehaviour, "purchases", 0),
      Numeric("days_since_last_purchase", kBehaviour, "days", 0),
      Numeric("avg_user_rating", kBehaviour, "stars", 1, 5),
      OfKind("product_category", kProduct, FeatureKind::kCategorical),
      Positive("price", kProduct, "currency"),
      Numeric("units_sold_30d", kProduct, "units", 0),
      Numeric("product_rating", kProduct, "stars", 1, 5),
      Numeric("review_count", kProduct, "reviews", 0),
      Numeric("discount_rate", kProduct, "1", 0, 1),
      Numeric("gross_margin_rate", kProduct, "1", 0, 1),
      OfKind("channel", kAd, FeatureKind::kCategorical),
      Positive("spend", kAd, "currency"),
      Positive("duration_days", kAd, "days"),
      OfKind("region", kAd, FeatureKind::kCategorical),
      Numeric("audience_size", kAd, "people", 0),
      OfKind("device", kContext, FeatureKind::kCategorical),
      OfKind("start_time", kContext, FeatureKind::kTime),
  }};
}

}  // namespace

std::string AllowedRange(const Feature& feature) {
  const bool has_min = feature.allowed_min > -kInfinity, has_max = feature.allowed_max < kInfinity;
  if (has_min && has_max && !feature.allowed_min_exclusive) {
    return absl::StrCat(feature.allowed_min, " to ", feature.allowed_max);
  }
  const std::string min = absl::StrCat(feature.allowed_min_exclusive ? "> " : "≥ ", feature.allowed_min);
  const std::string max = absl::StrCat("≤ ", feature.allowed_max);
  if (has_min && has_max) return absl::StrCat(min, " and ", max);
  if (has_min) return min;
  return has_max ? max : "a number within float32's range";
}

int Schema::IndexOf(absl::string_view name) const {
  for (int i = 0; i < size(); ++i) {
    if (features[i].name == name) return i;
  }
  return -1;
}

std::vector<std::string> Schema::Names() const {
  std::vector<std::string> names;
  names.reserve(features.size());
  for (const Feature& feature : features) names.push_back(feature.name);
  return names;
}

std::string Schema::Digest() const {
  std::string bytes = "roicast schema 1;";
  for (const Feature& feature : features) {
    AppendWord(feature.name, bytes);
    AppendWord(FeatureKindName(feature.kind), bytes);
    absl::StrAppend(&bytes, feature.vocabulary.size(), ";");
    for (const std::string& category : feature.vocabulary) AppendWord(category, bytes);
  }
  return Sha256Hex(bytes);
}

float HoursSinceEpoch(double unix_seconds) { return static_cast<float>(std::floor(unix_seconds / 3600.0)); }

float HoursSinceEpoch(int64_t unix_seconds) {
  const int64_t hours = unix_seconds / 3600 - (unix_seconds % 3600 < 0 ? 1 : 0);
  return static_cast<float>(hours);
}

const Schema& CampaignSchema() {
  static const Schema& schema = *new Schema(MakeCampaignSchema());
  return schema;
}

}  // namespace roicast

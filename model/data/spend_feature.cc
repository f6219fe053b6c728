#include "model/data/spend_feature.h"

#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "model/data/meaning/target_names.h"

namespace roicast {

absl::StatusOr<int> NumericFeature(const Schema& schema, absl::string_view name, absl::string_view field) {
  const int feature = schema.IndexOf(name);
  if (feature < 0) {
    return absl::InvalidArgumentError(absl::StrCat(field, ": expected a feature of the model, got \"", name, "\"",
                                                   DidYouMeanOrList(name, schema.features, "it has")));
  }
  if (schema.features[static_cast<size_t>(feature)].kind != FeatureKind::kNumeric) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": expected a numeric feature, but \"", name, "\" is not one"));
  }
  return feature;
}

absl::StatusOr<int> FindSpendFeature(const Schema& schema, absl::string_view name) {
  if (!name.empty()) return NumericFeature(schema, name, "spend_feature");
  int best = schema.IndexOf("spend"), best_rank = 0;
  if (best >= 0 && schema.features[static_cast<size_t>(best)].kind == FeatureKind::kNumeric) return best;
  best = -1;
  for (int f = 0; f < schema.size(); ++f) {
    const Feature& feature = schema.features[static_cast<size_t>(f)];
    const UsualName usual = FindUsualName(feature.name);
    if (feature.kind != FeatureKind::kNumeric || usual.role != UsualRole::kSpend) continue;
    if (best >= 0 && usual.rank >= best_rank) continue;
    best = f;
    best_rank = usual.rank;
  }
  if (best >= 0) return best;
  return absl::FailedPreconditionError(
      absl::StrCat("spend_feature: expected a model with a feature that holds the spend, none of its names means that",
                   DidYouMeanOrList("spend", schema.features, "it has"), "; name it by spend_feature"));
}

std::string DefaultSpendFeature(const Schema& schema, absl::string_view learnt) {
  const int feature = schema.IndexOf(learnt);
  if (feature >= 0 && schema.features[static_cast<size_t>(feature)].kind == FeatureKind::kNumeric) {
    return std::string(learnt);
  }
  const absl::StatusOr<int> found = FindSpendFeature(schema, "");
  return found.ok() ? schema.features[static_cast<size_t>(*found)].name : "";
}

}  // namespace roicast

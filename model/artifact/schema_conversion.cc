#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/artifact/enum_map.h"
#include "model/artifact/proto_conversion.h"

namespace roicast {
namespace {

void SeenTimesToProto(const Feature& feature, v1::Feature& proto) {
  if (std::isfinite(feature.seen_min) && std::isfinite(feature.seen_max)) {
    proto.set_seen_min(feature.seen_min);
    proto.set_seen_max(feature.seen_max);
  }
  if (feature.seen_months == kAllMonths) return;
  for (int month = 0; month < 12; ++month) {
    if ((feature.seen_months >> month & 1) != 0) proto.add_seen_months(month + 1);
  }
}

// Artifacts of older releases have none of it.
absl::Status SeenTimesFromProto(const v1::Feature& proto, absl::string_view path, Feature& feature) {
  if (proto.seen_min() != 0.0 || proto.seen_max() != 0.0) {
    if (!(proto.seen_min() <= proto.seen_max() && std::isfinite(proto.seen_max() - proto.seen_min()))) {
      return absl::InvalidArgumentError(absl::StrCat(path, ".seen_min: expected finite hours up to seen_max, got ",
                                                     proto.seen_min(), " and ", proto.seen_max()));
    }
    feature.seen_min = proto.seen_min();
    feature.seen_max = proto.seen_max();
  }
  if (proto.seen_months().empty()) return absl::OkStatus();
  feature.seen_months = 0;
  for (const int32_t month : proto.seen_months()) {
    if (month < 1 || month > 12) {
      return absl::InvalidArgumentError(absl::StrCat(path, ".seen_months: expected 1 to 12, got ", month));
    }
    feature.seen_months |= 1 << (month - 1);
  }
  return absl::OkStatus();
}

v1::Feature FeatureToProto(const Feature& feature) {
  v1::Feature proto;
  proto.set_name(feature.name);
  proto.set_kind(FeatureKindToProto(feature.kind));
  proto.set_group(EnumToProto(kFeatureGroups, feature.group));
  proto.set_unit(feature.unit);
  if (feature.kind == FeatureKind::kNumeric) {
    if (feature.allowed_min > -std::numeric_limits<double>::infinity()) proto.set_allowed_min(feature.allowed_min);
    if (feature.allowed_max < std::numeric_limits<double>::infinity()) proto.set_allowed_max(feature.allowed_max);
    proto.set_allowed_min_exclusive(feature.allowed_min_exclusive);
    proto.set_seen_min(feature.seen_min);
    proto.set_seen_max(feature.seen_max);
  }
  if (feature.kind == FeatureKind::kTime) SeenTimesToProto(feature, proto);
  for (const std::string& word : feature.vocabulary) proto.add_vocabulary(word);
  return proto;
}

absl::StatusOr<Feature> FeatureFromProto(const v1::Feature& proto, absl::string_view path) {
  Feature feature;
  feature.name = proto.name();
  const auto kind = EnumFromProto(kFeatureKinds, proto.kind());
  if (!kind) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ".kind: expected NUMERIC, CATEGORICAL or TIME, got ", static_cast<int>(proto.kind())));
  }
  feature.kind = *kind;
  const auto group = EnumFromProto(kFeatureGroups, proto.group());
  if (!group) {
    return absl::InvalidArgumentError(absl::StrCat(path, ".group: unknown group ", static_cast<int>(proto.group())));
  }
  feature.group = *group;
  feature.unit = proto.unit();
  if (feature.kind == FeatureKind::kNumeric) {
    if (proto.has_allowed_min()) feature.allowed_min = proto.allowed_min();
    if (proto.has_allowed_max()) feature.allowed_max = proto.allowed_max();
    feature.allowed_min_exclusive = proto.allowed_min_exclusive();
    feature.seen_min = proto.seen_min();
    feature.seen_max = proto.seen_max();
  }
  if (feature.kind == FeatureKind::kTime) ROICAST_RETURN_IF_ERROR(SeenTimesFromProto(proto, path, feature));
  feature.vocabulary.assign(proto.vocabulary().begin(), proto.vocabulary().end());
  if (feature.kind != FeatureKind::kCategorical && !feature.vocabulary.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ".vocabulary: expected none for a ",
                                                   FeatureKindName(feature.kind), " feature, got ",
                                                   feature.vocabulary.size(), " words"));
  }
  return feature;
}

}  // namespace

v1::FeatureKind FeatureKindToProto(FeatureKind kind) { return EnumToProto(kFeatureKinds, kind); }
v1::NumericTransform NumericTransformToProto(NumericTransform transform) {
  return EnumToProto(kNumericTransforms, transform);
}
v1::Activation ActivationToProto(Activation activation) { return EnumToProto(kActivations, activation); }

v1::Schema SchemaToProto(const Schema& schema) {
  v1::Schema proto;
  for (const Feature& feature : schema.features) *proto.add_features() = FeatureToProto(feature);
  proto.set_digest(schema.Digest());
  return proto;
}

absl::StatusOr<Schema> SchemaFromProto(const v1::Schema& proto, absl::string_view path) {
  Schema schema;
  for (int i = 0; i < proto.features_size(); ++i) {
    absl::StatusOr<Feature> feature = FeatureFromProto(proto.features(i), absl::StrCat(path, ".features[", i, "]"));
    if (!feature.ok()) return feature.status();
    schema.features.push_back(*std::move(feature));
  }
  return schema;
}

}  // namespace roicast

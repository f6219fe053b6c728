#include <algorithm>
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

void WordRangesToProto(const Feature& feature, const Schema& schema, v1::Feature& proto) {
  for (const WordRange& range : feature.word_ranges) {
    const Feature& of = schema.features[static_cast<size_t>(range.feature)];
    v1::WordRange& added = *proto.add_word_ranges();
    added.set_feature(of.name);
    added.set_word(of.vocabulary[static_cast<size_t>(range.code)]);
    added.set_min(range.min);
    added.set_max(range.max);
  }
}

// Names that the schema does not have become −1, which Preprocessor::Create refuses with the rest that may be wrong.
absl::Status WordRangesFromProto(const v1::Feature& proto, absl::string_view path, const Schema& schema,
                                 Feature& feature) {
  if (static_cast<size_t>(proto.word_ranges_size()) > kMaxWordRanges) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ".word_ranges: expected at most ", kMaxWordRanges, ", got ", proto.word_ranges_size()));
  }
  for (const v1::WordRange& range : proto.word_ranges()) {
    const int of = schema.IndexOf(range.feature());
    int code = -1;
    if (of >= 0) {
      const std::vector<std::string>& words = schema.features[static_cast<size_t>(of)].vocabulary;
      const auto found = std::find(words.begin(), words.end(), range.word());
      if (found != words.end()) code = static_cast<int>(found - words.begin());
    }
    feature.word_ranges.push_back({of, code, range.min(), range.max()});
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
  for (const Feature& feature : schema.features) {
    *proto.add_features() = FeatureToProto(feature);
    WordRangesToProto(feature, schema, *proto.mutable_features(proto.features_size() - 1));
  }
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
  for (int i = 0; i < proto.features_size(); ++i) {
    ROICAST_RETURN_IF_ERROR(WordRangesFromProto(proto.features(i), absl::StrCat(path, ".features[", i, "]"), schema,
                                                schema.features[static_cast<size_t>(i)]));
  }
  return schema;
}

}  // namespace roicast

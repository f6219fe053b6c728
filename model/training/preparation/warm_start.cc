#include "model/training/preparation/warm_start.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

// The code of the fill value in the dictionary of a table's column; kMissingCode: it has no such word.
double FillCode(const Feature& feature, double fill_value, const WordList& dictionary) {
  const auto code = static_cast<size_t>(fill_value);
  if (code >= feature.vocabulary.size()) return kMissingCode;
  const auto found = std::find(dictionary.begin(), dictionary.end(), feature.vocabulary[code]);
  return found == dictionary.end() ? kMissingCode : static_cast<double>(found - dictionary.begin());
}

}  // namespace

std::vector<ColumnOverride> KindsOf(const Schema& schema) {
  std::vector<ColumnOverride> kinds;
  for (const Feature& feature : schema.features) {
    ColumnOverride& kind = kinds.emplace_back();
    kind.name = feature.name;
    kind.kind = feature.kind;
  }
  return kinds;
}

absl::StatusOr<std::vector<LeftOutColumn>> LeftOutOf(const Schema& schema, const Table& table) {
  for (const Feature& feature : schema.features) {
    if (table.Find(feature.name) != nullptr) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("warm start: the version's schema has a feature \"", feature.name, "\" that the dataset lacks"));
  }
  std::vector<LeftOutColumn> left_out;
  for (const Column& column : table.columns()) {
    if (schema.IndexOf(column.name) < 0) left_out.push_back({column.name, "not in the warm start's schema"});
  }
  return left_out;
}

std::vector<CleaningLimits> LimitsOf(const Artifact& version, const Table& features) {
  std::vector<CleaningLimits> all;
  for (int i = 0; i < version.schema.size(); ++i) {
    const Feature& feature = version.schema.features[i];
    const FittedFeature& fitted = version.features[i];
    CleaningLimits& limits = all.emplace_back();
    limits.missing_indicator = fitted.missing_indicator;
    limits.fill_value = fitted.fill_value;
    switch (feature.kind) {
      case FeatureKind::kNumeric:
        limits.lower_fence = fitted.clip_min;
        limits.upper_fence = fitted.clip_max;
        break;
      case FeatureKind::kTime:
        limits.fill_value = fitted.fill_value * 3600.0;
        break;
      case FeatureKind::kCategorical:
        limits.fill_value = FillCode(feature, fitted.fill_value, features.column(i).dictionary);
        break;
    }
  }
  return all;
}

}  // namespace roicast

#include "model/data/schema_inference.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/csv/csv_values.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

constexpr int64_t kFewestIdentifiers = 20;

struct Profile {
  int64_t present = 0;
  int64_t distinct = 0;
  bool whole_numbers = true;
  bool rises = true, falls = true;  // strictly
  double min = 0.0, max = 0.0;
};

Profile ProfileCategories(const Column& column) {
  Profile profile;
  std::vector<bool> seen(column.dictionary.size(), false);
  for (const int32_t code : column.codes) {
    if (code < 0) continue;
    ++profile.present;
    profile.distinct += !seen[code];
    seen[code] = true;
  }
  return profile;
}

Profile ProfileNumbers(const Column& column) {
  Profile profile;
  absl::flat_hash_set<double> seen;
  double last = 0.0;
  for (const double value : column.numbers) {
    if (std::isnan(value)) continue;
    if (profile.present++ == 0) {
      profile.min = profile.max = value;
    } else {
      profile.rises &= value > last;
      profile.falls &= value < last;
    }
    profile.min = std::min(profile.min, value);
    profile.max = std::max(profile.max, value);
    profile.whole_numbers &= value == std::floor(value);
    last = value;
    seen.insert(value);
  }
  profile.distinct = static_cast<int64_t>(seen.size());
  return profile;
}

bool IsNamedLikeIdentifier(absl::string_view name) {
  const std::string lower = absl::AsciiStrToLower(name);
  if (lower == "id" || lower == "uuid" || lower == "guid" || absl::EndsWith(lower, "_id")) return true;
  // customerID, customerId; but neither paid nor SQUID.
  if (name.size() < 3 || !(absl::EndsWith(name, "ID") || absl::EndsWith(name, "Id"))) return false;
  return absl::ascii_islower(static_cast<unsigned char>(name[name.size() - 3]));
}

bool IsIdentifierLike(const Column& column, const Profile& profile) {
  if (column.kind == FeatureKind::kTime || profile.distinct < kFewestIdentifiers) return false;
  if (IsNamedLikeIdentifier(column.name) && profile.distinct * 10 > profile.present) return true;
  if (column.kind == FeatureKind::kCategorical) return profile.distinct * 10 > profile.present * 9;
  if (!profile.whole_numbers || profile.distinct < profile.present) return false;
  const double range = profile.max - profile.min + 1.0;
  return profile.rises || profile.falls || range <= 1.5 * static_cast<double>(profile.present);
}

bool IsOutcome(absl::string_view name) {
  return absl::EqualsIgnoreCase(name, "roi") || absl::EqualsIgnoreCase(name, "true_roi") ||
         absl::EqualsIgnoreCase(name, "revenue");
}

// Why a column is not a feature; empty if it is one.
std::string ReasonToLeaveOut(const Column& column, const TargetSpec& target, const std::string& weight_column,
                             const std::string& holdout_column, const ColumnOverride* override_) {
  const bool include = override_ != nullptr && override_->include;
  if (column.name == target.column) return "target";
  if (column.name == target.revenue_column) return "revenue";
  if (column.name == weight_column) return "weight";
  if (override_ != nullptr && override_->exclude) return "excluded";
  if (column.name == holdout_column && !include) return "chooses the holdout";
  const Profile profile = column.kind == FeatureKind::kCategorical ? ProfileCategories(column) : ProfileNumbers(column);
  if (profile.present == 0) return "all missing";
  if (include) return "";
  if (IsOutcome(column.name)) return "outcome";
  if (profile.distinct == 1) return "constant";
  if (CampaignSchema().IndexOf(column.name) < 0 && IsIdentifierLike(column, profile)) return "identifier-like";
  return "";
}

Feature MakeFeature(const Column& column, const TargetSpec& target, const ColumnOverride* override_) {
  Feature feature;
  feature.name = column.name;
  feature.kind = column.kind;
  const int known = CampaignSchema().IndexOf(column.name);
  if (known >= 0 && CampaignSchema().features[known].kind == column.kind) feature = CampaignSchema().features[known];
  if (column.name == target.spend_column && column.kind == FeatureKind::kNumeric) {
    feature.allowed_min = 0.0;
    feature.allowed_min_exclusive = true;
  }
  if (override_ != nullptr && override_->group != FeatureGroup::kUnspecified) feature.group = override_->group;
  if (override_ != nullptr && !override_->unit.empty()) feature.unit = override_->unit;
  return feature;
}

void PutCampaignOrder(std::vector<Feature>& features) {
  const Schema& campaign = CampaignSchema();
  const auto place = [&](const Feature& feature) {
    const int index = campaign.IndexOf(feature.name);
    return index < 0 ? campaign.size() : index;
  };
  const int64_t known = std::count_if(features.begin(), features.end(),
                                      [&](const Feature& feature) { return place(feature) < campaign.size(); });
  if (known < campaign.size()) return;
  std::stable_sort(features.begin(), features.end(),
                   [&](const Feature& a, const Feature& b) { return place(a) < place(b); });
}

std::string OverrideField(size_t index, absl::string_view name) {
  return absl::StrCat("columns[", index, "] \"", name, "\"");
}

absl::Status CheckOverrides(const Table& table, const std::vector<ColumnOverride>& overrides) {
  absl::flat_hash_set<std::string> names;
  for (size_t i = 0; i < overrides.size(); ++i) {
    const ColumnOverride& override_ = overrides[i];
    if (!names.insert(override_.name).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(OverrideField(i, override_.name), ": expected one entry per column, got two"));
    }
    if (override_.exclude && override_.include) {
      return absl::InvalidArgumentError(
          absl::StrCat(OverrideField(i, override_.name), ": expected exclude or include, got both"));
    }
    const Column* column = table.Find(override_.name);
    if (column == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(OverrideField(i, override_.name), ": no such column in the data"));
    }
    if (override_.kind.has_value() && *override_.kind != column->kind) {
      return absl::InvalidArgumentError(absl::StrCat(OverrideField(i, override_.name), ": expected ",
                                                     FeatureKindName(*override_.kind), " values, got ",
                                                     FeatureKindName(column->kind), " ones"));
    }
  }
  return absl::OkStatus();
}

void NumbersToCategories(Column& column) {
  absl::flat_hash_map<double, int32_t> index;
  column.codes.reserve(column.numbers.size());
  for (const double value : column.numbers) {
    if (std::isnan(value)) {
      column.codes.push_back(kMissingCode);
      continue;
    }
    const auto [entry, added] = index.try_emplace(value, static_cast<int32_t>(index.size()));
    if (added) {
      column.dictionary.push_back(column.kind == FeatureKind::kTime ? FormatTime(static_cast<int64_t>(value))
                                                                    : absl::StrCat(value));
    }
    column.codes.push_back(entry->second);
  }
  column.numbers = {};
}

}  // namespace

absl::Status ConvertKinds(const std::vector<ColumnOverride>& overrides, Table& table) {
  for (size_t i = 0; i < overrides.size(); ++i) {
    const int index = table.IndexOf(overrides[i].name);
    if (index < 0 || !overrides[i].kind.has_value()) continue;
    Column& column = table.column(index);
    const FeatureKind wanted = *overrides[i].kind;
    if (column.kind == wanted) continue;
    if (column.kind == FeatureKind::kCategorical) {
      const std::string example =
          column.dictionary.empty() ? "" : absl::StrCat(" such as \"", column.dictionary.front(), "\"");
      return absl::InvalidArgumentError(absl::StrCat(OverrideField(i, column.name), ": expected ",
                                                     FeatureKindName(wanted), " values, got categories", example));
    }
    if (wanted == FeatureKind::kCategorical) NumbersToCategories(column);
    column.kind = wanted;
  }
  return absl::OkStatus();
}

absl::StatusOr<InferredSchema> InferSchema(const Table& table, const TargetSpec& target,
                                           const std::vector<ColumnOverride>& overrides,
                                           const std::string& weight_column, const std::string& holdout_column) {
  ROICAST_RETURN_IF_ERROR(CheckOverrides(table, overrides));
  if (!weight_column.empty() && table.Find(weight_column) == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("weight_column: no column \"", weight_column, "\" in the data"));
  }
  InferredSchema inferred;
  for (const Column& column : table.columns()) {
    const auto found = std::find_if(overrides.begin(), overrides.end(),
                                    [&](const ColumnOverride& candidate) { return candidate.name == column.name; });
    const ColumnOverride* override_ = found == overrides.end() ? nullptr : &*found;
    std::string reason = ReasonToLeaveOut(column, target, weight_column, holdout_column, override_);
    if (reason.empty()) {
      inferred.schema.features.push_back(MakeFeature(column, target, override_));
    } else {
      inferred.left_out.push_back({column.name, std::move(reason)});
    }
  }
  if (inferred.schema.features.empty()) {
    std::string reasons;
    for (const LeftOutColumn& column : inferred.left_out) {
      absl::StrAppend(&reasons, reasons.empty() ? "" : ", ", column.column, " (", column.reason, ")");
    }
    return absl::InvalidArgumentError(
        absl::StrCat("columns: expected at least one feature, got none; left out: ", reasons));
  }
  PutCampaignOrder(inferred.schema.features);
  return inferred;
}

}  // namespace roicast

#include "model/data/schema_inference.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "base/tables/note.h"
#include "base/tables/time_form.h"
#include "model/data/meaning/identifier_names.h"
#include "model/data/meaning/outcome_names.h"
#include "model/data/meaning/result_columns.h"
#include "model/data/meaning/target_names.h"
#include "model/data/missing_column.h"

namespace roicast {
namespace {

constexpr int64_t kFewestIdentifiers = 20;
// As many spellings are kept as words (see ColumnBuilder).
constexpr int64_t kMostWords = 65'536;

// Of blanks, and of cells with a value beside them, each at least 5 % of the rows.
constexpr int64_t kFewestTellingBlanks = 5;

constexpr size_t kCellsBetweenStops = 65536;

constexpr absl::string_view kAddedBy = "added by ";

struct Profile {
  int64_t present = 0;
  int64_t distinct = 0;
  bool whole_numbers = true;
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

// Once `stop` says so, of the beginning of the column.
Profile ProfileNumbers(const Column& column, const StopCheck& stop) {
  Profile profile;
  RareStopCheck rare(&stop, kCellsBetweenStops);
  absl::flat_hash_set<double> seen;
  for (const double value : column.numbers) {
    if (!rare.Done(1).ok()) break;
    if (std::isnan(value)) continue;
    if (profile.present++ == 0) profile.min = profile.max = value;
    profile.min = std::min(profile.min, value);
    profile.max = std::max(profile.max, value);
    profile.whole_numbers &= value == std::floor(value);
    seen.insert(value);
  }
  profile.distinct = static_cast<int64_t>(seen.size());
  return profile;
}

bool IsIdentifierLike(const Column& column, const Profile& profile, bool said_numeric) {
  if (column.kind == FeatureKind::kTime) return false;
  const bool named = IsNamedLikeIdentifier(column.name);
  // Words are what few of them are read as: too many for that.
  if (named && column.kind == FeatureKind::kNumeric && !said_numeric && profile.distinct > kMostWords) return true;
  if (profile.distinct < kFewestIdentifiers) return false;
  if (named && profile.distinct * 2 > profile.present) return true;
  if (column.kind == FeatureKind::kCategorical) return profile.distinct * 10 > profile.present * 9;
  if (!profile.whole_numbers || profile.distinct < profile.present) return false;
  // Amounts in order of their size count nothing up.
  if (FindUsualName(column.name).role != UsualRole::kNone) return false;
  const double range = profile.max - profile.min + 1.0;
  return range <= 1.5 * static_cast<double>(profile.present);
}

// Of a constant column, so that another value can be told when it comes.
std::string OnlyValue(const Column& column) {
  for (const int32_t code : column.codes) {
    if (code != kMissingCode) return std::string(column.dictionary[static_cast<size_t>(code)]);
  }
  for (const double number : column.numbers) {
    if (std::isfinite(number)) return absl::StrFormat("%.15g", number);
  }
  return "";
}

// A column such as "Promo" with "Sale" or nothing: whether it is blank is all that it tells.
bool TellsByItsBlanks(const Column& column, const Profile& profile) {
  const auto rows = static_cast<int64_t>(std::max(column.codes.size(), column.numbers.size()));
  const int64_t fewer = std::min(profile.present, rows - profile.present);
  return column.kind != FeatureKind::kTime && fewer >= kFewestTellingBlanks && fewer * 20 >= rows;
}

// Whether all columns of the campaign schema are there, in their kinds.
bool IsCampaignTable(const Table& table) {
  const std::vector<Feature>& features = CampaignSchema().features;
  return std::all_of(features.begin(), features.end(), [&](const Feature& feature) {
    const Column* column = table.Find(feature.name);
    return column != nullptr && column->kind == feature.kind;
  });
}

std::vector<std::string> Names(const Table& table) {
  std::vector<std::string> names;
  for (const Column& column : table.columns()) names.push_back(column.name);
  return names;
}

// Turns columns into features, or finds the reason why not.
class SchemaInference {
 public:
  SchemaInference(const Table& table, const TargetSpec& target, const SchemaHints& hints, const StopCheck& stop)
      : target_(target),
        hints_(hints),
        stop_(stop),
        campaign_(hints.campaign_schema || IsCampaignTable(table)),
        results_(FindResultColumns(Names(table))) {}

  void Add(const Column& column, const ColumnOverride* override_) {
    std::string reason = ReasonToLeaveOut(column, override_);
    if (reason == "outcome") SayOutcome(column.name);
    if (absl::StartsWith(reason, kAddedBy)) added_.push_back(column.name);
    if (reason == "identifier-like" && !IsNamedLikeIdentifier(column.name)) SayIdentifier(column);
    if (!reason.empty()) {
      std::string value = reason == "constant" ? OnlyValue(column) : "";
      result_.left_out.push_back({column.name, std::move(reason), std::move(value)});
      return;
    }
    if (column.kind == FeatureKind::kNumeric && InCampaign(column) == nullptr) {
      const OutcomeName name = FindOutcomeName(column.name);
      if (name == OutcomeName::kDelivery) delivery_.push_back(column.name);
      const bool asked_for = column.name == target_.spend_column || (override_ != nullptr && override_->include);
      if (name == OutcomeName::kPerhapsOutcome && !asked_for) perhaps_outcomes_.push_back(column.name);
    }
    result_.schema.features.push_back(MakeFeature(column, override_));
  }

  InferredSchema Take() {
    SayAdded();
    SayPerhapsOutcomes();
    SayDelivery();
    return std::move(result_);
  }

 private:
  // The campaign schema's feature that the column is; nullptr: none.
  const Feature* InCampaign(const Column& column) const {
    const int index = campaign_ ? CampaignSchema().IndexOf(column.name) : -1;
    if (index < 0 || CampaignSchema().features[index].kind != column.kind) return nullptr;
    return &CampaignSchema().features[index];
  }

  // Empty if the column is a feature.
  std::string ReasonToLeaveOut(const Column& column, const ColumnOverride* override_) const {
    const bool include = override_ != nullptr && override_->include;
    if (column.name == target_.column) return "target";
    if (column.name == target_.revenue_column) return "revenue";
    if (column.name == target_.roas_column) return "ROAS";
    if (column.name == hints_.weight_column) return "weight";
    if (override_ != nullptr && override_->exclude) return "excluded";
    if (column.name == hints_.holdout_column && !include) return "chooses the holdout";
    const Profile profile =
        column.kind == FeatureKind::kCategorical ? ProfileCategories(column) : ProfileNumbers(column, stop_);
    if (profile.present == 0) return "all missing";
    if (include) return "";
    const ResultColumn* const result = results_.Find(column.name);
    if (result != nullptr && column.name != target_.spend_column) return absl::StrCat(kAddedBy, result->command);
    if (InCampaign(column) == nullptr && column.kind == FeatureKind::kNumeric && column.name != target_.spend_column &&
        FindOutcomeName(column.name) == OutcomeName::kOutcome) {
      return "outcome";
    }
    if (profile.distinct == 1 && !TellsByItsBlanks(column, profile)) return "constant";
    const bool said_numeric = override_ != nullptr && override_->kind == FeatureKind::kNumeric;
    if (InCampaign(column) == nullptr && IsIdentifierLike(column, profile, said_numeric)) return "identifier-like";
    return "";
  }

  Feature MakeFeature(const Column& column, const ColumnOverride* override_) const {
    Feature feature;
    if (const Feature* known = InCampaign(column)) feature = *known;
    feature.name = column.name;
    feature.kind = column.kind;
    if (override_ != nullptr && override_->group != FeatureGroup::kUnspecified) feature.group = override_->group;
    if (override_ != nullptr && !override_->unit.empty()) feature.unit = override_->unit;
    if (override_ != nullptr && override_->allowed.has_value()) {
      feature.allowed_min = override_->allowed->min;
      feature.allowed_max = override_->allowed->max;
      feature.allowed_min_exclusive = false;
    }
    if (column.name == target_.spend_column && column.kind == FeatureKind::kNumeric && !(feature.allowed_min > 0)) {
      feature.allowed_min = 0.0;
      feature.allowed_min_exclusive = true;
    }
    return feature;
  }

  void SayOutcome(const std::string& name) {
    DataWarning& note = result_.warnings.emplace_back();
    note.column = name;
    note.message = absl::StrCat("\"", name, "\" is known only after a campaign, so it is no input");
    note.flags.push_back(ColumnFlag("--include", "", name));
  }

  void SayIdentifier(const Column& column) {
    const Profile profile =
        column.kind == FeatureKind::kCategorical ? ProfileCategories(column) : ProfileNumbers(column, stop_);
    DataWarning& note = result_.warnings.emplace_back();
    note.column = column.name;
    note.message =
        absl::StrCat("\"", column.name, "\" has ", profile.distinct, " different values in ", profile.present, " rows",
                     column.kind == FeatureKind::kNumeric
                         ? ", whole numbers with few gaps as if rows were counted, so it is no input"
                         : ", as if it named the rows, so it is no input");
    note.flags.push_back(ColumnFlag("--include", "", column.name));
  }

  void SayAdded() {
    if (added_.empty()) return;
    SayFlags(added_,
             absl::StrCat(added_.size() == 1 ? " was" : " were", " added by roicast and not observed, so ",
                          added_.size() == 1 ? "it is no input" : "they are no inputs"),
             "--include");
  }

  void SayDelivery() {
    if (delivery_.empty()) return;
    SayOf(delivery_, absl::StrCat(delivery_.size() == 1 ? " is" : " are",
                                  " known exactly only after a campaign: predictions need planned values"));
  }

  // A model that learns from an outcome is perfect until it has to predict.
  void SayPerhapsOutcomes() {
    if (perhaps_outcomes_.empty()) return;
    SayOf(perhaps_outcomes_, absl::StrCat(perhaps_outcomes_.size() == 1 ? " is an input" : " are inputs",
                                          ", but may be known only after a campaign: leave out what is"));
    result_.warnings.back().serious = true;
  }

  // One remark on some features, with the flag that leaves them out.
  void SayOf(const std::vector<std::string>& names, absl::string_view what) { SayFlags(names, what, "--exclude"); }

  void SayFlags(const std::vector<std::string>& names, absl::string_view what, absl::string_view flag) {
    std::vector<std::string> quoted, flags;
    for (const std::string& name : names) {
      quoted.push_back(absl::StrCat("\"", name, "\""));
      flags.push_back(ColumnFlag(flag, "", name));
    }
    DataWarning& note = result_.warnings.emplace_back();
    if (names.size() == 1) note.column = names.front();
    note.message = absl::StrCat(absl::StrJoin(quoted, ", "), what);
    note.flags.push_back(absl::StrJoin(flags, " "));
  }

  const TargetSpec& target_;
  const SchemaHints& hints_;
  const StopCheck& stop_;
  const bool campaign_;
  const ResultColumns results_;
  std::vector<std::string> added_;
  std::vector<std::string> delivery_;
  std::vector<std::string> perhaps_outcomes_;
  InferredSchema result_;
};

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
    if (column == nullptr)
      return NoSuchColumn(OverrideField(i, override_.name), FlagOf(override_), override_.name, Names(table));
    if (override_.kind.has_value() && *override_.kind != column->kind) {
      return absl::InvalidArgumentError(absl::StrCat(OverrideField(i, override_.name), ": expected ",
                                                     FeatureKindName(*override_.kind), " values, got ",
                                                     FeatureKindName(column->kind), " ones"));
    }
    if (override_.allowed.has_value() && column->kind != FeatureKind::kNumeric) {
      return absl::InvalidArgumentError(absl::StrCat(OverrideField(i, override_.name),
                                                     ".allowed (--range): expected a numeric column, got a ",
                                                     FeatureKindName(column->kind), " one"));
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

absl::string_view FlagOf(const ColumnOverride& column) {
  if (column.exclude) return "--exclude";
  if (column.include) return "--include";
  if (column.kind.has_value()) return "--kind";
  return column.allowed.has_value() ? "--range" : "";
}

absl::StatusOr<InferredSchema> InferSchema(const Table& table, const TargetSpec& target,
                                           const std::vector<ColumnOverride>& overrides, const SchemaHints& hints,
                                           const StopCheck& stop) {
  ROICAST_RETURN_IF_ERROR(CheckOverrides(table, overrides));
  if (!hints.weight_column.empty() && table.Find(hints.weight_column) == nullptr) {
    return NoSuchColumn("weight_column", "--weight", hints.weight_column, Names(table));
  }
  SchemaInference inference(table, target, hints, stop);
  for (const Column& column : table.columns()) {
    const auto found = std::find_if(overrides.begin(), overrides.end(),
                                    [&](const ColumnOverride& candidate) { return candidate.name == column.name; });
    inference.Add(column, found == overrides.end() ? nullptr : &*found);
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
  }
  InferredSchema inferred = inference.Take();
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

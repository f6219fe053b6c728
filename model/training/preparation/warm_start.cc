#include "model/training/preparation/warm_start.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "base/stoppable_sort.h"
#include "base/tables/vocabulary_index.h"
#include "model/features/moments.h"
#include "model/features/target_transform.h"
#include "model/features/version_likeness.h"

namespace roicast {
namespace {

// The code of the fill value in the dictionary of a table's column; kMissingCode: it has no such word.
double FillCode(const Feature& feature, double fill_value, const WordList& dictionary) {
  const auto code = static_cast<size_t>(fill_value);
  if (code >= feature.vocabulary.size()) return kMissingCode;
  const auto found = std::find(dictionary.begin(), dictionary.end(), feature.vocabulary[code]);
  return found == dictionary.end() ? kMissingCode : static_cast<double>(found - dictionary.begin());
}

// How the typical ROI of the rows differs from the version's, for people; empty: it does not. Both are as the version
// learns: one standard deviation from the mean of what it transforms, without the value that most rows of a zero-heavy
// target have.
std::string OtherRoiText(const FittedTarget& target, absl::Span<const int64_t> rows, absl::Span<const double> roi) {
  if (target.kind == TargetKind::kTwoValued) return "";
  std::vector<double> transformed;
  for (const int64_t row : rows) {
    const double value = roi[static_cast<size_t>(row)];
    if (target.kind == TargetKind::kZeroHeavy && value == target.rest) continue;
    transformed.push_back(target.Transform(value));
  }
  if (transformed.empty()) return "";
  const Moments moments = ComputeMoments(transformed);
  FittedTarget of_rows = target;
  of_rows.offset = moments.mean;
  of_rows.factor = moments.standard_deviation;
  return OtherScale(target.TypicalRoi(), of_rows.TypicalRoi());
}

absl::StatusOr<std::vector<double>> SortedNumbers(const Column& column, absl::Span<const int64_t> rows,
                                                  const StopCheck& stop) {
  std::vector<double> numbers;
  for (const int64_t row : rows) {
    if (!column.IsMissing(row)) numbers.push_back(column.numbers[row]);
  }
  ROICAST_RETURN_IF_ERROR(SortOrStop(numbers, stop));
  return numbers;
}

// How many rows have a word that the feature does not know, for people; empty: half of those with a word, or fewer.
std::string UnknownWordsText(const Feature& feature, const Column& column, absl::Span<const int64_t> rows) {
  const VocabularyIndex known(feature.vocabulary);
  std::vector<bool> unknown(column.dictionary.size());
  for (size_t code = 0; code < unknown.size(); ++code) unknown[code] = known.Find(column.dictionary[code]) < 0;
  int64_t present = 0, without = 0;
  absl::string_view example;
  for (const int64_t row : rows) {
    if (column.IsMissing(row)) continue;
    ++present;
    const auto code = static_cast<size_t>(column.codes[row]);
    if (!unknown[code]) continue;
    if (without++ == 0) example = column.dictionary[code];
  }
  if (2 * without <= present) return "";
  return absl::StrCat("the words of \"", feature.name, "\" in ", without, " of ", present, " rows, such as \"", example,
                      "\"");
}

DataWarning MovedWarning(absl::string_view moved) {
  DataWarning warning;
  warning.serious = true;
  warning.message = absl::StrCat(
      "warm start: numbers of the rows have moved, and the version keeps its scales, on which they may all be alike: ",
      moved, ". Train without a warm start, unless that does not matter");
  return warning;
}

absl::Status NotAlike(absl::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrCat("warm start: the rows are not such as the version was trained on, and it would keep its words and "
                   "scales: ",
                   what, ". Train without a warm start"));
}

}  // namespace

absl::StatusOr<std::optional<DataWarning>> CheckLikeness(const Artifact& version, const Table& features,
                                                         absl::Span<const int64_t> rows, absl::Span<const double> roi,
                                                         const StopCheck& stop) {
  if (const std::string scale = OtherRoiText(version.target, rows, roi); !scale.empty()) return NotAlike(scale);
  Schema schema = version.schema;
  std::vector<double> usual(schema.features.size(), std::numeric_limits<double>::quiet_NaN()), before = usual;
  size_t categoricals = 0;
  std::vector<std::string> unknown;
  for (size_t i = 0; i < schema.features.size(); ++i) {
    Feature& feature = schema.features[i];
    const Column& column = features.column(static_cast<int>(i));
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    if (feature.kind == FeatureKind::kCategorical && feature.vocabulary.size() >= 2) {
      ++categoricals;
      std::string text = UnknownWordsText(feature, column, rows);
      if (!text.empty()) unknown.push_back(std::move(text));
    } else if (feature.kind == FeatureKind::kNumeric) {
      ROICAST_ASSIGN_OR_RETURN(const std::vector<double> sorted, SortedNumbers(column, rows, stop));
      if (sorted.empty()) continue;
      feature.seen_min = sorted.front();
      feature.seen_max = sorted.back();
      usual[i] = sorted[(sorted.size() - 1) / 2];
      before[i] = version.features[i].fill_value;
    }
  }
  const UsualNumbers of_version{version.schema, before}, of_rows{schema, usual};
  if (const std::string units = OtherUnits(of_version, of_rows); !units.empty()) return NotAlike(units);
  // A single feature among others may change its words: names of campaigns do.
  if (unknown.size() * 2 > categoricals)
    return NotAlike(absl::StrCat("it does not know ", absl::StrJoin(unknown, "; ")));
  const std::string moved = MovedNumbers(of_version, of_rows);
  return moved.empty() ? std::nullopt : std::optional(MovedWarning(moved));
}

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

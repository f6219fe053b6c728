#include "model/training/preparation/data_warnings.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/tables/note.h"
#include "model/data/copies.h"
#include "model/data/leverage.h"
#include "model/features/target_transform.h"
#include "model/training/preparation/copy_findings.h"
#include "model/training/preparation/duration_findings.h"
#include "model/training/preparation/earlier_spend_findings.h"
#include "model/training/preparation/findings.h"
#include "model/training/preparation/rare_categories.h"
#include "model/training/preparation/row_findings.h"
#include "model/training/preparation/single_column.h"
#include "model/training/preparation/word_trend_findings.h"
#include "model/training/preparation/word_variants.h"

namespace roicast {
namespace {

constexpr size_t kMostLinesOfRareWords = 5;

std::vector<int64_t> LinesOf(const CsvTable& data, absl::Span<const int64_t> rows) {
  std::vector<int64_t> lines;
  for (const int64_t row : rows) lines.push_back(data.LineOf(row));
  return lines;
}

// The target of each row on the scale that the network learns; rows that stand apart do not.
std::vector<double> ComparableTarget(const DataWarningInputs& in) {
  std::vector<double> target = in.prepared.roi;
  if (in.prepared.target.kind == TargetKind::kTwoValued) return target;
  for (double& value : target) value = std::clamp(value, in.ordinary_target.lower, in.ordinary_target.upper);
  const auto fitted =
      FitTarget(in.prepared.RoiOf(in.prepared.split.train), in.spec.target_transform, PredictionStatistic::kMedian);
  if (!fitted.ok()) return target;  // training itself says so
  for (double& value : target) value = fitted->Transform(value);
  return target;
}

// Inputs that are the revenue under another name: spend × (1 + ROI). Alone they explain little.
std::vector<DataWarning> FindHiddenRevenue(const DataWarningInputs& in) {
  constexpr int64_t kFewestCompared = 10;
  const Column* const spend = in.data.table.Find(in.prepared.target.spend_column);
  std::vector<DataWarning> warnings;
  if (in.prepared.target.kind == TargetKind::kTwoValued) return warnings;
  if (spend == nullptr || spend->kind != FeatureKind::kNumeric) return warnings;
  for (const Column& column : in.prepared.features.columns()) {
    if (column.kind != FeatureKind::kNumeric || column.name == spend->name) continue;
    if (!CheckStop(in.stop).ok()) break;
    int64_t compared = 0, equal = 0;
    for (const int64_t row : in.rows) {
      const double revenue = spend->numbers[row] * (1.0 + in.prepared.roi[row]), value = column.numbers[row];
      if (std::isnan(value) || std::isnan(revenue) || revenue == 0.0) continue;
      ++compared;
      equal += std::abs(value - revenue) <= 0.02 * std::abs(revenue);
    }
    if (compared < kFewestCompared || equal * 10 < compared * 8) continue;
    DataWarning& warning = warnings.emplace_back();
    warning.serious = true;
    warning.column = column.name;
    warning.message = absl::StrCat("\"", column.name, "\" is \"", spend->name, "\" × (1 + ROI) in ", equal, " of ",
                                   compared, " rows: it is the revenue, which is known only after a campaign");
    warning.flags.push_back(ColumnFlag("--exclude", "", column.name));
  }
  return warnings;
}

std::vector<DataWarning> FindExplainingColumns(const DataWarningInputs& in) {
  const Split& split = in.prepared.split;
  std::vector<int64_t> held_out = split.validation;
  held_out.insert(held_out.end(), split.holdout.begin(), split.holdout.end());
  std::vector<DataWarning> warnings = FindHiddenRevenue(in);
  for (DataWarning& found :
       SingleColumnWarnings(in.prepared.features, in.data.table.Find(in.prepared.target.spend_column),
                            ComparableTarget(in), split.train, held_out, in.stop)) {
    const bool is_said = std::any_of(warnings.begin(), warnings.end(),
                                     [&](const DataWarning& said) { return said.column == found.column; });
    if (!is_said) warnings.push_back(std::move(found));
  }
  return warnings;
}

std::vector<DataWarning> FindSmallHoldout(const DataWarningInputs& in) {
  absl::flat_hash_set<int64_t> distinct;
  const std::optional<RepeatedExports>& exports = in.prepared.exports;
  for (const int64_t row : in.prepared.split.holdout) {
    distinct.insert(exports.has_value() ? exports->first[static_cast<size_t>(row)] : in.inputs[row]);
  }
  return HoldoutWarnings(in.spec.split, in.prepared.split, static_cast<int64_t>(distinct.size()), exports.has_value());
}

double MedianSpend(const Column& spend, absl::Span<const int64_t> rows) {
  std::vector<double> spends;
  for (const int64_t row : rows) {
    if (!spend.IsMissing(row)) spends.push_back(spend.numbers[row]);
  }
  if (spends.empty()) return 0.0;
  const auto middle = spends.begin() + static_cast<int64_t>(spends.size() / 2);
  std::nth_element(spends.begin(), middle, spends.end());
  return *middle;
}

std::vector<DataWarning> FindLeveragedRows(const DataWarningInputs& in) {
  if (in.prepared.target.kind == TargetKind::kTwoValued) return {};
  const std::vector<double> roi = in.prepared.RoiOf(in.rows);
  const Leverage leverage = FindLeverage(roi);
  if (leverage.positions.empty()) return {};
  const std::vector<int64_t>& holdout = in.prepared.split.holdout;
  const Column* const spend = in.data.table.Find(in.prepared.target.spend_column);
  LeverageDetails details;
  details.largest = leverage.median;
  if (spend != nullptr) details.median_spend = MedianSpend(*spend, in.rows);
  for (const int64_t position : leverage.positions) {
    const int64_t row = in.rows[position];
    details.lines.push_back(in.data.LineOf(row));
    if (std::abs(roi[position] - leverage.median) > std::abs(details.largest - leverage.median)) {
      details.largest = roi[position];
    }
    if (spend != nullptr) details.largest_spend = std::max(details.largest_spend, spend->numbers[row]);
    details.held_out += std::binary_search(holdout.begin(), holdout.end(), row);
  }
  const bool left_out = std::isfinite(in.ordinary_target.upper);
  return {LeverageWarning(leverage, details, TargetName(in.prepared.target), left_out)};
}

std::vector<DataWarning> FindCopies(const DataWarningInputs& in) {
  const absl::StatusOr<std::vector<int64_t>> first =
      FirstEqualRows(in.data.table, in.rows, RowPrecision::kExact, in.stop);
  if (!first.ok()) return {};  // stopped
  const CopyCounts copies =
      CountCopies(in.data.table, in.rows, in.inputs, *first, in.prepared.roi, in.prepared.report.left_out);
  return CopyWarnings(copies, in.spec.cleaning.copies == CopyPolicy::kKeep, LinesOf(in.data, copies.same_target_rows));
}

std::vector<DataWarning> FindLeftOutWords(const DataWarningInputs& in) {
  std::vector<DataWarning> warnings;
  if (in.keeps_vocabularies) return warnings;
  const std::vector<int64_t>& train = in.prepared.split.train;
  const auto rows = static_cast<int64_t>(train.size());
  const PreprocessingOptions& options = in.spec.preprocessing;
  const auto first_lines = [&](const LeftOutWords& left_out) {
    return LinesOf(in.data, absl::MakeConstSpan(left_out.rows).subspan(0, kMostLinesOfRareWords));
  };
  for (const Column& column : in.prepared.features.columns()) {
    if (!CheckStop(in.stop).ok()) break;
    const auto [rare, beyond] = FindWordsOutsideVocabulary(column, train, options);
    if (!rare.words.empty()) {
      warnings.push_back(RareWordsWarning(column.name, rare, rows, options.min_category_count, first_lines(rare)));
    }
    if (!beyond.words.empty()) {
      warnings.push_back(VocabularyWarning(column.name, beyond, rows, options.max_vocabulary, first_lines(beyond)));
    }
  }
  return warnings;
}

std::vector<DataWarning> FindWordVariants(const DataWarningInputs& in) {
  std::vector<DataWarning> warnings;
  for (const Column& column : in.prepared.features.columns()) {
    if (!CheckStop(in.stop).ok()) break;
    std::optional<DataWarning> warning = WordVariantsWarning(column, in.rows);
    if (warning.has_value()) warnings.push_back(*std::move(warning));
  }
  return warnings;
}

}  // namespace

void DropFlagsThatTheTargetForbids(const TargetSpec& target, std::vector<DataWarning>& warnings) {
  for (DataWarning& warning : warnings) {
    const bool of_target =
        !warning.column.empty() && (warning.column == target.column || warning.column == target.revenue_column ||
                                    warning.column == target.spend_column || warning.column == target.roas_column);
    if (!of_target) continue;
    warning.flags.erase(std::remove_if(warning.flags.begin(), warning.flags.end(),
                                       [](const std::string& flag) { return absl::StartsWith(flag, "--kind "); }),
                        warning.flags.end());
  }
}

std::vector<DataWarning> FindDataWarnings(const DataWarningInputs& inputs) {
  std::vector<DataWarning> warnings;
  for (const auto find :
       {&RowWarnings, &DurationWarnings, &EarlierSpendWarnings, &WordTrendWarnings, &FindExplainingColumns,
        &FindSmallHoldout, &FindLeveragedRows, &FindCopies, &FindLeftOutWords, &FindWordVariants}) {
    if (!CheckStop(inputs.stop).ok()) break;
    std::vector<DataWarning> found = find(inputs);
    std::move(found.begin(), found.end(), std::back_inserter(warnings));
  }
  return warnings;
}

std::string TargetName(const TargetSpec& target) {
  return target.IsComputed() ? "ROI" : absl::StrCat("target \"", target.column, "\"");
}

}  // namespace roicast

#include "model/training/preparation/prepared_data.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "base/tables/note.h"
#include "model/artifact/reading_conversion.h"
#include "model/data/copies.h"
#include "model/data/leverage.h"
#include "model/data/spend_feature.h"
#include "model/training/preparation/column_report.h"
#include "model/training/preparation/copy_findings.h"
#include "model/training/preparation/data_warnings.h"
#include "model/training/preparation/export_findings.h"
#include "model/training/preparation/find_moves.h"
#include "model/training/preparation/findings.h"
#include "model/training/preparation/later_rows.h"
#include "model/training/preparation/refused_cells.h"
#include "model/training/preparation/row_structure.h"
#include "model/training/preparation/row_weights.h"
#include "model/training/preparation/warm_start.h"

namespace roicast {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

class Preparation {
 public:
  Preparation(const CsvTable& data, const TrainingSpec& spec, const Artifact* warm_start, TrainingObserver* observer)
      : data_(data), spec_(spec), warm_start_(warm_start) {
    if (observer != nullptr) stop_ = StopWhenCancelled(*observer);
  }

  absl::StatusOr<PreparedData> Run() {
    CleaningReport& report = result_.report;
    report.rows_in = data_.rows_in;
    report.csv_issues = data_.issues;
    report.csv_issue_count = data_.issue_count;
    report.reading = data_.reading;
    if (report.reading.has_value()) report.warnings = ReadingWarnings(*report.reading);
    using Step = absl::Status (Preparation::*)();
    for (const Step step : {&Preparation::ConvertTable, &Preparation::KeepRowsWithTarget, &Preparation::FindSchema,
                            &Preparation::TakeFeatures, &Preparation::DropCopies, &Preparation::SplitAndLearn,
                            &Preparation::DropOutliers, &Preparation::DropIncompleteRows, &Preparation::ReplaceSpikes,
                            &Preparation::CheckTrainingRows, &Preparation::FindStructure, &Preparation::FindWarnings}) {
      ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
      ROICAST_RETURN_IF_ERROR((this->*step)());
    }
    ChooseRefitRows();
    ROICAST_ASSIGN_OR_RETURN(result_.report.columns, ReportColumns(result_, counts_, stop_));
    return std::move(result_);
  }

 private:
  const Table& table() const { return converted_.has_value() ? *converted_ : data_.table; }

  void CountDropped(absl::string_view reason, int64_t rows) {
    if (rows > 0) result_.report.dropped.push_back({std::string(reason), rows});
  }

  std::string DroppedText() const {
    return absl::StrJoin(result_.report.dropped, ", ", [](std::string* out, const DroppedRows& dropped) {
      absl::StrAppend(out, dropped.rows, " ", dropped.reason);
    });
  }

  // "; dropped: 2 missing target, 1 duplicate"
  std::string DroppedNote() const {
    return result_.report.dropped.empty() ? "" : absl::StrCat("; dropped: ", DroppedText());
  }

  absl::Status ConvertTable() {
    const std::vector<ColumnOverride> kinds = warm_start_ != nullptr ? KindsOf(warm_start_->schema) : spec_.columns;
    const bool convert = std::any_of(kinds.begin(), kinds.end(), [&](const ColumnOverride& wanted) {
      const Column* column = data_.table.Find(wanted.name);
      return column != nullptr && wanted.kind.has_value() && *wanted.kind != column->kind;
    });
    if (!convert) return absl::OkStatus();
    converted_ = data_.table;
    return ConvertKinds(kinds, *converted_);
  }

  absl::Status KeepRowsWithTarget() {
    // From the table as it came: a feature that is to be categorical may well be the spend.
    ROICAST_ASSIGN_OR_RETURN(Target target, ComputeTarget(data_, spec_.target));
    result_.target = std::move(target.spec);
    result_.negative_value = std::move(target.negative_value);
    result_.roi = std::move(target.values);
    for (DataWarning& warning : target.warnings) result_.report.warnings.push_back(std::move(warning));
    counts_.target_missing = target.missing;
    if (data_.rows_in == 0) return absl::FailedPreconditionError("the dataset has no rows, only column names");
    CountDropped("malformed", data_.malformed_rows);
    CountDropped("missing target", target.missing);
    CountDropped("spend not positive", target.spend_not_positive);
    if (!spec_.weight_column.empty()) {
      ROICAST_ASSIGN_OR_RETURN(RowWeights weights, ReadRowWeights(data_, spec_.weight_column, result_.roi));
      for (const int64_t row : weights.missing) result_.roi[row] = kNaN;
      result_.weights = std::move(weights.weights);
      CountDropped("missing weight", static_cast<int64_t>(weights.missing.size()));
    }
    ROICAST_RETURN_IF_ERROR(DropLaterRows());
    for (int64_t row = 0; row < table().rows(); ++row) {
      if (!std::isnan(result_.roi[row])) rows_.push_back(row);
    }
    return CheckSomeAreLeft();
  }

  absl::Status DropLaterRows() {
    if (spec_.cleaning.until.column.empty()) return absl::OkStatus();
    ROICAST_ASSIGN_OR_RETURN(const std::vector<int64_t> later, RowsAfter(data_.table, spec_.cleaning.until));
    int64_t dropped = 0;
    for (const int64_t row : later) {
      dropped += std::isnan(result_.roi[row]) ? 0 : 1;
      result_.roi[row] = kNaN;
    }
    CountDropped(absl::StrCat("after ", spec_.cleaning.until.time), dropped);
    return absl::OkStatus();
  }

  absl::Status CheckSomeAreLeft() const {
    if (!rows_.empty()) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat("cleaning dropped all ", data_.rows_in, " rows: ", DroppedText(), NegativeSpendText()));
  }

  // As bookkeeping writes what was paid.
  std::string NegativeSpendText() const {
    const Column* const spend = table().Find(result_.target.spend_column);
    if (spend == nullptr || spend->kind != FeatureKind::kNumeric) return "";
    int64_t negative = 0;
    for (const double value : spend->numbers) {
      if (value > 0) return "";
      negative += value < 0 ? 1 : 0;
    }
    if (negative == 0) return "";
    return absl::StrCat(
        "; no value of \"", spend->name, "\" is above 0, and ", negative, negative == 1 ? " is" : " are",
        " below: if costs are written with a minus, turn the sign: ", ColumnFlag("--scale", spend->name, "-1"));
  }

  absl::Status FindSchema() {
    if (warm_start_ != nullptr) {
      result_.schema = warm_start_->schema;
      ROICAST_ASSIGN_OR_RETURN(result_.report.left_out, LeftOutOf(result_.schema, table()));
      return absl::OkStatus();
    }
    ROICAST_ASSIGN_OR_RETURN(InferredSchema inferred,
                             InferSchema(table(), result_.target, spec_.columns,
                                         {spec_.weight_column, HoldoutColumn(), spec_.campaign_schema}, stop_));
    result_.schema = std::move(inferred.schema);
    result_.report.left_out = std::move(inferred.left_out);
    for (DataWarning& warning : inferred.warnings) result_.report.warnings.push_back(std::move(warning));
    return absl::OkStatus();
  }

  // The column of a split by value, which cannot be an input. The column of a split by time stays: its values continue
  // beyond the cut.
  std::string HoldoutColumn() const {
    return spec_.split.holdout == SplitSpec::Holdout::kByValue ? spec_.split.column : "";
  }

  // Copies the schema's columns; cells that serving would refuse become missing.
  absl::Status TakeFeatures() {
    for (const Feature& feature : result_.schema.features) {
      ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
      const int index = table().IndexOf(feature.name);
      Column column = table().column(index);
      if (feature.kind != FeatureKind::kCategorical) {
        ForgetRefusedCells(data_, rows_, feature, index, column, result_.report);
      }
      ROICAST_RETURN_IF_ERROR(result_.features.AddColumn(std::move(column)));
    }
    std::vector<CsvIssue>& issues = result_.report.csv_issues;
    std::stable_sort(issues.begin(), issues.end(), [](const CsvIssue& a, const CsvIssue& b) {
      return std::pair(a.line, a.column) < std::pair(b.line, b.column);
    });
    if (issues.size() > static_cast<size_t>(kMaxCsvIssues)) issues.resize(kMaxCsvIssues);
    return absl::OkStatus();
  }

  absl::Status DropCopies() {
    if (spec_.cleaning.copies == CopyPolicy::kKeep) return absl::OkStatus();
    ROICAST_ASSIGN_OR_RETURN(std::vector<int64_t> distinct, WithoutDuplicates(data_.table, rows_, stop_));
    const auto copies = static_cast<int64_t>(rows_.size() - distinct.size());
    if (copies == 0) return absl::OkStatus();
    if (spec_.cleaning.copies == CopyPolicy::kAuto) {
      const std::string column = ColumnThatTellsRowsApart(distinct);
      if (column.empty()) return absl::OkStatus();
      result_.report.warnings.push_back(DroppedCopiesWarning(copies, column));
    }
    CountDropped("duplicate", copies);
    rows_ = std::move(distinct);
    return absl::OkStatus();
  }

  std::string ColumnThatTellsRowsApart(absl::Span<const int64_t> distinct_rows) const {
    for (const LeftOutColumn& left_out : result_.report.left_out) {
      if (absl::StartsWith(left_out.reason, "identifier")) return left_out.column;
    }
    const TargetSpec& target = result_.target;
    for (const Column& column : data_.table.columns()) {
      if (column.name == target.column || column.name == target.revenue_column) continue;
      if (column.name == target.spend_column || column.name == spec_.weight_column) continue;
      if (TellsRowsApart(column, distinct_rows)) return column.name;
    }
    return "";
  }

  absl::Status SplitAndLearn() {
    const int64_t needed = spec_.split.holdout == SplitSpec::Holdout::kByValue
                               ? kMinTrainingRows
                               : RowsNeeded(spec_.split, kMinTrainingRows);
    if (static_cast<int64_t>(rows_.size()) < needed) return TooFewRows();
    ROICAST_ASSIGN_OR_RETURN(inputs_, FirstEqualRows(result_.features, rows_, RowPrecision::kModelInput, stop_));
    const absl::Span<const double> strata = IsTwoValued() ? result_.roi : absl::Span<const double>();
    ROICAST_RETURN_IF_ERROR(FindExports());
    ROICAST_ASSIGN_OR_RETURN(result_.split, SplitRows(table(), rows_, spec_.split, Together(), strata));
    SayExports();
    CountDropped("inputs of a held-out row", static_cast<int64_t>(result_.split.left_out.size()));
    if (!HasTargetRule() && !IsTwoValued()) DropLeverage();
    if (warm_start_ != nullptr) {
      ROICAST_ASSIGN_OR_RETURN(std::optional<DataWarning> moved,
                               CheckLikeness(*warm_start_, result_.features, result_.split.train, result_.roi, stop_));
      if (moved.has_value()) result_.report.warnings.push_back(*std::move(moved));
      result_.limits = LimitsOf(*warm_start_, result_.features);
      return absl::OkStatus();
    }
    ROICAST_ASSIGN_OR_RETURN(result_.limits,
                             LearnLimits(result_.features, result_.split.train, result_.schema, spec_.cleaning, stop_));
    if (IsTwoValued()) return absl::OkStatus();
    const OutlierRule rule = OutlierRuleFor(spec_.cleaning, "");
    counts_.target_fences = LearnFences(result_.RoiOf(result_.split.train), rule.method, spec_.cleaning);
    return absl::OkStatus();
  }

  absl::Status FindExports() {
    const Column* const spend = table().Find(result_.target.spend_column);
    const bool has_spend = spend != nullptr && spend->kind == FeatureKind::kNumeric;
    result_.exports = FindRepeatedExports({result_.features, rows_, result_.roi, has_spend ? spend : nullptr}, stop_);
    return CheckStop(stop_);
  }

  // Per row: the first one that is the same.
  const std::vector<int64_t>& Together() const {
    return result_.exports.has_value() ? result_.exports->first : inputs_;
  }

  void SayExports() {
    if (!result_.exports.has_value()) return;
    const bool apart = spec_.split.keep_copies_together && result_.split.copies_on_both_sides == 0;
    result_.report.warnings.push_back(
        RepeatedExportsWarning(*result_.exports, static_cast<int64_t>(rows_.size()), apart));
  }

  bool IsTwoValued() const { return result_.target.kind == TargetKind::kTwoValued; }

  bool HasTargetRule() const {
    const std::vector<OutlierRule>& rules = spec_.cleaning.outlier_rules;
    return std::any_of(rules.begin(), rules.end(), [](const OutlierRule& rule) { return rule.column.empty(); });
  }

  // Drops the few rows that carry most of the target's variance and stand apart.
  void DropLeverage() {
    std::vector<int64_t> rows = result_.split.train;
    rows.insert(rows.end(), result_.split.validation.begin(), result_.split.validation.end());
    const Leverage leverage = FindLeverage(result_.RoiOf(rows));
    if (!leverage.stands_apart) return;
    absl::flat_hash_set<int64_t> few;
    for (const int64_t position : leverage.positions) few.insert(rows[position]);
    CountDropped("target far out", DropFromTrainingAndValidation([&](int64_t row) { return few.contains(row); }));
    ordinary_target_ = {leverage.rest_min, leverage.rest_max};
  }

  // Before or after the split.
  absl::Status TooFewRows() const {
    const Split& split = result_.split;
    if (split.train.empty()) {
      return absl::FailedPreconditionError(absl::StrCat("too few rows: ", RowsNeededText(spec_.split, kMinTrainingRows),
                                                        ", got ", rows_.size(), " of ", data_.rows_in, DroppedNote()));
    }
    return absl::FailedPreconditionError(absl::StrCat("too few rows: ", RowsNeededText(spec_.split, kMinTrainingRows),
                                                      ", got ", split.train.size(), " of ", data_.rows_in,
                                                      " to train on, ", split.holdout.size(), " held out and ",
                                                      split.validation.size(), " for validation", DroppedNote()));
  }

  // Drops the rows for which `drop` holds from the training and validation rows; returns how many.
  template <typename Predicate>
  int64_t DropFromTrainingAndValidation(const Predicate& drop) {
    int64_t dropped = 0;
    for (std::vector<int64_t>* rows : {&result_.split.train, &result_.split.validation}) {
      const auto end = std::remove_if(rows->begin(), rows->end(), drop);
      dropped += rows->end() - end;
      rows->erase(end, rows->end());
    }
    return dropped;
  }

  absl::Status DropOutliers() {
    int64_t dropped = 0;
    counts_.outlier_rows.assign(result_.schema.features.size() + 1, 0);
    for (size_t i = 0; i < result_.schema.features.size(); ++i) {
      const Feature& feature = result_.schema.features[i];
      if (feature.kind != FeatureKind::kNumeric) continue;
      if (OutlierRuleFor(spec_.cleaning, feature.name).policy != OutlierPolicy::kDrop) continue;
      const PackedNumbers& numbers = result_.features.column(static_cast<int>(i)).numbers;
      const Fences fences{result_.limits[i].lower_fence, result_.limits[i].upper_fence};
      counts_.outlier_rows[i] = DropFromTrainingAndValidation(
          [&](int64_t row) { return !std::isnan(numbers[row]) && !fences.Contains(numbers[row]); });
      dropped += counts_.outlier_rows[i];
    }
    if (OutlierRuleFor(spec_.cleaning, "").policy == OutlierPolicy::kDrop) {
      counts_.outlier_rows.back() =
          DropFromTrainingAndValidation([&](int64_t row) { return !counts_.target_fences.Contains(result_.roi[row]); });
      dropped += counts_.outlier_rows.back();
    } else {
      ClipTarget();
    }
    CountDropped("outlier", dropped);
    return absl::OkStatus();
  }

  void ClipTarget() {
    for (const std::vector<int64_t>* rows : {&result_.split.train, &result_.split.validation}) {
      for (const int64_t row : *rows) {
        double& roi = result_.roi[row];
        if (counts_.target_fences.Contains(roi)) continue;
        roi = std::clamp(roi, counts_.target_fences.lower, counts_.target_fences.upper);
        ++counts_.target_clipped;
      }
    }
  }

  absl::Status DropIncompleteRows() {
    if (spec_.cleaning.missing != MissingPolicy::kDrop) return absl::OkStatus();
    CountDropped("missing value", DropFromTrainingAndValidation([&](int64_t row) {
                   const std::vector<Column>& columns = result_.features.columns();
                   return std::any_of(columns.begin(), columns.end(),
                                      [row](const Column& column) { return column.IsMissing(row); });
                 }));
    return absl::OkStatus();
  }

  absl::Status ReplaceSpikes() {
    counts_.noise_replaced.assign(result_.schema.features.size(), 0);
    const HampelOptions& hampel = spec_.cleaning.hampel;
    if (hampel.time_column.empty()) return absl::OkStatus();
    for (size_t i = 0; i < hampel.columns.size(); ++i) {
      const int feature = result_.schema.IndexOf(hampel.columns[i]);
      if (feature < 0) {
        return absl::InvalidArgumentError(
            absl::StrCat("cleaning.hampel.columns[", i, "]: expected a feature, got \"", hampel.columns[i], "\""));
      }
      ROICAST_ASSIGN_OR_RETURN(const std::vector<CellReplacement> spikes,
                               FindSpikes(table(), result_.split.train, hampel.columns[i], hampel));
      PackedNumbers& numbers = result_.features.column(feature).numbers;
      for (const CellReplacement& spike : spikes) {
        if (std::isnan(numbers[spike.row])) continue;
        numbers.set(static_cast<size_t>(spike.row), spike.value);
        ++counts_.noise_replaced[feature];
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckTrainingRows() {
    const std::vector<int64_t>& train = result_.split.train;
    result_.report.rows_used =
        static_cast<int64_t>(train.size() + result_.split.validation.size() + result_.split.holdout.size());
    if (static_cast<int64_t>(train.size()) < kMinTrainingRows) return TooFewRows();
    const auto same = [&](int64_t row) { return result_.roi[row] == result_.roi[train.front()]; };
    if (IsTwoValued() && std::all_of(train.begin(), train.end(), same)) {
      const bool positive = result_.roi[train.front()] == 1.0;
      return absl::FailedPreconditionError(
          absl::StrCat(TargetName(result_.target), ": expected both values, got \"",
                       positive ? result_.target.positive_value : result_.negative_value, "\" in all ", train.size(),
                       " training rows", DroppedNote()));
    }
    if (std::all_of(train.begin(), train.end(), same)) {
      return absl::FailedPreconditionError(
          absl::StrCat(TargetName(result_.target), ": expected values that differ, got ", result_.roi[train.front()],
                       " in all ", train.size(), " training rows"));
    }
    if (!result_.weights.empty() &&
        std::all_of(train.begin(), train.end(), [&](int64_t row) { return result_.weights[row] == 0.0f; })) {
      return absl::FailedPreconditionError(absl::StrCat("weight_column \"", spec_.weight_column,
                                                        "\": expected a weight above 0, got 0 in all ", train.size(),
                                                        " training rows"));
    }
    return absl::OkStatus();
  }

  absl::Status FindStructure() {
    ROICAST_ASSIGN_OR_RETURN(
        result_.structure, FindRowStructure({data_.table, table(), result_.features, result_.target, result_.roi, rows_,
                                             Together(), stop_}));
    return absl::OkStatus();
  }

  void ChooseRefitRows() {
    const Split& split = result_.split;
    if (split.holdout.empty() || warm_start_ != nullptr || HasTargetRule() || DropsRows()) return;
    std::vector<int64_t>& rows = result_.refit_rows;
    for (const std::vector<int64_t>* part : {&split.train, &split.validation, &split.holdout, &split.left_out}) {
      std::copy_if(part->begin(), part->end(), std::back_inserter(rows),
                   [&](int64_t row) { return ordinary_target_.Contains(result_.roi[row]) && TargetFits(row); });
    }
    std::sort(rows.begin(), rows.end());
  }

  bool TargetFits(int64_t row) const {
    return spec_.target_transform != TargetTransform::kLog1p || result_.roi[row] > -1.0;
  }

  bool DropsRows() const {
    const CleaningOptions& cleaning = spec_.cleaning;
    const std::vector<OutlierRule>& rules = cleaning.outlier_rules;
    return cleaning.missing == MissingPolicy::kDrop || cleaning.outlier_policy == OutlierPolicy::kDrop ||
           std::any_of(rules.begin(), rules.end(),
                       [](const OutlierRule& rule) { return rule.policy == OutlierPolicy::kDrop; });
  }

  absl::Status FindWarnings() {
    std::vector<DataWarning>& warnings = result_.report.warnings;
    std::vector<DataWarning> found =
        FindDataWarnings({data_, spec_, result_, rows_, inputs_, ordinary_target_, warm_start_ != nullptr, stop_});
    ROICAST_RETURN_IF_ERROR(CheckStop(stop_));
    std::move(found.begin(), found.end(), std::back_inserter(warnings));
    const std::string spend = DefaultSpendFeature(result_.schema, result_.target.spend_column);
    if (!spend.empty()) {
      ROICAST_ASSIGN_OR_RETURN(const FoundMoves moves,
                               FindMovesWithSpend(result_.schema, result_.features, result_.split.train,
                                                  result_.schema.IndexOf(spend), stop_));
      result_.moves = moves.moves;
      std::optional<DataWarning> warning = MovesWarning(result_.schema, moves);
      if (warning.has_value()) warnings.push_back(*std::move(warning));
    }
    DropFlagsThatTheTargetForbids(result_.target, warnings);
    std::stable_partition(warnings.begin(), warnings.end(), [](const DataWarning& warning) { return warning.serious; });
    return absl::OkStatus();
  }

  const CsvTable& data_;
  const TrainingSpec& spec_;
  const Artifact* warm_start_;
  StopCheck stop_;

  std::optional<Table> converted_;  // the table in the requested kinds, if they differ
  std::vector<int64_t> rows_;       // those that are still in, before the split
  std::vector<int64_t> inputs_;     // per row: the first one with the same inputs
  PreparedData result_;
  Fences ordinary_target_;  // finite: rows outside of it were dropped from training and validation
  ColumnCounts counts_;
};

}  // namespace

std::vector<double> PreparedData::RoiOf(absl::Span<const int64_t> rows) const {
  std::vector<double> values;
  values.reserve(rows.size());
  for (const int64_t row : rows) values.push_back(roi[row]);
  return values;
}

std::vector<float> PreparedData::WeightsOf(absl::Span<const int64_t> rows) const {
  std::vector<float> values;
  if (weights.empty()) return values;
  values.reserve(rows.size());
  for (const int64_t row : rows) values.push_back(weights[row]);
  return values;
}

uint64_t PreparationBytes(const CsvTable& data) {
  // Hashes and slots of equal rows, the target, the rows of the parts, what entities and exports they are of.
  constexpr uint64_t kBytesPerRow = 128;
  return 2 * static_cast<uint64_t>(data.table.memory_bytes()) +
         kBytesPerRow * static_cast<uint64_t>(data.table.rows()) + FindMovesBytes(data.table);
}

absl::StatusOr<PreparedData> PrepareData(const CsvTable& data, const TrainingSpec& spec, const Artifact* warm_start,
                                         TrainingObserver* observer) {
  return Preparation(data, spec, warm_start, observer).Run();
}

}  // namespace roicast

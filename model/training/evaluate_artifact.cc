#include "model/training/evaluate_artifact.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/tables/missing_spellings.h"
#include "model/data/two_values.h"
#include "model/features/preprocessor.h"
#include "model/training/fit/row_part.h"
#include "model/training/measured_model.h"
#include "model/training/outside_training.h"

namespace roicast {
namespace {

// The table's columns that are in the schema, converted to the schema's kinds.
absl::StatusOr<Table> FeatureColumns(const Table& table, const Schema& schema, const StopCheck& stop) {
  Table features;
  std::vector<ColumnOverride> kinds;
  for (const Feature& feature : schema.features) {
    const Column* column = table.Find(feature.name);
    if (column == nullptr) continue;
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    ROICAST_RETURN_IF_ERROR(features.AddColumn(*column));
    kinds.emplace_back();
    kinds.back().name = feature.name;
    kinds.back().kind = feature.kind;
  }
  if (features.columns().empty()) {
    return absl::InvalidArgumentError(absl::StrCat("the data has none of the model's ", schema.size(),
                                                   " features, such as \"", schema.features.front().name, "\""));
  }
  ROICAST_RETURN_IF_ERROR(ConvertKinds(kinds, features));
  return features;
}

std::vector<std::string> AbsentFeatures(const Schema& schema, const Table& table) {
  std::vector<std::string> absent;
  for (const Feature& feature : schema.features) {
    if (table.Find(feature.name) == nullptr) absent.push_back(feature.name);
  }
  return absent;
}

// CsvTableOptions::kinds for reading a dataset with a model's schema and the target.
std::vector<std::pair<std::string, FeatureKind>> KnownKinds(const Schema& schema, const TargetSpec& target) {
  std::vector<std::pair<std::string, FeatureKind>> kinds;
  for (const Feature& feature : schema.features) kinds.emplace_back(feature.name, feature.kind);
  for (const std::string& name : {target.column, target.revenue_column, target.spend_column, target.roas_column}) {
    if (!name.empty()) kinds.emplace_back(name, FeatureKind::kNumeric);
  }
  return kinds;
}

// What a table's rows take as the model takes them, until they are measured.
absl::StatusOr<MemoryClaim> ClaimRows(const Schema& schema, const Table& table, MemoryBudget* memory) {
  // The columns twice, the rows as floats, and predictions, truths and groups of each.
  constexpr uint64_t kBytesPerRow = 120;
  const uint64_t row_bytes = kBytesPerRow + 2 * sizeof(float) * static_cast<uint64_t>(schema.size());
  return memory->Claim(MemoryUse::kTables, 2 * static_cast<uint64_t>(table.memory_bytes()) +
                                               row_bytes * static_cast<uint64_t>(table.rows()));
}

bool IsSameTarget(const TargetSpec& a, const TargetSpec& b) {
  return a.column == b.column && a.revenue_column == b.revenue_column && a.roas_column == b.roas_column &&
         (a.revenue_column.empty() || a.spend_column == b.spend_column);
}

// Why rows cannot be compared with those that were learnt from; empty: they can.
std::string WhyUnknown(const Artifact& artifact, const TargetSpec& target, size_t absent_features) {
  if (artifact.learnt_rows.empty()) return "the version's training did not record its rows";
  if (!IsSameTarget(target, artifact.provenance.spec.target)) return "another target than in training";
  if (absent_features > 0) return absl::StrCat("the data lacks ", absent_features, " of the model's features");
  return "";
}

// raw [n, features] with the n values of the target.
absl::StatusOr<LearntRowsCheck> CheckLearntRows(const LearntRows& learnt, const RowMajorMatrix& raw,
                                                absl::Span<const double> truth, const MeasuredModel& model,
                                                double baseline_roi, double profit_threshold, const StopCheck& stop) {
  LearntRowsCheck check;
  std::vector<Eigen::Index> rows[2];  // new, learnt
  std::vector<double> truths[2];
  RareStopCheck rare(&stop, kRowsPerStopCheck);
  for (Eigen::Index i = 0; i < raw.rows(); ++i) {
    ROICAST_RETURN_IF_ERROR(rare.Done(1));
    const double target = truth[static_cast<size_t>(i)];
    const std::optional<bool> found =
        learnt.Contains(HashRow({raw.row(i).data(), static_cast<size_t>(raw.cols())}, target));
    check.sampled |= !found.has_value();
    if (!found.has_value()) continue;
    rows[*found].push_back(i);
    truths[*found].push_back(target);
  }
  const auto measure = [&](int kind) {
    return model.Measure(raw(rows[kind], Eigen::all), truths[kind], baseline_roi, profit_threshold);
  };
  ROICAST_ASSIGN_OR_RETURN(check.fresh, measure(0));
  ROICAST_ASSIGN_OR_RETURN(check.learnt, measure(1));
  check.rows_learnt = check.learnt.model.rows;
  check.rows_checked = check.rows_learnt + check.fresh.model.rows;
  return check;
}

}  // namespace

void ReadAsModelDoes(const Artifact& artifact, const TargetSpec& target, CsvTableOptions& options) {
  options.kinds = KnownKinds(artifact.schema, target);
  options.two_valued = ColumnsOfTwoValues(target);
  for (const std::string& word : artifact.report.MissingValues()) options.missing_values.push_back(word);
  const MissingSpellings missing(options.missing_values);
  for (const Feature& feature : artifact.schema.features) {
    for (const std::string& word : feature.vocabulary) {
      if (missing.Matches(word)) options.words.emplace_back(feature.name, word);
    }
  }
}

absl::StatusOr<RowsWithTruths> RowsForModel(const Artifact& artifact, const CsvTable& data,
                                            const TargetSpec& target_spec, const StopCheck& stop,
                                            MemoryBudget* memory) {
  RowsWithTruths rows;
  ROICAST_ASSIGN_OR_RETURN(rows.memory, ClaimRows(artifact.schema, data.table, memory));
  ROICAST_ASSIGN_OR_RETURN(const Table features, FeatureColumns(data.table, artifact.schema, stop));
  ROICAST_RETURN_IF_ERROR(CheckStop(stop));
  std::vector<int64_t> all(static_cast<size_t>(data.table.rows()));
  std::iota(all.begin(), all.end(), int64_t{0});
  ROICAST_ASSIGN_OR_RETURN(rows.raw, ToRawRows(features, all, artifact.schema, stop));
  rows.absent_features = AbsentFeatures(artifact.schema, data.table);
  ROICAST_RETURN_IF_ERROR(CheckStop(stop));
  const absl::StatusOr<Target> target = ComputeTarget(data, target_spec);
  if (target.ok()) {
    rows.truths.assign(target->values.begin(), target->values.end());
  } else {
    rows.truths.assign(static_cast<size_t>(rows.raw.rows()), std::numeric_limits<double>::quiet_NaN());
    rows.no_truths_because = std::string(target.status().message());
  }
  ROICAST_RETURN_IF_ERROR(rows.memory.SetTo(rows.MemoryBytes()));
  return rows;
}

absl::StatusOr<ModelEvaluation> EvaluateArtifact(const Artifact& artifact, const CsvTable& data,
                                                 const TargetSpec& target_spec, double profit_threshold,
                                                 const StopCheck& stop, MemoryBudget* memory) {
  ROICAST_ASSIGN_OR_RETURN(const MemoryClaim claim, ClaimRows(artifact.schema, data.table, memory));
  ROICAST_RETURN_IF_ERROR(CheckStop(stop));
  ROICAST_ASSIGN_OR_RETURN(const Target target, ComputeTarget(data, target_spec));
  ROICAST_ASSIGN_OR_RETURN(const Table features, FeatureColumns(data.table, artifact.schema, stop));
  ROICAST_RETURN_IF_ERROR(CheckStop(stop));
  ROICAST_ASSIGN_OR_RETURN(const MeasuredModel model, MeasuredModel::Create(artifact, stop));
  ROICAST_RETURN_IF_ERROR(CheckStop(stop));
  std::vector<int64_t> rows;
  std::vector<double> truth;
  for (int64_t row = 0; row < data.table.rows(); ++row) {
    if (std::isnan(target.values[row])) continue;
    rows.push_back(row);
    truth.push_back(target.values[row]);
  }
  ROICAST_ASSIGN_OR_RETURN(const RowMajorMatrix raw, ToRawRows(features, rows, artifact.schema, stop));
  ModelEvaluation evaluation;
  ROICAST_ASSIGN_OR_RETURN(evaluation.metrics,
                           model.Measure(raw, truth, artifact.report.train.baseline_roi, profit_threshold));
  evaluation.rows_with_warnings = model.CountWarnings(raw);
  evaluation.absent_features = AbsentFeatures(artifact.schema, data.table);
  evaluation.target = DescribeTarget(target.spec);
  evaluation.learnt_rows.unknown_because = WhyUnknown(artifact, target.spec, evaluation.absent_features.size());
  if (evaluation.learnt_rows.unknown_because.empty()) {
    ROICAST_ASSIGN_OR_RETURN(evaluation.learnt_rows,
                             CheckLearntRows(artifact.learnt_rows, raw, truth, model,
                                             artifact.report.train.baseline_roi, profit_threshold, stop));
  }
  // Warnings that were counted half-way look complete.
  ROICAST_RETURN_IF_ERROR(CheckStop(stop));
  evaluation.conclusion = DrawEvaluationConclusion(evaluation.metrics, evaluation.learnt_rows);
  if (const std::string outside = OutsideTrainingText(artifact.schema, raw); !outside.empty()) {
    absl::StrAppend(&evaluation.conclusion, "; ", outside);
  }
  const int64_t refused = static_cast<int64_t>(rows.size()) - evaluation.metrics.model.rows;
  for (DroppedRows dropped : {DroppedRows{"malformed", data.malformed_rows},
                              {"missing target", target.missing},
                              {"spend not positive", target.spend_not_positive},
                              {"refused value", refused}}) {
    if (dropped.rows > 0) evaluation.dropped.push_back(std::move(dropped));
  }
  return evaluation;
}

}  // namespace roicast

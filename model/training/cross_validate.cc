#include "model/training/cross_validate.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "model/data/copies.h"
#include "model/evaluation/first_metric.h"
#include "model/training/fit/model_fit.h"
#include "model/training/measured_model.h"
#include "model/training/reduction/distillation.h"

namespace roicast {
namespace {

absl::Status FoldsError(int expected_at_most, absl::string_view what, int folds) {
  return absl::InvalidArgumentError(
      absl::StrCat("extra.folds (--folds): expected at most ", expected_at_most, ", ", what, ", got ", folds));
}

std::vector<int64_t> AllRows(const PreparedData& data) {
  const Split& split = data.split;
  std::vector<int64_t> rows = split.train;
  rows.insert(rows.end(), split.validation.begin(), split.validation.end());
  if (!data.refit_rows.empty()) rows.insert(rows.end(), split.holdout.begin(), split.holdout.end());
  std::sort(rows.begin(), rows.end());
  return rows;
}

// Rows with the same inputs, or of repeated exports, in the order of their first rows.
std::vector<std::vector<int64_t>> EqualRows(const PreparedData& data, absl::Span<const int64_t> rows) {
  const std::vector<int64_t> first =
      data.exports.has_value() ? data.exports->first : FirstEqualRows(data.features, rows, RowPrecision::kModelInput);
  std::vector<int64_t> group(first.size(), -1);
  std::vector<std::vector<int64_t>> groups;
  for (const int64_t row : rows) {
    int64_t& index = group[first[row]];
    if (index < 0) {
      index = static_cast<int64_t>(groups.size());
      groups.emplace_back();
    }
    groups[index].push_back(row);
  }
  return groups;
}

bool HasTwoValues(const PreparedData& data, absl::Span<const int64_t> rows) {
  double other = data.roi[rows.front()];
  bool two = false;
  for (const int64_t row : rows) {
    const double value = data.roi[row];
    if (value == data.roi[rows.front()] || (two && value == other)) continue;
    if (two) return false;
    two = true;
    other = value;
  }
  return two;
}

// What a model of the other parts is fitted to.
struct OtherRows {
  std::vector<int64_t> train, validation;
};

OtherRows RowsBeside(const PreparedData& data, const std::vector<std::vector<int64_t>>& folds, size_t left_out) {
  const absl::flat_hash_set<int64_t> validation(data.split.validation.begin(), data.split.validation.end());
  OtherRows others;
  for (size_t k = 0; k < folds.size(); ++k) {
    if (k == left_out) continue;
    for (const int64_t row : folds[k]) (validation.contains(row) ? others.validation : others.train).push_back(row);
  }
  std::sort(others.train.begin(), others.train.end());
  std::sort(others.validation.begin(), others.validation.end());
  return others;
}

double MeanOf(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

}  // namespace

absl::StatusOr<std::vector<std::vector<int64_t>>> SplitIntoFolds(const PreparedData& data, const TrainingSpec& spec) {
  const int count = spec.extra.folds;
  const std::vector<int64_t> rows = AllRows(data);
  if (static_cast<size_t>(count) > rows.size()) {
    return FoldsError(static_cast<int>(rows.size()), "the number of rows", count);
  }
  std::vector<std::vector<int64_t>> groups = EqualRows(data, rows);
  if (static_cast<size_t>(count) > groups.size()) {
    return FoldsError(static_cast<int>(groups.size()), "the number of rows with distinct inputs", count);
  }
  Random random(spec.split.seed);
  random.Shuffle(groups);
  // Each part gets its share of both values: they are dealt out one after the other.
  if (HasTwoValues(data, rows)) {
    std::stable_partition(groups.begin(), groups.end(), [&](const std::vector<int64_t>& group) {
      return data.roi[group.front()] == data.roi[rows.front()];
    });
  }
  std::vector<std::vector<int64_t>> folds(static_cast<size_t>(count));
  for (const std::vector<int64_t>& group : groups) {
    const auto smallest =
        std::min_element(folds.begin(), folds.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
    smallest->insert(smallest->end(), group.begin(), group.end());
  }
  size_t largest = 0;
  for (std::vector<int64_t>& fold : folds) {
    std::sort(fold.begin(), fold.end());
    largest = std::max(largest, fold.size());
  }
  if (rows.size() - largest < static_cast<size_t>(kMinTrainingRows)) {
    return absl::InvalidArgumentError(absl::StrCat("extra.folds (--folds): expected ", kMinTrainingRows,
                                                   " rows beside the largest of the ", count, " parts, got ",
                                                   rows.size() - largest, " of ", rows.size()));
  }
  return folds;
}

absl::StatusOr<CrossValidation> CrossValidate(const PreparedData& data, const std::vector<std::vector<int64_t>>& folds,
                                              const TrainingSpec& spec, const TrainModelInputs& inputs,
                                              FitJournal& journal) {
  std::vector<int64_t> all;
  for (const std::vector<int64_t>& fold : folds) all.insert(all.end(), fold.begin(), fold.end());
  std::sort(all.begin(), all.end());
  ROICAST_ASSIGN_OR_RETURN(std::vector<int64_t> first,
                           FirstEqualRows(data.features, all, RowPrecision::kModelInput, journal.stop()));
  if (data.exports.has_value()) first = data.exports->first;
  CrossValidation result;
  PredictedRows predicted;
  FittedTarget scale;
  for (size_t k = 0; k < folds.size(); ++k) {
    journal.SetStep(absl::StrCat("fold ", k + 1, " of ", folds.size()));
    const OtherRows others = RowsBeside(data, folds, k);
    ROICAST_ASSIGN_OR_RETURN(ModelFit fit,
                             FitModel(data, {others.train, others.validation}, spec, inputs, nullptr, journal));
    if (spec.extra.distill) ROICAST_RETURN_IF_ERROR(DistilUnmeasured(spec, fit, journal).status());
    if (journal.out_of_time()) return CrossValidation();
    // One transformed scale for all of them.
    if (k == 0) scale = fit.artifact.target;
    ROICAST_ASSIGN_OR_RETURN(const MeasuredModel model, MeasuredModel::Create(fit.artifact, journal.stop()));
    ROICAST_ASSIGN_OR_RETURN(const RowMajorMatrix raw,
                             ToRawRows(data.features, folds[k], fit.artifact.schema, journal.stop()));
    const std::vector<double> truth = data.RoiOf(folds[k]);
    std::vector<int64_t> groups;
    for (const int64_t row : folds[k]) groups.push_back(first[row]);
    ROICAST_ASSIGN_OR_RETURN(const MetricsWithBaseline metrics,
                             model.Measure(raw, truth, MeanOf(fit.train.roi), spec.profit_threshold, groups));
    result.first_metric.push_back(FirstMetric(metrics.model));
    model.AppendPredictions(raw, truth, groups, scale, predicted);
    ROICAST_RETURN_IF_ERROR(journal.stop()());
  }
  ROICAST_ASSIGN_OR_RETURN(
      result.all, MeasurePredicted(predicted, scale, MeanOf(data.RoiOf(all)), spec.profit_threshold, journal.stop()));
  return result;
}

}  // namespace roicast

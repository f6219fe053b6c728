#include "model/training/new_entities.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "base/tables/note.h"
#include "model/evaluation/conclusion.h"
#include "model/evaluation/first_metric.h"
#include "model/training/measured_model.h"
#include "model/uncertainty/conformal.h"

namespace roicast {
namespace {

constexpr int kEntityParts = 3;
// More rows are cut once: a third of many entities says enough.
constexpr size_t kMostRowsOfAllParts = 20'000;
constexpr double kIntervalLevel = 0.9;
// Of the held-out rows, that have an unseen word.
constexpr double kMostlyUnseen = 0.9;

// The part of each entity, drawn at random, of about the same number of entities.
std::vector<int> DrawParts(int64_t count, uint64_t seed) {
  std::vector<int> part(static_cast<size_t>(count));
  for (size_t i = 0; i < part.size(); ++i) part[i] = static_cast<int>(i % kEntityParts);
  Random random(seed);
  random.Shuffle(part);
  return part;
}

struct PartRows {
  std::vector<int64_t> fit, held_out;
};

// All rows that may be learnt from once nothing is held out, else those that were learnt from.
PartRows RowsOfPart(const PreparedData& data, const Entities& entities, const std::vector<int>& part, int held_out) {
  std::vector<int64_t> rows = data.refit_rows;
  if (rows.empty()) {
    rows = data.split.train;
    rows.insert(rows.end(), data.split.validation.begin(), data.split.validation.end());
    std::sort(rows.begin(), rows.end());
  }
  PartRows result;
  for (const int64_t row : rows) {
    const int64_t entity = entities.of_row[static_cast<size_t>(row)];
    const bool out = entity >= 0 && part[static_cast<size_t>(entity)] == held_out;
    (out ? result.held_out : result.fit).push_back(row);
  }
  return result;
}

double MeanRoi(const std::vector<double>& roi) {
  double sum = 0.0;
  for (const double value : roi) sum += value;
  return roi.empty() ? 0.0 : sum / static_cast<double>(roi.size());
}

double QuantileOfMagnitudes(std::vector<double> values, double level) {
  for (double& value : values) value = std::abs(value);
  std::sort(values.begin(), values.end());
  const auto place = static_cast<size_t>(std::ceil(level * static_cast<double>(values.size())));
  return values[std::min(place, values.size()) - (place > 0 ? 1 : 0)];
}

// Half of the 90 % interval's width, in standard deviations of the target; nullopt: there is no such interval.
std::optional<double> HalfWidthOf(const Artifact& artifact) {
  if (!artifact.calibration.has_value() || artifact.calibration->groups.empty()) return std::nullopt;
  const absl::StatusOr<ScoreRange> range = IntervalScores(artifact.calibration->groups.front(), kIntervalLevel);
  if (!range.ok()) return std::nullopt;
  return 0.5 * (range->high - range->low);
}

}  // namespace

absl::StatusOr<std::optional<NewEntities>> MeasureNewEntities(const PreparedData& data, const Entities& entities,
                                                              const ModelFit& fit, const FittedTarget& scale,
                                                              const TrainingSpec& spec, const TrainModelInputs& inputs,
                                                              FitJournal& journal) {
  if (!fit.network.selection.has_value()) return std::nullopt;
  const std::vector<int> part = DrawParts(entities.count, spec.split.seed);
  const int parts = data.refit_rows.size() > kMostRowsOfAllParts ? 1 : kEntityParts;
  NewEntities result;
  PredictedRows predicted;
  std::vector<double> all_roi;
  absl::flat_hash_map<int64_t, int64_t> numbers;  // of the held-out entities, from 0
  std::vector<int64_t> unseen(static_cast<size_t>(data.schema.size()));
  for (int k = 0; k < parts; ++k) {
    const PartRows rows = RowsOfPart(data, entities, part, k);
    if (static_cast<int64_t>(rows.fit.size()) < kMinTrainingRows || rows.held_out.empty()) return std::nullopt;
    journal.SetStep(absl::StrCat("new ", entities.column, " ", k + 1, " of ", parts));
    absl::StatusOr<ModelFit> other = FitModel(data, {rows.fit, {}}, spec, inputs, &fit, journal);
    if (absl::IsFailedPrecondition(other.status())) return std::nullopt;
    ROICAST_RETURN_IF_ERROR(other.status());
    if (journal.out_of_time()) return std::nullopt;
    ROICAST_ASSIGN_OR_RETURN(const MeasuredModel model, MeasuredModel::Create(other->artifact, journal.stop()));
    ROICAST_ASSIGN_OR_RETURN(const RowMajorMatrix raw,
                             ToRawRows(data.features, rows.held_out, other->artifact.schema, journal.stop()));
    for (int f = 0; f < other->artifact.schema.size(); ++f) {
      const Feature& feature = other->artifact.schema.features[static_cast<size_t>(f)];
      for (Eigen::Index row = 0; row < raw.rows(); ++row) {
        unseen[static_cast<size_t>(f)] += ClassifyRawValue(feature, raw(row, f)) == RawValue::kUnseen;
      }
    }
    const std::vector<double> truth = data.RoiOf(rows.held_out);
    std::vector<int64_t> groups;
    for (const int64_t row : rows.held_out) {
      const auto next = static_cast<int64_t>(numbers.size());
      groups.push_back(numbers.try_emplace(entities.of_row[static_cast<size_t>(row)], next).first->second);
    }
    model.AppendPredictions(raw, truth, groups, scale, predicted);
    all_roi.insert(all_roi.end(), truth.begin(), truth.end());
    ++result.models;
    ROICAST_RETURN_IF_ERROR(journal.stop()());
  }
  result.measured = static_cast<int64_t>(numbers.size());
  if (predicted.truth.empty()) return std::nullopt;
  ROICAST_ASSIGN_OR_RETURN(result.metrics,
                           MeasurePredicted(predicted, scale, MeanRoi(all_roi), spec.profit_threshold, journal.stop()));
  for (size_t i = 0; i < predicted.transformed.size(); ++i) {
    result.errors.push_back((predicted.transformed_truth[i] - predicted.transformed[i]) / scale.factor);
  }
  for (size_t f = 0; f < unseen.size(); ++f) {
    if (static_cast<double>(unseen[f]) < kMostlyUnseen * static_cast<double>(all_roi.size())) continue;
    result.unseen.push_back(fit.artifact.schema.features[f].name);
  }
  return result;
}

// A score of an interval's end is multiplied by √(1 + e / d²) for an excess e and the deviation d of the row: typically
// TypicalScore, as in Uncertainty. With the half width h it becomes √(h² + e · h² / d²), which is to be q.
void WidenForNewEntities(const NewEntities& measured, Artifact& artifact) {
  const std::optional<double> half = HalfWidthOf(artifact);
  if (measured.unseen.empty() || !half.has_value() || artifact.target.kind != TargetKind::kNumber) return;
  // Entities are as many as they are, however many rows they have: the correction of split-conformal intervals.
  const auto entities = static_cast<double>(measured.measured);
  const double q = QuantileOfMagnitudes(measured.errors, std::min(1.0, kIntervalLevel * (1.0 + 1.0 / entities)));
  const double typical = TypicalScore(artifact.calibration->groups.front());
  const double excess = std::max(0.0, (q * q / (*half * *half) - 1.0) * typical * typical);
  const double each = std::min(excess, kMostUnseenExcess) / static_cast<double>(measured.unseen.size());
  for (const std::string& name : measured.unseen) {
    const int feature = artifact.schema.IndexOf(name);
    if (feature >= 0) artifact.features[static_cast<size_t>(feature)].unseen_excess = each;
  }
}

std::optional<NewEntitiesFinding> JudgeNewEntities(const NewEntities& measured, const Entities& entities,
                                                   const MetricsWithBaseline& known, const Artifact& artifact) {
  if (known.model.rows == 0) return std::nullopt;
  const double of_known = FirstMetric(known.model), of_new = FirstMetric(measured.metrics.model);
  const bool two_valued = known.model.two_valued.has_value();
  const double much = two_valued ? kMuchBetterAuc : kMuchBetterR2;
  // Whole entities are held out, so that the difference is no chance of theirs.
  if (!(of_known - of_new > much) || measured.metrics.first_metric_high >= of_known) return std::nullopt;
  NewEntitiesFinding finding;
  const std::string metric(FirstMetricName(known.model));
  finding.conclusion = absl::StrCat("; only for the values of \"", entities.column, "\" in the table: for others ",
                                    metric, " ", FormatFirstMetric(of_new));
  DataWarning& warning = finding.warning;
  warning.serious = true;
  warning.column = entities.column;
  warning.message = absl::StrCat(
      "the ", entities.count, " values of \"", entities.column,
      "\" have several rows each. The model holds for those that are in the table: ", metric, " ",
      FormatFirstMetric(of_known),
      " on new rows of theirs. For values that are not in it: ", DescribeFirstMetric(measured.metrics), ", as ",
      measured.models == 1 ? "a model shows that was" : absl::StrCat(measured.models, " models show that were"),
      " fitted without a third of them");
  if (const std::optional<double> half = HalfWidthOf(artifact);
      measured.unseen.empty() && half.has_value() && artifact.target.kind == TargetKind::kNumber) {
    const auto inside = std::count_if(measured.errors.begin(), measured.errors.end(),
                                      [&](double error) { return std::abs(error) <= *half; });
    absl::StrAppendFormat(
        &warning.message, ". Intervals are those of values in the table: 90 %% ones hold %d %% there",
        std::llround(100.0 * static_cast<double>(inside) / static_cast<double>(measured.errors.size())));
  }
  warning.flags.push_back(ColumnFlag("--holdout-group", "", entities.column));
  return finding;
}

}  // namespace roicast

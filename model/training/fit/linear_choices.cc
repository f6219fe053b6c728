#include "model/training/fit/linear_choices.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/status_macros.h"
#include "model/data/target_description.h"
#include "model/training/capacity/linear_path.h"
#include "model/training/capacity/target_scale.h"

namespace roicast {
namespace {

bool HasTime(const Schema& schema) {
  return std::any_of(schema.features.begin(), schema.features.end(),
                     [](const Feature& feature) { return feature.kind == FeatureKind::kTime; });
}

// In a shorter time a month that was not seen would be anything.
bool CoversAYear(const FitTask& task) {
  constexpr double kYear = 365.0 * 86400.0;
  double span = kYear;
  for (const Feature& feature : task.data.schema.features) {
    if (feature.kind != FeatureKind::kTime) continue;
    const PackedNumbers& times = task.data.features.Find(feature.name)->numbers;
    double first = std::numeric_limits<double>::infinity(), last = -first;
    for (const int64_t row : task.rows.train) {
      if (!std::isfinite(times[row])) continue;
      first = std::min(first, times[row]);
      last = std::max(last, times[row]);
    }
    span = std::min(span, last - first);
  }
  return span >= 0.9 * kYear;
}

// `more`, with further inputs of times, beside `plain`.
absl::StatusOr<TimeEvidence> JudgeTimes(const FitTask& task, const PreprocessingOptions& plain,
                                        const PreprocessingOptions& more) {
  ROICAST_ASSIGN_OR_RETURN(const int ramps, MostRamps(task, more));
  const auto encode = [&](PreprocessingOptions encoding) {
    encoding.ramps = ramps;
    return EncodeFit(task, encoding, task.spec.target_transform);
  };
  ROICAST_ASSIGN_OR_RETURN(const ModelFit without, encode(plain));
  ROICAST_ASSIGN_OR_RETURN(const ModelFit with, encode(more));
  if (with.preprocessor.encoded_size() > kMaxLinearInputs) return TimeEvidence();
  return JudgeTimeInputs(without.train, with.train, task.data.schema, task.spec.training.loss, task.spec.training.seed,
                         task.stop());
}

// Of all parts, as the model that serves learns from all.
double LeastRoi(const PreparedData& data) {
  double least = std::numeric_limits<double>::infinity();
  for (const std::vector<int64_t>* rows : {&data.split.train, &data.split.validation, &data.split.holdout}) {
    for (const double roi : data.RoiOf(*rows)) least = std::min(least, roi);
  }
  return least;
}

}  // namespace

absl::StatusOr<TimeInputs> ChooseTimeInputs(const FitTask& task, PreprocessingOptions encoding) {
  encoding.month = encoding.month && CoversAYear(task);
  if (!HasTime(task.data.schema)) return TimeInputs{encoding, {}};
  TimeEvidence evidence;
  if (!encoding.trend && !task.data.structure.unfinished.has_value()) {
    PreprocessingOptions trend = encoding;
    trend.trend = true;
    ROICAST_ASSIGN_OR_RETURN(evidence, JudgeTimes(task, encoding, trend));
    encoding.trend = evidence.holds;
  }
  if (!encoding.month || encoding.half_year) return TimeInputs{encoding, evidence};
  // What months tell is not carried beyond those that were learnt from, as a trend is: there is no need to prove it.
  PreprocessingOptions half_year = encoding;
  half_year.half_year = true;
  ROICAST_ASSIGN_OR_RETURN(const TimeEvidence season, JudgeTimes(task, encoding, half_year));
  encoding.half_year = season.better;
  return TimeInputs{encoding, evidence};
}

absl::StatusOr<TargetTransform> ChooseScale(const FitTask& task, const PreprocessingOptions& encoding) {
  PreprocessingOptions ramps = encoding;
  ROICAST_ASSIGN_OR_RETURN(ramps.ramps, MostRamps(task, encoding));
  ROICAST_ASSIGN_OR_RETURN(const ModelFit usual, EncodeFit(task, ramps, TargetTransform::kAuto));
  if (usual.preprocessor.encoded_size() > kMaxLinearInputs) return TargetTransform::kAuto;
  const ScaledRows of_usual{&usual.train, &usual.artifact.target};
  const uint64_t seed = task.spec.training.seed;
  if (DescribeTarget(task.data.target).is_roi && LeastRoi(task.data) > -1.0) {
    ROICAST_ASSIGN_OR_RETURN(const ModelFit logarithm, EncodeFit(task, ramps, TargetTransform::kLog1p));
    ROICAST_ASSIGN_OR_RETURN(
        const bool likelier,
        IsLikelierScale(of_usual, {&logarithm.train, &logarithm.artifact.target}, seed, task.stop()));
    if (likelier) return TargetTransform::kLog1p;
  }
  // What a median is best learnt on is another question.
  if (usual.artifact.target.transform != TargetTransform::kAsinh || task.spec.statistic != PredictionStatistic::kMean) {
    return TargetTransform::kAuto;
  }
  ROICAST_ASSIGN_OR_RETURN(const ModelFit plain, EncodeFit(task, ramps, TargetTransform::kNone));
  ROICAST_ASSIGN_OR_RETURN(const bool nearer,
                           IsNearerScale(of_usual, {&plain.train, &plain.artifact.target}, seed, task.stop()));
  return nearer ? TargetTransform::kNone : TargetTransform::kAuto;
}

}  // namespace roicast

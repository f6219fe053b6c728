#include "model/training/fit/linear_choices.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
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
bool CoversAYear(const PackedNumbers& times, absl::Span<const int64_t> rows) {
  constexpr double kYear = 365.0 * 86400.0;
  double first = std::numeric_limits<double>::infinity(), last = -first;
  for (const int64_t row : rows) {
    if (!std::isfinite(times[row])) continue;
    first = std::min(first, times[row]);
    last = std::max(last, times[row]);
  }
  return last - first >= 0.9 * kYear;
}

// Each time by itself: when campaigns were launched says nothing of the days that their rows are of.
PreprocessingOptions WithMonthsOfYears(const FitTask& task, PreprocessingOptions encoding) {
  bool any = false;
  for (const Feature& feature : task.data.schema.features) {
    if (feature.kind != FeatureKind::kTime) continue;
    if (CoversAYear(task.data.features.Find(feature.name)->numbers, task.rows.train)) {
      any = true;
    } else {
      encoding.without_month.push_back(feature.name);
    }
  }
  encoding.month = encoding.month && any;
  return encoding;
}

struct TrendEvidence {
  TimeEvidence other_days, ahead;
};

// Compares encodings with further inputs of times with one without them.
class TimeChoice {
 public:
  TimeChoice(const FitTask& task, const PreprocessingOptions& plain) : task_(task), plain_(plain) {}

  // By other days. Too many inputs for a linear model: nothing.
  absl::StatusOr<TimeEvidence> OtherDays(const PreprocessingOptions& more) const {
    ROICAST_ASSIGN_OR_RETURN(const std::optional<Pair> pair, Encode(more));
    if (!pair.has_value()) return TimeEvidence();
    return OtherDays(*pair);
  }

  // Of other days and, if it holds there, of later ones.
  absl::StatusOr<TrendEvidence> Trend(const PreprocessingOptions& more) const {
    TrendEvidence evidence;
    ROICAST_ASSIGN_OR_RETURN(const std::optional<Pair> pair, Encode(more));
    if (!pair.has_value()) return evidence;
    ROICAST_ASSIGN_OR_RETURN(evidence.other_days, OtherDays(*pair));
    if (!evidence.other_days.holds) return evidence;
    ROICAST_ASSIGN_OR_RETURN(evidence.ahead, JudgeTrendAhead({pair->without.train, pair->without.preprocessor},
                                                             {pair->with.train, pair->with.preprocessor},
                                                             task_.spec.training.loss, task_.stop()));
    return evidence;
  }

 private:
  struct Pair {
    ModelFit without, with;
  };

  absl::StatusOr<std::optional<Pair>> Encode(const PreprocessingOptions& more) const {
    ROICAST_ASSIGN_OR_RETURN(const int ramps, MostRamps(task_, more));
    const auto encode = [&](PreprocessingOptions encoding) {
      encoding.ramps = ramps;
      return EncodeFit(task_, encoding, task_.spec.target_transform);
    };
    ROICAST_ASSIGN_OR_RETURN(ModelFit with, encode(more));
    if (with.preprocessor.encoded_size() > kMaxLinearInputs) return std::nullopt;
    ROICAST_ASSIGN_OR_RETURN(ModelFit without, encode(plain_));
    return Pair{std::move(without), std::move(with)};
  }

  absl::StatusOr<TimeEvidence> OtherDays(const Pair& pair) const {
    return JudgeTimeInputs(pair.without.train, pair.with.train, task_.data.schema, task_.spec.training.loss,
                           task_.spec.training.seed, task_.stop());
  }

  const FitTask& task_;
  const PreprocessingOptions plain_;
};

// What months tell is not carried beyond those that were learnt from, as a trend is: there is no need to prove it.
absl::StatusOr<bool> IsSeasonBetterWithHalfYear(const FitTask& task, const PreprocessingOptions& encoding) {
  PreprocessingOptions half_year = encoding;
  half_year.half_year = true;
  ROICAST_ASSIGN_OR_RETURN(const TimeEvidence season, TimeChoice(task, encoding).OtherDays(half_year));
  return season.better;
}

// Beside the season of `encoding`. Ramps take more from the season than a straight line does: they have to prove
// themselves ahead, or beside a straight line that has, not to be worse there.
absl::StatusOr<TimeInputs> ChooseTrend(const FitTask& task, const PreprocessingOptions& encoding) {
  TimeInputs chosen{encoding, {}};
  PreprocessingOptions trend = encoding;
  trend.trend = true;
  trend.trend_ramps = false;
  ROICAST_ASSIGN_OR_RETURN(const TrendEvidence straight, TimeChoice(task, encoding).Trend(trend));
  if (straight.other_days.holds && straight.ahead.holds) chosen = {trend, straight.ahead};
  trend.trend_ramps = true;
  ROICAST_ASSIGN_OR_RETURN(const TrendEvidence ramps, TimeChoice(task, chosen.encoding).Trend(trend));
  if (!ramps.other_days.holds) return chosen;
  if (chosen.encoding.trend) {
    if (!ramps.ahead.worse) chosen.encoding = trend;
  } else if (ramps.ahead.holds) {
    chosen = {trend, ramps.ahead};
  }
  return chosen;
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
  if (!HasTime(task.data.schema)) return TimeInputs{encoding, {}};
  encoding = WithMonthsOfYears(task, std::move(encoding));
  TimeInputs chosen{encoding, {}};
  const bool chooses_season = encoding.month && !encoding.half_year;
  // A trend is compared with all that a season may tell.
  if (chooses_season) {
    ROICAST_ASSIGN_OR_RETURN(encoding.half_year, IsSeasonBetterWithHalfYear(task, encoding));
    chosen.encoding = encoding;
  }
  if (encoding.trend || task.data.structure.unfinished.has_value()) return chosen;
  ROICAST_ASSIGN_OR_RETURN(chosen, ChooseTrend(task, encoding));
  // A trend may have passed for a season, or hidden it.
  if (chosen.encoding.trend && chooses_season) {
    chosen.encoding.half_year = false;
    ROICAST_ASSIGN_OR_RETURN(chosen.encoding.half_year, IsSeasonBetterWithHalfYear(task, chosen.encoding));
  }
  return chosen;
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

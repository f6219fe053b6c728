// FitPreprocessor and ToRawRows: from table columns to fitted parameters and raw rows.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/stoppable_sort.h"
#include "base/tables/vocabulary_index.h"
#include "model/features/calendar.h"
#include "model/features/moments.h"
#include "model/features/preprocessor.h"

namespace roicast {
namespace {

constexpr double kSkewed = 2.0;
constexpr double kHeavyTailed = 10.0;  // excess kurtosis
constexpr double kSmallestScale = 1e-30;

NumericTransform ChooseTransform(const std::vector<double>& values) {
  const Moments moments = ComputeMoments(values);
  if (moments.min >= 0.0) {
    return moments.skewness > kSkewed ? NumericTransform::kLog1p : NumericTransform::kNone;
  }
  const bool heavy = std::abs(moments.skewness) > kSkewed || moments.excess_kurtosis > kHeavyTailed;
  return heavy ? NumericTransform::kAsinh : NumericTransform::kNone;
}

// Linear interpolation between order statistics. values is not empty and is reordered.
double Quantile(std::vector<double>& values, double q) {
  const double position = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<size_t>(position);
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(below), values.end());
  const double low = values[below];
  if (below + 1 == values.size()) return low;
  const double high = *std::min_element(values.begin() + static_cast<ptrdiff_t>(below) + 1, values.end());
  return low + (position - static_cast<double>(below)) * (high - low);
}

void FitCenterAndScale(std::vector<double> transformed, NumericScale scale, FittedFeature& fitted) {
  const Moments moments = ComputeMoments(transformed);
  fitted.center = moments.mean;
  fitted.scale = moments.standard_deviation;
  if (scale == NumericScale::kRobust) {
    fitted.center = Quantile(transformed, 0.5);
    const double range = Quantile(transformed, 0.75) - Quantile(transformed, 0.25);
    if (range > 0.0) fitted.scale = range;
  }
  // Constant up to the rounding of the mean, or values too small for a float32 weight to distinguish.
  if (!(fitted.scale > std::max(1e-12 * std::abs(fitted.center), kSmallestScale))) fitted.scale = 1.0;
}

// FittedFeature::log_scale. values: clipped, not transformed.
double LogScale(const std::vector<double>& values, const Feature& feature) {
  if (values.empty() || !(feature.seen_min > 0.0 && feature.seen_max >= kDecade * feature.seen_min)) return 0.0;
  std::vector<double> logarithms;
  logarithms.reserve(values.size());
  for (const double x : values) logarithms.push_back(std::log(x));
  return ComputeMoments(logarithms).standard_deviation;
}

// Fewer rows than this between two limits teach little.
constexpr int64_t kFewestRowsPerRamp = 20;
// In standard deviations: float32 has too few digits for much steeper ones.
constexpr double kNarrowestRamp = 0.05;

// Limits at the values themselves if they are few, else at quantiles, in raw units. values: not transformed, ascending.
absl::StatusOr<std::vector<double>> ChooseRamps(std::vector<double> values, int most, const FittedFeature& fitted,
                                                const StopCheck& stop) {
  if (most == 0) return std::vector<double>();
  ROICAST_RETURN_IF_ERROR(SortOrStop(values, stop));
  std::vector<double> distinct = values;
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  std::vector<double> limits;
  const auto add = [&](double x) {
    const double width = limits.empty()
                             ? kNarrowestRamp * fitted.scale
                             : ApplyTransform(fitted.transform, x) - ApplyTransform(fitted.transform, limits.back());
    if (width >= kNarrowestRamp * fitted.scale) limits.push_back(x);
  };
  // Of two or three values the standardised input says all, or nearly.
  if (distinct.size() < 4) return std::vector<double>();
  if (static_cast<int>(distinct.size()) <= most + 1) {
    for (const double x : distinct) add(x);
  } else {
    const auto count = static_cast<int64_t>(values.size());
    const int64_t pieces = std::min<int64_t>(most, count / kFewestRowsPerRamp);
    for (int64_t i = 0; pieces >= 2 && i <= pieces; ++i) add(values[i * (count - 1) / pieces]);
  }
  return limits.size() < 3 ? std::vector<double>() : limits;
}

absl::Status FitNumeric(const Column& column, const CleaningLimits& limits, NumericTransform transform,
                        const PreprocessingOptions& options, const StopCheck& stop, Feature& feature,
                        FittedFeature& fitted) {
  fitted.clip_min = limits.lower_fence;
  fitted.clip_max = limits.upper_fence;
  fitted.fill_value = std::isfinite(limits.fill_value) ? limits.fill_value : 0.0;
  if (!(fitted.clip_min <= fitted.clip_max)) {
    return absl::InvalidArgumentError(absl::StrCat("feature \"", feature.name, "\": fences ", fitted.clip_min, " and ",
                                                   fitted.clip_max, " leave no value"));
  }
  std::vector<double> values;
  values.reserve(column.numbers.size());
  for (const double x : column.numbers) {
    if (std::isfinite(x)) values.push_back(std::clamp(x, fitted.clip_min, fitted.clip_max));
  }
  if (!values.empty()) {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    feature.seen_min = *low;
    feature.seen_max = *high;
  }
  fitted.transform = transform == NumericTransform::kAuto ? ChooseTransform(values) : transform;
  if (fitted.transform == NumericTransform::kLog1p) {
    if (!values.empty() && feature.seen_min < 0.0) {
      return absl::InvalidArgumentError(
          absl::StrCat("feature \"", feature.name, "\": log1p needs values ≥ 0, the smallest is ", feature.seen_min));
    }
    fitted.clip_min = std::max(fitted.clip_min, 0.0);
    fitted.clip_max = std::max(fitted.clip_max, 0.0);
  }
  fitted.log_scale = LogScale(values, feature);
  const std::vector<double> present = values;
  const double fill = std::clamp(fitted.fill_value, fitted.clip_min, fitted.clip_max);
  values.resize(std::max<size_t>(column.numbers.size(), 1), fill);
  for (double& x : values) x = ApplyTransform(fitted.transform, x);
  FitCenterAndScale(std::move(values), options.scale, fitted);
  ROICAST_ASSIGN_OR_RETURN(fitted.ramps, ChooseRamps(present, options.ramps, fitted, stop));
  return absl::OkStatus();
}

void FitCategorical(const Column& column, const CleaningLimits& limits, const PreprocessingOptions& options,
                    Feature& feature, FittedFeature& fitted) {
  std::vector<int64_t> counts(column.dictionary.size(), 0);
  for (const int32_t code : column.codes) {
    if (code != kMissingCode) ++counts[code];
  }
  std::vector<int32_t> order;
  for (size_t code = 0; code < counts.size(); ++code) {
    if (counts[code] >= options.min_category_count) order.push_back(static_cast<int32_t>(code));
  }
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return counts[a] != counts[b] ? counts[a] > counts[b] : column.dictionary[a] < column.dictionary[b];
  });
  if (order.size() > static_cast<size_t>(options.max_vocabulary)) order.resize(options.max_vocabulary);
  feature.vocabulary.clear();
  for (const int32_t code : order) feature.vocabulary.emplace_back(column.dictionary[code]);
  fitted.fill_value = static_cast<double>(feature.vocabulary.size());
  for (size_t i = 0; i < order.size(); ++i) {
    if (static_cast<double>(order[i]) == limits.fill_value) fitted.fill_value = static_cast<double>(i);
  }
}

// The range of the training rows is the range of the trend: what a later day will be like, they do not tell.
absl::Status FitTrend(const Column& column, const PreprocessingOptions& options, const StopCheck& stop,
                      FittedFeature& fitted) {
  std::vector<double> hours;
  hours.reserve(column.numbers.size());
  for (const double seconds : column.numbers) {
    const double hour = HoursSinceEpoch(seconds);
    if (hour >= kMinHours && hour <= kMaxHours) hours.push_back(hour);
  }
  fitted.trend = !hours.empty();
  if (!fitted.trend) return absl::OkStatus();
  const auto [low, high] = std::minmax_element(hours.begin(), hours.end());
  fitted.clip_min = *low;
  fitted.clip_max = *high;
  FitCenterAndScale(hours, options.scale, fitted);
  if (!options.trend_ramps) return absl::OkStatus();
  ROICAST_ASSIGN_OR_RETURN(fitted.ramps, ChooseRamps(std::move(hours), options.ramps, fitted, stop));
  return absl::OkStatus();
}

// What warnings of serving compare times with.
void KeepSeenTimes(const Column& column, Feature& feature) {
  double first = std::numeric_limits<double>::infinity(), last = -first;
  int months = 0;
  for (const double seconds : column.numbers) {
    const double hour = HoursSinceEpoch(seconds);
    if (!(hour >= kMinHours && hour <= kMaxHours)) continue;
    first = std::min(first, hour);
    last = std::max(last, hour);
    months |= 1 << PartsOfHour(static_cast<int64_t>(hour)).month;
  }
  if (months == 0) return;
  feature.seen_min = first;
  feature.seen_max = last;
  feature.seen_months = months;
}

absl::Status FitTime(const Column& column, const CleaningLimits& limits, const PreprocessingOptions& options,
                     const StopCheck& stop, Feature& feature, FittedFeature& fitted) {
  KeepSeenTimes(column, feature);
  const std::vector<std::string>& without = options.without_month;
  fitted.month = options.month && std::find(without.begin(), without.end(), feature.name) == without.end();
  fitted.half_year = fitted.month && options.half_year;
  fitted.weekday = true;
  fitted.hour = options.hour_of_day;
  const double hours = std::floor((std::isfinite(limits.fill_value) ? limits.fill_value : 0.0) / 3600.0);
  fitted.fill_value = std::clamp(hours, static_cast<double>(kMinHours), static_cast<double>(kMaxHours));
  return options.trend ? FitTrend(column, options, stop, fitted) : absl::OkStatus();
}

// Dictionary code → raw code of the vocabulary, by the rule of requests; NaN: the word means "missing".
std::vector<float> RawCodes(const Column& column, const Feature& feature) {
  const VocabularyIndex index(feature.vocabulary);
  std::vector<float> raw;
  raw.reserve(column.dictionary.size());
  for (const absl::string_view word : column.dictionary) {
    const int code = index.Find(word);
    raw.push_back(code >= 0                           ? static_cast<float>(code)
                  : code == VocabularyIndex::kMissing ? std::numeric_limits<float>::quiet_NaN()
                                                      : kUnseenCode);
  }
  return raw;
}

}  // namespace

absl::StatusOr<Preprocessor> FitPreprocessor(const Table& training_rows, const Schema& schema,
                                             const std::vector<CleaningLimits>& limits,
                                             const std::vector<NumericTransform>& transforms,
                                             const PreprocessingOptions& options, const StopCheck& stop) {
  ROICAST_RETURN_IF_ERROR(options.Validate());
  if (limits.size() != schema.features.size() || transforms.size() != schema.features.size()) {
    return absl::InvalidArgumentError(absl::StrCat("expected limits and transforms for ", schema.size(),
                                                   " features, got ", limits.size(), " and ", transforms.size()));
  }
  Schema learnt = schema;
  std::vector<FittedFeature> fitted(schema.features.size());
  for (int i = 0; i < schema.size(); ++i) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    Feature& feature = learnt.features[i];
    const Column* column = training_rows.Find(feature.name);
    if (column == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("the training rows have no column \"", feature.name, "\""));
    }
    if (column->kind != feature.kind) {
      return absl::InvalidArgumentError(absl::StrCat("column \"", feature.name, "\": expected ",
                                                     FeatureKindName(feature.kind), ", got ",
                                                     FeatureKindName(column->kind)));
    }
    fitted[i].missing_indicator = limits[i].missing_indicator;
    switch (feature.kind) {
      case FeatureKind::kNumeric:
        ROICAST_RETURN_IF_ERROR(FitNumeric(*column, limits[i], transforms[i], options, stop, feature, fitted[i]));
        break;
      case FeatureKind::kCategorical:
        FitCategorical(*column, limits[i], options, feature, fitted[i]);
        break;
      case FeatureKind::kTime:
        ROICAST_RETURN_IF_ERROR(FitTime(*column, limits[i], options, stop, feature, fitted[i]));
        break;
    }
  }
  return Preprocessor::Create(std::move(learnt), std::move(fitted));
}

namespace {

absl::StatusOr<RowMajorMatrix> ToRawRowsOrStop(const Table& table, const Schema& schema, const StopCheck& stop) {
  RowMajorMatrix raw(table.rows(), schema.size());
  for (int i = 0; i < schema.size(); ++i) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    const Feature& feature = schema.features[i];
    const Column* column = table.Find(feature.name);
    if (column == nullptr || column->kind != feature.kind) {
      raw.col(i).setConstant(std::numeric_limits<float>::quiet_NaN());
      continue;
    }
    switch (feature.kind) {
      case FeatureKind::kNumeric:
        for (int64_t r = 0; r < table.rows(); ++r) raw(r, i) = static_cast<float>(column->numbers[r]);
        break;
      case FeatureKind::kTime:
        for (int64_t r = 0; r < table.rows(); ++r) raw(r, i) = HoursSinceEpoch(column->numbers[r]);
        break;
      case FeatureKind::kCategorical: {
        const std::vector<float> codes = RawCodes(*column, feature);
        for (int64_t r = 0; r < table.rows(); ++r) {
          const int32_t code = column->codes[r];
          raw(r, i) = code == kMissingCode ? std::numeric_limits<float>::quiet_NaN() : codes[code];
        }
        break;
      }
    }
  }
  return raw;
}

}  // namespace

RowMajorMatrix ToRawRows(const Table& table, const Schema& schema) { return *ToRawRowsOrStop(table, schema, nullptr); }

absl::StatusOr<RowMajorMatrix> ToRawRows(const Table& table, absl::Span<const int64_t> rows, const Schema& schema,
                                         const StopCheck& stop) {
  ROICAST_ASSIGN_OR_RETURN(const Table selected, table.Select(rows, stop));
  return ToRawRowsOrStop(selected, schema, stop);
}

}  // namespace roicast

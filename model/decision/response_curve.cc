#include "model/decision/response_curve.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/decision/filled_errors.h"
#include "model/features/word_ranges.h"
#include "model/uncertainty/conformal.h"

namespace roicast {
namespace {

constexpr double kRatioOfGeometricGrid = 10.0;
// Raw rows of so many points are made at once, or of one curve.
constexpr size_t kPointsAtOnce = 16'384;

std::vector<double> MakeGrid(double from, double to, int points) {
  std::vector<double> grid;
  const bool geometric = from > 0.0 && to >= kRatioOfGeometricGrid * from;
  for (int i = 0; i < points; ++i) {
    const double share = static_cast<double>(i) / (points - 1);
    grid.push_back(geometric ? from * std::pow(to / from, share) : from + (to - from) * share);
  }
  grid.back() = to;
  return grid;
}

absl::StatusOr<std::vector<double>> GridFor(const ResponseCurveOptions& options, const Feature& feature) {
  if (!options.grid.empty()) return options.grid;
  const double from = options.from.value_or(feature.seen_min), to = options.to.value_or(feature.seen_max);
  if (!std::isfinite(from) || !std::isfinite(to)) {
    return absl::InvalidArgumentError(
        absl::StrCat("grid: expected values, or from and to, as the range that training "
                     "saw of \"",
                     feature.name, "\" is not known"));
  }
  if (!(from < to)) {
    return absl::InvalidArgumentError(absl::StrCat("grid: expected from < to, got ", from, " to ", to, " of \"",
                                                   feature.name, "\"; training saw ", feature.seen_min, " to ",
                                                   feature.seen_max));
  }
  for (const double end : {from, to}) {
    if (feature.Allows(static_cast<float>(end))) continue;
    return absl::InvalidArgumentError(absl::StrCat(end == from ? "from" : "to",
                                                   ": expected a value that the model takes for \"", feature.name,
                                                   "\" (", AllowedRange(feature), "), got ", end));
  }
  return MakeGrid(from, to, options.points);
}

// The first row that is refused names the value. rows: of points of curves from `first` on.
absl::Status CheckRows(const Predictor& predictor, const std::vector<float>& rows, size_t first, size_t values,
                       absl::Span<const float> prediction) {
  const auto features = static_cast<size_t>(predictor.schema().size());
  for (size_t i = 0; i < prediction.size(); ++i) {
    if (!std::isnan(prediction[i])) continue;
    std::vector<RowWarning> warnings;
    const absl::Status refused = predictor.Explain(rows.data() + i * features, warnings);
    return refused.ok() ? absl::InternalError(absl::StrCat("row ", first + i / values, ": the prediction is NaN"))
                        : WithContext(refused, absl::StrCat("row ", first + i / values));
  }
  return absl::OkStatus();
}

CurveBand SlopesOf(const std::vector<double>& x, const CurveBand& y) {
  CurveBand band;
  band.value = SlopesAlong(x, y.value);
  if (y.low.empty()) return band;
  band.low = SlopesAlong(x, y.low);
  band.high = SlopesAlong(x, y.high);
  for (size_t i = 0; i < x.size(); ++i) {
    const auto [least, most] = std::minmax({band.low[i], band.value[i], band.high[i]});
    band.low[i] = least;
    band.high[i] = most;
  }
  return band;
}

// roi [values]: of spends.
void FillMoney(const std::vector<double>& spends, bool along_spend, CurveBand roi, ResponseCurve& curve) {
  const auto times_spend = [&](const std::vector<double>& rois, double extra) {
    std::vector<double> money(rois.size());
    for (size_t i = 0; i < rois.size(); ++i) money[i] = (rois[i] + extra) * spends[i];
    return money;
  };
  curve.revenue = {times_spend(roi.value, 1.0), times_spend(roi.low, 1.0), times_spend(roi.high, 1.0)};
  curve.profit = {times_spend(roi.value, 0.0), times_spend(roi.low, 0.0), times_spend(roi.high, 0.0)};
  curve.marginal_roi = SlopesOf(curve.at, along_spend ? curve.profit : roi);
  curve.roi = std::move(roi);
}

// What varies, and over which values.
struct Axis {
  int varied = -1;
  int spend = -1;            // −1: neither money nor the spend is asked for
  std::vector<double> grid;  // values of the varied feature
};

absl::StatusOr<Axis> AxisFor(const DecisionModel& model, const ResponseCurveOptions& options) {
  const Schema& schema = model.predictor->schema();
  Axis axis;
  if (options.money) {
    ROICAST_ASSIGN_OR_RETURN(const MoneyModel money, MoneyModel::Create(model, options.spend_feature));
    axis.spend = money.spend_feature();
  } else if (options.feature.empty()) {
    ROICAST_ASSIGN_OR_RETURN(axis.spend, FindSpendFeature(schema, options.spend_feature));
  }
  axis.varied = axis.spend;
  if (!options.feature.empty()) {
    ROICAST_ASSIGN_OR_RETURN(axis.varied, NumericFeature(schema, options.feature, "feature"));
  }
  ROICAST_ASSIGN_OR_RETURN(axis.grid, GridFor(options, schema.features[static_cast<size_t>(axis.varied)]));
  return axis;
}

// What is answered for each row with each value of the axis, row by row.
struct CurvePoints {
  std::vector<float> prediction, low, high;  // Predict's; low, high: empty without intervals
  std::vector<uint8_t> other_warnings;       // per row: whether other features than the varied one have any
};

absl::StatusOr<CurvePoints> Predict(const DecisionModel& model, const Axis& axis, absl::Span<const float> rows,
                                    const IntervalQuestion& asked, const StopCheck& stop) {
  const auto features = static_cast<size_t>(model.predictor->schema().size());
  const size_t values = axis.grid.size(), n = rows.size() / features;
  const bool intervals = asked.question.has_value();
  CurvePoints points;
  points.prediction.resize(n * values);
  points.low.resize(intervals ? n * values : 0);
  points.high.resize(points.low.size());
  points.other_warnings.resize(n);
  std::vector<float> raw;
  std::vector<uint8_t> flags;
  std::vector<VariedRow> varied;
  const size_t rows_at_once = std::max<size_t>(1, kPointsAtOnce / values);
  for (size_t first = 0; first < n; first += rows_at_once) {
    const size_t at = first * values, count = std::min(rows_at_once, n - first) * values;
    raw.resize(count * features);
    flags.resize(count);
    for (size_t i = 0; i < count; ++i) {
      const float* row = rows.data() + (first + i / values) * features;
      std::copy(row, row + features, raw.begin() + static_cast<int64_t>(i * features));
      SetFeature(model, axis.varied, static_cast<float>(axis.grid[i % values]), raw.data() + i * features);
    }
    const auto part = [&](std::vector<float>& all) {
      return absl::MakeSpan(all).subspan(all.empty() ? 0 : at, all.empty() ? 0 : count);
    };
    ROICAST_RETURN_IF_ERROR(
        AnswerRows(model, raw, intervals ? &*asked.question : nullptr,
                   {part(points.prediction), part(points.low), part(points.high), absl::MakeSpan(flags)}, stop));
    ROICAST_RETURN_IF_ERROR(CheckRows(*model.predictor, raw, first, values, part(points.prediction)));
    if (intervals) {
      varied.clear();
      for (size_t i = 0; i < count; ++i) {
        varied.push_back({rows.data() + (first + i / values) * features, static_cast<float>(axis.grid[i % values])});
      }
      ROICAST_ASSIGN_OR_RETURN(
          const FilledErrors errors,
          FilledErrorsOf(model, axis.varied, varied, NormalQuantile(0.5 + 0.5 * asked.question->level), stop));
      for (size_t i = 0; i < errors.below.size(); ++i) {
        float &low = points.low[at + i], &high = points.high[at + i];
        const double prediction = points.prediction[at + i], lowest = model.facts->scale.roi_floor;
        low = static_cast<float>(LowWith(prediction, low, errors.below[i], lowest));
        high = static_cast<float>(HighWith(prediction, high, errors.above[i]));
      }
    }
    for (size_t i = 0; i < count; i += values) {
      std::vector<RowWarning> warnings;
      ROICAST_RETURN_IF_ERROR(model.predictor->Explain(raw.data() + i * features, warnings));
      points.other_warnings[first + i / values] = std::any_of(
          warnings.begin(), warnings.end(), [&](const RowWarning& warning) { return warning.feature != axis.varied; });
    }
  }
  return points;
}

// All but what is of money.
void FillCurve(const DecisionModel& model, const Axis& axis, const CurvePoints& points, size_t row, const float* raw,
               ResponseCurve& curve) {
  const size_t values = axis.grid.size();
  const Feature& feature = model.predictor->schema().features[static_cast<size_t>(axis.varied)];
  const auto part = [&](const std::vector<float>& all) {
    const auto begin = all.begin() + static_cast<int64_t>(all.empty() ? 0 : row * values);
    return std::vector<float>(begin, all.empty() ? begin : begin + static_cast<int64_t>(values));
  };
  curve.feature = feature.name;
  curve.at = axis.grid;
  curve.prediction = part(points.prediction);
  curve.low = part(points.low);
  curve.high = part(points.high);
  for (const double at : axis.grid) {
    curve.outside.push_back(IsOutside(feature, raw, static_cast<float>(at)));
  }
  const RangeOfRow seen = SeenRangeOf(feature, raw);
  curve.seen_min = seen.min;
  curve.seen_max = seen.max;
  curve.other_warnings = points.other_warnings[row] != 0;
}

absl::Status FillMoneyOf(const DecisionModel& model, const Axis& axis, absl::Span<const float> rows, size_t row,
                         ResponseCurve& curve) {
  const Schema& schema = model.predictor->schema();
  const bool along_spend = axis.varied == axis.spend;
  const double own = rows[row * static_cast<size_t>(schema.size()) + static_cast<size_t>(axis.spend)];
  const std::vector<double> spends = along_spend ? axis.grid : std::vector<double>(axis.grid.size(), own);
  if (!(spends.front() > 0.0)) {
    return absl::InvalidArgumentError(
        absl::StrCat(along_spend ? "grid[0]" : absl::StrCat("row ", row), ": expected a spend above 0 in \"",
                     schema.features[static_cast<size_t>(axis.spend)].name, "\", got ",
                     std::isnan(spends.front()) ? std::string("none") : absl::StrCat(spends.front())));
  }
  const bool is_roi = PredictedMoneyOf(*model.facts) == PredictedMoney::kRoi;
  const auto to_roi = [&](const std::vector<float>& predictions) {
    std::vector<double> rois(predictions.size());
    for (size_t i = 0; i < rois.size(); ++i) rois[i] = is_roi ? predictions[i] : predictions[i] / spends[i] - 1.0;
    return rois;
  };
  FillMoney(spends, along_spend, {to_roi(curve.prediction), to_roi(curve.low), to_roi(curve.high)}, curve);
  return absl::OkStatus();
}

}  // namespace

absl::Status ResponseCurveOptions::Validate() const {
  for (size_t i = 0; i < grid.size(); ++i) {
    if (!std::isfinite(grid[i])) {
      return absl::InvalidArgumentError(absl::StrCat("grid[", i, "]: expected a finite number, got ", grid[i]));
    }
    if (i > 0 && static_cast<float>(grid[i]) <= static_cast<float>(grid[i - 1])) {
      return absl::InvalidArgumentError(absl::StrCat("grid[", i,
                                                     "]: expected ascending values that differ as float32, "
                                                     "got ",
                                                     grid[i], " behind ", grid[i - 1]));
    }
  }
  if (grid.size() == 1) return absl::InvalidArgumentError("grid: expected at least 2 values, got 1");
  if (points < 2) return absl::InvalidArgumentError(absl::StrCat("points: expected at least 2, got ", points));
  if (from.has_value() && to.has_value() && !(*from < *to)) {
    return absl::InvalidArgumentError(absl::StrCat("grid: expected from < to, got ", *from, " to ", *to));
  }
  if (interval_level.has_value() && !(*interval_level > 0.0 && *interval_level < 1.0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("interval_level: expected a number above 0 and below 1, got ", *interval_level));
  }
  return absl::OkStatus();
}

std::vector<double> SlopesAlong(const std::vector<double>& x, const std::vector<double>& y) {
  std::vector<double> slopes(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t before = i == 0 ? 0 : i - 1, behind = std::min(i + 1, x.size() - 1);
    slopes[i] = (y[behind] - y[before]) / (x[behind] - x[before]);
  }
  return slopes;
}

absl::StatusOr<std::vector<ResponseCurve>> ResponseCurves(const DecisionModel& model, absl::Span<const float> rows,
                                                          const ResponseCurveOptions& options, const StopCheck& stop) {
  ROICAST_RETURN_IF_ERROR(options.Validate());
  const size_t n = rows.size() / static_cast<size_t>(model.predictor->schema().size());
  if (n == 0) return absl::InvalidArgumentError("rows: expected at least 1, got none");
  ROICAST_ASSIGN_OR_RETURN(const Axis axis, AxisFor(model, options));
  if (static_cast<int64_t>(n) > kMaxCurvePoints / static_cast<int64_t>(axis.grid.size())) {
    return absl::InvalidArgumentError(absl::StrCat("grid: expected at most ", kMaxCurvePoints,
                                                   " rows times values in one call, got ", n, " times ",
                                                   axis.grid.size()));
  }
  IntervalQuestion asked;
  if (options.interval_level.has_value()) {
    ROICAST_ASSIGN_OR_RETURN(asked, AskForIntervals(model, *options.interval_level));
  }
  ROICAST_ASSIGN_OR_RETURN(const CurvePoints points, Predict(model, axis, rows, asked, stop));
  std::vector<ResponseCurve> curves(n);
  for (size_t row = 0; row < n; ++row) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    curves[row].no_intervals_because = asked.missing_because;
    const float* const raw = rows.data() + row * static_cast<size_t>(model.predictor->schema().size());
    FillCurve(model, axis, points, row, raw, curves[row]);
    if (options.money) ROICAST_RETURN_IF_ERROR(FillMoneyOf(model, axis, rows, row, curves[row]));
  }
  return curves;
}

}  // namespace roicast

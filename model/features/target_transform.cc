#include "model/features/target_transform.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "model/data/target.h"
#include "model/features/moments.h"

namespace roicast {
namespace {

constexpr double kSkewedTarget = 2.0;
constexpr size_t kMinResiduals = 30;
// Predictions must fit into float32.
constexpr double kMaxTarget = 1e30;
constexpr double kLeastSlope = 0.25, kMostSlope = 4.0;
// Of FitMean.
constexpr size_t kFewestRowsOfMean = 200;
constexpr double kChiSquared99 = 9.21;  // two degrees of freedom
constexpr int kSlopes = 33;
constexpr int kSlopeRefinements = 20;

absl::Status Bad(absl::string_view field, absl::string_view expected, double got) {
  return absl::InvalidArgumentError(absl::StrCat("target.", field, ": expected ", expected, ", got ", got));
}

double ProbabilityOf(double log_odds) { return 1.0 / (1.0 + std::exp(-log_odds)); }

double Bounded(double m) { return std::clamp(m, -kMaxTransformedTarget, kMaxTransformedTarget); }

double AsinhMean(const FittedTarget& target, double m) {
  const double bounded = Bounded(target.mean_slope * m);
  return target.smear_cosh * std::sinh(bounded) + target.smear_sinh * std::cosh(bounded);
}

// Whether outcomes differ from the mean that `target` gives, in level or in slope, by more than chance. predicted: on
// the transformed scale; weights: per row, 1 / its deviation but for a common factor.
bool ContradictsMean(absl::Span<const double> predicted, absl::Span<const double> outcome,
                     absl::Span<const double> weights, const FittedTarget& target) {
  const Moments moments = ComputeMoments(predicted);
  const double deviation = moments.standard_deviation > 0.0 ? moments.standard_deviation : 1.0;
  double level = 0.0, slope = 0.0, levels = 0.0, both = 0.0, slopes = 0.0;
  for (size_t i = 0; i < predicted.size(); ++i) {
    const double error = weights[i] * (outcome[i] - AsinhMean(target, predicted[i]));
    const double sloped = error * (predicted[i] - moments.mean) / deviation;
    level += error;
    slope += sloped;
    levels += error * error;
    both += error * sloped;
    slopes += sloped * sloped;
  }
  const double determinant = levels * slopes - both * both;
  if (!(determinant > 0.0)) return false;
  return (slopes * level * level - 2.0 * both * level * slope + levels * slope * slope) / determinant > kChiSquared99;
}

// The weighted squared error of the best smear_cosh and smear_sinh for a slope, which are written into `target`.
// Infinite if none makes the mean increase with the prediction.
double FitTerms(absl::Span<const double> predicted, absl::Span<const double> outcome, absl::Span<const double> weights,
                double mean_slope, FittedTarget& target) {
  double ss = 0.0, sc = 0.0, cc = 0.0, sy = 0.0, cy = 0.0, yy = 0.0;
  for (size_t i = 0; i < predicted.size(); ++i) {
    const double bounded = Bounded(mean_slope * predicted[i]);
    const double s = weights[i] * std::sinh(bounded), c = weights[i] * std::cosh(bounded), y = weights[i] * outcome[i];
    ss += s * s;
    sc += s * c;
    cc += c * c;
    sy += s * y;
    cy += c * y;
    yy += y * y;
  }
  const double determinant = ss * cc - sc * sc;
  target.mean_slope = mean_slope;
  target.smear_cosh = (cc * sy - sc * cy) / determinant;
  target.smear_sinh = (ss * cy - sc * sy) / determinant;
  if (!target.Validate().ok()) return std::numeric_limits<double>::infinity();
  return yy - target.smear_cosh * sy - target.smear_sinh * cy;
}

// The slope with the least error: the best of some, then a golden-section search between its neighbours (Kiefer, 1953).
double FitTermsAndSlope(absl::Span<const double> predicted, absl::Span<const double> outcome,
                        absl::Span<const double> weights, FittedTarget& target) {
  const auto at = [](int k) { return kLeastSlope * std::pow(kMostSlope / kLeastSlope, k / (kSlopes - 1.0)); };
  const auto error = [&](double slope) { return FitTerms(predicted, outcome, weights, slope, target); };
  int best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (int k = 0; k < kSlopes; ++k) {
    const double each = error(at(k));
    if (each >= least) continue;
    least = each;
    best = k;
  }
  constexpr double kGolden = 0.6180339887498949;
  double low = at(std::max(0, best - 1)), high = at(std::min(kSlopes - 1, best + 1));
  double left = high - kGolden * (high - low), right = low + kGolden * (high - low);
  double of_left = error(left), of_right = error(right);
  for (int i = 0; i < kSlopeRefinements; ++i) {
    if (of_left <= of_right) {
      high = std::exchange(right, left);
      of_right = of_left;
      of_left = error(left = high - kGolden * (high - low));
    } else {
      low = std::exchange(left, right);
      of_left = of_right;
      of_right = error(right = low + kGolden * (high - low));
    }
  }
  return error(of_left <= of_right ? left : right);
}

}  // namespace

FittedTarget TwoValuedTarget() {
  FittedTarget target;
  target.kind = TargetKind::kTwoValued;
  return target;
}

absl::Status FittedTarget::Validate() const {
  if (kind == TargetKind::kAuto) return absl::InvalidArgumentError("target.kind: not chosen");
  if (transform == TargetTransform::kAuto) return absl::InvalidArgumentError("target.transform: not chosen");
  if (kind == TargetKind::kTwoValued &&
      (transform != TargetTransform::kNone || offset != 0.0 || factor != 1.0 || std::isfinite(roi_floor))) {
    return absl::InvalidArgumentError(absl::StrCat(
        "target: expected no transform and floor, offset 0 and factor 1 of a target with two values, got offset ",
        offset, " and factor ", factor));
  }
  if (!(std::abs(rest) <= kMaxTarget)) return Bad("rest", "a number from -1e+30 to 1e+30", rest);
  if (!(std::abs(offset) <= kMaxTransformedTarget * 1e30)) return Bad("offset", "a finite number", offset);
  if (!(factor > 0.0 && factor <= 1e30)) return Bad("factor", "> 0", factor);
  if (!(smear_cosh > 0.0 && smear_cosh <= kMaxSmearing)) return Bad("smear_cosh", "above 0, up to 1000", smear_cosh);
  if (!(std::abs(smear_sinh) <= smear_cosh)) return Bad("smear_sinh", "at most smear_cosh", smear_sinh);
  if (!(smear_exp > 0.0 && smear_exp <= kMaxSmearing)) return Bad("smear_exp", "above 0, up to 1000", smear_exp);
  if (!(mean_slope >= kLeastSlope && mean_slope <= kMostSlope)) return Bad("mean_slope", "0.25 to 4", mean_slope);
  // Not NaN and within the range of predictions.
  if (!(roi_floor <= kMaxTarget) || (std::isfinite(roi_floor) && roi_floor < -kMaxTarget)) {
    return Bad("roi_floor", "a number from -1e+30 to 1e+30, or none", roi_floor);
  }
  return absl::OkStatus();
}

double FittedTarget::Transform(double roi) const {
  switch (transform) {
    case TargetTransform::kAuto:  // refused by Validate
    case TargetTransform::kNone:
      return roi;
    case TargetTransform::kAsinh:
      return std::asinh(roi);
    case TargetTransform::kLog1p:
      return std::log1p(std::max(roi, kMinLog1pRoi));
  }
  return roi;
}

double FittedTarget::ToRoi(double z) const {
  if (kind == TargetKind::kTwoValued) return ProbabilityOf(z);
  const double m = ToTransformed(z);
  const double bounded = Bounded(m);
  double roi = m;
  switch (transform) {
    case TargetTransform::kAuto:
    case TargetTransform::kNone:
      break;
    case TargetTransform::kAsinh:
      roi = AsinhMean(*this, m);
      break;
    case TargetTransform::kLog1p:
      roi = smear_exp * std::expm1(bounded) + (smear_exp - 1.0);
      break;
  }
  return roi < roi_floor ? roi_floor : roi;
}

double FittedTarget::ToRoi(double z, double gate) const {
  FittedTarget without_floor = *this;
  without_floor.roi_floor = -std::numeric_limits<double>::infinity();
  const double roi = rest + ProbabilityOf(gate) * (without_floor.ToRoi(z) - rest);
  return roi < roi_floor ? roi_floor : roi;
}

FittedTarget FittedTarget::WithoutSmearing() const {
  FittedTarget median = *this;
  median.smear_cosh = median.smear_exp = median.mean_slope = 1.0;
  median.smear_sinh = 0.0;
  return median;
}

RoiRange FittedTarget::TypicalRoi() const {
  if (kind == TargetKind::kTwoValued) return {0.0, 1.0};
  const FittedTarget median = WithoutSmearing();
  return {median.ToRoi(-1.0), median.ToRoi(1.0)};
}

double FittedTarget::RoiPerDeviation(double roi) const {
  if (kind == TargetKind::kTwoValued) return 0.25;  // the steepest: p (1 − p) at ½
  switch (transform) {
    case TargetTransform::kAuto:
    case TargetTransform::kNone:
      return factor;
    case TargetTransform::kAsinh:
      return factor * mean_slope * std::hypot(1.0, roi);  // d sinh(m) = cosh(m) dm
    case TargetTransform::kLog1p:
      return factor * std::abs(1.0 + roi);  // d e^m = e^m dm
  }
  return factor;
}

double RoiFloor(absl::Span<const double> roi) {
  const bool possible = std::all_of(roi.begin(), roi.end(), [](double value) { return value >= kLowestRoi; });
  return possible ? kLowestRoi : -std::numeric_limits<double>::infinity();
}

absl::StatusOr<FittedTarget> FitTarget(absl::Span<const double> training_roi, TargetTransform transform,
                                       PredictionStatistic statistic) {
  if (training_roi.empty()) return absl::InvalidArgumentError("target: expected training rows, got none");
  const Moments raw = ComputeMoments(training_roi);
  for (const double extreme : {raw.min, raw.max, raw.mean}) {
    if (std::abs(extreme) <= kMaxTarget) continue;
    return absl::InvalidArgumentError(absl::StrCat("target: expected values from ", -kMaxTarget, " to ", kMaxTarget,
                                                   " in all training rows, got ", extreme,
                                                   "; an outlier rule for the target can clip or drop such rows"));
  }
  FittedTarget target;
  target.statistic = statistic;
  target.transform = transform;
  if (transform == TargetTransform::kAuto) {
    target.transform = std::abs(raw.skewness) > kSkewedTarget ? TargetTransform::kAsinh : TargetTransform::kNone;
  }
  if (target.transform == TargetTransform::kLog1p && raw.min <= -1.0) {
    return absl::InvalidArgumentError(
        absl::StrCat("target: log1p needs an ROI above -1 in every row, the smallest is ", raw.min));
  }
  std::vector<double> transformed;
  transformed.reserve(training_roi.size());
  for (const double roi : training_roi) transformed.push_back(target.Transform(roi));
  const Moments moments = ComputeMoments(transformed);
  target.offset = moments.mean;
  // The deviation of equal values may be a rounding error of their mean.
  const bool constant = moments.max == moments.min || !(moments.standard_deviation > 0.0);
  target.factor = constant ? 1.0 : moments.standard_deviation;
  if (absl::Status valid = target.Validate(); !valid.ok()) return valid;
  return target;
}

void FitSmearing(absl::Span<const double> residuals, FittedTarget& target) {
  target = target.WithoutSmearing();
  if (target.kind == TargetKind::kTwoValued) return;
  if (target.statistic == PredictionStatistic::kMedian || residuals.size() < kMinResiduals) return;
  const auto n = static_cast<double>(residuals.size());
  double cosh_sum = 0.0, sinh_sum = 0.0, exp_sum = 0.0;
  for (const double e : residuals) {
    cosh_sum += std::cosh(e);
    sinh_sum += std::sinh(e);
    exp_sum += std::exp(e);
  }
  FittedTarget smeared = target;
  smeared.smear_cosh = cosh_sum / n;
  smeared.smear_sinh = sinh_sum / n;
  smeared.smear_exp = exp_sum / n;
  // If the residuals are too wide for an estimate of the mean, the median is served.
  if (smeared.Validate().ok()) target = smeared;
}

void FitMean(absl::Span<const double> predicted, absl::Span<const double> residuals, FittedTarget& target) {
  ROICAST_CHECK(predicted.size() == residuals.size());
  FitSmearing(residuals, target);
  if (target.kind != TargetKind::kNumber || target.transform != TargetTransform::kAsinh) return;
  if (target.statistic == PredictionStatistic::kMedian || residuals.size() < kFewestRowsOfMean) return;
  std::vector<double> outcome, weights;
  for (size_t i = 0; i < residuals.size(); ++i) outcome.push_back(std::sinh(Bounded(predicted[i] + residuals[i])));
  const auto weigh = [&](const FittedTarget& by) {
    weights.clear();
    for (const double each : predicted) weights.push_back(1.0 / std::hypot(1.0, AsinhMean(by, each)));
  };
  weigh(target);
  if (!ContradictsMean(predicted, outcome, weights, target)) return;
  FittedTarget fitted = target;
  for (int round = 0; round < 2; ++round) {
    if (!std::isfinite(FitTermsAndSlope(predicted, outcome, weights, fitted))) return;
    weigh(fitted);
  }
  target = fitted;
}

}  // namespace roicast

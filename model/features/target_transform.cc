#include "model/features/target_transform.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/data/target.h"
#include "model/features/moments.h"

namespace roicast {
namespace {

constexpr double kSkewedTarget = 2.0;
constexpr size_t kMinResiduals = 30;
// Predictions must fit into float32.
constexpr double kMaxTarget = 1e30;
constexpr size_t kResidualsBetweenStops = 1 << 16;

absl::Status Bad(absl::string_view field, absl::string_view expected, double got) {
  return absl::InvalidArgumentError(absl::StrCat("target.", field, ": expected ", expected, ", got ", got));
}

double ProbabilityOf(double log_odds) { return 1.0 / (1.0 + std::exp(-log_odds)); }

double Bounded(double m) { return std::clamp(m, -kMaxTransformedTarget, kMaxTransformedTarget); }

// smear_cosh · sinh(x) + smear_sinh · cosh(x), x = mean_slope · m. Where it was fitted, the terms may be almost equal,
// and their sum as written would be a rounding error of far larger numbers.
double AsinhMean(const FittedTarget& target, double m) {
  const double x = Bounded(target.mean_slope * m);
  if (target.mean_slope == 1.0) return target.smear_cosh * std::sinh(x) + target.smear_sinh * std::cosh(x);
  const double rise = 0.5 * (target.smear_cosh + target.smear_sinh);
  const double fall = 0.5 * (target.smear_cosh - target.smear_sinh);
  return rise * std::exp(x) - fall * std::exp(-x);
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
  if (!(mean_slope >= kLeastMeanSlope && mean_slope <= kMostMeanSlope))
    return Bad("mean_slope", "0.25 to 4", mean_slope);
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

double FittedTarget::FromTransformed(double m) const {
  switch (transform) {
    case TargetTransform::kAuto:
    case TargetTransform::kNone:
      return m;
    case TargetTransform::kAsinh:
      return AsinhMean(*this, m);
    case TargetTransform::kLog1p:
      return smear_exp * std::expm1(Bounded(m)) + (smear_exp - 1.0);
  }
  return m;
}

double FittedTarget::ToRoi(double z) const {
  if (kind == TargetKind::kTwoValued) return ProbabilityOf(z);
  const double roi = FromTransformed(ToTransformed(z));
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
      // The mean is √(A² − B²) sinh(b m + artanh(B / A)), and d sinh(x) = cosh(x) dx.
      return factor * mean_slope * std::hypot(roi, smear_cosh);
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

absl::Status FitSmearing(absl::Span<const double> residuals, const StopCheck& stop, FittedTarget& target) {
  FittedTarget smeared = target.WithoutSmearing();
  const bool neutral = target.kind == TargetKind::kTwoValued || target.statistic == PredictionStatistic::kMedian ||
                       residuals.size() < kMinResiduals;
  if (neutral) {
    target = smeared;
    return absl::OkStatus();
  }
  const auto n = static_cast<double>(residuals.size());
  double cosh_sum = 0.0, sinh_sum = 0.0, exp_sum = 0.0;
  RareStopCheck rare(&stop, kResidualsBetweenStops);
  for (const double e : residuals) {
    ROICAST_RETURN_IF_ERROR(rare.Done(1));
    cosh_sum += std::cosh(e);
    sinh_sum += std::sinh(e);
    exp_sum += std::exp(e);
  }
  smeared.smear_cosh = cosh_sum / n;
  smeared.smear_sinh = sinh_sum / n;
  smeared.smear_exp = exp_sum / n;
  // If the residuals are too wide for an estimate of the mean, the median is served.
  target = smeared.Validate().ok() ? smeared : target.WithoutSmearing();
  return absl::OkStatus();
}

}  // namespace roicast

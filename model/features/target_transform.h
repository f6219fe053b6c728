// ROI ↔ the standardised scale of the network's output.
#pragma once

#include <limits>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/target_kind.h"

namespace roicast {

enum class TargetTransform { kAuto, kNone, kAsinh, kLog1p };
enum class PredictionStatistic { kMean, kMedian };

// m is clamped to ± this before sinh and exp, so that predictions stay finite in float32.
inline constexpr double kMaxTransformedTarget = 80.0;
// Larger smearing terms are useless as an estimate.
inline constexpr double kMaxSmearing = 1000.0;
// A lower ROI is raised to this before log1p.
inline constexpr double kMinLog1pRoi = -1.0 + 1e-6;
// Of FittedTarget::mean_slope.
inline constexpr double kLeastMeanSlope = 0.25, kMostMeanSlope = 4.0;

struct RoiRange {
  double low = 0.0, high = 0.0;
};

// z = (transform(ROI) − offset) / factor. Inverse: m = offset + factor · z, then
// kNone: m; kAsinh: smear_cosh · sinh(mean_slope · m) + smear_sinh · cosh(mean_slope · m); kLog1p: smear_exp · e^m − 1.
// The smearing terms are the means of cosh(e), sinh(e) and e^e over residuals e on the transformed scale (Duan 1983),
// or, with mean_slope, fitted to the outcomes (mean_fit.h); 1, 0, 1 and the slope 1 give the median. Results below
// roi_floor become roi_floor.
// Two-valued: z is the log of the odds, and what is predicted the probability 1 / (1 + e^−z); then transform, offset
// and factor are kNone, 0 and 1. Zero-heavy: with the probability p of another value than `rest`, whose log odds come
// from Artifact::gate, it is p · (the above, of the other values alone) + (1 − p) · rest.
struct FittedTarget {
  TargetKind kind = TargetKind::kNumber;               // never kAuto
  TargetTransform transform = TargetTransform::kNone;  // never kAuto
  double offset = 0.0;
  double factor = 1.0;  // > 0
  double smear_cosh = 1.0;
  double smear_sinh = 0.0;
  double smear_exp = 1.0;
  double mean_slope = 1.0;  // > 0; kAsinh alone
  PredictionStatistic statistic = PredictionStatistic::kMean;
  double roi_floor = -std::numeric_limits<double>::infinity();  // −∞: none
  double rest = 0.0;                                            // zero-heavy: the value that most rows have

  absl::Status Validate() const;
  // Without standardisation.
  double Transform(double roi) const;
  double Standardise(double roi) const { return (Transform(roi) - offset) / factor; }
  // From the network's output.
  double ToTransformed(double z) const { return offset + factor * z; }
  // The mean of outcomes at m, or their median. Without the floor. Not two-valued; zero-heavy: as ToRoi(z).
  double FromTransformed(double m) const;
  // NaN stays NaN. Zero-heavy: without the gate, of rows that have another value than `rest`.
  double ToRoi(double z) const;
  // Of the median: without smearing.
  FittedTarget WithoutSmearing() const;
  // Zero-heavy: the whole prediction, with the log odds of another value than `rest`.
  double ToRoi(double z, double gate) const;
  // The ROIs one standard deviation below and above the mean of the transformed target, without smearing: what most
  // training rows have, whatever a few large ones do to their mean. Two-valued: 0 and 1. Zero-heavy: of the other rows.
  RoiRange TypicalRoi() const;
  // How much the prediction changes around `roi` per standard deviation of the transformed target: dROI/dz. On kAsinh at
  // most, factor · mean_slope · √(roi² + smear_cosh²): without − smear_sinh² below the root, as a power that vanishes
  // with its derivative has rounding errors that do not.
  double RoiPerDeviation(double roi) const;
};

// The target of the log of the odds.
FittedTarget TwoValuedTarget();

// Of a number. kAuto: asinh if |skewness| > 2, else none. factor is 1 if the targets are constant.
// Errors: InvalidArgument (log1p of an ROI ≤ −1).
absl::StatusOr<FittedTarget> FitTarget(absl::Span<const double> training_roi, TargetTransform transform,
                                       PredictionStatistic statistic);

// The floor that a dataset's ROIs allow: kLowestRoi if none is below it; else −∞, because they were computed
// differently, or revenue was negative.
double RoiFloor(absl::Span<const double> roi);

// Sets the smearing terms from residuals e = transform(ROI) − m. They stay neutral for the median, for fewer than 30
// residuals, and if a term would exceed kMaxSmearing. Errors: those of `stop`.
absl::Status FitSmearing(absl::Span<const double> residuals, const StopCheck& stop, FittedTarget& target);

}  // namespace roicast

// ROI ↔ the standardised scale that the network learns.
#pragma once

#include <limits>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace roicast {

enum class TargetTransform { kAuto, kNone, kAsinh, kLog1p };
enum class PredictionStatistic { kMean, kMedian };

// m beyond ± this counts as this before sinh and exp, so that predictions stay finite in float32.
inline constexpr double kMaxTransformedTarget = 80.0;
// Smearing terms beyond this are no estimate any more.
inline constexpr double kMaxSmearing = 1000.0;
// log1p sees an ROI below this as this.
inline constexpr double kMinLog1pRoi = -1.0 + 1e-6;

// z = (transform(ROI) − offset) / factor. Inverse: m = offset + factor · z, then
// kNone: m; kAsinh: smear_cosh · sinh(m) + smear_sinh · cosh(m); kLog1p: smear_exp · e^m − 1.
// The smearing terms are the means of cosh(e), sinh(e) and e^e over residuals e on the transformed scale (Duan 1983);
// 1, 0 and 1 serve the median. At last, what is below roi_floor becomes roi_floor.
struct FittedTarget {
  TargetTransform transform = TargetTransform::kNone;  // never kAuto
  double offset = 0.0;
  double factor = 1.0;  // > 0
  double smear_cosh = 1.0;
  double smear_sinh = 0.0;
  double smear_exp = 1.0;
  PredictionStatistic statistic = PredictionStatistic::kMean;
  double roi_floor = -std::numeric_limits<double>::infinity();  // −∞: none

  absl::Status Validate() const;
  // Without standardisation.
  double Transform(double roi) const;
  double Standardise(double roi) const { return (Transform(roi) - offset) / factor; }
  // From the network's output.
  double ToTransformed(double z) const { return offset + factor * z; }
  // NaN stays NaN.
  double ToRoi(double z) const;
  // How much ROI changes around `roi` per standard deviation of the transformed target: dROI/dz without smearing.
  double RoiPerDeviation(double roi) const;
};

// kAuto: asinh where |skewness| > 2, else none. factor is 1 where the targets are constant.
// Errors: InvalidArgument (log1p of an ROI ≤ −1).
absl::StatusOr<FittedTarget> FitTarget(absl::Span<const double> training_roi, TargetTransform transform,
                                       PredictionStatistic statistic);

// The floor that a dataset's ROIs allow: kLowestRoi where none of them is below it; else −∞, because they were computed
// in another way, or money went back.
double RoiFloor(absl::Span<const double> roi);

// Sets the smearing terms from residuals e = transform(ROI) − m. They stay neutral for the median, for fewer than 30
// residuals, and where a term would exceed kMaxSmearing.
void FitSmearing(absl::Span<const double> residuals, FittedTarget& target);

}  // namespace roicast

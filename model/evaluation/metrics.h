// Compares predictions with the truth.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/evaluation/classification.h"

namespace roicast {

struct RegressionMetrics {
  double mse = 0.0, rmse = 0.0, mae = 0.0;
  double r2 = 0.0;  // 1 − SSE / SST; 0 if the truth is constant
};

// "Profitable": ROI > threshold.
struct ProfitabilityMetrics {
  double threshold = 0.0;
  double accuracy = 0.0, precision = 0.0, recall = 0.0, f1 = 0.0;
  double auc = 0.5;  // ties count half (Mann–Whitney); 0.5 if one class is absent
};

struct Metrics {
  int64_t rows = 0;
  RegressionMetrics roi;
  RegressionMetrics transformed;
  ProfitabilityMetrics profitable;
  // Of a two-valued target alone: `roi` and `transformed` are then those of the probability.
  std::optional<ClassificationMetrics> two_valued;
};

struct MetricsWithBaseline {
  Metrics model;
  Metrics baseline;           // of a constant: baseline_roi; on the transformed scale, FittedTarget::offset
  double baseline_roi = 0.0;  // mean ROI of the training rows
  // Standard error of RelativeR2, on the transformed scale; rows with the same inputs are one group. NaN: not known.
  double r2_standard_error = std::numeric_limits<double>::quiet_NaN();
  // How many groups there are: rows with distinct inputs. 0: not known.
  int64_t distinct_inputs = 0;
  // The 90 % interval of FirstMetric (first_metric.h). NaN: not known.
  double first_metric_low = std::numeric_limits<double>::quiet_NaN();
  double first_metric_high = std::numeric_limits<double>::quiet_NaN();
};

// Same length, ≥ 1.
RegressionMetrics EvaluateRegression(absl::Span<const double> truth, absl::Span<const double> predicted);
// Same length, ≥ 1. Errors: those of `stop`.
absl::StatusOr<ProfitabilityMetrics> EvaluateProfitability(absl::Span<const double> truth,
                                                           absl::Span<const double> predicted, double threshold,
                                                           const StopCheck& stop = nullptr);

// R = 1 − Σa/Σb, where a and b are the squared errors of the model and of the constant: R² with the constant in the
// place of the rows' own mean, so that a model that is the constant has exactly 0 (less than 1e-6 is rounding). 0 if
// the constant has no error. Transformed scale.
double RelativeR2(const MetricsWithBaseline& metrics);

// The standard error of R, by the delta method for a ratio of two means (Cochran, Sampling Techniques, 3rd ed., 1977,
// chapter 6) over groups of rows that may depend on each other (clusters: Liang and Zeger, Longitudinal data analysis
// using generalized linear models, Biometrika 73, 1986): se² = G/(G − 1) · Σ_g(Σ_{i∈g}(aᵢ − (1 − R)·bᵢ))² / (Σbᵢ)² for
// G groups. Copies of a row thus count as one row. groups: per row, its group's number, from 0 up to at most the number
// of rows. All spans have the same length. NaN for G < 2, and if the constant has no error.
double RelativeR2StandardError(absl::Span<const double> truth, absl::Span<const double> predicted,
                               absl::Span<const double> constant, absl::Span<const int64_t> groups);

// Fewer distinct inputs than this prove nothing, whatever their metrics.
inline constexpr int64_t kFewestDistinctInputs = 5;

// Quantile 0.95 of the normal distribution: so many standard errors are more than chance (one-sided, 5 %).
inline constexpr double kNormalQuantile95 = 1.6448536269514722;

// Quantile 0.95 of Student's t distribution. degrees ≥ 1. Accurate to 1e-3: a table up to 4, then the expansion of
// Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.7.5.
double StudentQuantile95(int64_t degrees);

// Half the width of the 90 % interval around R: the standard error times the quantile of Student's t with one degree of
// freedom less than there are groups, as their number estimates the error, too; of the normal distribution (1.645) if
// that number is not known. NaN without a standard error.
double RelativeR2HalfWidth(const MetricsWithBaseline& metrics);

// What R ± RelativeR2HalfWidth shows. Without a standard error, and with fewer than kFewestDistinctInputs, the sign of
// R alone decides between kNotShown and kNoBetter.
enum class ConstantVerdict {
  kNotMeasured,  // No rows.
  kBetter,       // The whole interval is above 0.
  kNotShown,     // R > 0, but the interval includes 0.
  kNoBetter,     // R ≤ 0, and the interval includes 0.
  kWorse,        // The whole interval is below 0.
};
ConstantVerdict JudgeAgainstConstant(const MetricsWithBaseline& metrics);

}  // namespace roicast

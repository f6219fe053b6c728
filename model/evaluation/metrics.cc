#include "model/evaluation/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "base/check.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

// A network that predicts the constant differs from it by float32.
constexpr double kRoundOff = 1e-6;

double Ratio(double part, double whole) { return whole > 0.0 ? part / whole : 0.0; }

}  // namespace

RegressionMetrics EvaluateRegression(absl::Span<const double> truth, absl::Span<const double> predicted) {
  ROICAST_CHECK(!truth.empty() && truth.size() == predicted.size());
  const double n = static_cast<double>(truth.size());
  const double mean = std::accumulate(truth.begin(), truth.end(), 0.0) / n;
  double sse = 0.0, sst = 0.0, absolute = 0.0;
  for (size_t i = 0; i < truth.size(); ++i) {
    const double error = predicted[i] - truth[i];
    sse += error * error;
    absolute += std::abs(error);
    sst += (truth[i] - mean) * (truth[i] - mean);
  }
  const bool constant = std::all_of(truth.begin(), truth.end(), [&](double value) { return value == truth[0]; });
  RegressionMetrics metrics;
  metrics.mse = sse / n;
  metrics.rmse = std::sqrt(metrics.mse);
  metrics.mae = absolute / n;
  metrics.r2 = constant ? 0.0 : 1.0 - sse / sst;
  return metrics;
}

absl::StatusOr<ProfitabilityMetrics> EvaluateProfitability(absl::Span<const double> truth,
                                                           absl::Span<const double> predicted, double threshold,
                                                           const StopCheck& stop) {
  ROICAST_CHECK(!truth.empty() && truth.size() == predicted.size());
  double both = 0.0, neither = 0.0, true_positives = 0.0, called_positives = 0.0;
  for (size_t i = 0; i < truth.size(); ++i) {
    const bool is = truth[i] > threshold, called = predicted[i] > threshold;
    both += is && called;
    neither += !is && !called;
    true_positives += is;
    called_positives += called;
  }
  ProfitabilityMetrics metrics;
  metrics.threshold = threshold;
  metrics.accuracy = (both + neither) / static_cast<double>(truth.size());
  metrics.precision = Ratio(both, called_positives);
  metrics.recall = Ratio(both, true_positives);
  metrics.f1 = Ratio(2.0 * metrics.precision * metrics.recall, metrics.precision + metrics.recall);
  ROICAST_ASSIGN_OR_RETURN(metrics.auc, AreaUnderCurve(truth, predicted, threshold, stop));
  return metrics;
}

double RelativeR2(const MetricsWithBaseline& metrics) {
  const double constant = metrics.baseline.transformed.mse;
  if (!(constant > 0.0)) return 0.0;
  const double r2 = 1.0 - metrics.model.transformed.mse / constant;
  return std::abs(r2) < kRoundOff ? 0.0 : r2;
}

double RelativeR2StandardError(absl::Span<const double> truth, absl::Span<const double> predicted,
                               absl::Span<const double> constant, absl::Span<const int64_t> groups) {
  ROICAST_CHECK(truth.size() == predicted.size() && truth.size() == constant.size() && truth.size() == groups.size());
  const auto squared = [](double error) { return error * error; };
  double model_sum = 0.0, constant_sum = 0.0;
  for (size_t i = 0; i < truth.size(); ++i) {
    model_sum += squared(predicted[i] - truth[i]);
    constant_sum += squared(constant[i] - truth[i]);
  }
  std::vector<double> residual(groups.empty() ? 0 : *std::max_element(groups.begin(), groups.end()) + 1, 0.0);
  std::vector<bool> occurs(residual.size(), false);
  const double ratio = model_sum / constant_sum;  // 1 − R
  for (size_t i = 0; i < truth.size(); ++i) {
    occurs[groups[i]] = true;
    residual[groups[i]] += squared(predicted[i] - truth[i]) - ratio * squared(constant[i] - truth[i]);
  }
  const auto count = static_cast<double>(std::count(occurs.begin(), occurs.end(), true));
  if (count < 2.0 || constant_sum == 0.0) return std::numeric_limits<double>::quiet_NaN();
  double residuals = 0.0;
  for (const double sum : residual) residuals += squared(sum);
  return std::sqrt(count / (count - 1.0) * residuals) / constant_sum;
}

double StudentQuantile95(int64_t degrees) {
  ROICAST_CHECK(degrees >= 1);
  static constexpr double kOfFew[] = {6.3138, 2.9200, 2.3534, 2.1318};
  if (degrees <= 4) return kOfFew[degrees - 1];
  const double z = kNormalQuantile95, n = static_cast<double>(degrees);
  const double z2 = z * z;
  const double g1 = z * (z2 + 1.0) / 4.0;
  const double g2 = z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
  const double g3 = z * (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0;
  return z + (g1 + (g2 + g3 / n) / n) / n;
}

double RelativeR2HalfWidth(const MetricsWithBaseline& metrics) {
  const double quantile =
      metrics.distinct_inputs < 2 ? kNormalQuantile95 : StudentQuantile95(metrics.distinct_inputs - 1);
  return quantile * metrics.r2_standard_error;
}

ConstantVerdict JudgeAgainstConstant(const MetricsWithBaseline& metrics) {
  if (metrics.model.rows == 0) return ConstantVerdict::kNotMeasured;
  const double r2 = RelativeR2(metrics);
  const double half = RelativeR2HalfWidth(metrics);
  const bool too_few = metrics.distinct_inputs > 0 && metrics.distinct_inputs < kFewestDistinctInputs;
  if (!std::isnan(half) && !too_few) {
    if (r2 - half > 0.0) return ConstantVerdict::kBetter;
    if (r2 + half < 0.0) return ConstantVerdict::kWorse;
  }
  return r2 > 0.0 ? ConstantVerdict::kNotShown : ConstantVerdict::kNoBetter;
}

}  // namespace roicast

#include "model/training/fit/shrinkage.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_format.h"
#include "base/check.h"

namespace roicast {
namespace {

constexpr size_t kFewestRows = 20;
constexpr int64_t kFewestTrainingRows = 200;
constexpr double kStandardErrors = 2.0;
constexpr double kGeneralises = 0.9;

}  // namespace

double LearnShrinkage(absl::Span<const double> truth, absl::Span<const double> predicted,
                      absl::Span<const float> weights) {
  ROICAST_CHECK(truth.size() == predicted.size());
  ROICAST_CHECK(weights.empty() || weights.size() == truth.size());
  if (truth.size() < kFewestRows) return 1.0;
  const auto weight = [&](size_t i) { return weights.empty() ? 1.0 : static_cast<double>(weights[i]); };
  double pp = 0.0, pt = 0.0, sum = 0.0;
  for (size_t i = 0; i < truth.size(); ++i) {
    pp += weight(i) * predicted[i] * predicted[i];
    pt += weight(i) * predicted[i] * truth[i];
    sum += weight(i);
  }
  if (!(pp > 0.0) || !std::isfinite(pp) || !std::isfinite(pt)) return 1.0;
  const double slope = pt / pp;
  double squares = 0.0;
  for (size_t i = 0; i < truth.size(); ++i) {
    const double residual = truth[i] - slope * predicted[i];
    squares += weight(i) * residual * residual;
  }
  const double variance = squares / sum / (pp / sum) / static_cast<double>(truth.size() - 1);
  if (slope + kStandardErrors * std::sqrt(variance) >= kGeneralises) return 1.0;
  if (slope <= 0.0) return 0.0;
  return std::clamp(slope - variance / slope, 0.0, 1.0);
}

double GuessShrinkage(absl::Span<const double> truth, absl::Span<const double> predicted, int64_t rows, int inputs) {
  ROICAST_CHECK(truth.size() == predicted.size());
  if (rows < kFewestTrainingRows) return 1.0;
  double errors = 0.0, total = 0.0;
  for (size_t i = 0; i < truth.size(); ++i) {
    errors += (truth[i] - predicted[i]) * (truth[i] - predicted[i]);
    total += truth[i] * truth[i];
  }
  if (!(errors > 0.0 && errors < total)) return 1.0;
  const double chi_squared = static_cast<double>(rows) * (total - errors) / errors;
  const double factor = 1.0 - (inputs + 1.0) / chi_squared;
  return factor >= kGeneralises ? 1.0 : std::max(0.0, factor);
}

void ScaleOutput(double factor, Mlp& mlp) {
  DenseLayer& output = mlp.layers.back();
  output.weights *= static_cast<float>(factor);
  output.biases *= static_cast<float>(factor);
}

DataWarning ShrinkageWarning(double factor, int64_t rows, bool validated) {
  DataWarning warning;
  warning.serious = true;
  const std::string evidence = validated ? absl::StrFormat("on %d validation rows", rows)
                                         : absl::StrFormat("by what it explains of %d training rows", rows);
  if (factor > 0.0) {
    warning.message = absl::StrFormat(
        "the network learnt its training rows by heart: %s, deviations from the mean are %.0f %% of what it predicts. "
        "Its predictions are moved towards the mean to match",
        evidence, 100.0 * factor);
  } else {
    warning.message = absl::StrFormat(
        "the network is no better than a constant: %s, the target does not follow its predictions. The mean of the "
        "training rows is predicted for every campaign",
        evidence);
  }
  return warning;
}

}  // namespace roicast

#include "model/training/shrinkage.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"
#include "base/check.h"

namespace roicast {
namespace {

constexpr size_t kFewestRows = 20;
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

void ScaleOutput(double factor, Mlp& mlp) {
  DenseLayer& output = mlp.layers.back();
  output.weights *= static_cast<float>(factor);
  output.biases *= static_cast<float>(factor);
}

DataWarning ShrinkageWarning(double factor, int64_t rows) {
  DataWarning warning;
  warning.serious = true;
  if (factor > 0.0) {
    warning.message = absl::StrFormat(
        "the network learnt its training rows by heart: on %d validation rows, deviations from the mean are %.0f %% of "
        "what it predicts. Its predictions are moved towards the mean to match",
        rows, 100.0 * factor);
  } else {
    warning.message = absl::StrFormat(
        "the network is no better than a constant: on %d validation rows, the target does not follow its predictions. "
        "The mean of the training rows is predicted for every campaign",
        rows);
  }
  return warning;
}

}  // namespace roicast

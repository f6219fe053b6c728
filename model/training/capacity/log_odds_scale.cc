#include "model/training/capacity/log_odds_scale.h"

#include <cmath>
#include <numeric>

#include "base/check.h"
#include "model/network/loss.h"
#include "model/training/capacity/logistic_path.h"

namespace roicast {
namespace {

// Quantile 0.99 of χ² with two degrees of freedom: −2 ln 0.01.
constexpr double kMoreThanChance = 9.2103;
constexpr int kMostNewtonSteps = 50;

}  // namespace

LogOddsScale FitLogOddsScale(absl::Span<const float> truth, absl::Span<const double> log_odds,
                             absl::Span<const float> weights) {
  ROICAST_CHECK(truth.size() == log_odds.size() && (weights.empty() || weights.size() == truth.size()));
  if (truth.empty()) return {};
  double mean_weight = 1.0;
  if (!weights.empty()) {
    mean_weight = std::accumulate(weights.begin(), weights.end(), 0.0) / static_cast<double>(weights.size());
  }
  const auto weight = [&](size_t i) { return weights.empty() ? 1.0 : weights[i] / mean_weight; };
  const auto loss_of = [&](const LogOddsScale& scale) {
    double total = 0.0;
    for (size_t i = 0; i < truth.size(); ++i) {
      total += weight(i) * LossValue(Loss::kLogistic, scale.Apply(log_odds[i]), truth[i], 1.0);
    }
    return total;
  };
  LogOddsScale scale;
  const double loss_of_identity = loss_of(scale);
  double loss = loss_of_identity;
  for (int step = 0; step < kMostNewtonSteps; ++step) {
    // Gradient and Hessian in (intercept, slope).
    double g0 = 0.0, g1 = 0.0, h00 = 0.0, h01 = 0.0, h11 = 0.0;
    for (size_t i = 0; i < truth.size(); ++i) {
      const double z = log_odds[i], p = Probability(scale.Apply(z));
      const double error = weight(i) * (p - truth[i]), variance = weight(i) * p * (1.0 - p);
      g0 += error, g1 += error * z;
      h00 += variance, h01 += variance * z, h11 += variance * z * z;
    }
    const double determinant = h00 * h11 - h01 * h01;
    if (!(determinant > 1e-12 * h00 * h11)) return {};
    const double intercept = (h11 * g0 - h01 * g1) / determinant, slope = (h00 * g1 - h01 * g0) / determinant;
    double part = 1.0, next_loss = loss;
    LogOddsScale next;
    for (; part > 1e-4; part *= 0.5) {
      next = {scale.slope - part * slope, scale.intercept - part * intercept};
      next_loss = loss_of(next);
      if (next_loss <= loss) break;
    }
    if (!(next_loss <= loss)) break;
    const double gain = loss - next_loss;
    scale = next;
    loss = next_loss;
    if (gain <= 1e-10 * (1.0 + loss)) break;
  }
  if (!(scale.slope > 0.0) || !std::isfinite(scale.slope) || !std::isfinite(scale.intercept)) return {};
  return 2.0 * (loss_of_identity - loss) > kMoreThanChance ? scale : LogOddsScale();
}

void ScaleLogOdds(const LogOddsScale& scale, Mlp& mlp) {
  DenseLayer& output = mlp.layers.back();
  output.weights *= static_cast<float>(scale.slope);
  output.biases[0] = static_cast<float>(scale.Apply(output.biases[0]));
}

}  // namespace roicast

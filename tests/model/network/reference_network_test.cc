// Finite-difference checks of every layer, activation, loss and penalty, in double.
#include "model/network/reference/reference_network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "base/random.h"
#include "model/network/initialization.h"

namespace roicast {
namespace {

ReferenceBatch RandomBatch(int rows, const std::vector<int>& units, int inputs, bool dropout, Random& random) {
  ReferenceBatch batch;
  batch.x.resize(rows, inputs);
  batch.y.resize(rows);
  batch.weights.resize(rows);
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < inputs; ++j) batch.x(i, j) = random.Normal();
    batch.y[i] = random.Normal();
    batch.weights[i] = random.Uniform(0.2, 2.0);
  }
  if (!dropout) return batch;
  for (const int width : units) {
    Eigen::MatrixXd mask(rows, width);
    for (double& factor : mask.reshaped()) factor = random.Uniform() < 0.5 ? 2.0 : 0.0;
    batch.masks.push_back(mask);
  }
  return batch;
}

// The largest |analytic − numeric| relative to the larger of the two and 1e-3.
double WorstError(const std::vector<int>& hidden, Activation activation, const TrainingOptions& options, bool dropout) {
  Random random(3);
  ReferenceNetwork network = ToReference(RandomMlp(4, {hidden, activation, 0.0}, random));
  for (ReferenceLayer& layer : network) {
    for (double& bias : layer.biases) bias = random.Uniform(-0.5, 0.5);
  }
  const ReferenceBatch batch = RandomBatch(9, hidden, 4, dropout, random);
  ReferenceNetwork gradient = ReferenceGradient(network, batch, options);
  double worst = 0.0;
  const auto check = [&](double& parameter, double analytic) {
    constexpr double kStep = 1e-6;
    const double saved = parameter;
    parameter = saved + kStep;
    const double above = ReferenceObjective(network, batch, options);
    parameter = saved - kStep;
    const double below = ReferenceObjective(network, batch, options);
    parameter = saved;
    const double numeric = (above - below) / (2 * kStep);
    worst = std::max(worst, std::abs(analytic - numeric) / std::max({std::abs(analytic), std::abs(numeric), 1e-3}));
  };
  for (size_t l = 0; l < network.size(); ++l) {
    for (Eigen::Index i = 0; i < network[l].weights.size(); ++i) {
      check(network[l].weights.data()[i], gradient[l].weights.data()[i]);
    }
    for (Eigen::Index i = 0; i < network[l].biases.size(); ++i) check(network[l].biases[i], gradient[l].biases[i]);
  }
  return worst;
}

// Central differences of step 1e-6 leave about 1e-10 / 1e-3 of rounding.
constexpr double kTolerance = 1e-6;

TEST(ReferenceGradient, MatchesFiniteDifferencesForEveryActivation) {
  for (const Activation activation : {Activation::kRelu, Activation::kLeakyRelu, Activation::kGelu, Activation::kSilu,
                                      Activation::kMish, Activation::kTanh}) {
    EXPECT_LT(WorstError({5}, activation, {}, false), kTolerance) << ActivationName(activation);
    EXPECT_LT(WorstError({6, 3, 4}, activation, {}, false), kTolerance) << ActivationName(activation);
  }
}

TEST(ReferenceGradient, MatchesFiniteDifferencesForEveryLoss) {
  for (const Loss loss : kAllLosses) {
    TrainingOptions options;
    options.loss = loss;
    options.huber_delta = 0.8;
    EXPECT_LT(WorstError({5, 4}, Activation::kSilu, options, false), kTolerance) << static_cast<int>(loss);
    EXPECT_LT(WorstError({}, Activation::kRelu, options, false), kTolerance) << static_cast<int>(loss);
  }
}

TEST(ReferenceGradient, MatchesFiniteDifferencesWithPenalties) {
  TrainingOptions options;
  options.l1 = 0.03;
  options.l2 = 0.2;
  EXPECT_LT(WorstError({5, 4}, Activation::kTanh, options, false), kTolerance);
}

TEST(ReferenceGradient, MatchesFiniteDifferencesUnderADropoutMask) {
  EXPECT_LT(WorstError({7, 5}, Activation::kRelu, {}, true), kTolerance);
}

}  // namespace
}  // namespace roicast

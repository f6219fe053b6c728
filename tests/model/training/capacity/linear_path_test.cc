#include "model/training/capacity/linear_path.h"

#include <cmath>
#include <vector>

#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/network/initialization.h"

namespace roicast {
namespace {

RowMajorMatrix RandomRows(int rows, int inputs, uint64_t seed) {
  Random random(seed);
  RowMajorMatrix x(rows, inputs);
  for (Eigen::Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(random.Normal());
  return x;
}

TEST(FitRidge, FindsALinearLaw) {
  const RowMajorMatrix x = RandomRows(500, 3, 1);
  std::vector<float> y;
  for (Eigen::Index i = 0; i < x.rows(); ++i) y.push_back(2.0f * x(i, 0) - 0.5f * x(i, 2) + 0.25f);
  const LinearModel model = *FitRidge(x, y, {});
  EXPECT_NEAR(model.weights[0], 2.0, 0.01);
  EXPECT_NEAR(model.weights[1], 0.0, 0.01);
  EXPECT_NEAR(model.weights[2], -0.5, 0.01);
  EXPECT_NEAR(model.bias, 0.25, 0.01);
  EXPECT_NEAR(model.Evaluate(x.row(7).data()), y[7], 0.05);
}

// Solves the normal equations of the penalised problem for the penalty that was chosen.
TEST(FitRidge, MinimisesThePenalisedErrorOfWeightedRows) {
  const RowMajorMatrix x = RandomRows(40, 4, 2);
  Random random(3);
  std::vector<float> y, weights;
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    y.push_back(x(i, 1) + static_cast<float>(random.Normal()));
    weights.push_back(static_cast<float>(random.Uniform(0.5, 1.5)));
  }
  const LinearModel model = *FitRidge(x, y, weights);
  ASSERT_GT(model.penalty, 0.0);
  double total = 0.0;
  for (const float weight : weights) total += weight;
  Eigen::VectorXd gradient = model.penalty * model.weights;
  double bias_gradient = 0.0;
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    const double error = model.Evaluate(x.row(i).data()) - y[i];
    const double weight = weights[i] * static_cast<double>(x.rows()) / total;
    gradient += weight * error * x.row(i).cast<double>().transpose();
    bias_gradient += weight * error;
  }
  EXPECT_LT(gradient.norm(), 1e-6);
  EXPECT_LT(std::abs(bias_gradient), 1e-6);
}

TEST(FitRidge, HoldsBackWhatNoiseSays) {
  const RowMajorMatrix x = RandomRows(200, 30, 4);
  Random random(5);
  std::vector<float> y;
  for (int i = 0; i < 200; ++i) y.push_back(static_cast<float>(random.Normal()));
  EXPECT_LT(FitRidge(x, y, {})->weights.norm(), 0.1);
}

TEST(FitRidge, GivesAConstantForConstantInputs) {
  const RowMajorMatrix x = RowMajorMatrix::Constant(10, 2, 3.0f);
  const std::vector<float> y = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  const LinearModel model = *FitRidge(x, y, {});
  EXPECT_EQ(model.weights.norm(), 0.0);
  EXPECT_DOUBLE_EQ(model.bias, 5.5);
}

TEST(FitRidgeWithin, HoldsOneWeightAndFitsTheOthersToTheRest) {
  Random random(4);
  RowMajorMatrix x(300, 3);
  std::vector<float> y;
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    for (Eigen::Index j = 0; j < x.cols(); ++j) x(i, j) = static_cast<float>(random.Normal());
    x(i, 1) += x(i, 0);
    y.push_back(2.0f * x(i, 0) - x(i, 1) + 0.5f * x(i, 2));
  }
  // Within its bounds the weight is the free one.
  LinearInput bounds{0, 0.0, 3.0, {0}};
  EXPECT_NEAR(FitRidgeWithin(bounds, x, y, {})->weights[0], 2.0, 0.05);
  bounds = {0, -1.0, 0.5, {0, 2}};
  const LinearModel held = *FitRidgeWithin(bounds, x, y, {});
  EXPECT_EQ(held.weights[0], 0.5);
  EXPECT_EQ(held.weights[2], 0.0) << "another input of the same feature";
  // x₁ = x₀ + noise takes half of what is left of x₀: −1 + 1.5 · 1/2.
  EXPECT_NEAR(held.weights[1], -0.25, 0.1);
}

TEST(FitRidge, IsTheMeanForMoreInputsThanItTakes) {
  const RowMajorMatrix x = RandomRows(4, kMaxLinearInputs + 1, 6);
  const LinearModel model = *FitRidge(x, std::vector<float>{1, 2, 3, 6}, std::vector<float>{1, 1, 1, 3});
  EXPECT_EQ(model.weights.norm(), 0.0);
  EXPECT_DOUBLE_EQ(model.bias, 4.0);
}

TEST(LinearNetwork, IsTheLinearModel) {
  LinearModel linear;
  linear.weights = Eigen::VectorXd::LinSpaced(3, -1.0, 1.0);
  linear.bias = 0.5;
  const Mlp mlp = LinearNetwork(linear);
  EXPECT_TRUE(mlp.Validate().ok());
  const RowMajorMatrix x = RandomRows(5, 3, 7);
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    EXPECT_NEAR(mlp.Evaluate(x.row(i).data()), linear.Evaluate(x.row(i).data()), 1e-6);
  }
}

TEST(WithLinearPath, AddsTheShareOfTheNetworkToTheLinearModel) {
  LinearModel linear;
  linear.weights = Eigen::VectorXd::LinSpaced(6, -2.0, 3.0);
  linear.bias = -0.25;
  const RowMajorMatrix x = RandomRows(50, 6, 8);
  for (const Activation activation : kAllActivations) {
    if (!PassesLinearSums(activation)) continue;
    for (const std::vector<int>& hidden : {std::vector<int>{5}, std::vector<int>{7, 4}, std::vector<int>{4, 4, 3}}) {
      NetworkOptions options;
      options.hidden = hidden;
      options.activation = activation;
      Random random(9);
      const Mlp network = RandomMlp(6, options, random);
      const Mlp combined = WithLinearPath(network, 0.75, linear);
      ASSERT_TRUE(combined.Validate().ok());
      for (size_t layer = 0; layer < hidden.size(); ++layer) {
        EXPECT_EQ(combined.layers[layer].weights.rows(), hidden[layer] + 2);
      }
      for (Eigen::Index i = 0; i < x.rows(); ++i) {
        const float* row = x.row(i).data();
        EXPECT_NEAR(combined.Evaluate(row), 0.75 * network.Evaluate(row) + linear.Evaluate(row), 1e-5)
            << ActivationName(activation) << ", " << hidden.size() << " hidden layers";
      }
    }
  }
}

TEST(PassesLinearSums, HoldsForValuesWhereItIsSaid) {
  for (const Activation activation : kAllActivations) {
    bool passes = true;
    for (const double x : {-30.0, -1.0, -0.1, 0.0, 0.3, 2.0, 15.0}) {
      passes &= std::abs(ActivationValue(activation, x) - ActivationValue(activation, -x) - x) < 1e-9;
    }
    EXPECT_EQ(PassesLinearSums(activation), passes) << ActivationName(activation);
  }
}

}  // namespace
}  // namespace roicast

#include "model/network/mlp.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace roicast {
namespace {

// 2 → 2 ReLU → 1.
Mlp SmallMlp() {
  Mlp mlp;
  DenseLayer hidden{RowMajorMatrix(2, 2), Eigen::VectorXf(2), Activation::kRelu};
  hidden.weights << 1, -2, 0.5, 3;
  hidden.biases << 0.25, -1;
  DenseLayer output{RowMajorMatrix(1, 2), Eigen::VectorXf(1), Activation::kIdentity};
  output.weights << 2, -1;
  output.biases << 0.125;
  mlp.layers = {hidden, output};
  return mlp;
}

TEST(Mlp, EvaluatesByHand) {
  // Hidden sums: 3 − 2 + 0.25 = 1.25 and 1.5 + 3 − 1 = 3.5; output 2.5 − 3.5 + 0.125.
  const float row[] = {3, 1};
  EXPECT_DOUBLE_EQ(SmallMlp().Evaluate(row), -0.875);
  // Hidden sums −1.75 → 0 and 2 → 2.
  const float other[] = {0, 1};
  EXPECT_DOUBLE_EQ(SmallMlp().Evaluate(other), -1.875);
}

TEST(Mlp, DescribesAndCountsItself) {
  EXPECT_EQ(SmallMlp().Describe(), "2 → 2 ReLU → 1");
  EXPECT_EQ(SmallMlp().parameter_count(), 9);
  EXPECT_EQ(SmallMlp().inputs(), 2);
  EXPECT_TRUE(SmallMlp().Validate().ok());
}

TEST(Mlp, ValidationNamesLayerAndField) {
  Mlp mlp;
  EXPECT_EQ(mlp.Validate().message(), "layers: expected at least 1, got 0");

  mlp = SmallMlp();
  mlp.layers[1].weights.resize(1, 3);
  EXPECT_EQ(mlp.Validate().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(mlp.Validate().message(), "layers[1].weights: expected 2 columns, got 3");

  mlp = SmallMlp();
  mlp.layers[0].biases.resize(5);
  mlp.layers[0].biases.setZero();
  EXPECT_EQ(mlp.Validate().message(), "layers[0].biases: expected 2 values, got 5");

  mlp = SmallMlp();
  mlp.layers[0].weights(1, 1) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(mlp.Validate().message(), "layers[0].weights: expected finite values, got NaN or infinity");

  mlp = SmallMlp();
  mlp.layers[1].biases[0] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(mlp.Validate().message(), "layers[1].biases: expected finite values, got NaN or infinity");

  mlp = SmallMlp();
  mlp.layers.pop_back();
  EXPECT_EQ(mlp.Validate().message(), "layers: expected 1 output, got 2");

  mlp = SmallMlp();
  mlp.layers[1].activation = Activation::kTanh;
  EXPECT_EQ(mlp.Validate().message(), "layers[1].activation: expected identity, got tanh");
}

}  // namespace
}  // namespace roicast

#include "model/network/initialization.h"

#include <gtest/gtest.h>

#include <cmath>

namespace roicast {
namespace {

// Uniform on [−limit, limit] has variance limit² / 3.
void ExpectUniform(const RowMajorMatrix& weights, double limit) {
  EXPECT_LE(weights.cwiseAbs().maxCoeff(), limit);
  EXPECT_GE(weights.cwiseAbs().maxCoeff(), 0.98 * limit);
  EXPECT_NEAR(weights.mean(), 0.0, 0.05 * limit);
  EXPECT_NEAR(weights.squaredNorm() / static_cast<float>(weights.size()), limit * limit / 3, 0.05 * limit * limit);
}

TEST(RandomMlp, HasHesRangeBeforeRectifiers) {
  Random random(1);
  const Mlp mlp = RandomMlp(40, {{60, 30}, Activation::kRelu, 0.0}, random);
  ASSERT_EQ(mlp.layers.size(), 3u);
  EXPECT_EQ(mlp.Describe(), "40 → 60 ReLU → 30 ReLU → 1");
  ExpectUniform(mlp.layers[0].weights, std::sqrt(6.0 / 40));
  ExpectUniform(mlp.layers[1].weights, std::sqrt(6.0 / 60));
  EXPECT_LE(mlp.layers[2].weights.cwiseAbs().maxCoeff(), std::sqrt(6.0 / 31));
  for (const DenseLayer& layer : mlp.layers) EXPECT_TRUE(layer.biases.isZero());
}

TEST(RandomMlp, HasGlorotsRangeBeforeTanh) {
  Random random(1);
  const Mlp mlp = RandomMlp(40, {{60}, Activation::kTanh, 0.0}, random);
  ExpectUniform(mlp.layers[0].weights, std::sqrt(6.0 / 100));
}

TEST(RandomMlp, IsTheSameForTheSameSeed) {
  Random a(7), b(7), c(8);
  const NetworkOptions options{{3}, Activation::kRelu, 0.0};
  const Mlp first = RandomMlp(4, options, a);
  EXPECT_EQ(first.layers[0].weights, RandomMlp(4, options, b).layers[0].weights);
  EXPECT_NE(first.layers[0].weights, RandomMlp(4, options, c).layers[0].weights);
}

TEST(RandomMlp, WithoutHiddenLayersIsLinear) {
  Random random(1);
  EXPECT_EQ(RandomMlp(4, {}, random).Describe(), "4 → 1");
}

}  // namespace
}  // namespace roicast

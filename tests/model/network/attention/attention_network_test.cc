#include "model/network/attention/attention_network.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/model/network/attention/random_attention.h"

namespace roicast {
namespace {

AttentionNetwork Small() {
  Random random(1);
  return testing::RandomAttention({4, 2, 2, 3}, {1, 3, 0}, random);
}

TEST(AttentionLayout, CountsEachParameterOnce) {
  const AttentionNetwork network = Small();
  const AttentionLayout layout(network.shape, network.feature_inputs);
  // Tokens 3 · 4 + 4 · 4, CLS 4, two blocks, norm 8, head 5, linear path 4.
  const int64_t block = 4 * 2 + 4 * (16 + 4) + 4 * 2 + 4 * 6 + 6 + 3 * 4 + 4;
  EXPECT_EQ(layout.size, 28 + 4 + 2 * block + 8 + 5 + 4);
  EXPECT_EQ(layout.inputs, 4);
  EXPECT_EQ(layout.input, (std::vector<int>{0, 1, 4}));
  EXPECT_EQ(layout.token, (std::vector<int64_t>{0, 8, 24}));
  EXPECT_EQ(layout.head_bias, layout.head + 4);
  EXPECT_EQ(layout.linear + 4, layout.size);
}

TEST(AttentionNetwork, DescribesItself) {
  EXPECT_EQ(Small().Describe(), "3 features → 2 blocks of attention, 4 wide, 2 heads → 1");
}

TEST(AttentionNetwork, RefusesWrongSizes) {
  AttentionNetwork network = Small();
  EXPECT_TRUE(network.Validate().ok());
  network.shape.heads = 3;
  EXPECT_EQ(network.Validate().message(), "attention.heads: expected a divisor of the width (4), got 3");
  network.shape.heads = 5;
  EXPECT_EQ(network.Validate().message(), "attention.heads: expected 1 to 4, got 5");
  network = Small();
  network.shape.width = 257;
  EXPECT_EQ(network.Validate().message(), "attention.width: expected 1 to 256, got 257");
  network = Small();
  network.shape.blocks = 0;
  EXPECT_EQ(network.Validate().message(), "attention.blocks: expected 1 to 8, got 0");
  network = Small();
  network.shape.hidden = -1;
  EXPECT_EQ(network.Validate().message(), "attention.hidden: expected 1 to 1024, got -1");
  network = Small();
  network.feature_inputs.assign(513, 1);
  EXPECT_EQ(network.Validate().message(), "attention: expected 1 to 512 features, got 513");
  network = Small();
  network.parameters.pop_back();
  EXPECT_EQ(network.Validate().message(), "attention.parameters: expected 333 numbers, got 332");
  network = Small();
  network.parameters[7] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(network.Validate().message(), "attention.parameters: expected finite numbers, got NaN or infinity");
}

// One token of width 2 beside the CLS token, all maps 0 but the values' and the output's, which are the identity:
// attention then adds the mean of the normalised tokens.
TEST(AttentionNetwork, AddsTheMeanOfTheTokensWhereScoresAreEqual) {
  AttentionNetwork network;
  network.shape = {2, 1, 1, 1};
  network.feature_inputs = {1};
  const AttentionLayout layout(network.shape, network.feature_inputs);
  network.parameters.assign(layout.size, 0.0f);
  std::vector<float>& p = network.parameters;
  p[layout.token[0]] = 1.0f;  // token = (x, 0)
  p[layout.cls + 1] = 2.0f;   // CLS = (0, 2)
  const AttentionLayout::Block& block = layout.blocks[0];
  p[block.norm1_gain] = p[block.norm1_gain + 1] = 1.0f;
  p[block.value] = p[block.value + 3] = p[block.output] = p[block.output + 3] = 1.0f;
  p[layout.norm_gain] = p[layout.norm_gain + 1] = 1.0f;
  p[layout.head] = 3.0f;
  p[layout.head_bias] = 0.5f;
  p[layout.linear] = 0.25f;
  // Normalised: CLS (−1, 1), token (1, −1) for x = 4: their mean is (0, 0) but for epsilon, and CLS stays (0, 2), which
  // is normalised to (−1, 1).
  const float x = 4.0f;
  EXPECT_NEAR(network.Evaluate(&x), 3.0 * -1.0 + 0.5 + 0.25 * 4.0, 1e-4);
  network.ScaleAttention(0.5);
  EXPECT_NEAR(network.Evaluate(&x), 0.5 * (-3.0 + 0.5) + 0.25 * 4.0, 1e-4);
}

}  // namespace
}  // namespace roicast

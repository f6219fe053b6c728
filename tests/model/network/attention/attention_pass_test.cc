#include "model/network/attention/attention_pass.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <vector>

#include "tests/model/network/attention/random_attention.h"

namespace roicast {
namespace {

using testing::RandomAttention;
using testing::RandomInputs;

// Odd sizes leave parts of each tile.
const AttentionShape kShapes[] = {{6, 2, 2, 5}, {8, 4, 1, 7}, {24, 4, 2, 32}, {5, 1, 3, 9}};
const std::vector<int> kFeatures = {1, 1, 5, 2, 0, 1};

std::vector<float> Transposed(const RowMajorMatrix& x) {
  std::vector<float> columns(x.size());
  for (Eigen::Index r = 0; r < x.rows(); ++r) {
    for (Eigen::Index i = 0; i < x.cols(); ++i) columns[i * x.rows() + r] = x(r, i);
  }
  return columns;
}

class AttentionPassTest : public ::testing::TestWithParam<InstructionSet> {
 protected:
  void SetUp() override {
    if (!IsSupported(GetParam())) GTEST_SKIP() << "this machine lacks " << InstructionSetName(GetParam());
  }
  const attention::Kernels& kernels() const { return attention::KernelsFor(GetParam()); }
};

TEST_P(AttentionPassTest, ForwardAgreesWithTheReference) {
  Random random(11);
  for (const AttentionShape& shape : kShapes) {
    for (const bool backward : {false, true}) {
      const AttentionNetwork network = RandomAttention(shape, kFeatures, random);
      ASSERT_TRUE(network.Validate().ok());
      const RowMajorMatrix x = RandomInputs(48, network.inputs(), random);
      const AttentionPass pass(shape, kFeatures, 48, backward, kernels());
      std::vector<float> memory(pass.memory(), std::nanf("")), z(48);
      pass.Forward(network.parameters.data(), Transposed(x).data(), false, memory.data(), z.data());
      for (int r = 0; r < 48; ++r) {
        const double truth = network.Evaluate(x.row(r).data());
        EXPECT_NEAR(z[r], truth, 1e-5 * std::max(1.0, std::abs(truth))) << shape.width << " wide, row " << r;
      }
    }
  }
}

TEST_P(AttentionPassTest, ARowsBitsDependOnNoNeighbour) {
  Random random(12);
  const AttentionShape& shape = kShapes[2];
  const AttentionNetwork network = RandomAttention(shape, kFeatures, random);
  const RowMajorMatrix x = RandomInputs(32, network.inputs(), random);
  const AttentionPass pair(shape, kFeatures, 32, true, kernels()), single(shape, kFeatures, 16, false, kernels());
  std::vector<float> memory(pair.memory()), together(32), alone(16);
  pair.Forward(network.parameters.data(), Transposed(x).data(), false, memory.data(), together.data());
  for (int r = 0; r < 32; ++r) {
    RowMajorMatrix one = RowMajorMatrix::Zero(16, x.cols());
    one.row(r % 16) = x.row(r);
    single.Forward(network.parameters.data(), Transposed(one).data(), false, memory.data(), alone.data());
    EXPECT_EQ(std::bit_cast<uint32_t>(alone[r % 16]), std::bit_cast<uint32_t>(together[r])) << "row " << r;
  }
}

// Σ dz · z in float64, whose derivatives the pass computes.
double Objective(const AttentionNetwork& network, const RowMajorMatrix& x, const std::vector<float>& dz) {
  double sum = 0.0;
  for (Eigen::Index r = 0; r < x.rows(); ++r) sum += dz[r] * network.Evaluate(x.row(r).data());
  return sum;
}

TEST_P(AttentionPassTest, BackwardAgreesWithFiniteDifferences) {
  Random random(13);
  for (const AttentionShape& shape : {kShapes[0], kShapes[1], kShapes[3]}) {
    AttentionNetwork network = RandomAttention(shape, kFeatures, random);
    const AttentionLayout layout(shape, kFeatures);
    const RowMajorMatrix x = RandomInputs(16, network.inputs(), random);
    std::vector<float> dz(16);
    for (float& value : dz) value = static_cast<float>(random.Normal());
    const AttentionPass pass(shape, kFeatures, 16, true, kernels());
    std::vector<float> memory(pass.memory(), std::nanf("")), z(16), gradient(layout.size, 0.0f);
    const std::vector<float> columns = Transposed(x);
    pass.Forward(network.parameters.data(), columns.data(), false, memory.data(), z.data());
    pass.Backward(network.parameters.data(), columns.data(), dz.data(), false, memory.data(), gradient.data());
    for (int64_t i = 0; i < layout.size; ++i) {
      if (i >= layout.linear) {
        EXPECT_EQ(gradient[i], 0.0f);
        continue;
      }
      const float value = network.parameters[i];
      constexpr float kStep = 1.0f / 4096;
      network.parameters[i] = value + kStep;
      const double above = Objective(network, x, dz), to = network.parameters[i];
      network.parameters[i] = value - kStep;
      const double below = Objective(network, x, dz), from = network.parameters[i];
      network.parameters[i] = value;
      const double expected = (above - below) / (to - from);
      EXPECT_NEAR(gradient[i], expected, 2e-3 * std::max(1.0, std::abs(expected))) << "parameter " << i;
    }
  }
}

TEST_P(AttentionPassTest, MasksApplyForwardAndBackward) {
  Random random(14);
  const AttentionShape& shape = kShapes[0];
  const AttentionNetwork network = RandomAttention(shape, kFeatures, random);
  const RowMajorMatrix x = RandomInputs(16, network.inputs(), random);
  const AttentionPass pass(shape, kFeatures, 16, true, kernels());
  std::vector<float> memory(pass.memory()), plain(16), masked(16), dz(16, 1.0f);
  const std::vector<float> columns = Transposed(x);
  const auto gradient_of = [&](bool dropout) {
    std::vector<float> gradient(pass.layout().size, 0.0f);
    pass.Backward(network.parameters.data(), columns.data(), dz.data(), dropout, memory.data(), gradient.data());
    return gradient;
  };
  pass.Forward(network.parameters.data(), columns.data(), false, memory.data(), plain.data());
  const std::vector<float> plain_gradient = gradient_of(false);
  ASSERT_EQ(pass.masks().size(), 4u);
  for (const AttentionPass::Mask& mask : pass.masks()) std::fill_n(memory.begin() + mask.offset, mask.size, 1.0f);
  pass.Forward(network.parameters.data(), columns.data(), true, memory.data(), masked.data());
  EXPECT_EQ(masked, plain);
  EXPECT_EQ(gradient_of(true), plain_gradient);
  // Without what attention and the gated units give, a row is as good as another but for the linear path.
  for (const AttentionPass::Mask& mask : pass.masks()) std::fill_n(memory.begin() + mask.offset, mask.size, 0.0f);
  pass.Forward(network.parameters.data(), columns.data(), true, memory.data(), masked.data());
  const std::vector<float> none = gradient_of(true);
  const AttentionLayout& layout = pass.layout();
  const auto linear = [&](int r) {
    double sum = 0.0;
    for (int i = 0; i < layout.inputs; ++i) sum += network.parameters[layout.linear + i] * x(r, i);
    return sum;
  };
  for (int r = 1; r < 16; ++r) EXPECT_NEAR(masked[r] - linear(r), masked[0] - linear(0), 1e-5);
  for (int64_t i = layout.token[0]; i < layout.cls; ++i) EXPECT_EQ(none[i], 0.0f) << i;
}

INSTANTIATE_TEST_SUITE_P(Kernels, AttentionPassTest, ::testing::ValuesIn(kAllInstructionSets),
                         [](const auto& set) { return std::string(InstructionSetName(set.param)); });

}  // namespace
}  // namespace roicast

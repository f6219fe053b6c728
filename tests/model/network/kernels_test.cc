// Every instruction set that this machine has, against plain loops in double.
#include "model/network/kernels/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "model/network/activation.h"
#include "model/network/aligned_buffer.h"
#include "model/network/loss.h"

namespace roicast {
namespace {

std::vector<const Kernels*> Supported() {
  std::vector<const Kernels*> sets;
  for (const InstructionSet set : kAllInstructionSets) {
    if (IsSupported(set)) sets.push_back(&KernelsFor(set));
  }
  return sets;
}

AlignedBuffer RandomBuffer(size_t size, Random& random) {
  AlignedBuffer buffer(size);
  for (size_t i = 0; i < size; ++i) buffer[i] = static_cast<float>(random.Normal());
  return buffer;
}

class KernelsTest : public testing::TestWithParam<const Kernels*> {
 protected:
  const Kernels& kernels_ = *GetParam();
  Random random_{11};
};

INSTANTIATE_TEST_SUITE_P(All, KernelsTest, testing::ValuesIn(Supported()),
                         [](const auto& param_info) { return std::string(param_info.param->name); });

TEST(Kernels, AreThoseOfTheirInstructionSet) {
  for (const InstructionSet set : kAllInstructionSets) EXPECT_STREQ(KernelsFor(set).name, InstructionSetName(set));
}

TEST_P(KernelsTest, MultiplyMatchesPlainLoopsForEveryTileShape) {
  for (const int n : {8, 16, 32, 48, 64, 80, 144}) {
    for (const int rows : {1, 2, 3, 5, 7, 8, 12, 13, 25, 32}) {
      for (const bool transposed : {false, true}) {
        const int depth = 17;
        const AlignedBuffer a = RandomBuffer(rows * depth, random_), b = RandomBuffer(depth * n, random_);
        const AlignedBuffer bias = RandomBuffer(n, random_), before = RandomBuffer(rows * n, random_);
        const ptrdiff_t a_row = transposed ? 1 : depth, a_depth = transposed ? rows : 1;
        for (const int start : {0, 1, 2}) {  // zero, bias, c itself
          AlignedBuffer c(rows * n);
          c.CopyFrom(before);
          kernels_.multiply(a.data(), a_row, a_depth, rows, depth, b.data(), n, start == 1 ? bias.data() : nullptr,
                            start == 2, c.data());
          for (int i = 0; i < rows; ++i) {
            for (int j = 0; j < n; ++j) {
              double expected = start == 0 ? 0.0 : (start == 1 ? bias[j] : before[i * n + j]);
              for (int p = 0; p < depth; ++p) {
                expected += static_cast<double>(a[i * a_row + p * a_depth]) * b[p * n + j];
              }
              ASSERT_NEAR(c[i * n + j], expected, 2e-5) << rows << " x " << n << " at " << i << ", " << j;
            }
          }
        }
      }
    }
  }
}

TEST_P(KernelsTest, ActivationsMatchPlainFormulas) {
  AlignedBuffer x(2008);
  for (size_t i = 0; i < x.size(); ++i) x[i] = -12.0f + 24.0f * static_cast<float>(i) / 2007.0f;
  x[0] = -200.0f, x[1] = 200.0f, x[2] = 0.0f, x[3] = -87.5f, x[4] = 89.0f;
  for (const Activation activation : kAllActivations) {
    AlignedBuffer values(x.size()), derivatives(x.size());
    values.CopyFrom(x);
    kernels_.activate(activation, values.data(), derivatives.data(), nullptr, x.size());
    for (size_t i = 0; i < x.size(); ++i) {
      const double value = ActivationValue(activation, static_cast<double>(x[i]));
      ASSERT_NEAR(values[i], value, 5e-7 * (1.0 + std::abs(value))) << ActivationName(activation) << " at " << x[i];
      ASSERT_NEAR(derivatives[i], ActivationDerivative(activation, static_cast<double>(x[i])), 1e-5)
          << ActivationName(activation) << " at " << x[i];
    }
  }
}

TEST_P(KernelsTest, ActivationsPropagateNaN) {
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  for (const Activation activation : kAllActivations) {
    AlignedBuffer values(8);
    values[3] = kNaN;
    kernels_.activate(activation, values.data(), nullptr, nullptr, 8);
    EXPECT_TRUE(std::isnan(values[3])) << ActivationName(activation);
    EXPECT_EQ(values[2], 0.0f) << ActivationName(activation);
  }
}

TEST_P(KernelsTest, MaskScalesValuesAndDerivatives) {
  AlignedBuffer values(24), derivatives(24), mask(24);
  for (size_t i = 0; i < 24; ++i) values[i] = 3.0f, mask[i] = i % 2 == 0 ? 2.0f : 0.0f;
  kernels_.activate(Activation::kRelu, values.data(), derivatives.data(), mask.data(), 24);
  for (size_t i = 0; i < 24; ++i) {
    EXPECT_EQ(values[i], i % 2 == 0 ? 6.0f : 0.0f);
    EXPECT_EQ(derivatives[i], i % 2 == 0 ? 2.0f : 0.0f);
  }
}

TEST_P(KernelsTest, OutputLayerMatchesPlainLoops) {
  for (const int n : {8, 16, 48}) {
    const int rows = 19;
    const AlignedBuffer h = RandomBuffer(rows * n, random_), w = RandomBuffer(n, random_);
    const AlignedBuffer dz = RandomBuffer(32, random_), derivatives = RandomBuffer(rows * n, random_);
    AlignedBuffer z(32), dw(n), dh(rows * n);
    dw[2] = 5.0f;
    kernels_.output_forward(h.data(), rows, n, w.data(), 0.5f, z.data());
    const float sum =
        kernels_.output_backward(h.data(), rows, n, w.data(), dz.data(), derivatives.data(), dw.data(), dh.data());
    double dz_sum = 0.0;
    for (int i = 0; i < rows; ++i) {
      double expected = 0.5;
      for (int j = 0; j < n; ++j) {
        expected += static_cast<double>(h[i * n + j]) * w[j];
        ASSERT_NEAR(dh[i * n + j], static_cast<double>(dz[i]) * w[j] * derivatives[i * n + j], 1e-5);
      }
      ASSERT_NEAR(z[i], expected, 2e-5);
      dz_sum += dz[i];
    }
    EXPECT_NEAR(sum, dz_sum, 1e-5);
    for (int j = 0; j < n; ++j) {
      double expected = j == 2 ? 5.0 : 0.0;
      for (int i = 0; i < rows; ++i) expected += static_cast<double>(dz[i]) * h[i * n + j];
      ASSERT_NEAR(dw[j], expected, 2e-5);
    }
  }
}

TEST_P(KernelsTest, LossesMatchPlainFormulas) {
  const AlignedBuffer z = RandomBuffer(48, random_), y = RandomBuffer(48, random_);
  AlignedBuffer weights(48), dz(48);
  for (size_t i = 0; i < 40; ++i) weights[i] = static_cast<float>(i % 3);
  for (const Loss loss : kAllLosses) {
    const LossArguments arguments{loss, 0.7f, 0.25f};
    const double total = kernels_.loss(arguments, z.data(), y.data(), weights.data(), 48, dz.data());
    double expected = 0.0;
    for (size_t i = 0; i < 48; ++i) {
      expected += weights[i] * LossValue(loss, z[i], y[i], 0.7);
      ASSERT_NEAR(dz[i], 0.25 * weights[i] * LossDerivative(loss, z[i], y[i], 0.7), 1e-6);
    }
    EXPECT_NEAR(total, expected, 1e-4);
    EXPECT_EQ(kernels_.loss(arguments, z.data(), y.data(), weights.data(), 48, nullptr), total);
  }
}

TEST_P(KernelsTest, LogisticLossHoldsFarOutAndPropagatesNaN) {
  AlignedBuffer z(16), y(16), weights(16), dz(16);
  const LossArguments arguments{Loss::kLogistic, 1.0f, 1.0f};
  for (const float far : {-80.0f, -17.0f, 17.0f, 80.0f}) {
    z[3] = far, y[3] = 1.0f, weights[3] = 1.0f;
    EXPECT_NEAR(kernels_.loss(arguments, z.data(), y.data(), weights.data(), 16, dz.data()),
                LossValue(Loss::kLogistic, far, 1.0, 1.0), 1e-6 * (1.0 + std::abs(far)));
    EXPECT_NEAR(dz[3], LossDerivative(Loss::kLogistic, far, 1.0, 1.0), 1e-6);
  }
  z[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(kernels_.loss(arguments, z.data(), y.data(), weights.data(), 16, dz.data())));
  EXPECT_TRUE(std::isnan(dz[3]));
}

TEST_P(KernelsTest, SumsAndScalingsMatchPlainLoops) {
  const AlignedBuffer a = RandomBuffer(5 * 24, random_), w = RandomBuffer(24, random_);
  AlignedBuffer sums(24);
  sums[0] = 1.0f;
  kernels_.column_sums(a.data(), 5, 24, sums.data());
  EXPECT_NEAR(sums[0], 1.0 + a[0] + a[24] + a[48] + a[72] + a[96], 1e-5);
  EXPECT_NEAR(sums[23], a[23] + a[47] + a[71] + a[95] + a[119], 1e-5);

  double squares = 0.0;
  for (size_t i = 0; i < a.size(); ++i) squares += static_cast<double>(a[i]) * a[i];
  EXPECT_NEAR(kernels_.squared_norm(a.data(), a.size()), squares, 1e-4);

  AlignedBuffer gradient(24), average(24), scaled(24), product(24);
  scaled.CopyFrom(w), product.CopyFrom(w);
  kernels_.penalize(gradient.data(), w.data(), 0.5f, 0.25f, 24);
  kernels_.average(average.data(), w.data(), 0.125f, 24);
  kernels_.scale(scaled.data(), 3.0f, 24);
  kernels_.multiply_elements(product.data(), a.data(), 24);
  for (size_t i = 0; i < 24; ++i) {
    EXPECT_NEAR(gradient[i], (w[i] > 0 ? 0.5 : -0.5) + 0.25 * w[i], 1e-6);
    EXPECT_NEAR(average[i], 0.125 * w[i], 1e-6);
    EXPECT_EQ(scaled[i], 3.0f * w[i]);
    EXPECT_EQ(product[i], w[i] * a[i]);
  }
}

TEST_P(KernelsTest, PenaltyOfAWeightAtZeroIsZero) {
  AlignedBuffer gradient(8);
  const AlignedBuffer w(8);
  kernels_.penalize(gradient.data(), w.data(), 0.5f, 0.25f, 8);
  for (size_t i = 0; i < 8; ++i) EXPECT_EQ(gradient[i], 0.0f);
}

TEST_P(KernelsTest, AdamAndSgdMatchPlainFormulas) {
  const AlignedBuffer gradient = RandomBuffer(40, random_), start = RandomBuffer(40, random_);
  AlignedBuffer w(40), m(40), v(40), moved(40), velocity(40);
  w.CopyFrom(start), moved.CopyFrom(start);
  for (size_t i = 0; i < 40; ++i) m[i] = velocity[i] = 0.5f, v[i] = 0.25f;
  AdamCoefficients k;
  k.step = 0.01f;
  k.epsilon = 1e-3f;
  kernels_.adam(k, w.data(), m.data(), v.data(), gradient.data(), 40);
  kernels_.sgd(0.9f, 0.1f, moved.data(), velocity.data(), gradient.data(), 40);
  for (size_t i = 0; i < 40; ++i) {
    const double g = gradient[i], first = 0.45 + 0.1 * g, second = 0.24975 + 0.001 * g * g;
    EXPECT_NEAR(m[i], first, 1e-6);
    EXPECT_NEAR(v[i], second, 1e-6);
    EXPECT_NEAR(w[i], start[i] - 0.01 * first / (std::sqrt(second) + 1e-3), 1e-6);
    EXPECT_NEAR(moved[i], start[i] - 0.1 * (0.45 + g), 1e-6);
  }
}

TEST_P(KernelsTest, DropoutKeepsItsShareAndScalesTheRest) {
  DropoutState state;
  uint64_t seed = 5;
  for (auto& words : state.words) {
    for (uint32_t& word : words) word = static_cast<uint32_t>(SplitMix64(seed) >> 32);
  }
  for (const float keep : {0.5f, 0.9f, 0.25f}) {
    AlignedBuffer mask(160'000);
    kernels_.dropout_mask(state, keep, mask.data(), mask.size());
    double kept = 0.0;
    for (size_t i = 0; i < mask.size(); ++i) {
      ASSERT_TRUE(mask[i] == 0.0f || mask[i] == 1.0f / keep);
      kept += mask[i] != 0.0f;
    }
    // Five standard deviations of a share over 160,000 draws are below 0.00625.
    EXPECT_NEAR(kept / 160'000, keep, 0.00625);
  }
  AlignedBuffer all(16);
  kernels_.dropout_mask(state, 1.0f, all.data(), 16);
  for (size_t i = 0; i < 16; ++i) EXPECT_EQ(all[i], 1.0f);
}

TEST_P(KernelsTest, DropoutMasksAreTheSameOnEveryInstructionSet) {
  DropoutState mine, sse2;
  uint64_t seed = 5;
  for (int word = 0; word < 4; ++word) {
    for (int lane = 0; lane < 16; ++lane) mine.words[word][lane] = static_cast<uint32_t>(SplitMix64(seed) >> 32);
  }
  sse2 = mine;
  AlignedBuffer a(320), b(320);
  kernels_.dropout_mask(mine, 0.5f, a.data(), 320);
  kSse2Kernels.dropout_mask(sse2, 0.5f, b.data(), 320);
  for (size_t i = 0; i < 320; ++i) ASSERT_EQ(a[i], b[i]) << i;
}

TEST_P(KernelsTest, GatherCopiesRows) {
  const AlignedBuffer from = RandomBuffer(5 * 24, random_);
  AlignedBuffer to(3 * 24);
  const int32_t rows[] = {4, 0, 4};
  kernels_.gather(from.data(), rows, 3, 24, to.data());
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 24; ++j) EXPECT_EQ(to[i * 24 + j], from[rows[i] * 24 + j]);
  }
}

}  // namespace
}  // namespace roicast

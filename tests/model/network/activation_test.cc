#include "model/network/activation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "model/network/loss.h"

namespace roicast {
namespace {

TEST(Activation, ValuesMatchTheFormulas) {
  EXPECT_EQ(ActivationValue(Activation::kIdentity, -1.5), -1.5);
  EXPECT_EQ(ActivationValue(Activation::kRelu, -1.5), 0.0);
  EXPECT_EQ(ActivationValue(Activation::kRelu, 1.5), 1.5);
  EXPECT_NEAR(ActivationValue(Activation::kLeakyRelu, -2.0), -0.02, 1e-15);
  EXPECT_NEAR(ActivationValue(Activation::kTanh, 0.5), 0.46211715726, 1e-10);
  EXPECT_NEAR(ActivationValue(Activation::kSilu, 1.0), 0.73105857863, 1e-10);
  // x Φ(x) at 1 is 0.8413447; the tanh approximation is within 2e-4 of it.
  EXPECT_NEAR(ActivationValue(Activation::kGelu, 1.0), 0.8411919906, 1e-9);
  EXPECT_NEAR(ActivationValue(Activation::kMish, 1.0), 0.8650983883, 1e-9);
}

TEST(Activation, DerivativesMatchFiniteDifferences) {
  constexpr double kStep = 1e-5;
  for (const Activation activation : kAllActivations) {
    for (const double x : {-40.0, -6.0, -2.3, -0.7, -0.01, 0.02, 0.9, 3.1, 7.0, 35.0}) {
      const double numeric =
          (ActivationValue(activation, x + kStep) - ActivationValue(activation, x - kStep)) / (2 * kStep);
      EXPECT_NEAR(ActivationDerivative(activation, x), numeric, 1e-8) << ActivationName(activation) << " at " << x;
    }
  }
}

TEST(Activation, FarValuesStayFinite) {
  for (const Activation activation : kAllActivations) {
    for (const double x : {-1e4, 1e4}) {
      EXPECT_TRUE(std::isfinite(ActivationValue(activation, x))) << ActivationName(activation) << " at " << x;
      EXPECT_TRUE(std::isfinite(ActivationDerivative(activation, x))) << ActivationName(activation) << " at " << x;
    }
  }
}

TEST(Loss, ValuesMatchTheFormulas) {
  EXPECT_EQ(LossValue(Loss::kSquared, -3.0, 0.0, 1.0), 9.0);
  EXPECT_EQ(LossValue(Loss::kAbsolute, -3.0, 0.0, 1.0), 3.0);
  EXPECT_EQ(LossValue(Loss::kHuber, 0.5, 0.0, 1.0), 0.125);
  EXPECT_EQ(LossValue(Loss::kHuber, -3.0, 0.0, 2.0), 4.0);
  EXPECT_NEAR(LossValue(Loss::kLogistic, 0.0, 1.0, 1.0), std::log(2.0), 1e-15);
  EXPECT_NEAR(LossValue(Loss::kLogistic, 2.0, 0.0, 1.0), std::log1p(std::exp(2.0)), 1e-15);
  EXPECT_EQ(LossValue(Loss::kLogistic, -1000.0, 1.0, 1.0), 1000.0);
}

TEST(Loss, DerivativesMatchFiniteDifferences) {
  constexpr double kStep = 1e-6;
  for (const Loss loss : kAllLosses) {
    for (const double z : {-5.0, -0.71, -0.2, 0.1, 0.69, 0.71, 4.0}) {
      for (const double truth : {0.0, 1.0}) {
        const double above = LossValue(loss, z + kStep, truth, 0.7), below = LossValue(loss, z - kStep, truth, 0.7);
        EXPECT_NEAR(LossDerivative(loss, z, truth, 0.7), (above - below) / (2 * kStep), 1e-8)
            << static_cast<int>(loss) << " at " << z << " of " << truth;
      }
    }
  }
}

}  // namespace
}  // namespace roicast

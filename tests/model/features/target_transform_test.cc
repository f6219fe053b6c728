#include "model/features/target_transform.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"

namespace roicast {
namespace {

TEST(FitTarget, StandardisesOnTheTransformedScale) {
  const std::vector<double> roi = {-0.5, 0.0, 0.5, 1.0};
  const auto target = FitTarget(roi, TargetTransform::kAsinh, PredictionStatistic::kMedian);
  ASSERT_TRUE(target.ok()) << target.status();
  double sum = 0.0, squares = 0.0;
  for (const double x : roi) {
    sum += target->Standardise(x);
    squares += target->Standardise(x) * target->Standardise(x);
    EXPECT_NEAR(target->ToRoi(target->Standardise(x)), x, 1e-12);
  }
  EXPECT_NEAR(sum, 0.0, 1e-12);
  EXPECT_NEAR(squares, 4.0, 1e-12);
}

TEST(FitTarget, AutoTakesAsinhWhereTheTargetIsSkewed) {
  Random random(1);
  std::vector<double> normal, skewed;
  for (int i = 0; i < 2000; ++i) {
    normal.push_back(random.Normal());
    skewed.push_back(std::exp(2.0 * random.Normal()) - 1.0);
  }
  EXPECT_EQ(FitTarget(normal, TargetTransform::kAuto, PredictionStatistic::kMean)->transform, TargetTransform::kNone);
  EXPECT_EQ(FitTarget(skewed, TargetTransform::kAuto, PredictionStatistic::kMean)->transform, TargetTransform::kAsinh);
}

TEST(FitTarget, ConstantTargetsHaveFactorOne) {
  const auto target = FitTarget(std::vector<double>(9, 0.1), TargetTransform::kNone, PredictionStatistic::kMean);
  ASSERT_TRUE(target.ok());
  EXPECT_EQ(target->factor, 1.0);
  EXPECT_NEAR(target->ToRoi(0.0), 0.1, 1e-15);
}

TEST(FitTarget, Log1pOfALostSpendIsRefused) {
  const auto target = FitTarget(std::vector<double>{0.5, -1.0}, TargetTransform::kLog1p, PredictionStatistic::kMean);
  EXPECT_EQ(target.status().message(), "target: log1p needs an ROI above -1 in every row, the smallest is -1");
}

TEST(FitTarget, ValuesThatNoPredictionCouldHoldAreRefusedWithAdvice) {
  const std::vector<double> roi = {0.5, 1e303, 0.25};
  EXPECT_EQ(FitTarget(roi, TargetTransform::kAuto, PredictionStatistic::kMean).status().message(),
            "target: expected values from -1e+30 to 1e+30 in all training rows, got 1e+303; an outlier rule for the "
            "target can clip or drop such rows");
}

TEST(RoiFloor, IsMinusOneUnlessTheDataHaveLowerRoi) {
  EXPECT_EQ(RoiFloor(std::vector<double>{0.5, -1.0, 3.0}), -1.0);
  EXPECT_EQ(RoiFloor(std::vector<double>{0.5, -1.001}), -std::numeric_limits<double>::infinity());
}

TEST(FittedTarget, NoPredictionIsBelowTheFloor) {
  FittedTarget target;
  for (const TargetTransform transform : {TargetTransform::kNone, TargetTransform::kAsinh, TargetTransform::kLog1p}) {
    target.transform = transform;
    target.smear_exp = transform == TargetTransform::kLog1p ? 0.5 : 1.0;
    target.roi_floor = -0.75;
    EXPECT_EQ(target.ToRoi(-5.0), -0.75);
    EXPECT_GT(target.ToRoi(1.0), 0.0);
    EXPECT_TRUE(std::isnan(target.ToRoi(std::numeric_limits<double>::quiet_NaN())));
    target.roi_floor = -std::numeric_limits<double>::infinity();
    EXPECT_LT(target.ToRoi(-5.0), -0.75);
  }
}

TEST(FittedTarget, ANanFloorIsRefused) {
  FittedTarget target;
  for (const double floor : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), 1e31}) {
    target.roi_floor = floor;
    EXPECT_FALSE(target.Validate().ok()) << floor;
  }
  target.roi_floor = -1.0;
  EXPECT_TRUE(target.Validate().ok());
}

// Duan's estimate brings the mean back where the plain inverse gives the median.
TEST(FitSmearing, RestoresTheMean) {
  Random random(2);
  for (const TargetTransform transform : {TargetTransform::kAsinh, TargetTransform::kLog1p}) {
    std::vector<double> roi, residuals;
    double mean = 0.0;
    for (int i = 0; i < 20000; ++i) {
      const double e = 0.5 * random.Normal();
      const double value = transform == TargetTransform::kAsinh ? std::sinh(0.3 + e) : std::exp(0.3 + e) - 1.0;
      roi.push_back(value);
      residuals.push_back(e);
      mean += value / 20000.0;
    }
    auto target = FitTarget(roi, transform, PredictionStatistic::kMean);
    ASSERT_TRUE(target.ok()) << target.status();
    ASSERT_TRUE(FitSmearing(residuals, nullptr, *target).ok());
    const double z = (0.3 - target->offset) / target->factor;
    EXPECT_NEAR(target->ToRoi(z), mean, 1e-9);
    auto median = FitTarget(roi, transform, PredictionStatistic::kMedian);
    ASSERT_TRUE(FitSmearing(residuals, nullptr, *median).ok());
    EXPECT_NEAR(median->ToRoi(z), transform == TargetTransform::kAsinh ? std::sinh(0.3) : std::exp(0.3) - 1.0, 1e-12);
  }
}

TEST(FitSmearing, FewResidualsLeaveTheMedian) {
  FittedTarget target;
  target.transform = TargetTransform::kAsinh;
  ASSERT_TRUE(FitSmearing(std::vector<double>(29, 1.0), nullptr, target).ok());
  EXPECT_EQ(target.smear_cosh, 1.0);
  ASSERT_TRUE(FitSmearing(std::vector<double>(30, 1.0), nullptr, target).ok());
  EXPECT_NEAR(target.smear_cosh, std::cosh(1.0), 1e-12);
}

TEST(FittedTarget, RefusesASlopeOutsideItsRange) {
  for (const double slope : {0.0, -1.0, 0.2, 5.0, std::numeric_limits<double>::quiet_NaN()}) {
    FittedTarget target;
    target.transform = TargetTransform::kAsinh;
    target.mean_slope = slope;
    EXPECT_FALSE(target.Validate().ok()) << slope;
  }
}

// It was √(1 + ROI²) whatever the smearing: 1 where the prediction changes by 63.
TEST(FittedTarget, TellsHowMuchThePredictionChanges) {
  struct Terms {
    double smear_cosh, smear_sinh, mean_slope;
  };
  for (const auto& [smear_cosh, smear_sinh, mean_slope] :
       {Terms{1.0, 0.0, 1.0}, Terms{3.0, 0.5, 1.0}, Terms{64.4, 12.0, 1.0}, Terms{0.3, 0.2, 2.5},
        Terms{0.3, -0.3, 2.5}}) {
    FittedTarget target;
    target.transform = TargetTransform::kAsinh;
    target.offset = 0.4;
    target.factor = 0.7;
    target.smear_cosh = smear_cosh;
    target.smear_sinh = smear_sinh;
    target.mean_slope = mean_slope;
    for (const double z : {-1.0, 0.0, 0.8}) {
      constexpr double kStep = 1e-5;
      const double slope = (target.ToRoi(z + kStep) - target.ToRoi(z - kStep)) / (2.0 * kStep);
      const double most = std::hypot(slope, target.factor * mean_slope * smear_sinh);
      EXPECT_NEAR(target.RoiPerDeviation(target.ToRoi(z)), most, 1e-7 * most) << smear_cosh << " at " << z;
    }
  }
}

TEST(FittedTarget, TheTypicalRoiIsWithinADeviationWithoutSmearing) {
  for (const TargetTransform transform : {TargetTransform::kNone, TargetTransform::kAsinh, TargetTransform::kLog1p}) {
    FittedTarget target;
    target.transform = transform;
    target.offset = target.Transform(0.5);
    target.factor = 0.25;
    target.smear_cosh = 3.0;
    target.smear_sinh = 0.5;
    target.smear_exp = 2.0;
    const RoiRange typical = target.TypicalRoi();
    EXPECT_NEAR(target.Transform(typical.low), target.offset - 0.25, 1e-12);
    EXPECT_NEAR(target.Transform(typical.high), target.offset + 0.25, 1e-12);
  }
  FittedTarget loss;
  loss.offset = -0.9;
  loss.roi_floor = -1.0;
  EXPECT_EQ(loss.TypicalRoi().low, -1.0);
}

TEST(FittedTarget, FarOutPredictionsStayFinite) {
  FittedTarget target;
  target.transform = TargetTransform::kAsinh;
  EXPECT_TRUE(std::isfinite(static_cast<float>(target.ToRoi(1e6))));
  EXPECT_TRUE(std::isfinite(static_cast<float>(target.ToRoi(-1e6))));
}

}  // namespace
}  // namespace roicast

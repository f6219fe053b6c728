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
    FitSmearing(residuals, *target);
    const double z = (0.3 - target->offset) / target->factor;
    EXPECT_NEAR(target->ToRoi(z), mean, 1e-9);
    auto median = FitTarget(roi, transform, PredictionStatistic::kMedian);
    FitSmearing(residuals, *median);
    EXPECT_NEAR(median->ToRoi(z), transform == TargetTransform::kAsinh ? std::sinh(0.3) : std::exp(0.3) - 1.0, 1e-12);
  }
}

TEST(FitSmearing, FewResidualsLeaveTheMedian) {
  FittedTarget target;
  target.transform = TargetTransform::kAsinh;
  FitSmearing(std::vector<double>(29, 1.0), target);
  EXPECT_EQ(target.smear_cosh, 1.0);
  FitSmearing(std::vector<double>(30, 1.0), target);
  EXPECT_NEAR(target.smear_cosh, std::cosh(1.0), 1e-12);
}

// Rows of a prediction m on the scale of asinh that is right in the mean there.
struct AsinhRows {
  std::vector<double> predicted, residuals, mean;
};

// Outcomes are e^x times a noise, or with the given share refunds of a fifth of that.
AsinhRows Refunded(double share, int rows) {
  Random random(3);
  AsinhRows drawn;
  for (int i = 0; i < rows; ++i) {
    const double sale = std::exp(1.0 + 1.2 * random.Normal());
    const double m = (1.0 - share) * std::asinh(sale) + share * std::asinh(-0.2 * sale);
    const double outcome = random.Uniform() < share ? -0.2 * sale : sale;
    drawn.predicted.push_back(m);
    drawn.residuals.push_back(std::asinh(outcome) - m);
    drawn.mean.push_back((1.0 - share) * sale - share * 0.2 * sale);
  }
  return drawn;
}

FittedTarget AsinhTarget() {
  FittedTarget target;
  target.transform = TargetTransform::kAsinh;
  return target;
}

// Sums of what FitSmearing makes of a mixture were 4 to 13 % too low.
TEST(FitMean, MeansOfAMixtureAddUp) {
  for (const double share : {0.04, 0.08}) {
    const AsinhRows rows = Refunded(share, 6000);
    FittedTarget target = AsinhTarget(), smeared = AsinhTarget();
    FitMean(rows.predicted, rows.residuals, target);
    FitSmearing(rows.residuals, smeared);
    EXPECT_TRUE(target.Validate().ok()) << target.Validate();
    EXPECT_GT(target.mean_slope, 1.02);
    double sum = 0.0, fitted = 0.0, duan = 0.0;
    for (size_t i = 0; i < rows.mean.size(); ++i) {
      sum += rows.mean[i];
      fitted += target.ToRoi(rows.predicted[i]);
      duan += smeared.ToRoi(rows.predicted[i]);
    }
    EXPECT_NEAR(fitted / sum, 1.0, 0.025) << share;
    EXPECT_LT(duan / sum, 0.95) << share;
  }
}

TEST(FitMean, IsSmearingWhereErrorsDoNotDependOnThePrediction) {
  Random random(4);
  AsinhRows rows;
  for (int i = 0; i < 3000; ++i) {
    rows.predicted.push_back(1.0 + random.Normal());
    rows.residuals.push_back(0.5 * random.Normal());
  }
  FittedTarget target = AsinhTarget(), smeared = AsinhTarget();
  FitMean(rows.predicted, rows.residuals, target);
  FitSmearing(rows.residuals, smeared);
  EXPECT_EQ(target.smear_cosh, smeared.smear_cosh);
  EXPECT_EQ(target.smear_sinh, smeared.smear_sinh);
  EXPECT_EQ(target.mean_slope, 1.0);
}

TEST(FitMean, LeavesMediansFewRowsAndOtherScales) {
  const AsinhRows rows = Refunded(0.08, 6000);
  const auto slope = [&](FittedTarget target, size_t count) {
    FitMean(absl::MakeConstSpan(rows.predicted).first(count), absl::MakeConstSpan(rows.residuals).first(count), target);
    return target.mean_slope;
  };
  FittedTarget median = AsinhTarget();
  median.statistic = PredictionStatistic::kMedian;
  EXPECT_EQ(slope(median, 6000), 1.0);
  EXPECT_EQ(slope(AsinhTarget(), 199), 1.0);
  EXPECT_EQ(slope(FittedTarget(), 6000), 1.0);
  EXPECT_NE(slope(AsinhTarget(), 6000), 1.0);
}

TEST(FittedTarget, RefusesASlopeOutsideItsRange) {
  for (const double slope : {0.0, -1.0, 0.2, 5.0, std::numeric_limits<double>::quiet_NaN()}) {
    FittedTarget target = AsinhTarget();
    target.mean_slope = slope;
    EXPECT_FALSE(target.Validate().ok()) << slope;
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

#include "model/training/capacity/target_scale.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "base/random.h"

namespace roicast {
namespace {

// Rows of three inputs, and their ROI by a law with noise of the given deviation.
std::vector<double> DrawRows(int rows, const std::function<double(double sum, double noise)>& law,
                             RowMajorMatrix* inputs) {
  Random random(17);
  inputs->resize(rows, 3);
  std::vector<double> roi;
  for (int i = 0; i < rows; ++i) {
    double sum = 0.0;
    for (int input = 0; input < 3; ++input) {
      (*inputs)(i, input) = static_cast<float>(random.Normal());
      sum += 0.4 * (*inputs)(i, input);
    }
    roi.push_back(law(sum, 0.3 * random.Normal()));
  }
  return roi;
}

using Comparison = decltype(&IsLikelierScale);

bool Compare(Comparison compare, TargetTransform usual_transform, TargetTransform other_transform, int rows,
             const std::function<double(double sum, double noise)>& law) {
  RowMajorMatrix inputs;
  const std::vector<double> roi = DrawRows(rows, law, &inputs);
  const auto on_scale = [&](TargetTransform transform, FittedTarget& target) {
    const auto fitted = FitTarget(roi, transform, PredictionStatistic::kMean);
    EXPECT_TRUE(fitted.ok()) << fitted.status();
    target = fitted.value_or(FittedTarget());
    RowPart part;
    part.raw = inputs;
    part.encoded = inputs;
    part.roi = roi;
    for (const double each : roi) part.standardised.push_back(static_cast<float>(target.Standardise(each)));
    return part;
  };
  FittedTarget usual, other;
  const RowPart of_usual = on_scale(usual_transform, usual);
  const RowPart of_other = on_scale(other_transform, other);
  return *compare({&of_usual, &usual}, {&of_other, &other}, 42, nullptr);
}

bool LogarithmIsLikelier(int rows, const std::function<double(double sum, double noise)>& law) {
  return Compare(IsLikelierScale, TargetTransform::kAuto, TargetTransform::kLog1p, rows, law);
}

bool PlainIsNearerThanAsinh(int rows, const std::function<double(double sum, double noise)>& law) {
  return Compare(IsNearerScale, TargetTransform::kAsinh, TargetTransform::kNone, rows, law);
}

TEST(RoiScale, IsTheLogarithmWhereCausesAndNoiseAreFactors) {
  EXPECT_TRUE(LogarithmIsLikelier(400, [](double sum, double noise) { return std::exp(sum + noise) - 1.0; }));
}

TEST(RoiScale, IsTheRoiItselfWhereTheyAreAdded) {
  EXPECT_FALSE(LogarithmIsLikelier(400, [](double sum, double noise) { return std::max(-0.99, 3.0 + sum + noise); }));
}

TEST(RoiScale, IsTheTargetItselfWhereThatIsNearerToItsMean) {
  EXPECT_TRUE(PlainIsNearerThanAsinh(2000, [](double sum, double noise) { return 40.0 * sum + 20.0 * noise; }));
  EXPECT_FALSE(PlainIsNearerThanAsinh(99, [](double sum, double noise) { return 40.0 * sum + 20.0 * noise; }));
  EXPECT_FALSE(PlainIsNearerThanAsinh(2000, [](double sum, double noise) { return std::sinh(2.0 * sum + noise); }));
}

TEST(RoiScale, IsTheUsualOneOfFewRows) {
  EXPECT_FALSE(LogarithmIsLikelier(99, [](double sum, double noise) { return std::exp(sum + noise) - 1.0; }));
}

}  // namespace
}  // namespace roicast

#include "model/training/capacity/roi_scale.h"

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

bool LogarithmIsLikelier(int rows, const std::function<double(double sum, double noise)>& law) {
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
  FittedTarget usual, logarithm;
  const RowPart of_usual = on_scale(TargetTransform::kAuto, usual);
  const RowPart of_logarithm = on_scale(TargetTransform::kLog1p, logarithm);
  return *IsLikelierScale({&of_usual, &usual}, {&of_logarithm, &logarithm}, 42);
}

TEST(RoiScale, IsTheLogarithmWhereCausesAndNoiseAreFactors) {
  EXPECT_TRUE(LogarithmIsLikelier(400, [](double sum, double noise) { return std::exp(sum + noise) - 1.0; }));
}

TEST(RoiScale, IsTheRoiItselfWhereTheyAreAdded) {
  EXPECT_FALSE(LogarithmIsLikelier(400, [](double sum, double noise) { return std::max(-0.99, 3.0 + sum + noise); }));
}

TEST(RoiScale, IsTheUsualOneOfFewRows) {
  EXPECT_FALSE(LogarithmIsLikelier(99, [](double sum, double noise) { return std::exp(sum + noise) - 1.0; }));
}

}  // namespace
}  // namespace roicast

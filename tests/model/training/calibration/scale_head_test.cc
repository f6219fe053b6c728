#include "model/training/calibration/scale_head.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace roicast {
namespace {

struct Sample {
  RowMajorMatrix units;
  std::vector<double> errors;
  std::vector<int> fold_of;
};

// ln σ = slope · first unit − 1; two more units say nothing.
Sample MakeSample(int rows, double slope, uint64_t seed) {
  Random random(seed);
  Sample sample;
  sample.units.resize(rows, 3);
  for (int i = 0; i < rows; ++i) {
    for (int u = 0; u < 3; ++u) sample.units(i, u) = static_cast<float>(2.0 * random.Normal() + 5.0);
    sample.errors.push_back(std::exp(slope * (sample.units(i, 0) - 5.0) - 1.0) * random.Normal());
    sample.fold_of.push_back(static_cast<int>(random.Below(kScaleFolds)));
  }
  return sample;
}

TEST(ScaleHead, FindsTheScaleOfNormalErrors) {
  const Sample sample = MakeSample(4000, 0.4, 1);
  const ScaleHead head = FitScaleHead(sample.units, sample.errors, 1e-4);
  EXPECT_NEAR(head.weights[0], 0.4, 0.03);
  EXPECT_NEAR(head.weights[1], 0.0, 0.02);
  const float center[] = {5.0f, 5.0f, 5.0f};
  // The mean of |e| is √(2/π) of the standard deviation.
  EXPECT_NEAR(head.Evaluate(center), -1.0 + 0.5 * std::log(2.0 / M_PI), 0.05);
  const DenseLayer layer = head.ToLayer();
  EXPECT_NEAR(layer.weights(0, 0), head.weights[0], 1e-6);
  EXPECT_NEAR(layer.biases[0], head.bias, 1e-6);
}

TEST(ScaleHead, NeedsTwentyRowsAUnit) {
  // A slope that 59 rows show well enough.
  const Sample sample = MakeSample(60, 1.0, 9);
  EXPECT_TRUE(FitAdaptiveScale(sample.units, sample.errors, sample.fold_of)->has_value());
  const RowMajorMatrix fewer = sample.units.topRows(59);
  EXPECT_FALSE(FitAdaptiveScale(fewer, absl::MakeConstSpan(sample.errors).subspan(0, 59),
                                absl::MakeConstSpan(sample.fold_of).subspan(0, 59))
                   ->has_value());
}

TEST(ScaleHead, IsTheMaximumOfThePenalisedLikelihood) {
  const Sample sample = MakeSample(300, 0.3, 2);
  const double penalty = 0.01;
  const ScaleHead head = FitScaleHead(sample.units, sample.errors, penalty);
  const Eigen::MatrixXd x = sample.units.cast<double>();
  const Eigen::RowVectorXd mean = x.colwise().mean();
  const Eigen::RowVectorXd deviation =
      ((x.rowwise() - mean).colwise().squaredNorm() / static_cast<double>(x.rows())).cwiseSqrt();
  const auto objective = [&](const Eigen::VectorXd& weights, double bias) {
    double sum = 0.0;
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      const double log_scale = x.row(i).dot(weights) + bias;
      sum += log_scale + std::abs(sample.errors[i]) * std::exp(-log_scale);
    }
    return sum + 0.5 * penalty * static_cast<double>(x.rows()) *
                     (weights.array() * deviation.transpose().array()).square().sum();
  };
  const double found = objective(head.weights, head.bias);
  for (int u = 0; u < 3; ++u) {
    for (const double step : {-0.02, 0.02}) {
      Eigen::VectorXd moved = head.weights;
      moved[u] += step;
      EXPECT_GT(objective(moved, head.bias - step * mean[u]), found) << u;
    }
  }
}

TEST(ScaleHead, IsKeptWhereErrorsDiffer) {
  const Sample sample = MakeSample(1000, 0.4, 3);
  const auto scale = *FitAdaptiveScale(sample.units, sample.errors, sample.fold_of);
  ASSERT_TRUE(scale.has_value());
  ASSERT_EQ(scale->log_scale.size(), 1000u);
  double squares = 0.0;
  for (int i = 0; i < 1000; ++i) {
    const double expected = 0.4 * (sample.units(i, 0) - 5.0) - 1.0 + 0.5 * std::log(2.0 / M_PI);
    squares += (scale->log_scale[i] - expected) * (scale->log_scale[i] - expected);
  }
  EXPECT_LT(std::sqrt(squares / 1000.0), 0.1);
}

TEST(ScaleHead, IsNotKeptWhereTheyDoNot) {
  for (const uint64_t seed : {4, 5, 6, 7}) {
    const Sample sample = MakeSample(200, 0.0, seed);
    EXPECT_FALSE(FitAdaptiveScale(sample.units, sample.errors, sample.fold_of)->has_value()) << seed;
  }
}

TEST(ScaleHead, SurvivesErrorsOfZeroAndWildOnes) {
  Sample sample = MakeSample(100, 0.0, 8);
  sample.errors[3] = 1e30;
  EXPECT_TRUE(FitScaleHead(sample.units, sample.errors, 0.1).weights.allFinite());
  std::fill(sample.errors.begin(), sample.errors.end(), 0.0);
  EXPECT_TRUE(FitScaleHead(sample.units, sample.errors, 0.1).weights.allFinite());
  EXPECT_FALSE(FitAdaptiveScale(sample.units, sample.errors, sample.fold_of)->has_value());
}

TEST(LastHiddenUnits, AreThoseThatTheLastLayerSees) {
  Random random(9);
  Mlp mlp;
  for (const auto& [rows, columns] : {std::pair{4, 3}, std::pair{5, 4}, std::pair{1, 5}}) {
    DenseLayer layer;
    layer.weights = RowMajorMatrix::NullaryExpr(rows, columns, [&] { return static_cast<float>(random.Normal()); });
    layer.biases = Eigen::VectorXf::NullaryExpr(rows, [&] { return static_cast<float>(random.Normal()); });
    layer.activation = rows == 1 ? Activation::kIdentity : Activation::kSilu;
    mlp.layers.push_back(layer);
  }
  const RowMajorMatrix x = RowMajorMatrix::NullaryExpr(10, 3, [&] { return static_cast<float>(random.Normal()); });
  const RowMajorMatrix units = LastHiddenUnits(mlp, x);
  ASSERT_EQ(units.cols(), 5);
  for (int i = 0; i < 10; ++i) {
    const double z = mlp.layers[2].weights.row(0).dot(units.row(i)) + mlp.layers[2].biases[0];
    EXPECT_NEAR(z, mlp.Evaluate(x.row(i).data()), 1e-5);
  }
}

}  // namespace
}  // namespace roicast

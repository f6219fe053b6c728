#include "model/training/capacity/logistic_path.h"

#include <cmath>
#include <vector>

#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace roicast {
namespace {

struct TwoValued {
  RowMajorMatrix x;
  std::vector<float> y, weights;
};

// Log odds: 1.5 x₀ − x₂ − 1.
TwoValued MakeTwoValued(int rows, int inputs, uint64_t seed) {
  Random random(seed);
  TwoValued data{RowMajorMatrix(rows, inputs), {}, {}};
  for (Eigen::Index i = 0; i < data.x.size(); ++i) data.x.data()[i] = static_cast<float>(random.Normal());
  for (int i = 0; i < rows; ++i) {
    const double z = 1.5 * data.x(i, 0) - data.x(i, 2) - 1.0;
    data.y.push_back(random.Uniform() < Probability(z) ? 1.0f : 0.0f);
    data.weights.push_back(static_cast<float>(random.Uniform(0.5, 1.5)));
  }
  return data;
}

TEST(FitLogisticRidge, FindsALawOfLogOdds) {
  const TwoValued data = MakeTwoValued(20'000, 3, 1);
  const LinearModel model = *FitLogisticRidge(data.x, data.y, {});
  EXPECT_NEAR(model.weights[0], 1.5, 0.07);
  EXPECT_NEAR(model.weights[1], 0.0, 0.05);
  EXPECT_NEAR(model.weights[2], -1.0, 0.06);
  EXPECT_NEAR(model.bias, -1.0, 0.05);
}

TEST(FitLogisticRidge, MaximisesThePenalisedLikelihoodOfWeightedRows) {
  const TwoValued data = MakeTwoValued(200, 4, 2);
  const LinearModel model = *FitLogisticRidge(data.x, data.y, data.weights);
  ASSERT_GT(model.penalty, 0.0);
  double total = 0.0;
  for (const float weight : data.weights) total += weight;
  Eigen::VectorXd gradient = model.penalty * model.weights;
  double bias_gradient = 0.0;
  for (Eigen::Index i = 0; i < data.x.rows(); ++i) {
    const double error = Probability(model.Evaluate(data.x.row(i).data())) - data.y[i];
    const double weight = data.weights[i] * 200.0 / total;
    gradient += weight * error * data.x.row(i).cast<double>().transpose();
    bias_gradient += weight * error;
  }
  EXPECT_LT(gradient.norm(), 1e-2);
  EXPECT_LT(std::abs(bias_gradient), 1e-2);
}

TEST(FitLogisticRidge, HoldsBackWhatNoiseSays) {
  TwoValued data = MakeTwoValued(400, 30, 3);
  Random random(4);
  for (float& y : data.y) y = random.Uniform() < 0.3 ? 1.0f : 0.0f;
  EXPECT_LT(FitLogisticRidge(data.x, data.y, {})->weights.norm(), 0.2);
}

TEST(FitLogisticRidge, HasASolutionForRowsThatAPlaneSeparates) {
  TwoValued data = MakeTwoValued(300, 3, 5);
  for (int i = 0; i < 300; ++i) data.y[i] = data.x(i, 0) > 0.0f ? 1.0f : 0.0f;
  const LinearModel model = *FitLogisticRidge(data.x, data.y, {});
  ASSERT_TRUE(model.weights.allFinite() && std::isfinite(model.bias));
  EXPECT_GT(model.weights[0], 5.0);
  int right = 0;
  for (int i = 0; i < 300; ++i) right += (model.Evaluate(data.x.row(i).data()) > 0.0) == (data.y[i] == 1.0f) ? 1 : 0;
  EXPECT_GE(right, 297);
}

TEST(FitLogisticRidge, IsTheBaseRateWithoutAnythingToLearnFrom) {
  const std::vector<float> y = {1, 0, 0, 0};
  const LinearModel constant = *FitLogisticRidge(RowMajorMatrix::Constant(4, 2, 3.0f), y, {});
  EXPECT_EQ(constant.weights.norm(), 0.0);
  EXPECT_NEAR(Probability(constant.bias), 0.25, 1e-12);
  const RowMajorMatrix wide = RowMajorMatrix::Random(4, kMaxLinearInputs + 1);
  EXPECT_NEAR(Probability(FitLogisticRidge(wide, y, std::vector<float>{3, 1, 1, 1})->bias), 0.5, 1e-12);
  // Held off 0 by half a row.
  EXPECT_NEAR(Probability(FitLogisticRidge(wide, std::vector<float>(4, 0.0f), {})->bias), 0.125, 1e-12);
}

}  // namespace
}  // namespace roicast

#include "model/training/capacity/log_odds_scale.h"

#include <vector>

#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/training/capacity/logistic_path.h"

namespace roicast {
namespace {

struct Predicted {
  std::vector<float> truth;
  std::vector<double> log_odds;
};

// The true log odds are intercept + slope · z.
Predicted Draw(int rows, double slope, double intercept, uint64_t seed) {
  Random random(seed);
  Predicted rows_drawn;
  for (int i = 0; i < rows; ++i) {
    const double z = 2.0 * random.Normal();
    rows_drawn.log_odds.push_back(z);
    rows_drawn.truth.push_back(random.Uniform() < Probability(intercept + slope * z) ? 1.0f : 0.0f);
  }
  return rows_drawn;
}

TEST(FitLogOddsScale, FindsWhatMakesTooSurePredictionsRight) {
  const Predicted rows = Draw(20'000, 0.5, -0.4, 1);
  const LogOddsScale scale = FitLogOddsScale(rows.truth, rows.log_odds, {});
  EXPECT_NEAR(scale.slope, 0.5, 0.03);
  EXPECT_NEAR(scale.intercept, -0.4, 0.06);
}

TEST(FitLogOddsScale, LeavesCalibratedPredictionsAlone) {
  for (uint64_t seed = 2; seed < 12; ++seed) {
    const Predicted rows = Draw(500, 1.0, 0.0, seed);
    EXPECT_TRUE(FitLogOddsScale(rows.truth, rows.log_odds, {}).IsIdentity()) << seed;
  }
}

TEST(FitLogOddsScale, CountsRowsByTheirWeights) {
  Predicted rows = Draw(4'000, 1.0, 0.0, 20);
  const Predicted other = Draw(4'000, 0.3, 1.0, 21);
  rows.truth.insert(rows.truth.end(), other.truth.begin(), other.truth.end());
  rows.log_odds.insert(rows.log_odds.end(), other.log_odds.begin(), other.log_odds.end());
  std::vector<float> weights(8'000, 0.0f);
  std::fill(weights.begin() + 4'000, weights.end(), 2.0f);
  const LogOddsScale scale = FitLogOddsScale(rows.truth, rows.log_odds, weights);
  const LogOddsScale alone = FitLogOddsScale(other.truth, other.log_odds, {});
  EXPECT_NEAR(scale.slope, alone.slope, 1e-6);
  EXPECT_NEAR(scale.intercept, alone.intercept, 1e-6);
}

TEST(FitLogOddsScale, IsTheIdentityWhereNothingCanBeLearnt) {
  const Predicted backwards = Draw(2'000, -1.0, 0.0, 30);
  EXPECT_TRUE(FitLogOddsScale(backwards.truth, backwards.log_odds, {}).IsIdentity());
  EXPECT_TRUE(FitLogOddsScale(std::vector<float>{0, 1, 0}, std::vector<double>{2, 2, 2}, {}).IsIdentity());
  EXPECT_TRUE(FitLogOddsScale({}, {}, {}).IsIdentity());
}

TEST(ScaleLogOdds, ScalesTheLastLayer) {
  Mlp mlp;
  mlp.layers.push_back({RowMajorMatrix::Constant(1, 2, 3.0f), Eigen::VectorXf::Constant(1, 4.0f)});
  ScaleLogOdds({0.5, -1.0}, mlp);
  EXPECT_EQ(mlp.layers[0].weights(0, 1), 1.5f);
  EXPECT_EQ(mlp.layers[0].biases[0], 1.0f);
}

}  // namespace
}  // namespace roicast

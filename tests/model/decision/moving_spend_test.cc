// Answers of a model that has learnt from clicks what spend does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "model/decision/budget_optimizer.h"
#include "model/decision/lift_calibration.h"
#include "model/decision/response_curve.h"
#include "tests/model/decision/power_law.h"

namespace roicast {
namespace {

using testing::MakePowerLaw;
using testing::OwnedModel;
using testing::PowerRow;

constexpr int kSpend = 0, kClicks = 3;

// The power law along clicks instead of the spend, which go with spend^0.5.
Artifact LawOfClicks() {
  Artifact artifact = MakePowerLaw({});
  Feature clicks = artifact.schema.features[kSpend];
  clicks.name = "clicks";
  clicks.seen_min = 10.0;
  clicks.seen_max = 1'000.0;
  artifact.schema.features.push_back(clicks);
  artifact.features.push_back(artifact.features[kSpend]);
  RowMajorMatrix& weights = artifact.mlp.layers[0].weights;
  const RowMajorMatrix law = weights;
  weights.resize(1, law.cols() + 1);
  weights.leftCols(law.cols()) = law;
  weights(0, law.cols()) = law(0, 0);
  weights(0, 0) = 0.0f;
  artifact.moves_with_spend = {kSpend, {{kClicks, 0.5, 0.0}}};
  return artifact;
}

std::vector<float> Row(double spend, double clicks) {
  std::vector<float> row = PowerRow(spend, 0);
  row.push_back(static_cast<float>(clicks));
  return row;
}

double RoiOf(double clicks) { return 30.0 * std::pow(1.0 + clicks, -0.4) - 1.0; }

TEST(MovingSpend, CurvesTakeClicksAlongFromTheRowsOwn) {
  const OwnedModel owned(LawOfClicks());
  ResponseCurveOptions options;
  options.grid = {100.0, 400.0, 1'600.0};
  const auto curves = ResponseCurves(owned.model(), Row(400.0, 50.0), options, {});
  ASSERT_TRUE(curves.ok()) << curves.status();
  const double clicks[] = {25.0, 50.0, 100.0};
  for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(curves->front().roi.value[i], RoiOf(clicks[i]), 1e-4) << i;
  // At its own spend the row is as Predict has it, to the bit.
  float here = 0.0f;
  owned.predictor().Predict(Row(400.0, 50.0).data(), 1, absl::MakeSpan(&here, 1), {});
  EXPECT_EQ(curves->front().prediction[1], here);
}

TEST(MovingSpend, AlongClicksTheSpendStays) {
  const OwnedModel owned(LawOfClicks());
  ResponseCurveOptions options;
  options.feature = "clicks";
  options.grid = {25.0, 50.0};
  const auto curves = ResponseCurves(owned.model(), Row(400.0, 50.0), options, {});
  ASSERT_TRUE(curves.ok()) << curves.status();
  EXPECT_NEAR(curves->front().revenue.value[0], (1.0 + RoiOf(25.0)) * 400.0, 0.1);
}

TEST(MovingSpend, SplitsPredictEachAmountWithTheClicksThatTheyName) {
  const OwnedModel owned(LawOfClicks());
  BudgetProblem problem;
  for (const auto& row : {Row(400.0, 50.0), Row(900.0, 20.0)}) {
    problem.rows.insert(problem.rows.end(), row.begin(), row.end());
  }
  problem.campaigns.resize(2);
  problem.budget = 3'000.0;
  problem.spend_all = true;
  const auto answer = OptimizeBudget(owned.model(), problem, {});
  ASSERT_TRUE(answer.ok()) << answer.status();
  const double own_spend[] = {400.0, 900.0}, own_clicks[] = {50.0, 20.0};
  for (const BudgetSplit* split : {&answer->optimum, &answer->present, &answer->even}) {
    for (size_t c = 0; c < 2; ++c) {
      const SpentCampaign& campaign = split->campaigns[c];
      ASSERT_EQ(campaign.moved.size(), 1u);
      EXPECT_NEAR(campaign.moved[0], own_clicks[c] * std::sqrt(campaign.spend / own_spend[c]), 1e-3);
      float predicted = 0.0f;
      owned.predictor().Predict(Row(campaign.spend, campaign.moved[0]).data(), 1, absl::MakeSpan(&predicted, 1), {});
      EXPECT_EQ(campaign.roi, predicted);
    }
  }
  EXPECT_EQ(answer->present.campaigns[0].moved[0], 50.0f);
}

TEST(MovingSpend, LiftTestsCompareWithClicksThatMoved) {
  const OwnedModel owned(LawOfClicks());
  const auto money = MoneyModel::Create(owned.model(), "");
  ASSERT_TRUE(money.ok()) << money.status();
  const double expected = (1.0 + RoiOf(100.0)) * 1'600.0 - (1.0 + RoiOf(50.0)) * 400.0;
  const LiftTest test = {400.0, 1'600.0, expected, 0.01 * expected};
  const auto lift = CalibrateByLift(*money, Row(400.0, 50.0), {test}, {});
  ASSERT_TRUE(lift.ok() && lift->has_value()) << lift.status();
  EXPECT_NEAR((*lift)->factor, 1.0, 1e-3);
  // Below the lowest tested spend they say nothing.
  EXPECT_TRUE(std::isnan((*lift)->Revenue(399.0, 1.0)));
  EXPECT_NEAR((*lift)->Revenue(400.0, (*lift)->base_revenue), (*lift)->base_revenue, 1e-9);
}

}  // namespace
}  // namespace roicast

// Answers of a model that has learnt from clicks what spend does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
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

constexpr float kNoClicks = std::numeric_limits<float>::quiet_NaN();
constexpr double kLevel = 1.5, kSpread = 0.3;

// Clicks are e^1.5 times as many for the spend in search, and as many times fewer in social; of e-mail it is not known.
Artifact LawOfClicksByChannel(double spread = kSpread) {
  Artifact artifact = LawOfClicks();
  artifact.schema.features[kClicks].seen_min = 0.1;
  artifact.schema.features[kClicks].seen_max = 1e5;
  artifact.target.roi_floor = -1.0;
  SpendCompanion& clicks = artifact.moves_with_spend.features[0];
  clicks.words = {{1, 0, kLevel}, {1, 1, -kLevel}};
  clicks.spread = spread;
  artifact.model_error = ModelError{0.02, 0.0, {{0.0, 0.0}, {}, {}, {}}, 100};
  return artifact;
}
std::vector<float> RowWithoutClicks(double spend, int channel) {
  std::vector<float> row = PowerRow(spend, channel);
  row.push_back(kNoClicks);
  return row;
}
double RoiOfChannel(double clicks, int channel) {
  const double returns[] = {30.0, 20.0, 10.0};
  return returns[channel] * std::pow(1.0 + clicks, -0.4) - 1.0;
}

TEST(MovingSpend, ClicksThatAreMissingAreThoseOfTheChannel) {
  const OwnedModel owned(LawOfClicksByChannel());
  ResponseCurveOptions options;
  options.grid = {100.0, 400.0};
  options.interval_level = 0.9;
  for (int channel = 0; channel < 3; ++channel) {
    const auto curves = ResponseCurves(owned.model(), RowWithoutClicks(400.0, channel), options, {});
    ASSERT_TRUE(curves.ok()) << curves.status();
    const auto own = ResponseCurves(owned.model(), Row(400.0, 400.0), options, {});
    ASSERT_TRUE(own.ok()) << own.status();
    const double level = channel == 0 ? kLevel : channel == 1 ? -kLevel : 0.0;
    const double deviation = std::hypot(kSpread, channel == 2 ? kLevel : 0.0);
    for (size_t i = 0; i < 2; ++i) {
      const double usual = std::sqrt(options.grid[i]) * std::exp(level), z = 1.6448536;
      const double roi = RoiOfChannel(usual, channel);
      const ResponseCurve& curve = curves->front();
      EXPECT_NEAR(curve.prediction[i], roi, 1e-4) << channel;
      // That of a row with clicks, and how far they may be off.
      const double low = (1.0 + roi) * std::exp(-0.9) - 1.0, high = (1.0 + roi) * std::exp(0.9) - 1.0;
      const double fewer = RoiOfChannel(usual * std::exp(-z * deviation), channel);
      const double more = RoiOfChannel(usual * std::exp(z * deviation), channel);
      EXPECT_NEAR(curve.low[i], std::max(-1.0, roi - std::hypot(roi - low, roi - more)), 1e-3) << channel;
      EXPECT_NEAR(curve.high[i], roi + std::hypot(high - roi, fewer - roi), 1e-3) << channel;
    }
  }
}

TEST(MovingSpend, PromisesOfChannelsWithoutAKnownLevelHaveIntervalsThatIncludeIt) {
  const OwnedModel owned(LawOfClicksByChannel());
  const auto split_of = [&](int channel) {
    BudgetProblem problem;
    for (const double spend : {400.0, 900.0, 700.0, 800.0}) {
      std::vector<float> row = RowWithoutClicks(spend, channel);
      row[2] += static_cast<float>(spend);  // a campaign of its own
      problem.rows.insert(problem.rows.end(), row.begin(), row.end());
    }
    problem.campaigns.resize(4);
    problem.budget = 4'000.0;
    problem.spend_all = true;
    const auto answer = OptimizeBudget(owned.model(), problem, {});
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.value_or(BudgetAnswer()).optimum;
  };
  const BudgetSplit email = split_of(2), search = split_of(0);
  for (const double level : {-kLevel, kLevel}) {
    double profit = 0.0;
    for (const SpentCampaign& campaign : email.campaigns) {
      profit += campaign.spend * RoiOfChannel(std::sqrt(campaign.spend) * std::exp(level), 2);
      EXPECT_GT(campaign.unknown_level_error, 0.0);
    }
    EXPECT_GT(profit, email.promise.expected_low);
    EXPECT_LT(profit, email.promise.expected_high);
    EXPECT_GT(profit, email.promise.low);
    EXPECT_LT(profit, email.promise.high);
  }
  for (const SpentCampaign& campaign : search.campaigns) EXPECT_EQ(campaign.unknown_level_error, 0.0);
  EXPECT_LT(search.promise.expected_high - search.promise.expected_low, 0.2 * search.promise.revenue);
  EXPECT_GT(email.promise.expected_high - email.promise.expected_low, email.promise.revenue);
}

TEST(MovingSpend, LowerBoundsKnowWhatWasFilledIn) {
  const auto value_of = [](double spread) {
    const OwnedModel owned(LawOfClicksByChannel(spread));
    BudgetProblem problem;
    problem.rows = RowWithoutClicks(400.0, 0);
    problem.campaigns.resize(1);
    problem.budget = 1'000.0;
    problem.lower_bound_level = 0.8;
    problem.curves = true;
    const auto answer = OptimizeBudget(owned.model(), problem, {});
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->curves.front().value.back() : 0.0;
  };
  EXPECT_LT(value_of(kSpread), value_of(0.0) - 1.0);
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

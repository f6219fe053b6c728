#include "model/decision/response_curve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/model/decision/power_law.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::MakePowerLaw;
using testing::OwnedModel;
using testing::PowerRow;

// In January.
double TrueRoi(double channel, double spend) { return channel * std::pow(1.0 + spend, -0.4) - 1.0; }

TEST(ResponseCurve, FollowsTheLawAndIsPredictsToTheBit) {
  const OwnedModel owned(MakePowerLaw({}));
  ResponseCurveOptions options;
  options.grid = {100.0, 1'000.0, 5'000.0, 20'000.0};
  const auto curves = ResponseCurves(owned.model(), PowerRow(7.0, 1), options, {});
  ASSERT_TRUE(curves.ok()) << curves.status();
  ASSERT_EQ(curves->size(), 1u);
  const ResponseCurve& curve = curves->front();
  EXPECT_EQ(curve.feature, "spend");
  EXPECT_EQ(curve.at, options.grid);
  for (size_t i = 0; i < 4; ++i) {
    const double spend = options.grid[i];
    float predicted = 0.0f;
    owned.predictor().Predict(PowerRow(spend, 1).data(), 1, absl::MakeSpan(&predicted, 1), {});
    EXPECT_EQ(curve.prediction[i], predicted) << spend;
    EXPECT_EQ(curve.roi.value[i], predicted) << spend;
    EXPECT_NEAR(curve.roi.value[i], TrueRoi(20.0, spend), 1e-4) << spend;
    EXPECT_EQ(curve.profit.value[i], predicted * spend) << spend;
    EXPECT_EQ(curve.revenue.value[i], (1.0 + predicted) * spend) << spend;
    EXPECT_EQ(curve.profit.low[i], curve.roi.low[i] * spend) << spend;
    if (i == 3) continue;  // Outside the range of training, intervals are wider.
    // The scores' quantiles 0.05 and 0.95 are −0.9 and 0.9.
    EXPECT_NEAR(1.0 + curve.roi.low[i], (1.0 + predicted) * std::exp(-0.9), 1e-3) << spend;
    EXPECT_NEAR(1.0 + curve.roi.high[i], (1.0 + predicted) * std::exp(0.9), 1e-3 * (1.0 + predicted)) << spend;
  }
  EXPECT_THAT(curve.outside, ElementsAre(0, 0, 0, 1));
  EXPECT_FALSE(curve.other_warnings);
}

TEST(ResponseCurve, MarginalRoiIsTheSlopeOfProfitBetweenNeighbours) {
  const OwnedModel owned(MakePowerLaw({}));
  ResponseCurveOptions options;
  options.grid = {990.0, 1'000.0, 1'010.0};
  const auto curves = ResponseCurves(owned.model(), PowerRow(7.0, 0), options, {});
  ASSERT_TRUE(curves.ok()) << curves.status();
  const CurveBand& marginal = curves->front().marginal_roi;
  const std::vector<double>& profit = curves->front().profit.value;
  EXPECT_EQ(marginal.value[0], (profit[1] - profit[0]) / 10.0);
  EXPECT_EQ(marginal.value[1], (profit[2] - profit[0]) / 20.0);
  EXPECT_EQ(marginal.value[2], (profit[2] - profit[1]) / 10.0);
  // d/dx (30 x (1 + x)^−0.4 − x)
  const double exact = 30.0 * (std::pow(1001.0, -0.4) - 0.4 * 1000.0 * std::pow(1001.0, -1.4)) - 1.0;
  EXPECT_NEAR(marginal.value[1], exact, 2e-3);
  EXPECT_LT(marginal.low[1], marginal.value[1]);
  EXPECT_GT(marginal.high[1], marginal.value[1]);
}

TEST(ResponseCurve, DefaultGridIsWhatTrainingSawInEqualRatios) {
  const OwnedModel owned(MakePowerLaw({}));
  ResponseCurveOptions options;
  options.points = 3;
  const auto curves = ResponseCurves(owned.model(), PowerRow(7.0, 0), options, {});
  ASSERT_TRUE(curves.ok()) << curves.status();
  EXPECT_EQ(curves->front().at.front(), 100.0);
  EXPECT_NEAR(curves->front().at[1], 1'000.0, 1e-9);
  EXPECT_EQ(curves->front().at.back(), 10'000.0);
}

TEST(ResponseCurve, WithoutCalibrationSaysWhyThereAreNoIntervals) {
  const OwnedModel owned(MakePowerLaw({.calibrated = false}));
  const auto curves = ResponseCurves(owned.model(), PowerRow(7.0, 0), {}, {});
  ASSERT_TRUE(curves.ok()) << curves.status();
  EXPECT_TRUE(curves->front().roi.low.empty());
  EXPECT_THAT(curves->front().no_intervals_because, HasSubstr("it has no calibration"));
}

absl::Status ErrorOf(const ResponseCurveOptions& options, const Artifact& artifact = MakePowerLaw({}),
                     const std::vector<float>& rows = PowerRow(7.0, 0)) {
  const OwnedModel owned(artifact);
  return ResponseCurves(owned.model(), rows, options, {}).status();
}

TEST(ResponseCurve, NamesABadGrid) {
  ResponseCurveOptions reversed;
  reversed.grid = {100.0, 50.0};
  EXPECT_EQ(ErrorOf(reversed), absl::InvalidArgumentError("grid[1]: expected ascending values that differ as float32, "
                                                          "got 50 behind 100"));
  ResponseCurveOptions crossed;
  crossed.from = 100.0;
  crossed.to = 50.0;
  EXPECT_EQ(ErrorOf(crossed), absl::InvalidArgumentError("grid: expected from < to, got 100 to 50"));
  ResponseCurveOptions above;
  above.from = 20'000.0;
  EXPECT_EQ(ErrorOf(above), absl::InvalidArgumentError("grid: expected from < to, got 20000 to 10000 of \"spend\"; "
                                                       "training saw 100 to 10000"));
  ResponseCurveOptions single;
  single.grid = {5.0};
  EXPECT_EQ(ErrorOf(single), absl::InvalidArgumentError("grid: expected at least 2 values, got 1"));
  ResponseCurveOptions refused;
  refused.grid = {-5.0, 5.0};
  EXPECT_EQ(ErrorOf(refused), absl::InvalidArgumentError("row 0: spend: expected > 0, got -5"));
  ResponseCurveOptions below;
  below.from = -5.0;
  EXPECT_EQ(ErrorOf(below),
            absl::InvalidArgumentError("from: expected a value that the model takes for \"spend\" (> 0), got -5"));
  ResponseCurveOptions many;
  many.points = 600'000;
  std::vector<float> two = PowerRow(7.0, 0);
  two.insert(two.end(), two.begin(), two.end());
  EXPECT_THAT(ErrorOf(many, MakePowerLaw({}), two).message(), HasSubstr("at most 1000000 rows times values"));
}

TEST(ResponseCurve, NamesAFeatureThatCannotVary) {
  ResponseCurveOptions unknown;
  unknown.feature = "spnd";
  EXPECT_EQ(ErrorOf(unknown), absl::InvalidArgumentError("feature: expected a feature of the model, got \"spnd\"; did "
                                                         "you mean \"spend\"?"));
  ResponseCurveOptions words;
  words.feature = "channel";
  EXPECT_EQ(ErrorOf(words),
            absl::InvalidArgumentError("feature: expected a numeric feature, but \"channel\" is not one"));
}

TEST(ResponseCurve, RefusesMoneyOfAModelThatPredictsNone) {
  Artifact artifact = MakePowerLaw({});
  artifact.report.target = {"clicks", false, "", ""};
  const absl::Status status = ErrorOf({}, artifact);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr("expected a model that predicts an ROI or a revenue, but this one predicts "
                                          "\"clicks\""));
  ResponseCurveOptions prediction;
  prediction.money = false;
  const OwnedModel owned(artifact);
  const auto curves = ResponseCurves(owned.model(), PowerRow(7.0, 0), prediction, {});
  ASSERT_TRUE(curves.ok()) << curves.status();
  EXPECT_EQ(curves->front().prediction.size(), 50u);
  EXPECT_TRUE(curves->front().roi.value.empty());
}

TEST(ResponseCurve, OfARevenueModelGivesItsRoi) {
  Artifact artifact = MakePowerLaw({});
  artifact.report.target = {"Revenue", false, "", ""};
  const OwnedModel owned(artifact);
  ResponseCurveOptions options;
  options.grid = {100.0, 200.0};
  const auto curves = ResponseCurves(owned.model(), PowerRow(7.0, 0), options, {});
  ASSERT_TRUE(curves.ok()) << curves.status();
  const ResponseCurve& curve = curves->front();
  EXPECT_EQ(curve.roi.value[1], curve.prediction[1] / 200.0 - 1.0);
  EXPECT_NEAR(curve.revenue.value[1], curve.prediction[1], 1e-5);
}

TEST(ResponseCurve, OfManyRowsAreThoseOfEachRow) {
  const OwnedModel owned(MakePowerLaw({}));
  ResponseCurveOptions options;
  options.points = 9'000;
  const std::vector<float> rows = testing::PowerRows({7.0, 8.0, 9.0}, {0, 1, 2});
  const auto all = ResponseCurves(owned.model(), rows, options, {});
  ASSERT_TRUE(all.ok()) << all.status();
  ASSERT_EQ(all->size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    const auto one = ResponseCurves(owned.model(), absl::MakeConstSpan(rows).subspan(i * 3, 3), options, {});
    ASSERT_TRUE(one.ok()) << one.status();
    EXPECT_EQ((*all)[i].prediction, (*one)[0].prediction);
    EXPECT_EQ((*all)[i].low, (*one)[0].low);
    EXPECT_EQ((*all)[i].marginal_roi.high, (*one)[0].marginal_roi.high);
  }
}

TEST(ResponseCurve, StopsWhenToldTo) {
  const OwnedModel owned(MakePowerLaw({}));
  const auto curves =
      ResponseCurves(owned.model(), PowerRow(7.0, 0), {}, [] { return absl::DeadlineExceededError("late"); });
  EXPECT_EQ(curves.status(), absl::DeadlineExceededError("late"));
}

// A spend that e-mail never had was "within training", as search had it.
TEST(ResponseCurve, MarksWhatCampaignsWithTheRowsWordsNeverHad) {
  const OwnedModel owned(MakePowerLaw({.word_ranges = {{1, 2, 150.0, 2'000.0}}}));
  ResponseCurveOptions options;
  options.grid = {100.0, 150.0, 2'000.0, 5'000.0, 20'000.0};
  std::vector<float> rows = PowerRow(500.0, 2);
  const std::vector<float> search = PowerRow(500.0, 0);
  rows.insert(rows.end(), search.begin(), search.end());
  const auto curves = ResponseCurves(owned.model(), rows, options, {});
  ASSERT_TRUE(curves.ok()) << curves.status();
  EXPECT_THAT((*curves)[0].outside, ElementsAre(1, 0, 0, 1, 1));
  EXPECT_EQ((*curves)[0].seen_min, 150.0);
  EXPECT_EQ((*curves)[0].seen_max, 2'000.0);
  EXPECT_THAT((*curves)[1].outside, ElementsAre(0, 0, 0, 0, 1));
  EXPECT_EQ((*curves)[1].seen_max, 10'000.0);
  // The interval is wider there, in logarithms.
  const auto width = [&](const ResponseCurve& curve, size_t i) {
    return std::log((1.0 + curve.roi.high[i]) / (1.0 + curve.roi.low[i]));
  };
  EXPECT_NEAR(width((*curves)[0], 2), 1.8, 0.01);
  EXPECT_GT(width((*curves)[0], 3), 2.0);
  EXPECT_NEAR(width((*curves)[1], 3), 1.8, 0.01);
  EXPECT_FALSE((*curves)[0].other_warnings);
}

}  // namespace
}  // namespace roicast

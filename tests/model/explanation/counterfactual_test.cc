#include "model/explanation/counterfactual.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/random.h"
#include "model/explanation/counterfactual/change_axis.h"
#include "model/explanation/row_groups.h"
#include "tests/model/explanation/function_predictor.h"
#include "tests/model/predictor/random_artifact.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

// price and spend from 0 to 10 with an interquartile range of 5; three channels; start.
Schema CampaignLikeSchema() {
  Schema schema;
  schema.features = {NumberFeature("price"), NumberFeature("spend"),
                     WordFeature("channel", {"search", "social", "email"}), TimeFeature("start")};
  for (int f = 0; f < 2; ++f) {
    schema.features[f].allowed_min = 0.0;
    schema.features[f].seen_min = 0.0;
    schema.features[f].seen_max = 10.0;
  }
  return schema;
}

// Numbers evenly from 0 to 10, words and starts in turn.
Background EvenBackground(const Schema& schema) {
  Background background;
  for (int b = 0; b < 21; ++b) {
    for (const Feature& feature : schema.features) {
      background.rows.push_back(feature.kind == FeatureKind::kNumeric ? 0.5f * static_cast<float>(b)
                                : feature.kind == FeatureKind::kCategorical
                                    ? static_cast<float>(b % 3)
                                    : 450'000.0f + 100.0f * static_cast<float>(b));
    }
  }
  background.weights.assign(21, 1.0f / 21.0f);
  return background;
}

double Formula(const float* x) {
  const double channel[] = {0.0, 1.0, -1.0};
  const auto code = static_cast<int>(x[2]);
  return 0.2 * x[0] - 0.1 * x[1] + (code >= 0 && code < 3 ? channel[code] : 0.0) +
         (std::isnan(x[3]) ? 0.0 : 1e-3 * (x[3] - 450'000.0));
}

class CounterfactualTest : public ::testing::Test {
 protected:
  Counterfactual FindOrFail(const std::vector<Freedom>& freedoms, const CounterfactualOptions& options) {
    auto found = FindCounterfactual(predictor_, background_, row_.data(), freedoms, options);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *std::move(found) : Counterfactual();
  }
  absl::Status Error(const std::vector<Freedom>& freedoms, const CounterfactualOptions& options = {}) {
    return FindCounterfactual(predictor_, background_, row_.data(), freedoms, options).status();
  }
  std::string Message(const std::vector<Freedom>& freedoms, const CounterfactualOptions& options = {}) {
    const absl::Status status = Error(freedoms, options);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return std::string(status.message());
  }

  const FunctionPredictor predictor_{CampaignLikeSchema(), Formula};
  const Background background_ = EvenBackground(CampaignLikeSchema());
  std::vector<float> row_ = {5.0f, 5.0f, 0.0f, 450'000.0f};  // predicted 0.5
};

TEST_F(CounterfactualTest, MovesANumberAsFarAsNeeded) {
  const Counterfactual found = FindOrFail({{.feature = 0}}, {.wanted = 1.0});
  EXPECT_TRUE(found.reached);
  EXPECT_EQ(found.prediction_before, 0.5f);
  ASSERT_EQ(found.changes.size(), 1u);
  EXPECT_EQ(found.changes[0].feature, 0);
  EXPECT_EQ(found.changes[0].from, 5.0f);
  EXPECT_NEAR(found.changes[0].to, 7.5, 0.01);
  EXPECT_GE(found.prediction, 1.0f);
  EXPECT_NEAR(found.distance, 0.5 + 2.5 / 5.0, 0.005);  // the feature, and half of an interquartile range
  EXPECT_EQ(found.changes[0].distance, found.distance);
  EXPECT_EQ(found.row, (std::vector<float>{found.changes[0].to, 5.0f, 0.0f, 450'000.0f}));
}

// The revenue is 2 + price; the spend is 5, so that the ROI is (2 + price) / spend − 1.
TEST_F(CounterfactualTest, AnRoiIsReachedByMoreRevenueOrLessSpend) {
  const FunctionPredictor revenue{CampaignLikeSchema(), [](const float* x) { return 2.0 + x[0]; }};
  const auto find = [&](const std::vector<Freedom>& freedoms, const CounterfactualOptions& options) {
    auto found = FindCounterfactual(revenue, background_, row_.data(), freedoms, options);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *std::move(found) : Counterfactual();
  };
  const CounterfactualOptions more = {.wanted = 0.8, .spend_of_roi = 1};
  const Counterfactual earns = find({{.feature = 0}}, more);
  EXPECT_TRUE(earns.reached);
  EXPECT_NEAR(earns.outcome_before, 0.4, 1e-6);
  EXPECT_NEAR(earns.changes.at(0).to, 7.0, 0.02);
  EXPECT_GE(earns.outcome, 0.8);
  EXPECT_EQ(earns.prediction, 2.0f + earns.row[0]);
  const Counterfactual saves = find({{.feature = 1}}, more);
  EXPECT_TRUE(saves.reached);
  EXPECT_NEAR(saves.changes.at(0).to, 7.0 / 1.8, 0.02);
  EXPECT_EQ(saves.prediction, 7.0f);
  // A unit of spend is worth 1.4 units of revenue and more.
  const Counterfactual either = find({{.feature = 0}, {.feature = 1}}, more);
  ASSERT_EQ(either.changes.size(), 1u);
  EXPECT_EQ(either.changes[0].feature, 1);
  const Counterfactual less =
      find({{.feature = 1}}, {.goal = CounterfactualGoal::kAtMost, .wanted = -0.2, .spend_of_roi = 1});
  EXPECT_TRUE(less.reached);
  EXPECT_NEAR(less.changes.at(0).to, 7.0 / 0.8, 0.05);

  row_[1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(FindCounterfactual(revenue, background_, row_.data(), {{.feature = 0}}, more).status().message(),
            "row: expected a spend > 0, of which its return is a part, got none (\"spend\")");
}

// Price is 10 · spend^0.5 / 5^0.5 for search, and half of that for other channels.
MovesWithSpend PriceMoves() {
  const double level = std::log(10.0 / std::sqrt(5.0));
  return {1, {{0, 0.5, level - std::log(2.0), 0.0, {{2, 0, std::log(2.0)}, {2, 1, 0.0}}}}};
}

TEST_F(CounterfactualTest, WhatMovesAndIsMissingIsWhatUsuallyGoesWithTheSpend) {
  row_[0] = std::numeric_limits<float>::quiet_NaN();
  const Counterfactual stays = FindOrFail({{.feature = 1}}, {.wanted = 1.0, .moves = PriceMoves()});
  // 0.2 · 10 − 0.1 · 5, at the row's own spend, too.
  EXPECT_NEAR(stays.prediction_before, 1.5, 1e-6);
  EXPECT_TRUE(stays.changes.empty());
  ASSERT_EQ(stays.moved.size(), 1u);
  EXPECT_TRUE(std::isnan(stays.moved[0].from));
  EXPECT_NEAR(stays.moved[0].to, 10.0, 1e-5);
  // 0.2 · 10 · (spend / 5)^0.5 − 0.1 · spend is at most 2.
  const Counterfactual found = FindOrFail({{.feature = 1}}, {.wanted = 1.6, .moves = PriceMoves()});
  EXPECT_TRUE(found.reached);
  ASSERT_EQ(found.changes.size(), 1u);
  const double spend = found.row[1];
  EXPECT_NEAR(2.0 * std::sqrt(spend / 5.0) - 0.1 * spend, 1.6, 0.01);
  EXPECT_NEAR(found.row[0], 10.0 * std::sqrt(spend / 5.0), 1e-4);
  EXPECT_EQ(found.moved[0].to, found.row[0]);
  // With another channel, what is usual there.
  const Counterfactual other = FindOrFail({{.feature = 1, .cost = 100.0}, {.feature = 2}},
                                          {.goal = CounterfactualGoal::kAtMost, .wanted = 0.3, .moves = PriceMoves()});
  EXPECT_TRUE(other.reached);
  EXPECT_EQ(other.row[2], 2.0f);
  EXPECT_NEAR(other.row[0], 5.0, 1e-5);
  // If the price may change itself, it does not move along.
  row_[0] = 5.0f;
  const Counterfactual itself = FindOrFail({{.feature = 0}, {.feature = 1}}, {.wanted = 1.0, .moves = PriceMoves()});
  EXPECT_TRUE(itself.moved.empty());
}

TEST_F(CounterfactualTest, RoundsToFewDigits) {
  row_[0] = 5.12345f;
  const Counterfactual found = FindOrFail({{.feature = 0}}, {.wanted = 1.0});
  ASSERT_EQ(found.changes.size(), 1u);
  EXPECT_EQ(found.changes[0].to, 7.5f);
}

TEST_F(CounterfactualTest, ReachesAtMost) {
  const Counterfactual found = FindOrFail({{.feature = 1}}, {.goal = CounterfactualGoal::kAtMost, .wanted = 0.25});
  EXPECT_TRUE(found.reached);
  EXPECT_LE(found.prediction, 0.25f);
  EXPECT_NEAR(found.row[1], 7.5, 0.01);
}

TEST_F(CounterfactualTest, ChangesTheWordWhereThatIsNearer) {
  // A word is 0.5 + 1 away, the price 1.2 · (0.5 + 0.9) or 1.2 · (0.5 + 0.7).
  const std::vector<Freedom> freedoms = {{.feature = 0, .cost = 1.2}, {.feature = 2}};
  const Counterfactual word = FindOrFail(freedoms, {.wanted = 1.4});
  ASSERT_EQ(word.changes.size(), 1u);
  EXPECT_EQ(word.changes[0].feature, 2);
  EXPECT_EQ(word.changes[0].to, 1.0f);
  EXPECT_EQ(word.distance, 1.5);
  const Counterfactual number = FindOrFail(freedoms, {.wanted = 1.2});
  ASSERT_EQ(number.changes.size(), 1u);
  EXPECT_EQ(number.changes[0].feature, 0);
  EXPECT_NEAR(number.distance, 1.44, 0.01);
}

TEST_F(CounterfactualTest, WeighsCosts) {
  const std::vector<Freedom> freedoms = {{.feature = 0, .cost = 10.0}, {.feature = 1}};
  const Counterfactual found = FindOrFail(freedoms, {.wanted = 0.7});
  ASSERT_EQ(found.changes.size(), 1u);
  EXPECT_EQ(found.changes[0].feature, 1);
  EXPECT_NEAR(found.row[1], 3.0, 0.01);
}

TEST_F(CounterfactualTest, ChangesSeveralFeaturesWhereOneDoesNotDo) {
  const Counterfactual found = FindOrFail({{.feature = 0}, {.feature = 1}, {.feature = 2}}, {.wanted = 2.75});
  EXPECT_TRUE(found.reached);
  ASSERT_EQ(found.changes.size(), 3u);
  EXPECT_GE(found.prediction, 2.75f);
  // price all the way, social, and the rest from the spend: 0.5 + 1 + 1 − 0.1 · (2.5 − 5).
  EXPECT_NEAR(found.distance, 0.5 + 1.0 + 0.5 + 0.5 + 0.5 + 1.0, 0.01);
}

TEST_F(CounterfactualTest, LeavesWhatAlreadyIsAsWanted) {
  const Counterfactual found = FindOrFail({{.feature = 0}}, {.wanted = 0.5});
  EXPECT_TRUE(found.reached);
  EXPECT_TRUE(found.changes.empty());
  EXPECT_EQ(found.distance, 0.0);
  EXPECT_EQ(found.row, row_);
  EXPECT_EQ(found.prediction, 0.5f);
  EXPECT_EQ(found.evaluations, 2);
}

TEST_F(CounterfactualTest, SaysTheBestWhereItIsNotWithinTheBounds) {
  const Counterfactual found =
      FindOrFail({{.feature = 0, .max = 8.0}, {.feature = 2, .codes = {0, 2}}}, {.wanted = 9.0});
  EXPECT_FALSE(found.reached);
  EXPECT_EQ(found.row, (std::vector<float>{8.0f, 5.0f, 0.0f, 450'000.0f}));
  EXPECT_FLOAT_EQ(found.prediction, 1.1f);
  ASSERT_EQ(found.changes.size(), 1u);
  EXPECT_EQ(found.changes[0].to, 8.0f);
}

TEST_F(CounterfactualTest, ChangesNothingWhereNothingElseIsAllowed) {
  const Counterfactual found =
      FindOrFail({{.feature = 0, .min = 5.0, .max = 5.0}, {.feature = 2, .codes = {0}}}, {.wanted = 1.0});
  EXPECT_FALSE(found.reached);
  EXPECT_TRUE(found.changes.empty());
  EXPECT_EQ(found.prediction, 0.5f);
  EXPECT_EQ(found.row, row_);
}

TEST_F(CounterfactualTest, ChangesNothingWhereNothingHelps) {
  const FunctionPredictor constant(CampaignLikeSchema(), [](const float*) { return 0.25; });
  const auto found =
      FindCounterfactual(constant, background_, row_.data(), {{.feature = 0}, {.feature = 2}}, {.wanted = 1.0});
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_FALSE(found->reached);
  EXPECT_TRUE(found->changes.empty());
  EXPECT_EQ(found->prediction, 0.25f);
}

TEST_F(CounterfactualTest, KeepsToBoundsAndSteps) {
  const Counterfactual step = FindOrFail({{.feature = 0, .min = 4.1, .max = 9.9, .step = 0.7}}, {.wanted = 1.0});
  EXPECT_TRUE(step.reached);
  EXPECT_FLOAT_EQ(step.row[0], 7.6f);  // 4.1 + 5 · 0.7
  const Counterfactual last = FindOrFail({{.feature = 0, .min = 4.1, .max = 9.9, .step = 0.7}}, {.wanted = 1.5});
  EXPECT_FALSE(last.reached);
  EXPECT_FLOAT_EQ(last.row[0], 9.7f);
  // 0.1 is no float: the nearest one below is taken.
  const Counterfactual bound = FindOrFail({{.feature = 1, .min = 0.1}}, {.wanted = 0.9899});
  EXPECT_GE(static_cast<double>(bound.row[1]), 0.1);
}

// A step below the spacing of numbers never came down to the highest value.
TEST_F(CounterfactualTest, RefusesAStepThatMakesTooManyAmounts) {
  for (const double step : {5e-324, 1e-300, 1e-11}) {
    const std::string message = Message({{.feature = 0, .min = 0.1, .max = 123456.7, .step = step}});
    EXPECT_EQ(message.find(
                  "change of \"price\": step: expected one that makes at most 9.0072e+15 amounts from 0.1 to 123457,"),
              0u)
        << message;
  }
  EXPECT_EQ(Message({{.feature = 0, .min = 1.0, .max = 2.0, .step = 5e-324}}),
            "change of \"price\": step: expected one that makes at most 9.0072e+15 amounts from 1 to 2, got "
            "4.94066e-324, which "
            "makes countless ones");
  EXPECT_EQ(Message({{.feature = 0, .min = 0.0, .max = 2.0, .step = 1e-16}}),
            "change of \"price\": step: expected one that makes at most 9.0072e+15 amounts from 0 to 2, got 1e-16, "
            "which makes "
            "2e+16");
}

TEST_F(CounterfactualTest, FindsTheLastOfAHundredMillionSteps) {
  const Counterfactual last = FindOrFail({{.feature = 0, .min = 0.0, .max = 10.0, .step = 1e-7}}, {.wanted = 1e6});
  EXPECT_FALSE(last.reached);
  EXPECT_FLOAT_EQ(last.row[0], 10.0f);
}

TEST(ChangeAxis, SnapsToTheLastStepFromFarAway) {
  explanation::ChangeAxis axis;
  axis.min = 0.1;
  axis.max = 1.0;
  axis.step = 0.25;
  axis.steps = 3.0;
  EXPECT_EQ(axis.Snap(0.36), 0.35f);
  EXPECT_EQ(axis.Snap(0.99), 0.85f);
  EXPECT_EQ(axis.Snap(1e300), 0.85f);
  EXPECT_EQ(axis.Snap(HUGE_VAL), 0.85f);
  EXPECT_EQ(axis.Snap(-HUGE_VAL), 0.1f);
}

// 4 creatives became 5.6, and a switch 0.14.
TEST_F(CounterfactualTest, CountsStayWhole) {
  Background whole = background_;
  for (size_t i = 0; i < whole.rows.size(); i += 4) whole.rows[i] = std::floor(whole.rows[i]);
  const auto found = FindCounterfactual(predictor_, whole, row_.data(), {{.feature = 0}}, {.wanted = 0.85});
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->row[0], 7.0f) << "6.75 would do";
  const auto bounded =
      FindCounterfactual(predictor_, whole, row_.data(), {{.feature = 0, .max = 6.9}}, {.wanted = 0.85});
  ASSERT_TRUE(bounded.ok()) << bounded.status();
  EXPECT_NEAR(bounded->row[0], 6.75f, 0.01f) << "who allows 6.9 wants no count";
}

TEST_F(CounterfactualTest, MovesATimeByWholeHours) {
  const Counterfactual found = FindOrFail({{.feature = 3}}, {.wanted = 0.7505});
  EXPECT_TRUE(found.reached);
  EXPECT_EQ(found.row[3], 450'251.0f);
  const Counterfactual late = FindOrFail({{.feature = 3}}, {.wanted = 9.0});
  EXPECT_FALSE(late.reached);
  EXPECT_EQ(late.row[3], 452'000.0f);  // the last of the background
}

TEST_F(CounterfactualTest, FillsAMissingValueAtThePriceOfAWord) {
  row_[3] = kMissingValue;
  const Counterfactual found = FindOrFail({{.feature = 3}}, {.wanted = 1.0});
  EXPECT_TRUE(found.reached);
  ASSERT_EQ(found.changes.size(), 1u);
  EXPECT_TRUE(std::isnan(found.changes[0].from));
  EXPECT_GE(found.changes[0].to, 450'500.0f);
  EXPECT_EQ(found.distance, 1.5);
}

TEST_F(CounterfactualTest, ChangesAtMostSoManyFeatures) {
  const std::vector<Freedom> freedoms = {{.feature = 0}, {.feature = 1}, {.feature = 2}};
  const Counterfactual found = FindOrFail(freedoms, {.wanted = 2.75, .max_features = 2});
  EXPECT_FALSE(found.reached);
  EXPECT_EQ(found.changes.size(), 2u);
  EXPECT_FLOAT_EQ(found.prediction, 2.5f);
}

TEST_F(CounterfactualTest, FewLargeChangesOrManySmallOnes) {
  const FunctionPredictor product(NumericSchema(2), [](const float* x) { return x[0] * x[1]; });
  Background background;
  for (int b = 0; b <= 20; ++b) background.rows.insert(background.rows.end(), {0.5f * b, 0.5f * b});
  background.weights.assign(21, 1.0f / 21.0f);
  const float row[] = {1.0f, 1.0f};
  const std::vector<Freedom> freedoms = {{.feature = 0, .min = 0.0, .max = 10.0},
                                         {.feature = 1, .min = 0.0, .max = 10.0}};
  const auto both = FindCounterfactual(product, background, row, freedoms, {.wanted = 4.0, .cost_per_feature = 0.0});
  ASSERT_TRUE(both.ok());
  EXPECT_EQ(both->changes.size(), 2u);
  EXPECT_NEAR(both->distance, 2.0 / 5.0, 0.005);  // 2 · 2
  const auto one = FindCounterfactual(product, background, row, freedoms, {.wanted = 4.0, .cost_per_feature = 1.0});
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one->changes.size(), 1u);
  EXPECT_NEAR(one->distance, 1.0 + 3.0 / 5.0, 0.005);  // 4 · 1
}

TEST_F(CounterfactualTest, NamesWhatIsInvalid) {
  EXPECT_EQ(Message({}), "expected at least one feature that may change, got none");
  EXPECT_EQ(Message({{.feature = 4}}), "change of feature 4: expected 0 to 3, the features of the schema");
  EXPECT_EQ(Message({{.feature = 0}, {.feature = 0}}), "change of \"price\": given twice");
  EXPECT_EQ(Message({{.feature = 0, .min = 3.0, .max = 2.0}}), "change of \"price\": expected min ≤ max, got 3 and 2");
  EXPECT_EQ(Message({{.feature = 0, .min = -3.0}}), "change of \"price\": expected bounds that are ≥ 0, got -3");
  EXPECT_EQ(Message({{.feature = 0, .max = HUGE_VAL}}), "change of \"price\": expected bounds that are ≥ 0, got inf");
  EXPECT_EQ(Message({{.feature = 0, .step = -1.0}}), "change of \"price\": expected step ≥ 0, got -1");
  EXPECT_EQ(Message({{.feature = 0, .cost = 0.0}}),
            "change of \"price\": expected cost more than 0, at most 1e9, got 0");
  // The distance was infinite.
  EXPECT_EQ(Message({{.feature = 0, .cost = 1e308}}),
            "change of \"price\": expected cost more than 0, at most 1e9, got 1e+308");
  EXPECT_EQ(Message({{.feature = 0, .codes = {1}}}),
            "change of \"price\": expected bounds, as it is no category, got codes");
  EXPECT_EQ(Message({{.feature = 2, .max = 1.0}}),
            "change of \"channel\": expected codes, as it is a category, got bounds");
  EXPECT_EQ(Message({{.feature = 2, .codes = {3}}}), "change of \"channel\": expected codes from 0 to 2, got 3");
  EXPECT_EQ(Message({{.feature = 3, .min = 450'000.2, .max = 450'000.8}}),
            "change of \"start\": expected bounds with a whole hour between them");
  EXPECT_EQ(Message({{.feature = 0}}, {.wanted = NAN}), "wanted: expected a number, got nan");
  EXPECT_EQ(Message({{.feature = 0}}, {.cost_per_feature = -1.0}), "cost_per_feature: expected 0 to 1e9, got -1");
  EXPECT_EQ(Message({{.feature = 0}}, {.cost_per_feature = 1e308}), "cost_per_feature: expected 0 to 1e9, got 1e+308");
  EXPECT_EQ(Message({{.feature = 0}}, {.max_features = -1}), "max_features: expected ≥ 0, got -1");
}

TEST_F(CounterfactualTest, StopsWhenAsked) {
  int asked = 0;
  const StopCheck stop = [&] { return ++asked == 4 ? absl::CancelledError("gone") : absl::OkStatus(); };
  const auto found = FindCounterfactual(predictor_, background_, row_.data(),
                                        {{.feature = 0}, {.feature = 1}, {.feature = 2}}, {.wanted = 2.75}, stop);
  EXPECT_EQ(found.status(), absl::CancelledError("gone"));
}

TEST(Counterfactual, ARejectedRowIsNamed) {
  Random random(3);
  Artifact artifact = testing::MakeArtifact({.numeric = 2, .categorical = 0, .time = 0}, random);
  const auto predictor = Predictor::CompileUnverified(artifact);
  ASSERT_TRUE(predictor.ok());
  Background background;
  background.rows = {1.0f, 1.0f};
  background.weights = {1.0f};
  const float row[] = {1.0f, std::numeric_limits<float>::infinity()};
  const auto found = FindCounterfactual(**predictor, background, row, {{.feature = 0}}, {.wanted = 1.0});
  EXPECT_EQ(found.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(found.status().message(), HasSubstr("row: n1: expected"));
}

// A wide table: the work is bounded by the features that achieve most.
TEST(Counterfactual, CombinesTheStrongestOfManyFeatures) {
  constexpr int kFeatures = 400;
  Schema schema = NumericSchema(kFeatures);
  for (Feature& feature : schema.features) feature.seen_min = 0.0, feature.seen_max = 1.0;
  const FunctionPredictor sum(schema, [](const float* x) {
    double total = 0.0;
    for (int f = 0; f < kFeatures; ++f) total += (f % 40 == 0 ? 1.0 : 1e-4) * x[f];
    return total;
  });
  Background background;
  for (int b = 0; b < 5; ++b) background.rows.insert(background.rows.end(), kFeatures, 0.25f * static_cast<float>(b));
  background.weights.assign(5, 0.2f);
  const std::vector<float> row(kFeatures, 0.5f);
  std::vector<Freedom> freedoms;
  for (int f = 0; f < kFeatures; ++f) freedoms.push_back({.feature = f});
  const auto found = FindCounterfactual(sum, background, row.data(), freedoms, {.wanted = 6.0});
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_TRUE(found->reached);
  EXPECT_EQ(found->changes.size(), 2u);
  for (const FeatureChange& change : found->changes) EXPECT_EQ(change.feature % 40, 0);
  const auto impossible = FindCounterfactual(sum, background, row.data(), freedoms, {.wanted = 11.0});
  ASSERT_TRUE(impossible.ok()) << impossible.status();
  EXPECT_FALSE(impossible->reached);
  EXPECT_NEAR(impossible->prediction, 10.039, 1e-4);  // all at their maximum, as in a row of the background
  EXPECT_LT(impossible->evaluations, 300'000);
}

// The nearest row on a fine grid that reaches the goal; infinity: none.
double ByExhaustion(const Predictor& predictor, const Background& background, const std::vector<float>& row,
                    const CounterfactualOptions& options, int points) {
  const Schema& schema = predictor.schema();
  const int features = schema.size();
  std::vector<std::vector<std::pair<float, double>>> values(features);  // and their distances
  for (int f = 0; f < features; ++f) {
    const Feature& feature = schema.features[f];
    values[f].emplace_back(row[f], 0.0);
    if (feature.kind == FeatureKind::kCategorical) {
      for (size_t code = 0; code < feature.vocabulary.size(); ++code) {
        if (static_cast<float>(code) != row[f]) values[f].emplace_back(code, options.cost_per_feature + 1.0);
      }
      continue;
    }
    std::vector<float> column;
    for (int b = 0; b < background.size(); ++b) column.push_back(background.rows[b * features + f]);
    const double scale = RobustScaleOf(column).scale;
    for (int k = 0; k <= points; ++k) {
      const auto x = static_cast<float>(feature.seen_min + (feature.seen_max - feature.seen_min) * k / points);
      values[f].emplace_back(x, options.cost_per_feature + std::abs(x - row[f]) / scale);
    }
  }
  double nearest = std::numeric_limits<double>::infinity();
  std::vector<size_t> at(features, 0);
  std::vector<float> rows;
  std::vector<double> distances;
  const auto judge = [&] {
    std::vector<float> predicted(distances.size());
    predictor.Predict(rows.data(), static_cast<int64_t>(distances.size()), absl::MakeSpan(predicted), {});
    for (size_t i = 0; i < distances.size(); ++i) {
      const bool good = options.goal == CounterfactualGoal::kAtLeast ? predicted[i] >= options.wanted
                                                                     : predicted[i] <= options.wanted;
      if (good) nearest = std::min(nearest, distances[i]);
    }
    rows.clear();
    distances.clear();
  };
  for (bool more = true; more;) {
    double distance = 0.0;
    for (int f = 0; f < features; ++f) distance += values[f][at[f]].second;
    if (distance < nearest) {
      for (int f = 0; f < features; ++f) rows.push_back(values[f][at[f]].first);
      distances.push_back(distance);
    }
    if (distances.size() == 4096) judge();
    more = false;
    for (int f = 0; f < features && !more; ++f) {
      more = ++at[f] < values[f].size();
      if (!more) at[f] = 0;
    }
  }
  judge();
  return nearest;
}

// Networks of two or three numbers and a category, whose best answers are known from a fine grid.
TEST(Counterfactual, ComesCloseToExhaustiveSearch) {
  Random random(17);
  int reached = 0, impossible = 0;
  double ratios = 0.0, worst = 0.0;
  for (int model = 0; model < 36; ++model) {
    testing::ArtifactShape shape;
    shape.numeric = 2 + model % 2;
    shape.categorical = 1;
    shape.time = 0;
    shape.hidden = {16, 8};
    shape.activation = model % 4 < 2 ? Activation::kSilu : Activation::kRelu;
    Artifact artifact = testing::MakeArtifact(shape, random);
    for (Feature& feature : artifact.schema.features) {
      if (feature.allowed_min_exclusive) feature.seen_min = std::max(feature.seen_min, 1e-3 * feature.seen_max);
    }
    const auto predictor = Predictor::CompileUnverified(artifact);
    ASSERT_TRUE(predictor.ok()) << predictor.status();
    const int features = artifact.schema.size();
    Background background;
    for (int b = 0; b < 32; ++b) {
      for (const Feature& feature : artifact.schema.features) {
        background.rows.push_back(feature.kind == FeatureKind::kCategorical
                                      ? kUnseenCode
                                      : static_cast<float>(random.Uniform(feature.seen_min, feature.seen_max)));
      }
    }
    background.weights.assign(32, 1.0f / 32.0f);
    const std::vector<float> row(background.rows.begin(), background.rows.begin() + features);
    std::vector<float> predictions(32);
    (*predictor)->Predict(background.rows.data(), 32, absl::MakeSpan(predictions), {});
    std::sort(predictions.begin(), predictions.end());
    CounterfactualOptions options;
    options.goal = model % 3 == 0 ? CounterfactualGoal::kAtMost : CounterfactualGoal::kAtLeast;
    const float median = predictions[16], spread = predictions[31] - predictions[0];
    const double hard = random.Uniform(0.0, 1.1);
    options.wanted = options.goal == CounterfactualGoal::kAtMost ? median - hard * spread : median + hard * spread;
    options.cost_per_feature = model % 5 == 0 ? 0.0 : 0.5;
    std::vector<Freedom> freedoms;
    for (int f = 0; f < features; ++f) freedoms.push_back({.feature = f});
    const auto found = FindCounterfactual(**predictor, background, row.data(), freedoms, options);
    ASSERT_TRUE(found.ok()) << found.status();
    const double best = ByExhaustion(**predictor, background, row, options, shape.numeric == 2 ? 150 : 32);
    if (!found->reached) {
      ++impossible;
      EXPECT_EQ(best, std::numeric_limits<double>::infinity()) << "model " << model;
      continue;
    }
    const bool good = options.goal == CounterfactualGoal::kAtLeast ? found->prediction >= options.wanted
                                                                   : found->prediction <= options.wanted;
    EXPECT_TRUE(good) << "model " << model;
    float again = 0.0f;
    (*predictor)->Predict(found->row.data(), 1, absl::MakeSpan(&again, 1), {});
    EXPECT_EQ(again, found->prediction);
    for (const FeatureChange& change : found->changes) {
      const Feature& feature = artifact.schema.features[change.feature];
      if (feature.kind != FeatureKind::kNumeric) continue;
      EXPECT_GE(static_cast<double>(change.to), feature.seen_min);
      EXPECT_LE(static_cast<double>(change.to), feature.seen_max);
    }
    if (found->changes.empty()) continue;
    ++reached;
    EXPECT_LE(found->distance, 1.05 * best + 1e-6) << "model " << model;
    worst = std::max(worst, found->distance / best);
    ratios += found->distance / best;
  }
  EXPECT_GE(reached, 12);
  EXPECT_GE(impossible, 3);
  EXPECT_LT(ratios / reached, 1.01) << "worst " << worst;
}

// Every kind of model: bounds hold, predictions are finite, and the same call gives the same answer.
TEST(Counterfactual, HoldsItsPromisesForEveryKindOfModel) {
  Random random(19);
  for (int model = 0; model < 25; ++model) {
    const Artifact artifact = testing::MakeRandomArtifact(random);
    const auto predictor = Predictor::CompileUnverified(artifact);
    ASSERT_TRUE(predictor.ok()) << predictor.status();
    const int features = artifact.schema.size();
    const std::vector<float> data = testing::MakeRows(artifact.schema, 100, false, random);
    const auto background =
        *FitBackground(Eigen::Map<const RowMajorMatrix>(data.data(), 100, features), artifact.schema);
    ASSERT_TRUE(background.has_value());
    std::vector<Freedom> freedoms;
    for (int f = 0; f < features; ++f) {
      if (random.Uniform() < 0.5) freedoms.push_back({.feature = f});
    }
    if (freedoms.empty()) continue;
    std::vector<float> predictions(100);
    (*predictor)->Predict(data.data(), 100, absl::MakeSpan(predictions), {});
    std::sort(predictions.begin(), predictions.end());
    const CounterfactualOptions options{.wanted = predictions[90]};
    const auto found = FindCounterfactual(**predictor, *background, data.data(), freedoms, options);
    if (!found.ok()) {
      // An exclusive bound of the training range cannot be reached, and is named.
      EXPECT_THAT(found.status().message(), HasSubstr("expected bounds that are")) << "model " << model;
      continue;
    }
    EXPECT_EQ(found->reached, found->prediction >= options.wanted);
    EXPECT_TRUE(std::isfinite(found->prediction));
    EXPECT_GE(found->prediction, found->prediction_before);
    double distance = 0.0;
    for (const FeatureChange& change : found->changes) {
      EXPECT_EQ(found->row[change.feature], change.to);
      EXPECT_TRUE(
          std::any_of(freedoms.begin(), freedoms.end(), [&](const Freedom& f) { return f.feature == change.feature; }));
      distance += change.distance;
    }
    EXPECT_DOUBLE_EQ(distance, found->distance);
    for (int f = 0; f < features; ++f) {
      const bool changed = std::any_of(found->changes.begin(), found->changes.end(),
                                       [&](const FeatureChange& c) { return c.feature == f; });
      const bool same = found->row[f] == data[f] || (std::isnan(found->row[f]) && std::isnan(data[f]));
      EXPECT_EQ(changed, !same);
    }
    const auto again = FindCounterfactual(**predictor, *background, data.data(), freedoms, options);
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->distance, found->distance);
    EXPECT_EQ(again->evaluations, found->evaluations);
  }
}

}  // namespace
}  // namespace roicast

#include "server/services/decision/curve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/errors/errors.h"
#include "tests/server/services/decision/decision_fixture.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

class CurveTest : public DecisionTest {
 protected:
  v1::ResponseCurveRequest Request(int64_t rows = 1) const {
    v1::ResponseCurveRequest request;
    *request.mutable_rows() = Rows(rows);
    request.set_from(100);
    request.set_to(5000);
    request.set_points(20);
    return request;
  }
  absl::Status Error(const v1::ResponseCurveRequest& request) const {
    return AnswerCurve(request, *model_, never_).status();
  }
};

TEST_F(CurveTest, ARevenueThatDoesNotRiseWithTheSpendIsSaid) {
  const auto flat_of = [this](const v1::ResponseCurveRequest& request) {
    const auto answer = AnswerCurve(request, *model_, never_);
    EXPECT_TRUE(answer.ok()) << answer.status();
    if (!answer.ok()) return std::string("no answer");
    for (const v1::Caveat& caveat : answer->caveats()) {
      if (caveat.code() == "flat_revenue") return caveat.message();
    }
    return std::string();
  };
  EXPECT_EQ(flat_of(Request()), "");
  model_ = LoadFlatRevenue();
  EXPECT_THAT(flat_of(Request()),
              HasSubstr("revenue hardly depends on \"spend\": from 1 to 10000, 1 % more of it brings "
                        "0.00 % more. Each ROI is then the same revenue divided by the spend"));
  v1::ResponseCurveRequest other = Request();
  other.set_feature("duration_days");
  other.set_from(1);
  other.set_to(60);
  EXPECT_EQ(flat_of(other), "") << "the spend stays as it is";
}

TEST_F(CurveTest, EachPointIsWhatPredictSaysToTheBit) {
  const auto answer = AnswerCurve(Request(2), *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->feature(), "spend");
  EXPECT_EQ(answer->spend_feature(), "spend");
  EXPECT_EQ(answer->target(), "ROI");
  EXPECT_EQ(answer->served_by().version(), 1);
  ASSERT_EQ(answer->values_size(), 20);
  ASSERT_EQ(answer->curves_size(), 2);
  const std::vector<float> values = Values(2);
  for (size_t i = 0; i < 2; ++i) {
    const v1::ResponseCurve& curve = answer->curves(static_cast<int>(i));
    std::vector<float> row = RowOf(values, i);
    const auto spend = static_cast<size_t>(Index("spend"));
    EXPECT_EQ(curve.present_value(), row[spend]);
    EXPECT_EQ(curve.present_prediction(), Predict(row));
    for (int point = 0; point < 20; ++point) {
      row[spend] = static_cast<float>(answer->values(point));
      const float roi = Predict(row);
      EXPECT_EQ(curve.predictions(point), roi);
      EXPECT_EQ(static_cast<float>(curve.roi().value(point)), roi);
      EXPECT_NEAR(curve.profit().value(point), double{roi} * answer->values(point), 1e-6 * answer->values(point));
      EXPECT_NEAR(curve.revenue().value(point), (1 + double{roi}) * answer->values(point),
                  1e-6 * answer->values(point));
    }
  }
}

TEST_F(CurveTest, SaysThatNoExperimentConfirmsItAndWhereItLeavesTheTrainingRange) {
  v1::ResponseCurveRequest request = Request();
  request.set_to(20000);
  const auto answer = AnswerCurve(request, *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->training_range().low(), 1);
  EXPECT_EQ(answer->training_range().high(), 10000);
  EXPECT_EQ(answer->outside(0), false);
  EXPECT_EQ(answer->outside(19), true);
  ASSERT_EQ(answer->caveats_size(), 2);
  EXPECT_EQ(answer->caveats(0).code(), "no_lift_test");
  EXPECT_EQ(answer->caveats(1).code(), "outside_training_range");
  EXPECT_THAT(answer->caveats(1).message(),
              HasSubstr("1 to 10000: nothing is known there; the model carries what it learnt on a little beyond"));
  EXPECT_EQ(answer->interval_level(), 0);
}

TEST_F(CurveTest, FilledValuesOfUnknownWordsAreSaid) {
  const auto load = [this](std::vector<int> codes) {
    model_ = Load([&](Artifact& artifact) {
      const int spend = artifact.schema.IndexOf("spend"), audience = artifact.schema.IndexOf("audience_size");
      const int channel = artifact.schema.IndexOf("channel");
      SpendCompanion moving = {audience, 0.5, 2.0, 0.1};
      for (const int code : codes) moving.words.push_back({channel, code, code == codes.front() ? -1.0 : 1.0});
      artifact.moves_with_spend = {spend, {moving}};
    });
  };
  load({0, 1});
  v1::ResponseCurveRequest request = Request();
  std::vector<float> row = RowOf(Values(1), 0);
  row[static_cast<size_t>(Index("audience_size"))] = std::numeric_limits<float>::quiet_NaN();
  const auto caveats_of = [&](float channel) {
    row[static_cast<size_t>(Index("channel"))] = channel;
    auto& values = *request.mutable_rows()->mutable_matrix()->mutable_values();
    values.Assign(row.begin(), row.end());
    const auto answer = AnswerCurve(request, *model_, never_);
    EXPECT_TRUE(answer.ok()) << answer.status();
    std::string text;
    for (const v1::Caveat& caveat : answer->caveats()) {
      if (caveat.code() == "filled_values") text = caveat.message();
    }
    EXPECT_EQ(answer->moving(0).words_size(), 2);
    EXPECT_EQ(answer->moving(0).words(0).feature(), "channel");
    EXPECT_EQ(answer->moving(0).words(0).word(),
              model_->schema().features[static_cast<size_t>(Index("channel"))].vocabulary[0]);
    EXPECT_EQ(answer->moving(0).words(0).level(), -1.0);
    EXPECT_THAT(answer->caveats(1).message(),
                HasSubstr("it is what usually goes with the spend of campaigns with the same \"channel\""));
    return text;
  };
  EXPECT_EQ(caveats_of(1.0f), "");
  EXPECT_THAT(caveats_of(kUnseenCode), HasSubstr("1 row lacks a value of \"audience_size\", and what is usual there is "
                                                 "not known: it differs by up to 7.39 times between the words of "
                                                 "\"channel\""));
}

// Television has no clicks, whatever is spent: nothing is filled in, and that is said.
TEST_F(CurveTest, WhatRowsUsuallyLackIsNotFilledIn) {
  const auto load = [this](double lacking) {
    model_ = Load([&](Artifact& artifact) {
      const int spend = artifact.schema.IndexOf("spend"), audience = artifact.schema.IndexOf("audience_size");
      const int channel = artifact.schema.IndexOf("channel");
      SpendCompanion moving = {audience, 0.5, 2.0, 0.1, {{channel, 0, 0.0, lacking}, {channel, 1, 0.0, 0.0}}};
      moving.lacking = 0.5 * lacking;
      artifact.moves_with_spend = {spend, {moving}};
    });
  };
  v1::ResponseCurveRequest request = Request();
  std::vector<float> row = RowOf(Values(1), 0);
  row[static_cast<size_t>(Index("audience_size"))] = std::numeric_limits<float>::quiet_NaN();
  row[static_cast<size_t>(Index("channel"))] = 0.0f;
  request.mutable_rows()->mutable_matrix()->mutable_values()->Assign(row.begin(), row.end());
  for (const double lacking : {0.0, 0.75}) {
    load(lacking);
    const auto answer = AnswerCurve(request, *model_, never_);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->moving(0).lacking(), 0.5 * lacking);
    EXPECT_EQ(answer->moving(0).words(0).lacking(), lacking);
    std::vector<float> asked = row;
    asked[static_cast<size_t>(Index("spend"))] = static_cast<float>(answer->values(3));
    const bool is_same = answer->curves(0).predictions(3) == Predict(asked);
    EXPECT_EQ(is_same, lacking > 0.0);
    const std::string& said = answer->caveats(1).message();
    EXPECT_EQ(said.find("or nothing where most of these had none of it") != std::string::npos, lacking > 0.0) << said;
  }
}

TEST_F(CurveTest, WhatMovesWithTheSpendIsSaid) {
  model_ = Load([](Artifact& artifact) {
    const int spend = artifact.schema.IndexOf("spend"), audience = artifact.schema.IndexOf("audience_size");
    artifact.moves_with_spend = {spend, {{audience, 0.5, 2.0}}};
  });
  const auto answer = AnswerCurve(Request(), *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->moving_size(), 1);
  EXPECT_EQ(answer->moving(0).feature(), "audience_size");
  EXPECT_EQ(answer->moving(0).elasticity(), 0.5);
  EXPECT_EQ(answer->moving(0).level(), 2.0);
  ASSERT_EQ(answer->caveats_size(), 2);
  EXPECT_EQ(answer->caveats(1).code(), "moves_with_spend");
  EXPECT_THAT(answer->caveats(1).message(), HasSubstr("\"audience_size\" (spend^0.50) goes along with \"spend\" here"));
  const std::vector<float> row = RowOf(Values(1), 0);
  for (int i = 0; i < answer->values_size(); ++i) {
    std::vector<float> asked = row;
    const float own = row[static_cast<size_t>(Index("spend"))], spend = static_cast<float>(answer->values(i));
    float& audience = asked[static_cast<size_t>(Index("audience_size"))];
    audience = static_cast<float>(audience * std::pow(static_cast<double>(spend) / own, 0.5));
    asked[static_cast<size_t>(Index("spend"))] = spend;
    EXPECT_EQ(answer->curves(0).predictions(i), Predict(asked));
  }
  v1::ResponseCurveRequest along = Request();
  along.set_feature("audience_size");
  along.clear_points();
  const auto other = AnswerCurve(along, *model_, never_);
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(other->moving_size(), 0);
  ASSERT_EQ(other->caveats_size(), 1);
  EXPECT_THAT(other->caveats(0).message(), HasSubstr("that one stays as it is"));
}

TEST_F(CurveTest, ALiftTestScalesWhatAdditionalSpendBrings) {
  v1::ResponseCurveRequest request = Request(2);
  const std::vector<float> values = Values(2);
  const auto revenue = [&](double spend) {
    std::vector<float> row = RowOf(values, 0);
    row[static_cast<size_t>(Index("spend"))] = static_cast<float>(spend);
    return (1 + double{Predict(row)}) * spend;
  };
  const double expected = revenue(4000) - revenue(1000);
  v1::LiftTest& test = *request.add_lift_tests();
  test.mutable_spend()->set_low(1000);
  test.mutable_spend()->set_high(4000);
  test.set_incremental_revenue(0.6 * expected);
  test.set_standard_error(0.1 * std::fabs(expected));
  const auto& channels = model_->schema().features[static_cast<size_t>(Index("channel"))].vocabulary;
  test.set_feature("channel");
  test.set_word(channels[static_cast<size_t>(values[static_cast<size_t>(Index("channel"))])]);
  const auto answer = AnswerCurve(request, *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  const v1::LiftCalibration& lift = answer->curves(0).lift();
  EXPECT_EQ(lift.tests(), 1);
  EXPECT_NEAR(lift.factor(), 61.0 / 101.0, 1e-6);
  EXPECT_NEAR(lift.standard_error(), 1.0 / std::sqrt(101.0), 1e-6);
  int first = 0;
  for (; answer->values(first) < 1000; ++first) {
    EXPECT_TRUE(std::isnan(lift.revenue(first)) && std::isnan(lift.profit(first)) && std::isnan(lift.roi(first)) &&
                std::isnan(lift.marginal_roi(first)));
  }
  ASSERT_GT(first, 0);
  for (int i = first; i < 20; ++i) {
    const double spend = answer->values(i);
    const double calibrated = revenue(1000) + 61.0 / 101.0 * (revenue(spend) - revenue(1000));
    EXPECT_NEAR(lift.revenue(i), calibrated, 1e-5 * spend);
    EXPECT_NEAR(lift.profit(i), calibrated - spend, 1e-5 * spend);
    EXPECT_EQ(lift.roi(i), lift.profit(i) / spend);
    const int before = std::max(i - 1, first), behind = std::min(i + 1, 19);
    EXPECT_DOUBLE_EQ(lift.marginal_roi(i),
                     (lift.profit(behind) - lift.profit(before)) / (answer->values(behind) - answer->values(before)));
  }
  EXPECT_EQ(lift.lowest_spend(), 1000);
  ASSERT_EQ(lift.marginal_roi_size(), 20);
  EXPECT_EQ(answer->caveats(0).code(), "lift_test");
  // What Predict says is not touched.
  request.clear_lift_tests();
  const auto plain = AnswerCurve(request, *model_, never_);
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_EQ(plain->curves(0).revenue().value(7), answer->curves(0).revenue().value(7));
  EXPECT_FALSE(plain->curves(0).has_lift());
}

// Each was judged by itself, so that no other test disagreed with it.
TEST_F(CurveTest, LiftTestsThatDisagreeAreDoubtful) {
  v1::ResponseCurveRequest request = Request(2);
  const std::vector<float> values = Values(2);
  const auto revenue = [&](size_t i, double spend) {
    std::vector<float> row = RowOf(values, i);
    row[static_cast<size_t>(Index("spend"))] = static_cast<float>(spend);
    return (1 + double{Predict(row)}) * spend;
  };
  const double expected = 0.5 * (revenue(0, 4000) - revenue(0, 1000) + revenue(1, 4000) - revenue(1, 1000));
  for (const double share : {0.7, 1.4}) {
    v1::LiftTest& test = *request.add_lift_tests();
    test.mutable_spend()->set_low(1000);
    test.mutable_spend()->set_high(4000);
    test.set_incremental_revenue(share * expected);
    test.set_standard_error(0.02 * std::fabs(expected));
  }
  const auto answer = AnswerCurve(request, *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  int doubtful = 0;
  for (const v1::Caveat& caveat : answer->caveats()) {
    if (caveat.code() != "lift_test_doubtful") continue;
    EXPECT_THAT(caveat.message(), HasSubstr(absl::StrCat("lift test ", ++doubtful, ", from 1000 to 4000, ")));
    EXPECT_THAT(caveat.message(), HasSubstr("disagrees with other tests of the same campaigns"));
  }
  EXPECT_EQ(doubtful, 2);
}

TEST_F(CurveTest, AWrongLiftTestIsNamed) {
  v1::ResponseCurveRequest request = Request();
  v1::LiftTest& test = *request.add_lift_tests();
  test.mutable_spend()->set_low(5);
  test.mutable_spend()->set_high(2);
  EXPECT_EQ(Error(request), absl::InvalidArgumentError("lift_tests[0].spend: expected 0 ≤ low < high, got 5 and 2"));
  test.mutable_spend()->set_high(9);
  EXPECT_EQ(Error(request), absl::InvalidArgumentError("lift_tests[0].standard_error: expected > 0, got 0"));
  test.set_standard_error(1);
  test.set_feature("price");
  EXPECT_EQ(Error(request), absl::InvalidArgumentError("lift_tests[0].feature: expected a categorical feature, got "
                                                       "\"price\", which is numeric"));
  test.set_feature("channel");
  test.set_word("radio");
  EXPECT_THAT(std::string(Error(request).message()),
              HasSubstr("lift_tests[0].word: expected a word that \"channel\" had in training, got \"radio\""));
  test.clear_feature();
  request.set_feature("price");
  EXPECT_EQ(Error(request).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(CurveTest, AnotherFeatureVaries) {
  v1::ResponseCurveRequest request = Request();
  request.set_feature("discount_rate");
  request.clear_from();
  request.clear_to();
  request.clear_points();
  for (const double value : {0.1, 0.2, 0.3}) request.add_values(value);
  const auto answer = AnswerCurve(request, *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->feature(), "discount_rate");
  EXPECT_EQ(answer->caveats_size(), 0);
  std::vector<float> row = Values(1);
  row[static_cast<size_t>(Index("discount_rate"))] = 0.2f;
  EXPECT_EQ(answer->curves(0).predictions(1), Predict(row));
}

TEST_F(CurveTest, BadInputIsNamed) {
  v1::ResponseCurveRequest request = Request();
  request.set_feature("spent");
  EXPECT_EQ(Error(request), absl::InvalidArgumentError("feature: model \"default\" version 1 has no feature \"spent\"; "
                                                       "did you mean \"spend\"?"));
  request = Request();
  request.set_from(5000);
  request.set_to(100);
  EXPECT_EQ(Error(request).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(Error(request).message()), HasSubstr("5000"));
  request = Request();
  request.add_values(1);
  EXPECT_EQ(Error(request),
            absl::InvalidArgumentError("values: expected either values or from, to and points, got both"));
  request = Request();
  request.set_points(10001);
  EXPECT_EQ(ReasonOf(Error(request)), v1::REQUEST_TOO_LARGE);
  request = Request();
  request.set_points(1);
  EXPECT_EQ(Error(request).code(), absl::StatusCode::kInvalidArgument);
  request = Request();
  request.set_interval_level(1.5);
  EXPECT_EQ(Error(request), absl::InvalidArgumentError("interval_level: expected a level between 0 and 1, got 1.5"));
  request = Request(1001);
  EXPECT_EQ(ReasonOf(Error(request)), v1::REQUEST_TOO_LARGE);
}

TEST_F(CurveTest, IntervalsOfAModelWithoutCalibrationHaveTheirReason) {
  v1::ResponseCurveRequest request = Request();
  request.set_interval_level(0.9);
  EXPECT_EQ(ReasonOf(Error(request)), v1::NO_CALIBRATION);
}

TEST_F(CurveTest, AProbabilityIsNoMoneyButHasACurve) {
  model_ = LoadTwoValued();
  const absl::Status money = Error(Request());
  EXPECT_EQ(money.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(money), v1::NOT_AN_ROI);
  EXPECT_EQ(money.message(),
            "model \"default\" version 1 predicts the probability of \"yes\", and a response curve in money needs a "
            "model that predicts an ROI or a revenue");
  v1::ResponseCurveRequest request = Request();
  request.set_without_money(true);
  request.set_feature("price");
  const auto answer = AnswerCurve(request, *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->target(), "converted");
  EXPECT_EQ(answer->caveats_size(), 0);
  request.set_feature("spend");
  EXPECT_EQ(AnswerCurve(request, *model_, never_)->caveats(0).code(), "no_lift_test");
  EXPECT_EQ(answer->curves(0).predictions_size(), 20);
  EXPECT_FALSE(answer->curves(0).has_revenue());
}

TEST_F(CurveTest, DrawsFromTheMemoryBudget) {
  v1::ResponseCurveRequest request = Request(1000);
  request.set_points(1000);
  MemoryBudget memory(50'000'000, 0);
  EXPECT_EQ(ReasonOf(AnswerCurve(request, *model_, never_, &memory).status()), v1::SERVER_OVERLOADED);
  EXPECT_EQ(memory.held(), 0u);
  EXPECT_TRUE(AnswerCurve(Request(3), *model_, never_, &memory).ok());
  EXPECT_EQ(memory.held(), 0u);
}

TEST_F(CurveTest, StopsInTheMiddle) {
  v1::ResponseCurveRequest request = Request(1000);
  request.set_points(1000);
  int asked = 0;
  EXPECT_EQ(AnswerCurve(request, *model_, StopAfter(2, &asked)).status(), absl::DeadlineExceededError("too late"));
  EXPECT_EQ(asked, 3);
}

TEST_F(CurveTest, ARangeOfTheRowsWordIsItsTrainingRange) {
  const int spend = Index("spend"), channel = Index("channel");
  model_ = Load([&](Artifact& artifact) {
    artifact.schema.features[static_cast<size_t>(spend)].word_ranges = {{channel, 0, 50.0, 400.0}};
  });
  std::vector<float> values = Values(2);
  values[static_cast<size_t>(channel)] = 0.0f;
  values[width() + static_cast<size_t>(channel)] = 1.0f;
  v1::ResponseCurveRequest request = Request(2);
  request.clear_points();
  request.clear_from();
  request.clear_to();
  for (const double at : {50.0, 400.0, 500.0}) request.add_values(at);
  *request.mutable_rows() = Matrix(values);
  auto answer = AnswerCurve(request, *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->outside(2));
  EXPECT_EQ(answer->training_range().high(), 10000);
  EXPECT_EQ(answer->curves(0).training_range().high(), 400);
  EXPECT_TRUE(answer->curves(0).outside(2));
  EXPECT_FALSE(answer->curves(0).outside(1));
  EXPECT_FALSE(answer->curves(1).outside(2));
  const std::string& word = model_->schema().features[static_cast<size_t>(channel)].vocabulary[0];
  EXPECT_THAT(
      answer->caveats(answer->caveats_size() - 1).message(),
      HasSubstr("1 of 3 values of \"spend\" are outside the range of the training rows, 1 to 10000, or of those "
                "with channel \"" +
                word + "\", 50 to 400: nothing is known there"));
  *request.mutable_rows() = Matrix(RowOf(values, 0));
  answer = AnswerCurve(request, *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->training_range().low(), 50);
  EXPECT_EQ(answer->training_range().high(), 400);
}

}  // namespace
}  // namespace roicast

#include "server/services/decision/counterfactual.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "server/errors/errors.h"
#include "tests/server/services/decision/decision_fixture.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CounterfactualTest : public DecisionTest {
 protected:
  v1::FindCounterfactualRequest Request(double above) const {
    v1::FindCounterfactualRequest request;
    *request.mutable_row() = Rows(1);
    *request.mutable_background() = Rows(20);
    request.add_changeable()->set_name("spend");
    request.add_changeable()->set_name("channel");
    request.set_at_least(Predict(Values(1)) + above);
    return request;
  }
  absl::Status Error(const v1::FindCounterfactualRequest& request) const {
    return AnswerCounterfactual(request, *model_, never_).status();
  }
};

TEST_F(CounterfactualTest, TheChangedRowIsPredictedAsTheAnswerSays) {
  const v1::FindCounterfactualRequest request = Request(0.01);
  const auto answer = AnswerCounterfactual(request, *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->prediction_before(), Predict(Values(1)));
  EXPECT_TRUE(answer->reached());
  EXPECT_GE(answer->prediction(), request.at_least());
  ASSERT_GE(answer->changes_size(), 1);
  std::vector<float> row = Values(1);
  for (const v1::FeatureChange& change : answer->changes()) {
    float& value = row[static_cast<size_t>(Index(change.feature()))];
    if (change.feature() == "spend") {
      EXPECT_EQ(static_cast<float>(change.from().number()), value);
      value = static_cast<float>(change.to().number());
    } else {
      value = model_->CategoryCode(Index("channel"), change.to().word());
    }
  }
  EXPECT_EQ(Predict(row), answer->prediction());
}

TEST_F(CounterfactualTest, NotesNameWhatMovesAlongAndIsNotFreeItself) {
  model_ = Load([](Artifact& artifact) {
    const int spend = artifact.schema.IndexOf("spend"), audience = artifact.schema.IndexOf("audience_size");
    artifact.moves_with_spend = {spend, {{audience, 0.5, 2.0}}};
  });
  const auto notes_of = [&](const std::vector<std::string>& names) {
    v1::FindCounterfactualRequest request = Request(0.0001);
    request.clear_changeable();
    for (const std::string& name : names) request.add_changeable()->set_name(name);
    const auto answer = AnswerCounterfactual(request, *model_, never_);
    EXPECT_TRUE(answer.ok()) << answer.status();
    std::vector<std::string> notes;
    for (const v1::Caveat& caveat : answer->caveats()) notes.push_back(caveat.message());
    const bool spend = std::find(names.begin(), names.end(), "spend") != names.end();
    EXPECT_EQ(answer->caveats_size() > 0 && answer->caveats(0).code() == "no_lift_test", spend);
    if (spend) notes.erase(notes.begin());
    return notes;
  };
  EXPECT_THAT(notes_of({"spend"}), ElementsAre(HasSubstr("\"audience_size\" (spend^0.50) goes along with \"spend\"")));
  EXPECT_THAT(notes_of({"audience_size"}), ElementsAre(HasSubstr("here that one stays as it is")));
  EXPECT_THAT(notes_of({"spend", "audience_size"}),
              ElementsAre(HasSubstr("\"audience_size\" moved with \"spend\" in training, and may change without it")));
  EXPECT_THAT(notes_of({"channel"}), IsEmpty());
}

// A revenue of 8, whatever the row: the ROI is that of the spend alone.
TEST_F(CounterfactualTest, OfAModelOfRevenueAnRoiIsReachedBySpendingLess) {
  model_ = LoadFlatRevenue();
  v1::FindCounterfactualRequest request = Request(0);
  const int spend = Index("spend");
  const std::vector<float> row = Values(1);
  const float revenue = Predict(row);
  const double now = static_cast<double>(revenue) / row[static_cast<size_t>(spend)] - 1.0;
  request.set_roi_at_least(now + 0.25 * (now + 1.0));
  const auto answer = AnswerCounterfactual(request, *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->reached());
  EXPECT_DOUBLE_EQ(answer->roi_before(), now);
  EXPECT_GE(answer->roi(), request.roi_at_least());
  EXPECT_EQ(answer->prediction(), revenue);
  ASSERT_EQ(answer->changes_size(), 1);
  EXPECT_EQ(answer->changes(0).feature(), "spend");
  const double to = answer->changes(0).to().number();
  EXPECT_DOUBLE_EQ(answer->roi(), revenue / to - 1.0);
  EXPECT_NEAR(to, row[static_cast<size_t>(spend)] * 0.8, row[static_cast<size_t>(spend)] * 0.01);

  request.set_roi_at_most(now - 0.1 * (now + 1.0));
  const auto less = AnswerCounterfactual(request, *model_, never_);
  ASSERT_TRUE(less.ok()) << less.status();
  EXPECT_TRUE(less->reached());
  EXPECT_LE(less->roi(), request.roi_at_most());

  request.set_at_least(revenue);
  const auto plain = AnswerCounterfactual(request, *model_, never_);
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_FALSE(plain->has_roi()) << "it was not asked for";

  request.mutable_row()->mutable_matrix()->set_values(spend, std::numeric_limits<float>::quiet_NaN());
  request.set_roi_at_least(1);
  EXPECT_THAT(std::string(Error(request).message()),
              HasSubstr("row: expected a spend > 0, of which its return is a part, got none (\"spend\")"));
}

TEST_F(CounterfactualTest, OfAModelOfRoiAnRoiIsThePrediction) {
  v1::FindCounterfactualRequest request = Request(0.01);
  const auto plain = AnswerCounterfactual(request, *model_, never_);
  request.set_roi_at_least(request.at_least());
  const auto answer = AnswerCounterfactual(request, *model_, never_);
  ASSERT_TRUE(plain.ok() && answer.ok()) << plain.status() << answer.status();
  EXPECT_EQ(answer->roi(), answer->prediction());
  EXPECT_EQ(answer->roi_before(), answer->prediction_before());
  EXPECT_EQ(answer->prediction(), plain->prediction());
}

TEST_F(CounterfactualTest, AModelThatPredictsNoMoneyHasNoRoiToReach) {
  model_ = LoadTwoValued();
  v1::FindCounterfactualRequest request = Request(0);
  request.set_roi_at_least(0.5);
  EXPECT_EQ(ReasonOf(Error(request)), v1::NOT_AN_ROI);
}

TEST_F(CounterfactualTest, ARowThatIsThereAlreadyStays) {
  const auto answer = AnswerCounterfactual(Request(-1), *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->reached());
  EXPECT_EQ(answer->changes_size(), 0);
  EXPECT_EQ(answer->distance(), 0);
}

TEST_F(CounterfactualTest, WhatIsOutOfReachIsSaidWithTheBestThatWasFound) {
  v1::FindCounterfactualRequest request = Request(1e6);
  request.mutable_changeable(0)->set_min(100);
  request.mutable_changeable(0)->set_max(200);
  const auto answer = AnswerCounterfactual(request, *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_FALSE(answer->reached());
  EXPECT_GE(answer->prediction(), answer->prediction_before());
}

TEST_F(CounterfactualTest, BadInputIsNamed) {
  v1::FindCounterfactualRequest request = Request(0.1);
  request.clear_background();
  EXPECT_EQ(ReasonOf(Error(request)), v1::NO_BACKGROUND);
  request = Request(0.1);
  request.clear_goal();
  EXPECT_EQ(Error(request), absl::InvalidArgumentError("goal: expected at_least or at_most, or an ROI, got neither"));
  request = Request(0.1);
  request.clear_changeable();
  EXPECT_EQ(Error(request), absl::InvalidArgumentError("changeable: expected at least one feature, got none"));
  request = Request(0.1);
  request.mutable_changeable(0)->set_name("spent");
  EXPECT_THAT(std::string(Error(request).message()),
              HasSubstr("changeable[0].name: model \"default\" version 1 has no feature \"spent\""));
  request = Request(0.1);
  request.mutable_changeable(1)->add_words("channel-7");
  EXPECT_THAT(std::string(Error(request).message()),
              HasSubstr("changeable[1].words[0]: expected a word that \"channel\" had in training, got \"channel-7\""));
  request = Request(0.1);
  request.mutable_changeable(1)->set_min(1);
  EXPECT_EQ(Error(request), absl::InvalidArgumentError(
                                "changeable[1]: expected words, got bounds of \"channel\", which is categorical"));
  request = Request(0.1);
  request.mutable_changeable(0)->set_min(5);
  request.mutable_changeable(0)->set_max(2);
  EXPECT_EQ(Error(request).code(), absl::StatusCode::kInvalidArgument);
  request = Request(0.1);
  *request.mutable_row() = Rows(2);
  EXPECT_EQ(Error(request).message(), "row: limit 1, got 2");
}

TEST_F(CounterfactualTest, BoundsAndStepsAreNumbers) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  v1::FindCounterfactualRequest request = Request(0.1);
  request.mutable_changeable(0)->set_min(kNan);
  EXPECT_EQ(Error(request), absl::InvalidArgumentError("changeable[0].min: expected a number, got nan"));
  request = Request(0.1);
  request.mutable_changeable(0)->set_max(std::numeric_limits<double>::infinity());
  EXPECT_EQ(Error(request), absl::InvalidArgumentError("changeable[0].max: expected a number, got inf"));
  request = Request(0.1);
  request.mutable_changeable(0)->set_step(kNan);
  EXPECT_EQ(Error(request), absl::InvalidArgumentError("changeable[0].step: expected a number, got nan"));
  request = Request(0.1);
  request.mutable_changeable(0)->set_step(5e-324);
  EXPECT_EQ(Error(request).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(Error(request).message()),
              HasSubstr("step: expected one that makes at most 9.0072e+15 amounts"));
}

TEST_F(CounterfactualTest, FeaturesAndWordsAreThereOnceAtMost) {
  v1::FindCounterfactualRequest request = Request(0.1);
  for (size_t i = 0; i < width(); ++i) request.add_changeable()->set_name("spend");
  EXPECT_THAT(std::string(Error(request).message()), HasSubstr("changeable: expected each of the "));
  request = Request(0.1);
  const std::string word = model_->schema().features[static_cast<size_t>(Index("channel"))].vocabulary.front();
  for (int i = 0; i < 1000; ++i) request.mutable_changeable(1)->add_words(word);
  EXPECT_THAT(std::string(Error(request).message()), HasSubstr("changeable[1].words: expected each of the "));
}

TEST_F(CounterfactualTest, DrawsFromTheMemoryBudget) {
  MemoryBudget small(1000, 0), enough(100'000'000, 0);
  EXPECT_EQ(ReasonOf(AnswerCounterfactual(Request(0.01), *model_, never_, &small).status()), v1::SERVER_OVERLOADED);
  EXPECT_TRUE(AnswerCounterfactual(Request(0.01), *model_, never_, &enough).ok());
  EXPECT_EQ(enough.held(), 0u);
  EXPECT_GT(enough.TakePeak(), 0u);
}

}  // namespace
}  // namespace roicast

#include "server/services/decision/optimize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "server/errors/errors.h"
#include "server/services/decision/decision_call.h"
#include "tests/server/services/decision/decision_fixture.h"

namespace roicast {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class OptimizeTest : public DecisionTest {
 protected:
  // Four campaigns and 8,000 to spend.
  v1::OptimizeBudgetRequest Request() const {
    v1::OptimizeBudgetRequest request;
    *request.mutable_problem()->mutable_rows() = Rows(4);
    request.mutable_problem()->set_budget(8000);
    request.mutable_problem()->set_spend_all(true);
    request.mutable_problem()->set_min_spend(100);
    request.mutable_problem()->set_max_spend(5000);
    return request;
  }
  v1::OptimizeBudgetResponse Answer(const v1::OptimizeBudgetRequest& request) const {
    const auto answer = AnswerOptimize(request, *model_, never_);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.value_or(v1::OptimizeBudgetResponse());
  }
  absl::Status Error(const v1::OptimizeBudgetRequest& request) const {
    return AnswerOptimize(request, *model_, never_).status();
  }
  static int64_t Cents(double money) { return std::llround(money * 100); }
};

TEST_F(OptimizeTest, ARevenueThatDoesNotRiseWithTheSpendIsSaid) {
  const auto says_flat = [this] {
    const v1::OptimizeBudgetResponse answer = Answer(Request());
    return std::any_of(answer.caveats().begin(), answer.caveats().end(),
                       [](const v1::Caveat& caveat) { return caveat.code() == "flat_revenue"; });
  };
  EXPECT_FALSE(says_flat());
  model_ = LoadFlatRevenue();
  EXPECT_TRUE(says_flat());
}

TEST_F(OptimizeTest, TheBudgetIsSpentToTheCentWithinBoundsAndEachRoiIsPredicts) {
  const v1::OptimizeBudgetResponse answer = Answer(Request());
  ASSERT_EQ(answer.conflicts_size(), 0);
  EXPECT_EQ(answer.spend_feature(), "spend");
  const std::vector<float> values = Values(4);
  for (const v1::Split* split : {&answer.optimum(), &answer.even()}) {
    ASSERT_EQ(split->campaigns_size(), 4);
    EXPECT_TRUE(split->allowed());
    int64_t cents = 0;
    double profit = 0;
    for (size_t i = 0; i < 4; ++i) {
      const v1::Allocation& one = split->campaigns(static_cast<int>(i));
      cents += Cents(one.spend());
      profit += one.profit();
      EXPECT_GE(one.spend(), 100);
      EXPECT_LE(one.spend(), 5000);
      std::vector<float> row = RowOf(values, i);
      row[static_cast<size_t>(Index("spend"))] = static_cast<float>(one.spend());
      EXPECT_EQ(static_cast<float>(one.roi()), Predict(row));
      EXPECT_NEAR(one.profit(), one.roi() * one.spend(), 1e-6 * one.spend());
    }
    EXPECT_EQ(cents, 800000);
    EXPECT_NEAR(split->outcome().profit(), profit, 1e-6 * std::fabs(profit));
  }
  EXPECT_GE(answer.optimum().outcome().profit(), answer.even().outcome().profit());
  EXPECT_EQ(answer.optimum().campaigns(2).name(), "campaign 2");
}

TEST_F(OptimizeTest, PresentSpendsAreThoseOfTheRowsOrOfTheCampaigns) {
  v1::OptimizeBudgetRequest request = Request();
  const std::vector<float> values = Values(4);
  v1::OptimizeBudgetResponse answer = Answer(request);
  ASSERT_EQ(answer.present().campaigns_size(), 4);
  double total = 0;
  for (size_t i = 0; i < 4; ++i) {
    const float spend = RowOf(values, i)[static_cast<size_t>(Index("spend"))];
    EXPECT_NEAR(answer.present().campaigns(static_cast<int>(i)).spend(), spend, 0.005);
    total += spend;
  }
  EXPECT_NEAR(answer.present().outcome().spend(), total, 0.03);
  EXPECT_NEAR(answer.gain_over_present(), answer.optimum().outcome().profit() - answer.present().outcome().profit(),
              1e-6 * 8000);
  for (int i = 0; i < 4; ++i) request.mutable_problem()->add_campaigns()->set_present_spend(1000 + i);
  std::vector<float> unknown = values;
  unknown[static_cast<size_t>(Index("spend"))] = -5;
  *request.mutable_problem()->mutable_rows() = Matrix(unknown);
  answer = Answer(request);
  for (const v1::Caveat& caveat : answer.caveats()) EXPECT_NE(caveat.code(), "present_unknown");
  request.mutable_problem()->mutable_campaigns(0)->clear_present_spend();
  const v1::OptimizeBudgetResponse missing = Answer(request);
  ASSERT_GE(missing.caveats_size(), 1);
  EXPECT_EQ(missing.caveats(missing.caveats_size() - 1).code(), "present_unknown");
  EXPECT_EQ(
      missing.caveats(missing.caveats_size() - 1).message(),
      "today's spend is not known of 1 campaign, campaign 0: the present split counts 0 for it, and is no comparison");
  EXPECT_EQ(answer.present().campaigns(3).spend(), 1003);
}

TEST_F(OptimizeTest, LockedAndGroupedCampaignsStayWithinTheirLimits) {
  v1::OptimizeBudgetRequest request = Request();
  v1::BudgetProblem& problem = *request.mutable_problem();
  for (int i = 0; i < 4; ++i) {
    v1::CampaignBounds& campaign = *problem.add_campaigns();
    campaign.set_name(absl::StrCat("c", i));
    campaign.set_group(i < 2 ? "first" : "second");
  }
  problem.mutable_campaigns(0)->set_locked_spend(1234.56);
  v1::BudgetGroup& first = *problem.add_groups();
  first.set_name("first");
  first.set_max_spend(2000);
  problem.add_groups()->set_name("second");
  const v1::OptimizeBudgetResponse answer = Answer(request);
  ASSERT_EQ(answer.conflicts_size(), 0);
  EXPECT_EQ(answer.optimum().campaigns(0).spend(), 1234.56);
  EXPECT_EQ(answer.optimum().campaigns(0).name(), "c0");
  EXPECT_LE(Cents(answer.optimum().campaigns(0).spend() + answer.optimum().campaigns(1).spend()), 200000);
  EXPECT_EQ(Cents(answer.optimum().outcome().spend()), 800000);
}

TEST_F(OptimizeTest, ConflictsAreAnAnswerThatNamesThem) {
  v1::OptimizeBudgetRequest request = Request();
  request.mutable_problem()->set_min_spend(3000);
  const v1::OptimizeBudgetResponse answer = Answer(request);
  ASSERT_EQ(answer.conflicts_size(), 1);
  EXPECT_EQ(answer.conflicts(0).kind(), v1::CONFLICT_KIND_MINIMA_OVER_BUDGET);
  EXPECT_EQ(answer.conflicts(0).needed(), 12000);
  EXPECT_EQ(answer.conflicts(0).allowed(), 8000);
  EXPECT_EQ(answer.conflicts(0).by(), 4000);
  EXPECT_FALSE(answer.has_optimum());
  EXPECT_FALSE(answer.has_even());

  request.mutable_problem()->set_min_spend(0);
  request.mutable_problem()->set_max_spend(1000);
  const v1::OptimizeBudgetResponse under = Answer(request);
  ASSERT_EQ(under.conflicts_size(), 1);
  EXPECT_EQ(under.conflicts(0).kind(), v1::CONFLICT_KIND_MAXIMA_UNDER_BUDGET);
  EXPECT_EQ(under.conflicts(0).by(), 4000);
}

TEST_F(OptimizeTest, BadInputIsNamed) {
  v1::OptimizeBudgetRequest request = Request();
  request.mutable_problem()->set_min_spend(6000);
  EXPECT_EQ(Error(request).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(Error(request).message()), HasSubstr("campaign 0"));
  request = Request();
  request.mutable_problem()->clear_budget();
  EXPECT_EQ(Error(request).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(Error(request).message()), HasSubstr("budget"));
  request = Request();
  request.mutable_problem()->add_campaigns();
  EXPECT_EQ(Error(request), absl::InvalidArgumentError("problem.campaigns: expected none, or one per row (4), got 1"));
  request = Request();
  request.mutable_problem()->set_goal(v1::BUDGET_GOAL_TARGET_ROI);
  EXPECT_EQ(Error(request),
            absl::InvalidArgumentError("problem.goal_value: expected a value for BUDGET_GOAL_TARGET_ROI, got none"));
  request = Request();
  request.mutable_problem()->set_goal_value(3);
  EXPECT_EQ(Error(request).code(), absl::StatusCode::kInvalidArgument);
  request = Request();
  request.mutable_problem()->set_goal(static_cast<v1::BudgetGoal>(99));
  EXPECT_EQ(Error(request), absl::InvalidArgumentError("problem.goal: expected a value of BudgetGoal, got 99"));
  request = Request();
  request.mutable_problem()->set_spend_feature("spent");
  EXPECT_EQ(Error(request).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(Error(request).message()), HasSubstr("spend"));
  request = Request();
  std::vector<float> values = Values(4);
  values[3 * width() + static_cast<size_t>(Index("price"))] = -1;
  *request.mutable_problem()->mutable_rows() = Matrix(values);
  EXPECT_EQ(Error(request), absl::InvalidArgumentError("problem.rows: row 3: price: expected > 0, got -1"));
  request = Request();
  *request.mutable_problem()->mutable_rows() = Rows(10001);
  EXPECT_EQ(ReasonOf(Error(request)), v1::REQUEST_TOO_LARGE);
  request = Request();
  request.mutable_problem()->set_lower_bound_level(0.9);
  EXPECT_EQ(ReasonOf(Error(request)), v1::NO_CALIBRATION);
}

TEST_F(OptimizeTest, AProbabilityHasNoBudget) {
  model_ = LoadTwoValued();
  EXPECT_EQ(ReasonOf(Error(Request())), v1::NOT_AN_ROI);
}

TEST_F(OptimizeTest, StopsInTheMiddle) {
  v1::OptimizeBudgetRequest request = Request();
  *request.mutable_problem()->mutable_rows() = Rows(1000);
  request.mutable_problem()->set_budget(2000000);
  int asked = 0;
  EXPECT_EQ(AnswerOptimize(request, *model_, StopAfter(3, &asked)).status(), absl::DeadlineExceededError("too late"));
  EXPECT_EQ(asked, 4);
}

// 62 bytes asked for 16 million amounts, and got 1.2 GB.
TEST_F(OptimizeTest, DrawsFromTheMemoryBudget) {
  v1::OptimizeBudgetRequest request = Request();
  *request.mutable_problem()->mutable_rows() = Rows(1);
  request.mutable_problem()->set_budget(150000);
  request.mutable_problem()->set_spend_all(false);
  request.mutable_problem()->set_min_spend(0.01);
  request.mutable_problem()->set_max_spend(150000);
  request.mutable_problem()->set_step(0.01);
  MemoryBudget memory(200'000'000, 0);
  const auto refused = AnswerOptimize(request, *model_, never_, &memory);
  EXPECT_EQ(ReasonOf(AsTooLarge(refused.status())), v1::SERVER_OVERLOADED);
  EXPECT_THAT(std::string(refused.status().message()),
              AllOf(HasSubstr("memory for requests: "), HasSubstr("(the server's --memory_budget)")));
  EXPECT_EQ(memory.held(), 0u);
  EXPECT_TRUE(AnswerOptimize(Request(), *model_, never_, &memory).ok());
  EXPECT_EQ(memory.held(), 0u);
}

TEST_F(OptimizeTest, GroupsHaveALimit) {
  v1::OptimizeBudgetRequest request = Request();
  for (int i = 0; i < 20001; ++i) request.mutable_problem()->add_groups();
  EXPECT_EQ(ReasonOf(Error(request)), v1::REQUEST_TOO_LARGE);
  EXPECT_EQ(Error(request).message(), "problem.groups: limit 20000, got 20001");
}

TEST_F(OptimizeTest, LiftTestsCountAndAreSaid) {
  v1::OptimizeBudgetRequest request = Request();
  const std::vector<float> values = Values(4);
  const auto channel_of = [&](size_t row) { return RowOf(values, row)[static_cast<size_t>(Index("channel"))]; };
  const auto& channels = model_->schema().features[static_cast<size_t>(Index("channel"))].vocabulary;
  double expected = 0;
  int about = 0;
  for (size_t i = 0; i < 4; ++i) {
    if (channel_of(i) != channel_of(0)) continue;
    const auto revenue = [&](double spend) {
      std::vector<float> row = RowOf(values, i);
      row[static_cast<size_t>(Index("spend"))] = static_cast<float>(spend);
      return (1 + double{Predict(row)}) * spend;
    };
    expected += revenue(4000) - revenue(1000);
    ++about;
  }
  ASSERT_LT(about, 4);
  v1::LiftTest& test = *request.mutable_problem()->add_lift_tests();
  test.mutable_spend()->set_low(1000);
  test.mutable_spend()->set_high(4000);
  test.set_incremental_revenue(0.5 * expected / about);
  test.set_standard_error(0.1 * std::fabs(expected) / about);
  test.set_feature("channel");
  test.set_word(channels[static_cast<size_t>(channel_of(0))]);
  const v1::OptimizeBudgetResponse answer = Answer(request);
  ASSERT_EQ(answer.optimum().campaigns_size(), 4);
  for (size_t i = 0; i < 4; ++i) {
    const v1::Allocation& one = answer.optimum().campaigns(static_cast<int>(i));
    ASSERT_EQ(one.has_lifted_revenue(), channel_of(i) == channel_of(0));
    if (!one.has_lifted_revenue()) continue;
    // The model's own expectation counts a hundredth of the test.
    EXPECT_NEAR(one.lifted_revenue(), 51.0 / 101.0 * one.revenue(), 1e-5 * one.spend());
    EXPECT_NEAR(one.lifted_profit(), one.lifted_revenue() - one.spend(), 1e-6 * 5000);
  }
  EXPECT_TRUE(answer.optimum().outcome().lifted());
  EXPECT_NE(answer.optimum().outcome().promised_profit(), answer.optimum().outcome().profit());
  ASSERT_GE(answer.caveats_size(), 2);
  EXPECT_EQ(answer.caveats(0).code(), "lift_test");
  EXPECT_THAT(answer.caveats(0).message(), HasSubstr(absl::StrCat("lift tests are about ", about, " of 4 campaigns")));
  EXPECT_EQ(answer.caveats(1).code(), "no_lift_test");

  // A test that says nothing changes nothing, and is no confirmation.
  const double said = test.standard_error();
  test.set_standard_error(1e12);
  const v1::OptimizeBudgetResponse useless = Answer(request);
  EXPECT_FALSE(useless.optimum().outcome().lifted());
  ASSERT_GE(useless.caveats_size(), 2);
  EXPECT_EQ(useless.caveats(0).code(), "no_lift_test");
  EXPECT_EQ(useless.caveats(useless.caveats_size() - 1).code(), "lift_test_not_used");
  EXPECT_THAT(useless.caveats(useless.caveats_size() - 1).message(),
              HasSubstr("lift test 1, from 1000 to 4000, is not used: the model expects"));
  test.set_standard_error(said);

  test.mutable_spend()->set_high(500);
  EXPECT_EQ(Error(request),
            absl::InvalidArgumentError("problem.lift_tests[0].spend: expected 0 ≤ low < high, got 1000 and 500"));
  test.mutable_spend()->set_high(4000);
  test.clear_feature();
  EXPECT_EQ(Error(request),
            absl::InvalidArgumentError(absl::StrCat(
                "problem.lift_tests[0].feature: expected the feature of the word \"", test.word(), "\", got none")));
  for (int i = 0; i < 100; ++i) *request.mutable_problem()->add_lift_tests() = test;
  EXPECT_EQ(ReasonOf(Error(request)), v1::REQUEST_TOO_LARGE);
}

// Without a reason, clients take it for a limit that passes, and retry.
TEST_F(OptimizeTest, ATooLargeProblemHasItsReason) {
  v1::OptimizeBudgetRequest request = Request();
  request.mutable_problem()->set_unit(1e-6);
  request.mutable_problem()->set_step(1e-6);
  const absl::Status too_large = AsTooLarge(Error(request));
  EXPECT_EQ(too_large.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(too_large), v1::REQUEST_TOO_LARGE);
  EXPECT_THAT(std::string(too_large.message()), HasSubstr("step: expected at most"));
  EXPECT_EQ(ReasonOf(AsTooLarge(absl::ResourceExhaustedError("campaigns: too many"))), v1::REQUEST_TOO_LARGE);
  EXPECT_EQ(AsTooLarge(absl::InvalidArgumentError("unit")), absl::InvalidArgumentError("unit"));
}

TEST_F(OptimizeTest, CurvesAndCaveatsComeWithIt) {
  v1::OptimizeBudgetRequest request = Request();
  request.set_curves(true);
  const v1::OptimizeBudgetResponse answer = Answer(request);
  ASSERT_EQ(answer.curves_size(), 4);
  EXPECT_GE(answer.curves(0).spend_size(), 2);
  EXPECT_EQ(answer.curves(0).spend_size(), answer.curves(0).roi_size());
  ASSERT_GE(answer.caveats_size(), 1);
  EXPECT_EQ(answer.caveats(0).code(), "no_lift_test");
}

// 40 of the budget, and 0.96 of today's spend, were gone without a word.
TEST_F(OptimizeTest, WhatTheUnitTakesOffTheBudgetIsLeftAndSaid) {
  v1::OptimizeBudgetRequest request = Request();
  request.mutable_problem()->set_budget(8040);
  request.mutable_problem()->set_unit(50);
  std::vector<float> values = Values(4);
  for (size_t i = 0; i < 4; ++i) values[i * width() + static_cast<size_t>(Index("spend"))] = i == 0 ? 1000.5f : 1000.0f;
  *request.mutable_problem()->mutable_rows() = Matrix(values);
  const v1::OptimizeBudgetResponse answer = Answer(request);
  EXPECT_EQ(answer.optimum().outcome().spend(), 8000);
  EXPECT_EQ(answer.left(), 40);
  EXPECT_EQ(answer.left_because(), "the smallest amount of money is 50");
  bool said = false;
  for (const v1::Caveat& caveat : answer.caveats()) {
    if (caveat.code() != "present_rounded") continue;
    said = true;
    EXPECT_EQ(caveat.message(),
              "today's spend of 1 campaign is rounded to whole units of 50: the present split is of "
              "4000 instead of 4000.50");
  }
  EXPECT_TRUE(said);
}

// A campaign could not be paused beside a minimum of all others.
TEST_F(OptimizeTest, LimitsOfAllAreNoneOfALockedCampaign) {
  v1::OptimizeBudgetRequest request = Request();
  for (int i = 0; i < 4; ++i) request.mutable_problem()->add_campaigns();
  request.mutable_problem()->mutable_campaigns(0)->set_locked_spend(0);
  request.mutable_problem()->mutable_campaigns(1)->set_locked_spend(5500);
  const v1::OptimizeBudgetResponse answer = Answer(request);
  ASSERT_EQ(answer.conflicts_size(), 0);
  EXPECT_EQ(answer.optimum().campaigns(0).spend(), 0);
  EXPECT_EQ(answer.optimum().campaigns(1).spend(), 5500);
  request.mutable_problem()->mutable_campaigns(1)->set_max_spend(5000);
  EXPECT_THAT(std::string(Error(request).message()), HasSubstr("expected a locked amount of at most its max 5000"));
}

// "0.00 to 6.03" was promised of a budget that nothing was spent of.
TEST_F(OptimizeTest, NothingSpentHasNoInterval) {
  v1::OptimizeBudgetRequest request = Request();
  request.mutable_problem()->set_spend_all(false);
  request.mutable_problem()->set_may_skip(true);
  request.mutable_problem()->set_budget(10);
  const v1::OptimizeBudgetResponse answer = Answer(request);
  EXPECT_EQ(answer.optimum().outcome().spend(), 0);
  EXPECT_EQ(answer.optimum().outcome().promised_profit(), 0);
  EXPECT_FALSE(answer.optimum().outcome().has_profit_interval());
  EXPECT_FALSE(answer.optimum().outcome().has_expected_profit());
}

TEST_F(OptimizeTest, SaysWhichLimitsAreOfTraining) {
  const int spend = Index("spend"), channel = Index("channel");
  model_ = Load([&](Artifact& artifact) {
    artifact.schema.features[static_cast<size_t>(spend)].word_ranges = {{channel, 0, 50.0, 400.0}};
  });
  std::vector<float> values = Values(4);
  for (size_t i = 0; i < 4; ++i) {
    values[i * width() + static_cast<size_t>(channel)] = i < 2 ? 0.0f : 1.0f;
    values[i * width() + static_cast<size_t>(spend)] = 300.0f;
  }
  v1::OptimizeBudgetRequest request = Request();
  *request.mutable_problem()->mutable_rows() = Matrix(values);
  request.mutable_problem()->clear_min_spend();
  request.mutable_problem()->clear_max_spend();
  const auto caveat = [](const v1::OptimizeBudgetResponse& answer, const std::string& code) {
    for (const v1::Caveat& one : answer.caveats()) {
      if (one.code() == code) return one.message();
    }
    return std::string();
  };
  const std::string kind =
      "channel \"" + model_->schema().features[static_cast<size_t>(channel)].vocabulary[0] + "\", 50 to 400";
  v1::OptimizeBudgetResponse answer = Answer(request);
  ASSERT_EQ(answer.conflicts_size(), 0);
  EXPECT_LE(answer.optimum().campaigns(0).spend(), 400);
  EXPECT_LE(answer.optimum().campaigns(1).spend(), 400);
  EXPECT_THAT(
      caveat(answer, "limits_from_training"),
      HasSubstr("limits that were not given are within what such campaigns had in training (" + kind + "), less a tenth of it"));
  EXPECT_EQ(caveat(answer, "outside_training_range"), "");
  request.mutable_problem()->set_min_spend(1000);
  request.mutable_problem()->set_max_spend(5000);
  answer = Answer(request);
  EXPECT_EQ(caveat(answer, "limits_from_training"), "");
  EXPECT_TRUE(answer.optimum().campaigns(0).outside());
  EXPECT_THAT(
      caveat(answer, "outside_training_range"),
      HasSubstr("2 campaigns get a spend outside the range of the training rows, 1 to 10000, or of those with " + kind +
                ": nothing is known there"));
}

TEST_F(OptimizeTest, CampaignsThatAreAlikeAreNamed) {
  v1::OptimizeBudgetRequest request = Request();
  std::vector<float> values = Values(4);
  for (size_t i = 0; i < width(); ++i) values[3 * width() + i] = values[width() + i];
  values[3 * width() + static_cast<size_t>(Index("spend"))] += 100.0f;
  *request.mutable_problem()->mutable_rows() = Matrix(values);
  const auto alike = [](const v1::OptimizeBudgetResponse& answer) -> std::string {
    for (const v1::Caveat& caveat : answer.caveats()) {
      if (caveat.code() == "alike_campaigns") return caveat.message();
    }
    return "";
  };
  EXPECT_THAT(alike(Answer(request)), HasSubstr("campaign 1, campaign 3 are alike in all but spend and time: each is "
                                                "counted as a campaign of its own"));
  EXPECT_EQ(alike(Answer(Request())), "");
}

TEST_F(OptimizeTest, ABudgetBelowTheSmallestAmountIsSaid) {
  v1::OptimizeBudgetRequest request = Request();
  request.mutable_problem()->set_budget(50);
  request.mutable_problem()->set_spend_all(false);
  request.mutable_problem()->set_may_skip(true);
  const v1::OptimizeBudgetResponse answer = Answer(request);
  const v1::Caveat* said = nullptr;
  for (const v1::Caveat& caveat : answer.caveats()) {
    if (caveat.code() == "budget_below_step") said = &caveat;
  }
  ASSERT_NE(said, nullptr);
  EXPECT_THAT(
      said->message(),
      HasSubstr("the budget, 50, is smaller than one step: the smallest amount that a campaign may get is 100"));
  request.mutable_problem()->set_budget(100);
  const v1::OptimizeBudgetResponse enough = Answer(request);
  for (const v1::Caveat& caveat : enough.caveats()) EXPECT_NE(caveat.code(), "budget_below_step");
}

}  // namespace
}  // namespace roicast

#include "server/services/decision/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "bench/campaign_artifact.h"
#include "server/errors/errors.h"
#include "server/services/decision/decision_call.h"
#include "tests/server/services/decision/decision_fixture.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kMarch3 = 1740960000;  // 2025-03-03T00:00:00Z

constexpr int64_t kJanuary1 = 1735689600;  // 2025-01-01T00:00:00Z

// The price becomes a second time.
void WithEndTime(Artifact& artifact) {
  const auto f = static_cast<size_t>(artifact.schema.IndexOf("price"));
  Feature& end = artifact.schema.features[f];
  end = Feature();
  end.name = "end_time";
  end.kind = FeatureKind::kTime;
  FittedFeature& fitted = artifact.features[f];
  fitted = FittedFeature();
  fitted.trend = true;
  fitted.fill_value = fitted.center = HoursSinceEpoch(kMarch3);
  fitted.clip_min = fitted.center - 100'000;
  fitted.clip_max = fitted.center + 100'000;
  fitted.scale = 2'000;
  const auto features = static_cast<size_t>(artifact.schema.size());
  for (size_t at = f; at < artifact.golden.rows.size(); at += features) {
    artifact.golden.rows[at] = static_cast<float>(fitted.center);
  }
  const auto predictor = Predictor::CompileUnverified(artifact);
  ASSERT_TRUE(predictor.ok()) << predictor.status();
  (*predictor)
      ->Predict(artifact.golden.rows.data(), static_cast<int64_t>(artifact.golden.predictions.size()),
                absl::MakeSpan(artifact.golden.predictions), {});
}

class PlanTest : public DecisionTest {
 protected:
  // The first one of that code; empty: none.
  static std::string Caveat(const v1::PlanBudgetResponse& answer, absl::string_view code) {
    for (const v1::Caveat& caveat : answer.caveats()) {
      if (caveat.code() == code) return caveat.message();
    }
    return "";
  }
  v1::PlanBudgetRequest Request() const {
    v1::PlanBudgetRequest request;
    v1::BudgetProblem& problem = *request.mutable_problem();
    *problem.mutable_rows() = Rows(3);
    problem.set_budget(6000);
    problem.set_spend_all(true);
    problem.set_min_spend(10);
    problem.set_max_spend(2000);
    request.set_periods(4);
    request.set_unit(v1::PERIOD_UNIT_WEEK);
    request.mutable_start()->set_seconds(kMarch3);
    return request;
  }
  absl::Status Error(const v1::PlanBudgetRequest& request) const {
    return AnswerPlan(request, *model_, never_).status();
  }
};

// From Monday to Sunday it is a week.
TEST_F(PlanTest, BothEndsOfARowCountInItsLength) {
  model_ = Load([](Artifact& artifact) {
    WithEndTime(artifact);
    artifact.schema.features[static_cast<size_t>(artifact.schema.IndexOf("duration_days"))].name = "duration_group";
  });
  const auto start = static_cast<size_t>(Index("start_time")), end = static_cast<size_t>(Index("end_time"));
  std::vector<float> values = Values(3);
  for (size_t i = 0; i < 3; ++i) values[i * width() + end] = values[i * width() + start] + 24 * 6;
  v1::PlanBudgetRequest request = Request();
  request.set_time_feature("start_time");
  *request.mutable_problem()->mutable_rows() = Matrix(values);
  request.set_unit(v1::PERIOD_UNIT_DAY);
  const auto answer = AnswerPlan(request, *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(Caveat(*answer, "period_length"), HasSubstr("the rows last 7 days, both ends counted, and each day"));
}

TEST_F(PlanTest, ARevenueThatDoesNotRiseWithTheSpendIsSaid) {
  model_ = LoadFlatRevenue();
  const auto answer = AnswerPlan(Request(), *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(Caveat(*answer, "flat_revenue"), HasSubstr("revenue hardly depends on \"spend\""));
}

TEST_F(PlanTest, PeriodsOfDaysWeeksAndMonths) {
  EXPECT_EQ(TimeOfPeriod(kMarch3, v1::PERIOD_UNIT_DAY, 3).start, kMarch3 + 3 * 86400);
  EXPECT_EQ(TimeOfPeriod(kMarch3, v1::PERIOD_UNIT_WEEK, 2).start, kMarch3 + 14 * 86400);
  EXPECT_EQ(TimeOfPeriod(kMarch3, v1::PERIOD_UNIT_UNSPECIFIED, 2).days, 7);
  EXPECT_EQ(TimeOfPeriod(kMarch3, v1::PERIOD_UNIT_MONTH, 0).days, 31);
  EXPECT_EQ(TimeOfPeriod(kMarch3, v1::PERIOD_UNIT_MONTH, 1).start, kMarch3 + 31 * 86400);
  EXPECT_EQ(TimeOfPeriod(kMarch3, v1::PERIOD_UNIT_MONTH, 1).days, 30);
  // The last day of a month that has no 31st: 2025-01-31, 2025-02-28, 2025-03-31.
  constexpr int64_t kJanuary31 = 1738281600;
  EXPECT_EQ(TimeOfPeriod(kJanuary31, v1::PERIOD_UNIT_MONTH, 1).start, kJanuary31 + 28 * 86400);
  EXPECT_EQ(TimeOfPeriod(kJanuary31, v1::PERIOD_UNIT_MONTH, 1).days, 31);
}

TEST_F(PlanTest, TheBudgetIsSpentToTheCentAndEachRoiIsPredictsAtThatTime) {
  const auto answer = AnswerPlan(Request(), *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->plan().conflicts_size(), 0) << answer->plan().conflicts(0).message();
  ASSERT_EQ(answer->plan().periods_size(), 4);
  const std::vector<float> values = Values(3);
  int64_t cents = 0;
  for (int p = 0; p < 4; ++p) {
    const v1::PeriodPlan& period = answer->plan().periods(p);
    EXPECT_EQ(period.start().seconds(), kMarch3 + p * 7 * 86400);
    EXPECT_FALSE(period.over());
    for (size_t i = 0; i < 3; ++i) {
      const v1::Allocation& one = period.split().campaigns(static_cast<int>(i));
      cents += std::llround(100 * one.spend());
      std::vector<float> row = RowOf(values, i);
      row[static_cast<size_t>(Index("spend"))] = static_cast<float>(one.spend());
      row[static_cast<size_t>(Index("start_time"))] = static_cast<float>(period.start().seconds() / 3600);
      row[static_cast<size_t>(Index("duration_days"))] = 7;
      EXPECT_EQ(static_cast<float>(one.roi()), Predict(row));
    }
    EXPECT_NEAR(period.budget_so_far(), static_cast<double>(cents) / 100, 1e-6);
  }
  EXPECT_EQ(cents, 600000);
  EXPECT_GE(answer->plan().outcome().profit(), answer->plan().even().profit());
}

TEST_F(PlanTest, PeriodsHaveLimitsAndSomeAreOver) {
  v1::PlanBudgetRequest request = Request();
  v1::PeriodBounds& over = *request.add_period_bounds();
  over.set_period(0);
  for (const double spent : {100.0, 200.0, 300.0}) over.add_spent(spent);
  v1::PeriodBounds& limited = *request.add_period_bounds();
  limited.set_period(2);
  limited.set_max_spend(500);
  v1::BudgetChange& change = *request.add_changes();
  change.set_after_periods(2);
  change.set_budget(5000);
  const auto answer = AnswerPlan(request, *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->plan().conflicts_size(), 0) << answer->plan().conflicts(0).message();
  EXPECT_TRUE(answer->plan().periods(0).over());
  EXPECT_FALSE(answer->plan().periods(1).over());
  EXPECT_EQ(answer->plan().periods(0).split().campaigns(1).spend(), 200);
  EXPECT_LE(answer->plan().periods(2).split().outcome().spend(), 500.001);
  EXPECT_NEAR(answer->plan().periods(3).budget_so_far(), 6000, 0.005);
  ASSERT_EQ(answer->changes_size(), 1);
  EXPECT_TRUE(answer->changes(0).periods(1).over());
  EXPECT_NEAR(answer->changes(0).periods(3).budget_so_far(), 5000, 0.005);
  EXPECT_EQ(answer->changes(0).periods(1).budget_so_far(), answer->plan().periods(1).budget_so_far());
}

// A plan for years that the model knows nothing of had no note.
TEST_F(PlanTest, APlanLongAfterTrainingSaysSo) {
  const int time = Index("start_time");
  const auto width = static_cast<size_t>(model_->schema().size());
  model_ = Load([&](Artifact& artifact) {
    Background& typical = artifact.background.emplace();
    typical.rows = bench::MakeCampaignRows(artifact.schema, 2, 7);
    typical.rows[static_cast<size_t>(time)] = HoursSinceEpoch(kMarch3 - int64_t{300} * 86400);
    typical.rows[width + static_cast<size_t>(time)] = HoursSinceEpoch(kMarch3 - int64_t{200} * 86400);
    typical.weights = {0.5f, 0.5f};
  });
  v1::PlanBudgetRequest request = Request();
  const auto notes = [&] {
    std::string text;
    const auto answer = AnswerPlan(request, *model_, never_);
    EXPECT_TRUE(answer.ok()) << answer.status();
    if (answer.ok()) {
      for (const v1::Caveat& caveat : answer->caveats()) text += caveat.message() + "\n";
    }
    return text;
  };
  EXPECT_THAT(notes(), Not(HasSubstr("the plan goes to")));
  request.mutable_start()->set_seconds(kMarch3 + int64_t{2 * 366} * 86400);
  EXPECT_THAT(notes(), HasSubstr("the plan goes to 2027-03-26, more than a year beyond \"start_time\" in training, of "
                                 "which the latest typical value is 2024-08-15: what has changed since"));
}

// The end of a campaign stayed where it was while its start moved, and nothing said so.
TEST_F(PlanTest, OtherTimesOfACampaignMoveAlong) {
  model_ = Load(WithEndTime);
  const size_t start = static_cast<size_t>(Index("start_time")), end = static_cast<size_t>(Index("end_time"));
  std::vector<float> values = Values(3);
  for (size_t i = 0; i < 3; ++i) values[i * width() + end] = values[i * width() + start] + static_cast<float>(24 * 9);
  for (size_t i = 0; i < 3; ++i) values[i * width() + static_cast<size_t>(Index("duration_days"))] = 5;
  v1::PlanBudgetRequest request = Request();
  request.set_time_feature("start_time");
  *request.mutable_problem()->mutable_rows() = Matrix(values);
  const auto answer = AnswerPlan(request, *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  for (int p = 0; p < 4; ++p) {
    const v1::PeriodPlan& period = answer->plan().periods(p);
    for (size_t i = 0; i < 3; ++i) {
      const v1::Allocation& one = period.split().campaigns(static_cast<int>(i));
      std::vector<float> row = RowOf(values, i);
      row[static_cast<size_t>(Index("spend"))] = static_cast<float>(one.spend());
      row[start] = static_cast<float>(period.start().seconds() / 3600);
      row[end] = row[start] + 24 * 9;
      row[static_cast<size_t>(Index("duration_days"))] = 7;
      EXPECT_EQ(static_cast<float>(one.roi()), Predict(row));
    }
  }
  EXPECT_EQ(Caveat(*answer, "time_moves_along"),
            "\"end_time\" moves along with \"start_time\": it is 9 days behind it in the rows");
}

TEST_F(PlanTest, AnEndThatIsTheDurationBehindTheStartIsThePeriodsLengthBehindIt) {
  model_ = Load(WithEndTime);
  const size_t start = static_cast<size_t>(Index("start_time")), end = static_cast<size_t>(Index("end_time"));
  std::vector<float> values = Values(1);
  values[end] = values[start] + 24 * 3;
  values[static_cast<size_t>(Index("duration_days"))] = 3;
  v1::PlanBudgetRequest request = Request();
  request.set_time_feature("start_time");
  request.set_unit(v1::PERIOD_UNIT_MONTH);
  *request.mutable_problem()->mutable_rows() = Matrix(values);
  const auto answer = AnswerPlan(request, *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  const v1::PeriodPlan& april = answer->plan().periods(1);
  std::vector<float> row = values;
  row[static_cast<size_t>(Index("spend"))] = static_cast<float>(april.split().campaigns(0).spend());
  row[start] = static_cast<float>(april.start().seconds() / 3600);
  row[end] = row[start] + 24 * 30;
  row[static_cast<size_t>(Index("duration_days"))] = 30;
  EXPECT_EQ(static_cast<float>(april.split().campaigns(0).roi()), Predict(row));
}

TEST_F(PlanTest, ATimeOfSomethingElseStaysAndIsSaid) {
  model_ = Load(WithEndTime);
  const size_t start = static_cast<size_t>(Index("start_time")), end = static_cast<size_t>(Index("end_time"));
  std::vector<float> values = Values(3);
  for (size_t i = 0; i < 3; ++i) {
    values[i * width() + end] = values[i * width() + start] - static_cast<float>(24 * 200 * i);
  }
  v1::PlanBudgetRequest request = Request();
  request.set_time_feature("start_time");
  *request.mutable_problem()->mutable_rows() = Matrix(values);
  const auto answer = AnswerPlan(request, *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(Caveat(*answer, "time_stays"), HasSubstr("stays as it is while \"start_time\" moves: it is -400 to "));
  EXPECT_EQ(Caveat(*answer, "time_moves_along"), "");
}

// A column with the month stayed "Jan" in plans for May, without a note.
TEST_F(PlanTest, AFeatureThatFollowsFromTheTimeIsSaid) {
  model_ = Load([](Artifact& artifact) {
    Feature& month = artifact.schema.features[static_cast<size_t>(artifact.schema.IndexOf("discount_rate"))];
    month.name = "month";
    month.allowed_max = 12;
  });
  std::vector<float> values = Values(1);
  values[static_cast<size_t>(Index("start_time"))] = HoursSinceEpoch(kMarch3);
  values[static_cast<size_t>(Index("month"))] = 3;
  v1::PlanBudgetRequest request = Request();
  *request.mutable_problem()->mutable_rows() = Matrix(values);
  auto answer = AnswerPlan(request, *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(Caveat(*answer, "calendar_stays"), "");  // all four weeks are in March
  request.set_periods(8);
  answer = AnswerPlan(request, *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(Caveat(*answer, "calendar_stays"),
              HasSubstr("\"month\" looks like the month of \"start_time\", and stays as it is in all periods"));
}

// Weeks and days were credited with what whole months returned.
TEST_F(PlanTest, APeriodThatIsNoRowOfTrainingSaysSo) {
  const auto without_duration = [this](int days_between, bool months) {
    model_ = Load([&](Artifact& artifact) {
      artifact.schema.features[static_cast<size_t>(artifact.schema.IndexOf("duration_days"))].name = "size";
      Background& typical = artifact.background.emplace();
      typical.rows = bench::MakeCampaignRows(artifact.schema, 6, 7);
      const auto features = static_cast<size_t>(artifact.schema.size());
      const auto time = static_cast<size_t>(artifact.schema.IndexOf("start_time"));
      for (size_t i = 0; i < 6; ++i) {
        const int64_t at = months ? TimeOfPeriod(kJanuary1, v1::PERIOD_UNIT_MONTH, static_cast<int>(i)).start
                                  : kMarch3 - int64_t{days_between} * 86400 * static_cast<int64_t>(i);
        typical.rows[i * features + time] = HoursSinceEpoch(at);
        typical.weights.push_back(1.0f / 6);
      }
    });
  };
  const auto said = [this](v1::PeriodUnit unit) {
    v1::PlanBudgetRequest request = Request();
    request.set_unit(unit);
    const auto answer = AnswerPlan(request, *model_, never_);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? Caveat(*answer, "period_length") : "";
  };
  EXPECT_EQ(said(v1::PERIOD_UNIT_MONTH), "");  // the duration is a feature
  without_duration(0, true);
  EXPECT_EQ(said(v1::PERIOD_UNIT_MONTH), "");
  EXPECT_THAT(said(v1::PERIOD_UNIT_WEEK),
              HasSubstr("each week of the plan is credited with what a whole month returned"));
  without_duration(7, false);
  EXPECT_EQ(said(v1::PERIOD_UNIT_WEEK), "");
  EXPECT_THAT(said(v1::PERIOD_UNIT_DAY), HasSubstr("a row of training seems to cover a week"));
  without_duration(9, false);
  EXPECT_THAT(said(v1::PERIOD_UNIT_WEEK), HasSubstr("no feature says how long a row lasts: each week is credited"));
}

// Plans for months that training never saw had no note.
TEST_F(PlanTest, PeriodsOutsideOfTheTimesOfTrainingAreSaid) {
  model_ = Load([](Artifact& artifact) {
    Feature& time = artifact.schema.features[static_cast<size_t>(artifact.schema.IndexOf("start_time"))];
    time.seen_min = HoursSinceEpoch(kJanuary1);
    time.seen_max = time.seen_min + 24 * 180;
    time.seen_months = 0x3F;  // January to June
  });
  v1::PlanBudgetRequest request = Request();
  const auto said = [&](int64_t start) {
    request.mutable_start()->set_seconds(start);
    const auto answer = AnswerPlan(request, *model_, never_);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? Caveat(*answer, "outside_training_range") : "";
  };
  EXPECT_EQ(said(kMarch3), "");
  constexpr int64_t kDay = 86400;
  EXPECT_THAT(said(kMarch3 + 150 * kDay), HasSubstr("training has no row in July, August"));
  EXPECT_THAT(said(kMarch3 + 380 * kDay), HasSubstr("farther than training covers beyond \"start_time\""));
  EXPECT_THAT(said(kMarch3 - 1000 * kDay), HasSubstr("before all of \"start_time\" in training"));
  request.mutable_start()->set_seconds(kMarch3 + 160 * kDay);
  const auto answer = AnswerPlan(request, *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->plan().periods(0).split().campaigns(0).warning());
}

TEST_F(PlanTest, BadInputIsNamed) {
  v1::PlanBudgetRequest request = Request();
  request.set_periods(0);
  EXPECT_EQ(Error(request), absl::InvalidArgumentError("periods: expected 1 to 366, got 0"));
  request = Request();
  request.clear_start();
  EXPECT_EQ(Error(request), absl::InvalidArgumentError("start: expected when the first period starts, got none"));
  request = Request();
  request.mutable_start()->set_seconds(int64_t{1} << 40);
  EXPECT_THAT(std::string(Error(request).message()), HasSubstr("start: expected a time in the years 1900 to 2199"));
  request = Request();
  request.add_period_bounds()->set_period(4);
  EXPECT_EQ(Error(request), absl::InvalidArgumentError("period_bounds[0].period: expected 0 to 3, got 4"));
  request = Request();
  request.add_period_bounds()->set_period(1);
  request.add_period_bounds()->set_period(1);
  EXPECT_EQ(Error(request),
            absl::InvalidArgumentError("period_bounds[1].period: expected each period once, got 1 again"));
  request = Request();
  request.set_time_feature("spend");
  EXPECT_EQ(Error(request).code(), absl::StatusCode::kInvalidArgument);
  request = Request();
  for (int i = 0; i < 11; ++i) request.add_changes();
  EXPECT_EQ(ReasonOf(Error(request)), v1::REQUEST_TOO_LARGE);
}

// A name of 1 MB was made 366 times, and more.
TEST_F(PlanTest, DrawsFromTheMemoryBudget) {
  v1::PlanBudgetRequest request = Request();
  request.set_unit(v1::PERIOD_UNIT_DAY);
  request.set_periods(366);
  MemoryBudget memory(300'000, 0), enough(200'000'000, 0);
  EXPECT_EQ(ReasonOf(AsTooLarge(AnswerPlan(request, *model_, never_, &memory).status())), v1::SERVER_OVERLOADED);
  EXPECT_EQ(memory.held(), 0u);
  const auto answer = AnswerPlan(request, *model_, never_, &enough);
  EXPECT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(enough.held(), 0u);
  for (int i = 0; i < 3; ++i) request.mutable_problem()->add_campaigns();
  request.mutable_problem()->mutable_campaigns(0)->set_name(std::string(1 << 20, 'n'));
  EXPECT_EQ(Error(request), absl::InvalidArgumentError("campaign 0: name: expected at most 1024 bytes, got 1048576"));
}

TEST_F(PlanTest, LimitsOfPeriodsStandBesideThoseOfGroupsInThem) {
  v1::PlanBudgetRequest request = Request();
  v1::BudgetProblem& problem = *request.mutable_problem();
  v1::BudgetGroup& group = *problem.add_groups();
  group.set_name("first");
  group.set_max_spend(500);
  for (int i = 0; i < 3; ++i) {
    v1::CampaignBounds& campaign = *problem.add_campaigns();
    if (i < 2) campaign.set_group("first");
  }
  v1::PeriodBounds& bounds = *request.add_period_bounds();
  bounds.set_period(1);
  bounds.set_max_spend(300);
  const auto answer = AnswerPlan(request, *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->plan().conflicts_size(), 0) << answer->plan().conflicts(0).message();
  for (int p = 0; p < 4; ++p) {
    const auto& campaigns = answer->plan().periods(p).split().campaigns();
    const double first = campaigns[0].spend() + campaigns[1].spend();
    EXPECT_LE(first, 500.0 + 1e-6) << p;
    EXPECT_LE(first + campaigns[2].spend(), p == 1 ? 300.0 + 1e-6 : 6000.0) << p;
  }
  EXPECT_NEAR(answer->plan().periods(3).budget_so_far(), 6000.0, 1e-6);
}

TEST_F(PlanTest, ConflictsAreAnAnswer) {
  v1::PlanBudgetRequest request = Request();
  request.mutable_problem()->set_min_spend(1000);
  const auto answer = AnswerPlan(request, *model_, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_GE(answer->plan().conflicts_size(), 1);
  EXPECT_EQ(answer->plan().conflicts(0).by(), 6000);
  request = Request();
  v1::PeriodBounds& bounds = *request.add_period_bounds();
  bounds.set_period(0);
  bounds.set_min_spend(1e6);
  const auto first = AnswerPlan(request, *model_, never_);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_GE(first->plan().conflicts_size(), 1);
  EXPECT_EQ(first->plan().conflicts(0).group(), "period 1 (2025-03-03)");
  EXPECT_EQ(first->plan().conflicts(0).message(),
            "the largest amounts add up to 6000, which is 994000 less than the minimum of period 1 (2025-03-03) of "
            "1000000: campaign \"period 1 (2025-03-03), campaign 0\" 2000, campaign \"period 1 (2025-03-03), campaign "
            "1\" 2000, campaign \"period 1 (2025-03-03), campaign 2\" 2000");
}

}  // namespace
}  // namespace roicast

// What the answers of decisions take, counted in the allocator, beside what they claim of the memory budget.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/services/decision/curve.h"
#include "server/services/decision/plan.h"
#include "server/services/decision/rank.h"
#include "tests/server/services/decision/decision_fixture.h"
#include "tests/testing/counted_memory.h"

namespace roicast {
namespace {

constexpr int64_t kPlenty = 16'000'000'000;
constexpr int64_t kMarch3 = 1740960000;  // 2025-03-03T00:00:00Z

// Of a call as a whole, and from when its rows are read: rows are read from two copies of the request.
struct Memory {
  int64_t taken = 0, claimed = 0;
  int64_t taken_later = 0, claimed_later = 0;
  absl::Status status;
};

class DecisionAnswerMemory : public DecisionTest {
 protected:
  // With intervals, of which all answers have more.
  void SetUp() override {
    if (!testing::kCountsMemory) GTEST_SKIP() << "the sanitizer has operators of its own";
    model_ = Load([](Artifact& artifact) {
      std::vector<double> scores(199);
      std::iota(scores.begin(), scores.end(), -99.0);
      for (double& score : scores) score *= 0.01;
      artifact.calibration.emplace().groups = {MakeGroup(-1, scores)};
      artifact.model_error =
          ModelError{0.1, 0.05, std::vector<ModelError::Slope>(artifact.schema.features.size()), 100};
    });
    // What a thread keeps for predictions is not of an answer.
    ASSERT_TRUE(MemoryOfRank(Ranked(20'000, 10)).status.ok());
  }

  // answer: of one call, which asks the stop question once its rows are read.
  static Memory MemoryOf(const std::function<absl::Status(const StopCheck&, MemoryBudget*)>& answer) {
    MemoryBudget budget(kPlenty, 0);
    const int64_t before = testing::MemoryTaken();
    testing::ResetMostTaken();
    Memory memory;
    bool is_read = false;
    const StopCheck stop = [&] {
      if (!is_read) {
        memory.taken = testing::MostMemoryTaken() - before;
        memory.claimed = static_cast<int64_t>(budget.TakePeak());
        testing::ResetMostTaken();
      }
      is_read = true;
      return absl::OkStatus();
    };
    memory.status = answer(stop, &budget);
    memory.taken_later = testing::MostMemoryTaken() - before;
    memory.claimed_later = static_cast<int64_t>(budget.TakePeak());
    memory.taken = std::max(memory.taken, memory.taken_later);
    memory.claimed = std::max(memory.claimed, memory.claimed_later);
    return memory;
  }

  // times: that the claim may be of what is taken.
  static void ExpectEnough(const Memory& memory, const std::string& name, int64_t times = 3) {
    EXPECT_TRUE(memory.status.ok()) << name << ": " << memory.status;
    EXPECT_LE(memory.taken, memory.claimed) << name;
    EXPECT_LE(memory.taken_later, memory.claimed_later) << name;
    EXPECT_LE(memory.claimed_later, times * memory.taken_later) << name;
  }

  Memory MemoryOfRank(const v1::RankRequest& request) const {
    return MemoryOf([&](const StopCheck& stop, MemoryBudget* memory) {
      return AnswerRank(request, *model_, 1'000'000, stop, memory).status();
    });
  }
  Memory MemoryOfCurve(const v1::ResponseCurveRequest& request) const {
    return MemoryOf([&](const StopCheck& stop, MemoryBudget* memory) {
      return AnswerCurve(request, *model_, stop, memory).status();
    });
  }
  Memory MemoryOfPlan(const v1::PlanBudgetRequest& request) const {
    return MemoryOf([&](const StopCheck& stop, MemoryBudget* memory) {
      return AnswerPlan(request, *model_, stop, memory).status();
    });
  }

  v1::RankRequest Ranked(int64_t candidates, int32_t count) const {
    v1::RankRequest request;
    *request.mutable_rows() = Rows(candidates);
    request.set_count(count);
    return request;
  }

  v1::ResponseCurveRequest Curves(int64_t rows, int32_t points) const {
    v1::ResponseCurveRequest request;
    *request.mutable_rows() = Rows(rows);
    request.set_from(100);
    request.set_to(5000);
    request.set_points(points);
    return request;
  }

  struct PlanSize {
    int campaigns, periods;
    int groups = 0, changes = 0;
    size_t name_bytes = 0;
    double min_spend = 0.0;  // of each campaign
    double max_of_group = 10'000.0;
    double step = 0.0;
  };
  v1::PlanBudgetRequest Plan(const PlanSize& size) const {
    const auto name = [&size](absl::string_view kind, int i) {
      std::string made = absl::StrCat(kind, i);
      made.resize(std::max(made.size(), size.name_bytes), '-');
      return made;
    };
    v1::PlanBudgetRequest request;
    v1::BudgetProblem& problem = *request.mutable_problem();
    *problem.mutable_rows() = Rows(size.campaigns);
    problem.set_budget(500.0 * size.campaigns * size.periods);
    problem.set_min_spend(size.min_spend);
    problem.set_max_spend(2000);
    if (size.step > 0.0) problem.set_step(size.step);
    for (int g = 0; g < size.groups; ++g) {
      v1::BudgetGroup& group = *problem.add_groups();
      group.set_name(name("g", g));
      group.set_max_spend(size.max_of_group);
    }
    for (int c = 0; c < size.campaigns; ++c) {
      v1::CampaignBounds& campaign = *problem.add_campaigns();
      campaign.set_name(name("c", c));
      if (size.groups > 0) campaign.set_group(name("g", c % size.groups));
    }
    request.set_periods(size.periods);
    request.set_unit(v1::PERIOD_UNIT_DAY);
    request.mutable_start()->set_seconds(kMarch3);
    for (int i = 0; i < size.changes; ++i) {
      v1::BudgetChange& change = *request.add_changes();
      change.set_after_periods(1);
      change.set_budget(400.0 * size.campaigns * size.periods);
    }
    return request;
  }
};

TEST_F(DecisionAnswerMemory, ARankingTakesNoMoreThanItClaims) {
  ExpectEnough(MemoryOfRank(Ranked(1000, 10)), "few");
  ExpectEnough(MemoryOfRank(Ranked(1'000'000, 1)), "the best of a million");
  ExpectEnough(MemoryOfRank(Ranked(100'000, 100'000)), "all");
  v1::RankRequest request = Ranked(1'000'000, 100'000);
  request.set_by(v1::RANK_BY_PROFIT);
  request.set_lower_bound_level(0.8);
  request.set_group_feature("channel");
  request.set_per_group(100'000);
  ExpectEnough(MemoryOfRank(request), "many of a million");
}

// Each had a status with words: 152 bytes, of which nothing was claimed.
TEST_F(DecisionAnswerMemory, RowsThatAreRejectedTakeNoMoreThanTheyClaim) {
  constexpr int kRows = 300'000;
  v1::RankRequest request;
  v1::Columns& columns = *request.mutable_rows()->mutable_columns();
  v1::Column& spend = *columns.add_columns();
  spend.set_name("spend");
  spend.mutable_floats()->mutable_values()->Resize(kRows, 500.0f);
  v1::Column& channel = *columns.add_columns();
  channel.set_name("channel");
  channel.mutable_categories()->add_dictionary("search");
  channel.mutable_categories()->mutable_codes()->Resize(kRows, 7);
  channel.mutable_categories()->set_codes(0, 0);
  ExpectEnough(MemoryOfRank(request), "all but one");
}

TEST_F(DecisionAnswerMemory, CurvesTakeNoMoreThanTheyClaim) {
  ExpectEnough(MemoryOfCurve(Curves(1, 20)), "one");
  ExpectEnough(MemoryOfCurve(Curves(1, 10'000)), "one of many points");
  ExpectEnough(MemoryOfCurve(Curves(20, 10'000)), "many points");
  ExpectEnough(MemoryOfCurve(Curves(1000, 200)), "many curves");
  ExpectEnough(MemoryOfCurve(Curves(1000, 2)), "short curves");
  v1::ResponseCurveRequest plain = Curves(1000, 200);
  plain.set_without_money(true);
  ExpectEnough(MemoryOfCurve(plain), "without money");
  v1::ResponseCurveRequest lifted = Curves(1000, 200);
  for (int i = 0; i < 20; ++i) {
    v1::LiftTest& test = *lifted.add_lift_tests();
    test.mutable_spend()->set_low(500);
    test.mutable_spend()->set_high(1000);
    test.set_incremental_revenue(700);
    test.set_standard_error(100);
  }
  ExpectEnough(MemoryOfCurve(lifted), "lift tests");
  model_ = Load();
  ExpectEnough(MemoryOfCurve(Curves(1000, 200)), "without intervals");
}

TEST_F(DecisionAnswerMemory, APlanTakesNoMoreThanItClaims) {
  ExpectEnough(MemoryOfPlan(Plan({.campaigns = 3, .periods = 4})), "few");
  ExpectEnough(MemoryOfPlan(Plan({.campaigns = 10'000, .periods = 1})), "campaigns");
  ExpectEnough(MemoryOfPlan(Plan({.campaigns = 1, .periods = 366})), "periods");
  ExpectEnough(MemoryOfPlan(Plan({.campaigns = 27, .periods = 366, .groups = 53})), "groups");
  ExpectEnough(MemoryOfPlan(Plan({.campaigns = 1, .periods = 2, .groups = 9'999})), "groups alone");
  ExpectEnough(MemoryOfPlan(Plan({.campaigns = 10, .periods = 100, .changes = 10})), "changes");
  ExpectEnough(MemoryOfPlan(Plan({.campaigns = 20, .periods = 100, .groups = 10, .name_bytes = 1000})), "long names");
  ExpectEnough(MemoryOfPlan(Plan({.campaigns = 9, .periods = 366, .groups = 9, .changes = 10, .name_bytes = 1000})),
               "all");
  ExpectEnough(MemoryOfPlan(Plan({.campaigns = 100, .periods = 10, .step = 10.0})), "steps");
}

// Claimed before anybody knows whether it comes to a search: names of conflicts or grids are then not needed.
TEST_F(DecisionAnswerMemory, APlanWithConflictsTakesNoMoreThanItClaims) {
  ExpectEnough(MemoryOfPlan(Plan({.campaigns = 100, .periods = 2, .groups = 9'999, .name_bytes = 1000})),
               "long names of groups", 5);
  const PlanSize each = {
      .campaigns = 9, .periods = 366, .groups = 9, .name_bytes = 1000, .min_spend = 1500.0, .max_of_group = 1000.0};
  ExpectEnough(MemoryOfPlan(Plan(each)), "a conflict of each campaign", 4);
  const PlanSize many = {
      .campaigns = 1000, .periods = 2, .groups = 100, .name_bytes = 1000, .min_spend = 1500.0, .max_of_group = 1000.0};
  ExpectEnough(MemoryOfPlan(Plan(many)), "conflicts of groups", 8);
}

}  // namespace
}  // namespace roicast

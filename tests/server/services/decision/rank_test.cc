#include "server/services/decision/rank.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "server/errors/errors.h"
#include "tests/server/services/decision/decision_fixture.h"

namespace roicast {
namespace {

class RankTest : public DecisionTest {
 protected:
  absl::Status Error(const v1::RankRequest& request) const {
    return AnswerRank(request, *model_, 1000, never_).status();
  }
};

TEST_F(RankTest, TheBestByRoiComeFirstWithPredictsOwnNumbers) {
  v1::RankRequest request;
  *request.mutable_rows() = Rows(200);
  request.set_count(5);
  const auto answer = AnswerRank(request, *model_, 1000, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  const std::vector<float> values = Values(200);
  std::vector<float> all;
  for (size_t i = 0; i < 200; ++i) all.push_back(Predict(RowOf(values, i)));
  std::vector<float> sorted = all;
  std::sort(sorted.rbegin(), sorted.rend());
  ASSERT_EQ(answer->ranked_size(), 5);
  EXPECT_EQ(answer->candidates(), 200);
  for (int i = 0; i < 5; ++i) {
    const v1::RankedRow& row = answer->ranked(i);
    EXPECT_EQ(static_cast<float>(row.roi()), sorted[static_cast<size_t>(i)]);
    EXPECT_EQ(static_cast<float>(row.roi()), all[static_cast<size_t>(row.row())]);
    EXPECT_EQ(row.spend(), values[static_cast<size_t>(row.row()) * width() + static_cast<size_t>(Index("spend"))]);
    EXPECT_NEAR(row.profit(), row.roi() * row.spend(), 1e-6 * row.spend());
  }
}

TEST_F(RankTest, CandidatesAndTheBestDrawFromTheMemoryBudget) {
  v1::RankRequest request;
  *request.mutable_rows() = Rows(1000);
  request.set_count(1000);
  // Enough for the rows.
  MemoryBudget memory(450'000, 0), enough(10'000'000, 0);
  EXPECT_EQ(ReasonOf(AnswerRank(request, *model_, 1000, never_, &memory).status()), v1::SERVER_OVERLOADED);
  EXPECT_EQ(memory.held(), 0u);
  EXPECT_TRUE(AnswerRank(request, *model_, 1000, never_, &enough).ok());
  EXPECT_EQ(enough.held(), 0u);
}

TEST_F(RankTest, AGroupHasNoMoreThanItsShare) {
  v1::RankRequest request;
  *request.mutable_rows() = Rows(200);
  request.set_count(6);
  request.set_by(v1::RANK_BY_PROFIT);
  request.set_group_feature("channel");
  request.set_per_group(1);
  const auto answer = AnswerRank(request, *model_, 1000, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->ranked_size(), 6);
  const std::vector<float> values = Values(200);
  std::map<float, int> of_channel;
  for (const v1::RankedRow& row : answer->ranked()) {
    ++of_channel[values[static_cast<size_t>(row.row()) * width() + static_cast<size_t>(Index("channel"))]];
  }
  EXPECT_EQ(of_channel.size(), 6u);
}

TEST_F(RankTest, ARowThatTheConversionRejectsIsNeverChosen) {
  v1::RankRequest request;
  for (const double spend : {-1.0, 500.0}) {
    v1::NamedValue& value = *request.mutable_rows()->mutable_rows()->add_rows()->add_values();
    value.set_name("spend");
    value.set_number(spend);
  }
  const auto answer = AnswerRank(request, *model_, 1000, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->rows_refused(), 1);
  ASSERT_EQ(answer->ranked_size(), 1);
  EXPECT_EQ(answer->ranked(0).row(), 1);
}

TEST_F(RankTest, BadInputIsNamed) {
  v1::RankRequest request;
  *request.mutable_rows() = Rows(3);
  request.set_count(100001);
  EXPECT_EQ(ReasonOf(Error(request)), v1::REQUEST_TOO_LARGE);
  request.set_count(1);
  request.set_group_feature("chanel");
  request.set_per_group(1);
  EXPECT_EQ(Error(request).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(Error(request).message()), ::testing::HasSubstr("channel"));
  request.clear_group_feature();
  request.clear_per_group();
  request.set_lower_bound_level(0.9);
  EXPECT_EQ(ReasonOf(Error(request)), v1::NO_CALIBRATION);
  *request.mutable_rows() = Rows(1001);
  request.clear_lower_bound_level();
  const absl::Status many = Error(request);
  EXPECT_EQ(ReasonOf(many), v1::REQUEST_TOO_LARGE);
  EXPECT_EQ(many.message(), "rows: limit 1000, got 1001 (the server's --max_batch_rows)");
}

// The message named the level of the intervals, which nobody gave.
TEST_F(RankTest, ATooHighLowerBoundIsNamedItself) {
  v1::RankRequest request;
  *request.mutable_rows() = Rows(3);
  request.set_lower_bound_level(1.5);
  EXPECT_THAT(std::string(Error(request).message()), ::testing::StartsWith("lower_bound_level: "));
}

TEST_F(RankTest, AProbabilityIsRefused) {
  model_ = LoadTwoValued();
  v1::RankRequest request;
  *request.mutable_rows() = Rows(3);
  EXPECT_EQ(ReasonOf(Error(request)), v1::NOT_AN_ROI);
}

TEST_F(RankTest, ChosenRowsThatAreAlikeAreSaid) {
  v1::RankRequest request;
  std::vector<float> values = Values(3);
  for (size_t i = 0; i < width(); ++i) values[2 * width() + i] = values[i];
  *request.mutable_rows() = Matrix(values);
  const auto answer = AnswerRank(request, *model_, 1000, never_);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->caveats_size(), 2);
  EXPECT_EQ(answer->caveats(1).code(), "alike_campaigns");
  EXPECT_THAT(answer->caveats(1).message(), ::testing::StartsWith("1 of the chosen is like a better one"));
  *request.mutable_rows() = Rows(3);
  EXPECT_EQ(AnswerRank(request, *model_, 1000, never_)->caveats_size(), 1);
}

// Only curves and budgets said it.
TEST_F(RankTest, SaysThatNoExperimentConfirmsAComparisonOfSpends) {
  v1::RankRequest request;
  std::vector<float> values = Values(3);
  const auto notes = [&] {
    *request.mutable_rows() = Matrix(values);
    std::vector<std::string> codes;
    const auto answer = AnswerRank(request, *model_, 1000, never_);
    EXPECT_TRUE(answer.ok()) << answer.status();
    for (const v1::Caveat& caveat : answer->caveats()) codes.push_back(caveat.code());
    return codes;
  };
  for (const v1::RankBy by : {v1::RANK_BY_ROI, v1::RANK_BY_PROFIT}) {
    request.set_by(by);
    for (size_t row = 0; row < 3; ++row) values[row * width() + static_cast<size_t>(Index("spend"))] = 500;
    EXPECT_THAT(notes(), ::testing::IsEmpty());
    values[2 * width() + static_cast<size_t>(Index("spend"))] = 600;
    EXPECT_THAT(notes(), ::testing::ElementsAre("no_lift_test"));
  }
}

}  // namespace
}  // namespace roicast

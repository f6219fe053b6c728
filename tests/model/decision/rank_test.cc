#include "model/decision/rank.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.h"
#include "tests/model/decision/power_law.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::MakePowerLaw;
using testing::OwnedModel;
using testing::PowerRow;
using testing::PowerRows;

std::vector<int64_t> RowsOf(const Ranking& ranking) {
  std::vector<int64_t> rows;
  for (const RankedCandidate& candidate : ranking.best) rows.push_back(candidate.row);
  return rows;
}

std::vector<float> RandomCandidates(int n) {
  Random random(7);
  std::vector<float> rows;
  for (int i = 0; i < n; ++i) {
    const std::vector<float> row = PowerRow(std::exp(random.Uniform(4.0, 9.0)), static_cast<int>(random.Below(3)),
                                            static_cast<int>(random.Below(12)));
    rows.insert(rows.end(), row.begin(), row.end());
  }
  return rows;
}

TEST(Rank, OrdersByRoiAndIsPredictsToTheBit) {
  const OwnedModel owned(MakePowerLaw({}));
  const std::vector<float> rows = PowerRows({1'000.0, 200.0, 200.0, 5'000.0}, {0, 0, 2, 1});
  RankOptions options;
  options.count = 3;
  const auto ranking = Rank(owned.model(), rows, options, {});
  ASSERT_TRUE(ranking.ok()) << ranking.status();
  EXPECT_THAT(RowsOf(*ranking), ElementsAre(1, 0, 2));
  std::vector<float> predicted(4);
  owned.predictor().Predict(rows.data(), 4, absl::MakeSpan(predicted), {});
  EXPECT_EQ(ranking->best[0].roi, predicted[1]);
  EXPECT_EQ(ranking->best[0].score, predicted[1]);
  EXPECT_EQ(ranking->best[0].profit, predicted[1] * 200.0);
  EXPECT_EQ(ranking->best[0].revenue, (1.0 + predicted[1]) * 200.0);
  EXPECT_LT(ranking->best[0].roi_low, ranking->best[0].roi);
  EXPECT_GT(ranking->best[0].roi_high, ranking->best[0].roi);
  EXPECT_EQ(ranking->candidates, 4);
}

TEST(Rank, IsTheSortedListForManyCandidates) {
  const OwnedModel owned(MakePowerLaw({}));
  const std::vector<float> rows = RandomCandidates(5'000);
  std::vector<float> predicted(5'000);
  owned.predictor().Predict(rows.data(), 5'000, absl::MakeSpan(predicted), {});
  std::vector<double> profit;
  for (size_t i = 0; i < predicted.size(); ++i) profit.push_back(static_cast<double>(predicted[i]) * rows[3 * i]);
  std::vector<int64_t> order(5'000);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return profit[a] > profit[b]; });
  RankOptions options;
  options.by = RankBy::kProfit;
  options.count = 777;
  const auto ranking = Rank(owned.model(), rows, options, {});
  ASSERT_TRUE(ranking.ok()) << ranking.status();
  order.resize(777);
  EXPECT_EQ(RowsOf(*ranking), order);
}

TEST(Rank, KeepsToTheLimitPerGroup) {
  const OwnedModel owned(MakePowerLaw({}));
  const std::vector<float> rows = PowerRows({200, 210, 220, 230, 200, 210, 200}, {0, 0, 0, 0, 1, 1, 2});
  RankOptions options;
  options.count = 5;
  options.group_feature = "channel";
  options.most_per_group = 2;
  const auto ranking = Rank(owned.model(), rows, options, {});
  ASSERT_TRUE(ranking.ok()) << ranking.status();
  EXPECT_THAT(RowsOf(*ranking), ElementsAre(0, 1, 4, 5, 6));
  EXPECT_EQ(ranking->over_group_limit, 2);
  options.count = 100;
  const auto all = Rank(owned.model(), rows, options, {});
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->best.size(), 5u);
}

TEST(Rank, LowerBoundIsTheLowEndOfTheIntervalWithThatTail) {
  const OwnedModel owned(MakePowerLaw({}));
  RankOptions options;
  options.lower_bound_level = 0.95;
  options.interval_level = 0.9;
  const auto ranking = Rank(owned.model(), PowerRows({200, 300}, {0, 0}), options, {});
  ASSERT_TRUE(ranking.ok()) << ranking.status();
  EXPECT_EQ(ranking->best[0].score, ranking->best[0].roi_low);
  EXPECT_EQ(ranking->best[1].score, ranking->best[1].roi_low);
}

TEST(Rank, CountsAndNamesRefusedCandidates) {
  const OwnedModel owned(MakePowerLaw({}));
  const auto ranking = Rank(owned.model(), PowerRows({200, -5, 0, 300}, {0, 0, 0, 0}), {}, {});
  ASSERT_TRUE(ranking.ok()) << ranking.status();
  EXPECT_THAT(RowsOf(*ranking), ElementsAre(0, 3));
  EXPECT_EQ(ranking->refused, 2);
  EXPECT_EQ(ranking->first_refused, "candidate 1: spend: expected > 0, got -5");
}

absl::Status ErrorOf(const RankOptions& options, const Artifact& artifact = MakePowerLaw({})) {
  const OwnedModel owned(artifact);
  return Rank(owned.model(), PowerRow(200, 0), options, {}).status();
}

TEST(Rank, NamesBadOptions) {
  EXPECT_EQ(ErrorOf({.count = 0}), absl::InvalidArgumentError("count: expected at least 1, got 0"));
  EXPECT_EQ(ErrorOf({.lower_bound_level = 0.4}),
            absl::InvalidArgumentError("lower_bound_level: expected a number above 0.5 and below 1, got 0.4"));
  EXPECT_EQ(ErrorOf({.group_feature = "channel"}),
            absl::InvalidArgumentError("per_group: expected at least 1 with a group_feature, got 0"));
  EXPECT_EQ(ErrorOf({.group_feature = "chanel", .most_per_group = 1}),
            absl::InvalidArgumentError("group_feature: expected a feature of the model, got \"chanel\"; did you mean "
                                       "\"channel\"?"));
  EXPECT_EQ(ErrorOf({.group_feature = "spend", .most_per_group = 1}),
            absl::InvalidArgumentError("group_feature: expected a categorical feature, but \"spend\" is not one"));
  EXPECT_EQ(ErrorOf({.most_per_group = 1}),
            absl::InvalidArgumentError("per_group: expected a group_feature beside it, which is not given"));
}

TEST(Rank, RefusesWhatItCannotDoByName) {
  const OwnedModel owned(MakePowerLaw({}));
  EXPECT_EQ(Rank(owned.model(), {}, {}, {}).status(),
            absl::InvalidArgumentError("candidates: expected at least 1, got none"));
  const std::vector<float> many(3 * (kMaxCandidates + 1), 1.0f);
  EXPECT_EQ(Rank(owned.model(), many, {}, {}).status(),
            absl::ResourceExhaustedError("candidates: expected at most 1000000 in one call, got 1000001"));
  Artifact classes = MakePowerLaw({.calibrated = false});
  classes.target = TwoValuedTarget();
  classes.report.target = {"converted", false, "yes", "no"};
  const absl::Status status = ErrorOf({}, classes);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr("this one predicts the probability of one of two values of \"converted\""));
  EXPECT_THAT(ErrorOf({.lower_bound_level = 0.9}, MakePowerLaw({.calibrated = false})).message(),
              HasSubstr("lower_bound_level: it has no calibration"));
}

}  // namespace
}  // namespace roicast

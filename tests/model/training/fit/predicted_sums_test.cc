#include "model/training/fit/predicted_sums.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/random.h"

namespace roicast {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Returns of 2 in the mean, with a deviation of 1, that are predicted as `predicted` times as much.
UnseenRows Rows(int count, double predicted) {
  Random random(9);
  UnseenRows rows;
  for (int i = 0; i < count; ++i) {
    rows.truth.push_back(1.0 + random.Normal());
    rows.predicted.push_back(2.0 * predicted - 1.0);
    rows.spend.push_back(100.0);
    rows.groups.push_back(i);
  }
  return rows;
}

// As said: by how much predictions differ from the returns in sum, in per cent.
std::string ShareOf(const UnseenRows& rows) {
  double returned = 0.0, predicted = 0.0;
  for (size_t i = 0; i < rows.truth.size(); ++i) {
    returned += 1.0 + rows.truth[i];
    predicted += 1.0 + rows.predicted[i];
  }
  return absl::StrFormat("%.1f", 100.0 * std::abs(predicted / returned - 1.0));
}

FittedTarget Asinh() {
  FittedTarget target;
  target.transform = TargetTransform::kAsinh;
  return target;
}

TEST(PredictedSums, AreWarnedOfWhereTheyAreTooLowByMoreThanChance) {
  const auto warning = JudgeSums(Rows(5000, 0.9), Asinh(), /*is_roi=*/true);
  ASSERT_TRUE(warning.has_value());
  EXPECT_TRUE(warning->serious);
  const std::string share = ShareOf(Rows(5000, 0.9)), chance = "(by chance at most 1.9 %)";
  EXPECT_THAT(share, AnyOf("9.5", "9.6", "9.7", "9.8", "9.9", "10.0", "10.1", "10.2", "10.3", "10.4", "10.5"));
  EXPECT_EQ(warning->message,
            absl::StrCat("predictions do not add up: on 5000 rows that were not learnt from, the predicted revenue is "
                         "in sum ",
                         share, " % lower than the actual one ", chance,
                         ", and what predictions say that 1 of spend returns is in the mean ", share,
                         " % lower than what it returned ", chance,
                         "; sums of predictions, splits of budgets and their promises inherit this"));
  EXPECT_THAT(warning->flags, ElementsAre("--target-transform none"));
  FittedTarget none;
  EXPECT_THAT(JudgeSums(Rows(5000, 0.9), none, true)->flags, IsEmpty());
  EXPECT_THAT(JudgeSums(Rows(5000, 1.1), none, true)->message, HasSubstr(" % higher than the actual one"));
}

TEST(PredictedSums, AreRightWithinChanceAndTwoPerCent) {
  EXPECT_FALSE(JudgeSums(Rows(5000, 1.0), Asinh(), true).has_value());
  EXPECT_FALSE(JudgeSums(Rows(90000, 0.985), Asinh(), true).has_value());
  EXPECT_FALSE(JudgeSums(Rows(120, 0.95), Asinh(), true).has_value());
  EXPECT_FALSE(JudgeSums(Rows(99, 0.1), Asinh(), true).has_value());
  EXPECT_FALSE(JudgeSums({}, Asinh(), true).has_value());
}

// A thousand copies of five rows prove no more than the five.
TEST(PredictedSums, CopiesCountOnce) {
  UnseenRows rows = Rows(5000, 0.9);
  for (size_t i = 0; i < rows.truth.size(); ++i) {
    rows.groups[i] = static_cast<int64_t>(i % 5);
    rows.truth[i] = rows.truth[i % 5];
  }
  EXPECT_FALSE(JudgeSums(rows, Asinh(), true).has_value());
}

TEST(PredictedSums, WeighRowsWithTheirSpend) {
  UnseenRows rows = Rows(5000, 1.0);
  // Rows with ten times the spend return half of what is predicted, the others as much more.
  for (size_t i = 0; i < rows.truth.size(); ++i) {
    rows.truth[i] += i % 2 == 0 ? -1.0 : 1.0;
    rows.spend[i] = i % 2 == 0 ? 1000.0 : 100.0;
    if (i % 7 == 0) rows.spend[i] = std::nan("");
    if (i % 11 == 0) rows.predicted[i] = std::nan("");
  }
  const auto warning = JudgeSums(rows, Asinh(), true);
  ASSERT_TRUE(warning.has_value());
  EXPECT_THAT(warning->message, HasSubstr("the predicted revenue is in sum "));
  EXPECT_THAT(warning->message, HasSubstr(" % higher than the actual one"));
  EXPECT_THAT(warning->message, ::testing::Not(HasSubstr("1 of spend")));
}

TEST(PredictedSums, OfOtherTargetsAreComparedWithTheirAmount) {
  const auto warning = JudgeSums(Rows(5000, 0.8), Asinh(), /*is_roi=*/false);
  ASSERT_TRUE(warning.has_value());
  EXPECT_THAT(warning->message, HasSubstr("predictions are in sum "));
  EXPECT_THAT(warning->message, HasSubstr(" % lower than the outcomes"));
}

TEST(PredictedSums, OfMediansAndProbabilitiesAreNotExpectedToAddUp) {
  FittedTarget median = Asinh();
  median.statistic = PredictionStatistic::kMedian;
  EXPECT_FALSE(JudgeSums(Rows(5000, 0.5), median, true).has_value());
  EXPECT_FALSE(JudgeSums(Rows(5000, 0.5), TwoValuedTarget(), false).has_value());
}

}  // namespace
}  // namespace roicast

#include "model/data/meaning/result_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ResultColumns Find(absl::string_view header) {
  return FindResultColumns(std::vector<std::string>(absl::StrSplit(header, ',')));
}

std::vector<std::string> Written(absl::string_view header) {
  std::vector<std::string> written;
  for (const ResultColumn& column : Find(header).written) {
    written.push_back(absl::StrCat(column.command, ":", column.name));
  }
  return written;
}

TEST(FindResultColumns, KnowsWhatScoreWrites) {
  EXPECT_EQ(Find("a,p,predicted_revenue,predicted_profit,p_warnings").prediction, "p");
  EXPECT_THAT(Written("a,p,predicted_revenue,predicted_profit,p_warnings"),
              ElementsAre("score:p", "score:predicted_revenue", "score:predicted_profit", "score:p_warnings"));
  EXPECT_EQ(Find("a,p,p_warnings").prediction, "p");
  EXPECT_EQ(Find("a,p,p_low,p_high,profit_probability").prediction, "p");
  EXPECT_EQ(Find("a,predicted_revenue,b").prediction, "");
  EXPECT_EQ(Find("").prediction, "");
}

TEST(FindResultColumns, KnowsPredictionsOfAnotherColumn) {
  EXPECT_THAT(Written("a,Churn,P(Churn = Yes)"), ElementsAre("score:P(Churn = Yes)"));
  EXPECT_THAT(Written("a,P(Churn = Yes),P(Churn,P(a)"), IsEmpty());
  EXPECT_THAT(Written("a,Clicks,predicted_Clicks,predicted_Clicks_low"),
              ElementsAre("score:predicted_Clicks", "score:predicted_Clicks_low"));
  EXPECT_THAT(Written("a,predicted_Clicks,predicted_"), IsEmpty());
}

// The last column was taken for the prediction: roi_high.
TEST(FindResultColumns, ThePredictionStandsBeforeItsInterval) {
  EXPECT_EQ(Find("a,roi,roi_low,roi_high,predicted_revenue,predicted_profit").prediction, "roi");
  EXPECT_THAT(
      Written("Spend,roi,roi_low,roi_high,profit_probability,roi_warnings,Revenue"),
      ElementsAre("score:roi", "score:roi_low", "score:roi_high", "score:profit_probability", "score:roi_warnings"));
  EXPECT_THAT(Written("profit_probability,roi_high,Spend,roi,Revenue"),
              ElementsAre("score:profit_probability", "score:roi_high", "score:roi"));
}

TEST(FindResultColumns, AnRoiAloneMayBeAPersonsOwn) {
  for (const char* const header : {"a,roi", "roi,a"}) {
    EXPECT_EQ(Find(header).prediction, "");
    EXPECT_EQ(Find(header).perhaps_prediction, "roi");
    EXPECT_THAT(Find(header).written, IsEmpty());
  }
  // A plan has no prediction of that name.
  EXPECT_EQ(Find("planned_spend,predicted_roi,predicted_revenue,predicted_profit,roi").prediction, "");
  EXPECT_EQ(Find("pred,pred_low,pred_high,profit_probability,roi").prediction, "pred");
  EXPECT_THAT(Written("ROI,price,price_low,price_high"), IsEmpty());
  // The column before may have been deleted.
  EXPECT_EQ(Find("Region,predicted_revenue,predicted_profit,Days").prediction, "");
  EXPECT_EQ(Find("Spend,predicted_revenue,predicted_profit").prediction, "");
  EXPECT_EQ(Find("Spend,Discount,profit_probability,predicted_revenue,predicted_profit").prediction, "");
}

TEST(FindResultColumns, KnowsWhatCommandsThatDecideWrite) {
  EXPECT_THAT(Written("Spend,planned_spend,predicted_roi,predicted_revenue,predicted_profit,marginal_roi,Revenue"),
              ElementsAre("optimize:planned_spend", "optimize:predicted_roi", "optimize:predicted_revenue",
                          "optimize:predicted_profit", "optimize:marginal_roi"));
  EXPECT_EQ(Find("Spend,planned_spend,predicted_roi").planned_spend, "planned_spend");
  EXPECT_EQ(Find("Spend,planned_spend,Revenue").planned_spend, "");
  EXPECT_THAT(Written("period,period_start,planned_spend,predicted_roi"),
              ElementsAre("plan:period", "plan:period_start", "plan:planned_spend", "plan:predicted_roi"));
  EXPECT_THAT(Written("rank,predicted_roi,predicted_profit"),
              ElementsAre("rank:rank", "rank:predicted_roi", "rank:predicted_profit"));
  EXPECT_THAT(Written("Spend,prediction,base_value,adds_Spend"),
              ElementsAre("explain:prediction", "explain:base_value", "explain:adds_Spend"));
  EXPECT_THAT(
      Written("Spend,prediction,prediction_low,prediction_high,revenue,profit,marginal_roi,outside_training_range"),
      ElementsAre("curve:prediction", "curve:prediction_low", "curve:prediction_high", "curve:revenue", "curve:profit",
                  "curve:marginal_roi", "curve:outside_training_range"));
  EXPECT_THAT(Written("period,rank,revenue,profit,prediction,adds_value"), IsEmpty());
}

}  // namespace
}  // namespace roicast

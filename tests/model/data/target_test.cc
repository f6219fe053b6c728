#include "model/data/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/model/data/read_csv.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsNan;

TEST(ComputeTarget, ComputesRoiFromRevenueAndSpend) {
  const CsvTable csv = ReadCsvOrFail("income,cost\n150,100\n50,100\n0,100\n");
  const auto target = ComputeTarget(csv.table, {"", "income", "cost"});
  ASSERT_TRUE(target.ok()) << target.status();
  EXPECT_THAT(target->values, ElementsAre(0.5, -0.5, -1.0));
}

TEST(ComputeTarget, CountsRowsWithoutTargetAndRowsWithoutSpend) {
  const CsvTable csv = ReadCsvOrFail("revenue,spend\n150,100\n,100\n50,\n1,0\n1,-5\n,0\n");
  const auto target = ComputeTarget(csv.table, {"", "revenue", "spend"});
  ASSERT_TRUE(target.ok()) << target.status();
  EXPECT_EQ(target->missing, 3);
  EXPECT_EQ(target->spend_not_positive, 2);
  EXPECT_THAT(target->values, ElementsAre(0.5, IsNan(), IsNan(), IsNan(), IsNan(), IsNan()));
}

TEST(ComputeTarget, FindsTheUsualColumnsWithoutConfiguration) {
  const auto by_roi = ComputeTarget(ReadCsvOrFail("ROI,Revenue,Spend\n0.5,9,3\n0.7,9,0\n").table, {});
  ASSERT_TRUE(by_roi.ok()) << by_roi.status();
  EXPECT_EQ(by_roi->spec.column, "ROI");
  EXPECT_EQ(by_roi->spec.spend_column, "Spend");
  EXPECT_THAT(by_roi->values, ElementsAre(0.5, IsNan()));
  EXPECT_EQ(by_roi->spend_not_positive, 1);

  const auto computed = ComputeTarget(ReadCsvOrFail("Revenue,Spend\n9,3\n").table, {});
  ASSERT_TRUE(computed.ok()) << computed.status();
  EXPECT_EQ(computed->spec.revenue_column, "Revenue");
  EXPECT_THAT(computed->values, ElementsAre(2.0));
}

TEST(ComputeTarget, ListsTheColumnsIfTheTargetIsMissing) {
  const CsvTable csv = ReadCsvOrFail("price,channel\n1,search\n");
  const auto unnamed = ComputeTarget(csv.table, {});
  EXPECT_EQ(unnamed.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(unnamed.status().message()), HasSubstr("the columns are price, channel"));
  const auto unsplit = ComputeTarget(ReadCsvOrFail("price;roi\n1;2\n").table, {});
  EXPECT_THAT(std::string(unsplit.status().message()), HasSubstr("the columns are price;roi: is the delimiter right?"));
  const auto misspelt = ComputeTarget(csv.table, {"pric", "", ""});
  EXPECT_EQ(misspelt.status().message(), "target.column: no column \"pric\"; the columns are price, channel");
}

TEST(ComputeTarget, RefusesATextTargetAndQuotesTheText) {
  const CsvTable csv = ReadCsvOrFail("roi,price\nhigh,1\nlow,2\n");
  EXPECT_EQ(ComputeTarget(csv.table, {}).status().message(),
            "target.column: expected numbers in column \"roi\", got categorical values such as \"high\"");
  // The example is what is wrong, not a number that comes before it.
  EXPECT_EQ(ComputeTarget(ReadCsvOrFail("roi\n1\n0.5\nhigh\n").table, {}).status().message(),
            "target.column: expected numbers in column \"roi\", got categorical values such as \"high\"");
}

TEST(TargetSpec, RefusesContradictions) {
  EXPECT_THAT(std::string(TargetSpec{"roi", "revenue", ""}.Validate().message()), HasSubstr("got both"));
  EXPECT_THAT(std::string(TargetSpec{"", "revenue", ""}.Validate().message()), HasSubstr("target.spend_column"));
  EXPECT_THAT(std::string(TargetSpec{"", "", "spend"}.Validate().message()), HasSubstr("target.revenue_column"));
  EXPECT_THAT(std::string(TargetSpec{"", "money", "money"}.Validate().message()), HasSubstr("twice"));
  EXPECT_TRUE(TargetSpec({"roi", "", "spend"}).Validate().ok());
}

}  // namespace
}  // namespace roicast

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

// "1,140.45" was shown as what is no number, though half of the cells were the odd ones.
TEST(ComputeTarget, SaysThatNumbersAreInTwoNotations) {
  const std::string rows = "\"1,140.45\",1\n\"4.215,74\",2\n207.79,3\n\"483,01\",4\n12,5\n";
  TargetSpec spec;
  spec.column = "y";
  EXPECT_EQ(
      ComputeTarget(ReadCsvOrFail("y,x\n" + rows), spec).status().message(),
      "target.column (--target): expected numbers in column \"y\", got two notations: \"1,140.45\" on line 2 has a "
      "decimal point, \"4.215,74\" on line 3 a decimal comma: write them alike, such as by exporting all rows from "
      "one place");
  // Words beside them are another matter.
  EXPECT_THAT(std::string(ComputeTarget(ReadCsvOrFail("y,x\n" + rows + "high,1\nlow,2\n"), spec).status().message()),
              HasSubstr("got categorical values such as"));
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

TEST(ComputeTarget, TakesOneFromARoas) {
  TargetSpec spec;
  spec.roas_column = "return";
  const auto target = ComputeTarget(ReadCsvOrFail("return,spend\n1.5,10\n0,20\n,5\n").table, spec);
  ASSERT_TRUE(target.ok()) << target.status();
  EXPECT_THAT(target->values, ElementsAre(0.5, -1.0, IsNan()));
  EXPECT_EQ(target->missing, 1);
}

TEST(ComputeTarget, ListsTheColumnsIfTheTargetIsMissing) {
  const CsvTable csv = ReadCsvOrFail("price,channel\n1,search\n");
  const auto unnamed = ComputeTarget(csv.table, {});
  EXPECT_EQ(unnamed.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(unnamed.status().message()), HasSubstr("the columns are price, channel"));
  const auto misspelt = ComputeTarget(csv.table, {"pric", "", ""});
  EXPECT_EQ(misspelt.status().message(),
            "target.column (--target): no column \"pric\", the nearest is \"price\"; the columns are price, channel");
}

// A few bad cells are noise; many of them mean that the column is not what it was taken for.
TEST(ComputeTarget, RefusesAColumnOfWhichMoreThanTwoPerCentCannotBeRead) {
  const auto text = [](int bad) {
    std::string rows = "revenue,spend\n";
    for (int row = 0; row < 100; ++row) rows += row < bad ? "150,broken\n" : "150,100\n";
    return rows;
  };
  CsvTableOptions options;
  options.kinds = {{"spend", FeatureKind::kNumeric}};
  const auto good = ComputeTarget(ReadCsvOrFail(text(2), options), {});
  ASSERT_TRUE(good.ok()) << good.status();
  EXPECT_EQ(good->missing, 2);
  EXPECT_EQ(
      ComputeTarget(ReadCsvOrFail(text(3), options), {}).status().message(),
      "target.spend_column (--spend): expected numbers in column \"spend\", but 3 of its 100 cells with a value cannot "
      "be read (at most 2 % may be): \"broken\" on line 2, \"broken\" on line 3, \"broken\" on line 4; where they mean "
      "that there is no value, say so: --missing-values broken");
}

TEST(ComputeTarget, RefusesATextTargetAndQuotesTheText) {
  const CsvTable csv = ReadCsvOrFail("roi,price\nhigh,1\nlow,2\nmid,3\n");
  EXPECT_EQ(ComputeTarget(csv.table, {}).status().message(),
            "target.column (--target): expected numbers in column \"roi\", got categorical values such as \"high\"");
  // The example is what is wrong, not a number that comes before it.
  EXPECT_EQ(
      ComputeTarget(ReadCsvOrFail("roi\n1\nlow\nhigh\n"), {}).status().message(),
      "target.column (--target): expected numbers in column \"roi\", got categorical values such as \"low\" on line 3");
}

TEST(TargetSpec, RefusesContradictions) {
  EXPECT_THAT(std::string(TargetSpec{"roi", "revenue", ""}.Validate().message()), HasSubstr("got both"));
  TargetSpec roas{"", "revenue", "spend"};
  roas.roas_column = "roas";
  EXPECT_EQ(roas.Validate().message(),
            "target: expected revenue_column or roas_column, got both (\"revenue\" and \"roas\")");
  EXPECT_THAT(std::string(TargetSpec{"", "money", "money"}.Validate().message()), HasSubstr("twice"));
  EXPECT_TRUE(TargetSpec({"roi", "", "spend"}).Validate().ok());
  // The other column is found by its name.
  EXPECT_TRUE(TargetSpec({"", "revenue", ""}).Validate().ok());
}

}  // namespace
}  // namespace roicast

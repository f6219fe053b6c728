#include "model/data/target_description.h"

#include <gtest/gtest.h>

namespace roicast {
namespace {

TEST(DescribeTarget, IsAnRoiIfItIsComputedAsOne) {
  TargetSpec spec;
  spec.revenue_column = "sales";
  spec.spend_column = "cost";
  EXPECT_EQ(DescribeTarget(spec).name, "ROI");
  EXPECT_TRUE(DescribeTarget(spec).is_roi);
  spec = {};
  spec.roas_column = "return on ad spend";
  EXPECT_EQ(DescribeTarget(spec).name, "ROI");
  EXPECT_TRUE(DescribeTarget(spec).is_roi);
}

TEST(DescribeTarget, IsAnRoiIfItsNameSaysSo) {
  for (const char* name : {"roi", "ROI (%)", "Return on investment"}) {
    TargetSpec spec;
    spec.column = name;
    EXPECT_EQ(DescribeTarget(spec).name, "ROI") << name;
    EXPECT_TRUE(DescribeTarget(spec).is_roi) << name;
  }
}

TEST(DescribeTarget, KeepsTheNameOfAnyOtherColumn) {
  for (const char* name : {"Churn", "compressive strength", "heroine"}) {
    TargetSpec spec;
    spec.column = name;
    EXPECT_EQ(DescribeTarget(spec).name, name);
    EXPECT_FALSE(DescribeTarget(spec).is_roi) << name;
  }
}

TEST(IsRevenue, FollowsFromTheNameOfANumber) {
  TargetDescription target;
  for (const char* name : {"revenue", "Conv. value", "Umsatz"}) {
    target.name = name;
    EXPECT_TRUE(IsRevenue(target)) << name;
  }
  target.name = "Clicks";
  EXPECT_FALSE(IsRevenue(target));
  target.name = "revenue";
  target.positive_value = "high";
  EXPECT_FALSE(IsRevenue(target));
  EXPECT_FALSE(IsRevenue({.name = "ROI", .is_roi = true, .positive_value = {}, .negative_value = {}}));
}

}  // namespace
}  // namespace roicast

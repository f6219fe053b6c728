#include "model/data/target_finder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<NamedColumn> Numbers(const std::vector<std::string>& names) {
  std::vector<NamedColumn> columns;
  for (const std::string& name : names) columns.push_back({name, FeatureKind::kNumeric});
  return columns;
}

FoundTarget FindOrFail(const std::vector<NamedColumn>& columns, const TargetSpec& spec = {}) {
  const auto found = FindTarget(columns, spec);
  EXPECT_TRUE(found.ok()) << found.status();
  return found.ok() ? *found : FoundTarget();
}

std::string MessageOf(const std::vector<NamedColumn>& columns, const TargetSpec& spec = {}) {
  const auto found = FindTarget(columns, spec);
  EXPECT_EQ(found.status().code(), absl::StatusCode::kInvalidArgument) << found.status();
  return std::string(found.status().message());
}

TEST(FindTarget, TakesOneClearHitAndSaysSo) {
  const FoundTarget found = FindOrFail(Numbers({"Impressions", "Amount spent (USD)", "Purchases conversion value"}));
  EXPECT_EQ(found.spec.spend_column, "Amount spent (USD)");
  EXPECT_EQ(found.spec.revenue_column, "Purchases conversion value");
  ASSERT_EQ(found.notes.size(), 1u);
  EXPECT_FALSE(found.notes[0].serious);
  EXPECT_EQ(
      found.notes[0].message,
      "took \"Purchases conversion value\" as the revenue and \"Amount spent (USD)\" as the spend, by their names");
  EXPECT_THAT(found.notes[0].flags, IsEmpty());
}

TEST(FindTarget, SaysNothingAboutThePlainNames) {
  EXPECT_THAT(FindOrFail(Numbers({"Revenue", "Spend"})).notes, IsEmpty());
  EXPECT_THAT(FindOrFail(Numbers({"ROI", "spend"})).notes, IsEmpty());
}

TEST(FindTarget, PrefersAnRoiThenRevenueAndSpendThenARoas) {
  EXPECT_EQ(FindOrFail(Numbers({"revenue", "spend", "ROI", "ROAS"})).spec.column, "ROI");
  EXPECT_EQ(FindOrFail(Numbers({"revenue", "spend", "ROAS"})).spec.revenue_column, "revenue");
  const FoundTarget roas = FindOrFail(Numbers({"spend", "ROAS"}));
  EXPECT_EQ(roas.spec.roas_column, "ROAS");
  EXPECT_EQ(roas.spec.spend_column, "spend");
}

TEST(FindTarget, TakesTheBetterNameAndNamesTheOther) {
  const FoundTarget found = FindOrFail(Numbers({"Budget", "Cost", "Conv. value", "All conv. value"}));
  EXPECT_EQ(found.spec.spend_column, "Cost");
  EXPECT_EQ(found.spec.revenue_column, "Conv. value");
  ASSERT_EQ(found.notes.size(), 1u);
  EXPECT_THAT(found.notes[0].flags, ElementsAre("--revenue 'All conv. value'", "--spend Budget"));
}

TEST(FindTarget, ListsSeveralHitsWithTheFlagsToCopy) {
  EXPECT_EQ(MessageOf(Numbers({"Conv. value", "Purchase value", "Cost"})),
            "target: 2 columns may be the revenue: \"Conv. value\", \"Purchase value\"; say which: --revenue 'Conv. "
            "value' or --revenue 'Purchase value'");
  // One flag suffices.
  const FoundTarget found = FindOrFail(Numbers({"Conv. value", "Purchase value", "Cost"}), {"", "Purchase value", ""});
  EXPECT_EQ(found.spec.revenue_column, "Purchase value");
  EXPECT_EQ(found.spec.spend_column, "Cost");
}

TEST(FindTarget, NumbersComeBeforeWordsOfTheSameName) {
  std::vector<NamedColumn> columns = Numbers({"Revenue", "Spend (EUR)"});
  columns.push_back({"Cost", FeatureKind::kCategorical});
  EXPECT_EQ(FindOrFail(columns).spec.spend_column, "Spend (EUR)");
}

TEST(FindTarget, ProposesACommandWhereNothingIsFound) {
  std::vector<NamedColumn> columns = Numbers({"x1", "my y"});
  columns.push_back({"channel", FeatureKind::kCategorical});
  EXPECT_EQ(
      MessageOf(columns),
      "target: no column is named like an ROI or a ROAS, nor like a revenue and a spend; the numeric columns are x1, "
      "my y; name them, such as: roicast train FILE --revenue 'my y' --spend x1, or --target COLUMN for an ROI; the "
      "columns are x1, my y, channel");
  EXPECT_THAT(
      MessageOf(Numbers({"clicks", "Revenue"})),
      HasSubstr("no column is named like the spend beside the revenue \"Revenue\"; the numeric columns are clicks, "
                "Revenue; name them, such as: roicast train FILE --revenue Revenue --spend clicks"));
}

TEST(FindTarget, NamesTheFieldTheFlagAndTheNearestColumn) {
  EXPECT_EQ(MessageOf(Numbers({"Conversion", "Spend"}), {"conversion", "", ""}),
            "target.column (--target): no column \"conversion\", the nearest is \"Conversion\"; the columns are "
            "Conversion, Spend");
  EXPECT_THAT(MessageOf(Numbers({"a", "b"}), {"", "", "spent"}), HasSubstr("target.spend_column (--spend): no column"));
  TargetSpec roas;
  roas.roas_column = "ROAs";
  EXPECT_THAT(MessageOf(Numbers({"ROAS"}), roas),
              HasSubstr("target.roas_column (--roas): no column \"ROAs\", the nearest"));
}

TEST(FindTarget, SaysThatARowHasToBeACampaignWhereRowsArePeriods) {
  std::vector<NamedColumn> columns = Numbers({"revenue", "tv_S", "ooh_S", "print_S", "facebook_I"});
  columns.push_back({"DATE", FeatureKind::kTime});
  const std::string message = MessageOf(columns);
  EXPECT_THAT(message,
              HasSubstr("each row is a period with the spends of 3 channels (\"tv_S\", \"ooh_S\", \"print_S\"), "
                        "but a row has to be a campaign"));
  EXPECT_THAT(message, HasSubstr("table.melt(id_vars=['DATE'], value_vars=['tv_S', 'ooh_S', 'print_S'], "
                                 "var_name='channel', value_name='spend')"));
}

TEST(FindTarget, LeavesTheSpendBesideAnRoiOpenWhereItIsNotClear) {
  const FoundTarget found = FindOrFail(Numbers({"ROI", "Spend", "Cost"}));
  EXPECT_EQ(found.spec.spend_column, "");
  ASSERT_EQ(found.notes.size(), 1u);
  EXPECT_THAT(found.notes[0].flags, ElementsAre("--spend Spend", "--spend Cost"));
}

}  // namespace
}  // namespace roicast

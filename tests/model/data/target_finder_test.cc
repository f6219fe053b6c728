#include "model/data/target_finder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

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

TEST(FindTarget, PassesOverWhatCommandsWrote) {
  const FoundTarget found = FindOrFail(Numbers({"Spend", "roi", "roi_low", "roi_high", "Revenue"}));
  EXPECT_EQ(found.spec.column, "");
  EXPECT_EQ(found.spec.revenue_column, "Revenue");
  const std::vector<NamedColumn> scored = Numbers({"Spend", "roi", "roi_low", "roi_high"});
  EXPECT_THAT(MessageOf(scored), HasSubstr("say --target roi"));
  EXPECT_EQ(FindOrFail(scored, {"roi", "", ""}).spec.column, "roi");
  EXPECT_THAT(MessageOf(Numbers({"Spend", "prediction", "revenue", "profit", "outside_training_range"})),
              HasSubstr("\"revenue\" holds predictions that `roicast curve` wrote"));
}

TEST(FindTarget, AsksWhetherAPlanWasFollowed) {
  const std::vector<NamedColumn> plan = Numbers({"Spend", "Revenue", "planned_spend", "predicted_roi"});
  EXPECT_EQ(MessageOf(plan),
            "target: the table is a plan that `roicast optimize` wrote, and \"Spend\", \"planned_spend\" may be the "
            "spend that brought the results; say which: --spend Spend or --spend planned_spend");
  EXPECT_EQ(FindOrFail(plan, {"", "", "planned_spend"}).spec.spend_column, "planned_spend");
  EXPECT_EQ(FindOrFail(Numbers({"Spend", "Revenue", "planned_spend"})).spec.spend_column, "Spend");
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
      "my y; name them: roicast train FILE --revenue COLUMN --spend COLUMN, or --roas COLUMN for a ROAS, or --target "
      "COLUMN for an ROI, for any other number, or for two values such as yes and no; the columns are x1, my y, "
      "channel");
  EXPECT_THAT(
      MessageOf(Numbers({"clicks", "Revenue"})),
      HasSubstr("no column is named like the spend beside the revenue \"Revenue\"; the numeric columns are clicks, "
                "Revenue; name it: roicast train FILE --revenue Revenue --spend COLUMN; the columns"));
}

// Guessed halves, such as `--revenue Impressions --spend Spend`, trained nonsense when they were pasted.
TEST(FindTarget, ProposesOnlyWhatNamesSupport) {
  const std::string message = MessageOf(Numbers({"Impressions", "Clicks", "Spend", "Takings"}));
  EXPECT_THAT(message, HasSubstr("no column is named like the revenue beside the spend \"Spend\"; the numeric columns "
                                 "are Impressions, Clicks, Spend, Takings; name it: roicast train FILE --revenue "
                                 "COLUMN --spend Spend, or --roas COLUMN for a ROAS, or --target COLUMN for an ROI"));
  EXPECT_THAT(MessageOf(Numbers({"x"})), HasSubstr("--revenue COLUMN --spend COLUMN"));
}

TEST(FindTarget, SaysWhatMakesTheColumnsThatAreWanted) {
  std::vector<NamedColumn> measures = Numbers({"Value"});
  measures.push_back({"Campaign", FeatureKind::kCategorical});
  measures.push_back({"Metric", FeatureKind::kCategorical});
  EXPECT_THAT(MessageOf(measures),
              HasSubstr("each row is one number, named by \"Metric\": make a column of each, such as with pandas: "
                        "table.pivot(index=['Campaign'], columns='Metric', values='Value').reset_index()"));
  EXPECT_THAT(
      MessageOf(Numbers({"Spend", "Profit"})),
      HasSubstr("if \"Profit\" is the revenue less the spend, add a column with \"Spend\" + \"Profit\" and name "
                "it: roicast train FILE --revenue COLUMN --spend Spend"));
  EXPECT_THAT(
      MessageOf(Numbers({"Spend to date", "Revenue"})),
      HasSubstr("did you mean \"Spend to date\"? roicast train FILE --revenue Revenue --spend 'Spend to date'"));
  EXPECT_THAT(MessageOf(Numbers({"Cost per click", "Revenue"})), HasSubstr("--revenue Revenue --spend COLUMN"));
}

TEST(FindTarget, ProposesColumnsWithARatioInTheirName) {
  EXPECT_THAT(MessageOf(Numbers({"spend", "ROI net"})),
              HasSubstr("; \"ROI net\" may be the ROI; if so: roicast train FILE --target 'ROI net'; the columns"));
  EXPECT_THAT(MessageOf(Numbers({"Net return", "ROAS new customers"})),
              HasSubstr("; \"Net return\" may be the ROI, \"ROAS new customers\" may be the ROAS; if so: roicast train "
                        "FILE --target 'Net return', or roicast train FILE --roas 'ROAS new customers'; the columns"));
  EXPECT_THAT(MessageOf(Numbers({"target_roas", "spend"})), HasSubstr("--revenue COLUMN --spend spend"));
}

TEST(FindTarget, SaysWhereTheHeaderLooksLikeARowOfData) {
  std::vector<NamedColumn> columns = Numbers({"495.95", "8894.01", "495.95 (2)", ""});
  columns.push_back({"Search", FeatureKind::kCategorical});
  EXPECT_THAT(MessageOf(columns), HasSubstr("; the header looks like a row of data (\"495.95\", \"8894.01\", \"495.95 "
                                            "(2)\"): if the file has no header, say --no-header, and name the columns "
                                            "as c0, c1 …; the columns"));
  EXPECT_THAT(MessageOf(Numbers({"2023", "x", "y"})), Not(HasSubstr("--no-header")));
}

TEST(FindTarget, TakesTheReportsOfAdvertisingPlatforms) {
  const FoundTarget amazon =
      FindOrFail(Numbers({"Impressions", "Spend", "14 Day Total Sales ", "Total Advertising Cost of Sales (ACOS) ",
                          "Total Return on Advertising Spend (ROAS)", "14 Day Total Orders (#)"}));
  EXPECT_EQ(amazon.spec.revenue_column, "14 Day Total Sales ");
  EXPECT_EQ(amazon.spec.spend_column, "Spend");
  const FoundTarget micros = FindOrFail(Numbers({"metrics.cost_micros", "revenue_micros"}));
  EXPECT_EQ(micros.spec.revenue_column, "revenue_micros");
  EXPECT_EQ(micros.spec.spend_column, "metrics.cost_micros");
  // The same amount in two windows: which one, only a person knows.
  EXPECT_THAT(MessageOf(Numbers({"Spend", "7 Day Total Sales", "14 Day Total Sales"})),
              HasSubstr("--revenue '7 Day Total Sales' or --revenue '14 Day Total Sales'"));
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

// They were taken for the spends of two channels.
TEST(FindTarget, PlansAndOtherUnitsAreNoChannels) {
  const FoundTarget actual =
      FindOrFail(Numbers({"Planned spend", "Forecast revenue", "Actual spend", "Actual revenue"}));
  EXPECT_EQ(actual.spec.spend_column, "Actual spend");
  EXPECT_EQ(actual.spec.revenue_column, "Actual revenue");
  const FoundTarget units = FindOrFail(Numbers({"Spend in account currency", "Spend in micro dollar", "Order value"}));
  EXPECT_EQ(units.spec.spend_column, "Spend in account currency");
  EXPECT_EQ(units.spec.revenue_column, "Order value");
  EXPECT_THAT(MessageOf(Numbers({"Planned spend", "Daily spend", "clicks"})), Not(HasSubstr("each row is a period")));
}

TEST(FindTarget, LeavesTheSpendBesideAnRoiOpenWhereItIsNotClear) {
  const FoundTarget found = FindOrFail(Numbers({"ROI", "Spend", "Cost"}));
  EXPECT_EQ(found.spec.spend_column, "");
  ASSERT_EQ(found.notes.size(), 1u);
  EXPECT_THAT(found.notes[0].flags, ElementsAre("--spend Spend", "--spend Cost"));
}

}  // namespace
}  // namespace roicast

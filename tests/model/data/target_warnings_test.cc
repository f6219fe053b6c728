#include "model/data/target_warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/model/data/read_csv.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Target TargetOf(absl::string_view text, const TargetSpec& spec = {}) {
  const CsvTable csv = ReadCsvOrFail(text);
  const auto target = ComputeTarget(csv, spec);
  EXPECT_TRUE(target.ok()) << target.status();
  return target.ok() ? *target : Target();
}

// A row for each number, with channel alternating.
std::string RowsOf(absl::string_view header, const std::vector<std::string>& rows) {
  std::string text = absl::StrCat(header, "\n");
  for (const std::string& row : rows) absl::StrAppend(&text, row, "\n");
  return text;
}

TEST(TargetWarnings, OrdinaryAmountsAreNoReasonToWarn) {
  EXPECT_THAT(TargetOf("revenue,spend\n150,100\n50,100\n300,120\n").warnings, IsEmpty());
}

TEST(TargetWarnings, NoticesAnRoiInPerCent) {
  const Target target = TargetOf("ROI\n35\n-40\n12\n80\n-25\n60\n");
  ASSERT_EQ(target.warnings.size(), 1u);
  const DataWarning& warning = target.warnings[0];
  EXPECT_TRUE(warning.serious);
  EXPECT_EQ(warning.column, "ROI");
  EXPECT_THAT(warning.lines, ElementsAre(3, 6));
  EXPECT_EQ(
      warning.message,
      "\"ROI\" looks like per cent (a typical value is 40, and 2 rows of 6 lose more than was spent), but was taken as "
      "it stands: 35 is 35 times the spend");
  EXPECT_THAT(warning.flags, ElementsAre("--scale ROI=0.01"));
}

// Without a loss among them, percentages were taken for ROIs of 20 to 400.
TEST(TargetWarnings, NoticesAnRoiInPerCentThatIsAlwaysPositive) {
  const Target target = TargetOf("roi\n20\n130\n400\n");
  ASSERT_EQ(target.warnings.size(), 1u);
  EXPECT_TRUE(target.warnings[0].serious);
  EXPECT_EQ(target.warnings[0].message,
            "\"roi\" looks like per cent (a typical value is 130), but was taken as it stands: 1 spent would bring 131 "
            "back in the typical row");
  EXPECT_THAT(target.warnings[0].flags, ElementsAre("--scale roi=0.01"));
  EXPECT_THAT(TargetOf("roi\n5\n4\n400\n").warnings, IsEmpty());
}

// "--scale revenue=0.01" was proposed for revenues, and multiples for "2.6x" of anything.
TEST(TargetWarnings, LargeNumbersOfATargetThatIsNoRoiAreNoPerCent) {
  const std::vector<std::string> rows = {"1527.96", "84", "-3.5", "40000", "-12"};
  for (const char* name : {"revenue", "Clicks", "conversions", "Conversion rate (%)", "y"}) {
    TargetSpec spec;
    spec.column = name;
    EXPECT_THAT(TargetOf(RowsOf(name, rows), spec).warnings, IsEmpty()) << name;
    EXPECT_THAT(TargetOf(RowsOf(name, {"2.6x", "3.1x", "1.5x"}), spec).warnings, IsEmpty()) << name;
  }
  for (const char* name : {"ROI", "roi_pct", "campaign_roi"}) {
    TargetSpec spec;
    spec.column = name;
    EXPECT_THAT(TargetOf(RowsOf(name, rows), spec).warnings, ::testing::Not(IsEmpty())) << name;
  }
}

TEST(TargetWarnings, ANetRevenueBelowZeroMayBeAProfit) {
  for (const auto& [revenue, serious] : {std::pair("Net revenue", true), std::pair("Revenue", false)}) {
    std::string text = absl::StrCat("spend,", revenue, "\n");
    for (int row = 0; row < 60; ++row) absl::StrAppend(&text, 100 + row, ",", 10 * (row % 12) - 25, "\n");
    const auto target = ComputeTarget(ReadCsvOrFail(text), {});
    ASSERT_TRUE(target.ok()) << target.status();
    const auto said = std::find_if(target->warnings.begin(), target->warnings.end(), [](const DataWarning& warning) {
      return absl::StrContains(warning.message, "have an ROI below −1");
    });
    ASSERT_NE(said, target->warnings.end());
    EXPECT_EQ(said->serious, serious);
    EXPECT_EQ(absl::StrContains(said->message, "add a column with \"spend\" + \"Net revenue\""), serious);
  }
}

// 4 of 60 rows were too few.
TEST(TargetWarnings, InASmallTableFewNetRevenuesBelowZeroAreEnough) {
  for (const auto& [rows, serious] : {std::pair(60, true), std::pair(600, false)}) {
    std::string text = "spend,Net revenue\n";
    for (int row = 0; row < rows; ++row) absl::StrAppend(&text, 100 + row, ",", row < 4 ? -25 : 250 + row, "\n");
    const auto target = ComputeTarget(ReadCsvOrFail(text), {});
    ASSERT_TRUE(target.ok()) << target.status();
    const auto said = std::find_if(target->warnings.begin(), target->warnings.end(), [](const DataWarning& warning) {
      return absl::StrContains(warning.message, "have an ROI below −1");
    });
    ASSERT_NE(said, target->warnings.end());
    EXPECT_EQ(said->serious, serious) << rows;
  }
}

TEST(TargetWarnings, AFewLossesBeyondTheSpendAreKeptAndSaid) {
  std::vector<std::string> rows(100, "0.4");
  rows[3] = "-1.5";
  const Target target = TargetOf(RowsOf("roi", rows));
  EXPECT_EQ(target.values[3], -1.5);
  ASSERT_EQ(target.warnings.size(), 1u);
  EXPECT_FALSE(target.warnings[0].serious);
  EXPECT_THAT(target.warnings[0].lines, ElementsAre(5));
  EXPECT_EQ(target.warnings[0].message, "1 row has an ROI below −1, which takes a negative revenue, and is kept");
  // Of another target it means nothing.
  TargetSpec spec;
  spec.column = "temperature";
  EXPECT_THAT(ComputeTarget(ReadCsvOrFail(RowsOf("temperature", rows)), spec)->warnings, IsEmpty());
}

TEST(TargetWarnings, NoticesASpendInMillionths) {
  const Target target = TargetOf("revenue,spend\n150,120000000\n50,80000000\n300,45000000\n");
  ASSERT_EQ(target.warnings.size(), 1u);
  EXPECT_TRUE(target.warnings[0].serious);
  EXPECT_EQ(target.warnings[0].message,
            "\"spend\" looks like millionths (a typical value is 8e+07), but was taken as it stands");
  EXPECT_THAT(target.warnings[0].flags, ElementsAre("--scale spend=0.000001"));
  // Amounts in yen are large as well, but so is what they bring.
  EXPECT_THAT(TargetOf("revenue,spend\n1500000,1200000\n900000,800000\n600000,450000\n").warnings, IsEmpty());
}

TEST(TargetWarnings, TheNameOfMillionthsIsEnough) {
  const Target target = TargetOf("conversions_value,cost_micros\n150,12345678\n50,8765432\n");
  ASSERT_EQ(target.warnings.size(), 2u);
  EXPECT_EQ(target.warnings[1].column, "cost_micros");
  EXPECT_THAT(target.warnings[1].flags, ElementsAre("--scale cost_micros=0.000001"));
}

// To scale the spend alone would make each ROI a million times what it is.
TEST(TargetWarnings, RevenueAndSpendInMillionthsAreOneRemark) {
  const Target target = TargetOf("revenue_micros,cost_micros\n15000000,12345678\n50000000,8765432\n");
  ASSERT_EQ(target.warnings.size(), 2u);  // the first: which columns were taken
  EXPECT_FALSE(target.warnings[1].serious);
  EXPECT_EQ(target.warnings[1].message,
            "\"revenue_micros\" and \"cost_micros\" look like millionths, and were taken as they stand: the ROI is "
            "right, but requests need millionths as well");
  EXPECT_THAT(target.warnings[1].flags, ElementsAre("--scale cost_micros=0.000001 --scale revenue_micros=0.000001"));
  const Target revenue = TargetOf("revenue_micros,cost\n15000000,12\n50000000,8\n");
  ASSERT_EQ(revenue.warnings.size(), 2u);
  EXPECT_TRUE(revenue.warnings[1].serious);
  EXPECT_THAT(revenue.warnings[1].flags, ElementsAre("--scale revenue_micros=0.000001"));
}

TEST(TargetWarnings, NoticesARevenueInAnotherCurrencyThanTheSpend) {
  const Target named = TargetOf("Revenue (EUR),Cost (USD)\n150,100\n50,100\n");
  ASSERT_EQ(named.warnings.size(), 2u);
  EXPECT_TRUE(named.warnings[1].serious);
  EXPECT_EQ(named.warnings[1].column, "Revenue (EUR)");
  EXPECT_EQ(named.warnings[1].message,
            "\"Revenue (EUR)\" is in EUR and \"Cost (USD)\" in USD; they were taken as if they were one currency: "
            "convert one of them, such as by a scale");
  EXPECT_EQ(TargetOf("Revenue (USD),Cost (USD)\n150,100\n50,100\n").warnings.size(), 1u);
  EXPECT_EQ(TargetOf("Revenue,Cost (USD)\n150,100\n50,100\n").warnings.size(), 1u);
}

// Where the column is read, this is said already.
TEST(TargetWarnings, LeavesSeveralCurrenciesWithinAColumnToTheReading) {
  EXPECT_THAT(TargetOf("revenue,spend\n$150,$100\n€50,€100\n$70,$100\n").warnings, IsEmpty());
}

TEST(TargetWarnings, NoticesAmountsInSeveralCurrencies) {
  const Target target = TargetOf("revenue,spend,Currency\n150,100,EUR\n50,100,USD\n70,100,EUR\n");
  ASSERT_EQ(target.warnings.size(), 1u);
  EXPECT_TRUE(target.warnings[0].serious);
  EXPECT_EQ(target.warnings[0].column, "Currency");
  EXPECT_EQ(
      target.warnings[0].message,
      "\"Currency\" says that amounts are in several currencies (EUR in 2 rows, USD in 1 row); they were taken as if "
      "they were one: convert them first");
  EXPECT_THAT(TargetOf("revenue,spend,Currency\n150,100,EUR\n50,100,EUR\n").warnings, IsEmpty());
}

// Predictions of whether something converts read "1 spent brings 1.69 back".
TEST(TargetWarnings, SaysWhoseProbabilityIsPredicted) {
  std::vector<std::string> rows;
  for (int i = 0; i < 21; ++i) rows.push_back(i % 3 == 0 ? "1" : "0");
  TargetSpec spec;
  spec.column = "converted";
  const Target target = TargetOf(RowsOf("converted", rows), spec);
  ASSERT_EQ(target.warnings.size(), 1u);
  EXPECT_FALSE(target.warnings[0].serious);
  EXPECT_EQ(target.warnings[0].column, "converted");
  EXPECT_EQ(target.warnings[0].message,
            "\"converted\" has two values (0 in 14 rows, 1 in 7 rows): predictions are the probability of 1");
  EXPECT_THAT(target.warnings[0].flags, ElementsAre("--positive-value 0", "--target-kind number"));
  rows.push_back("2");
  EXPECT_THAT(TargetOf(RowsOf("converted", rows), spec).warnings, IsEmpty());
  EXPECT_THAT(TargetOf("converted\n0\n1\n1\n", spec).warnings, IsEmpty()) << "chance";
}

// Only codes were known: amounts in dollars and yen were mixed without a word.
TEST(TargetWarnings, NoticesCurrenciesByTheirSignsAndNames) {
  for (const auto& [dollars, yen] :
       {std::pair("$", "¥"), std::pair("US$", "JP¥"), std::pair("US Dollar", "Japanese Yen"),
        std::pair("USD - US Dollar", "日元"), std::pair("usd", "jpy")}) {
    const Target target =
        TargetOf(absl::StrCat("revenue,spend,Market\n150,100,", dollars, "\n50,100,", yen, "\n70,100,", dollars, "\n"));
    ASSERT_EQ(target.warnings.size(), 1u) << dollars;
    EXPECT_TRUE(target.warnings[0].serious);
    EXPECT_EQ(target.warnings[0].message,
              absl::StrCat("\"Market\" says that amounts are in several currencies (", dollars, " in 2 rows, ", yen,
                           " in 1 row); they were taken as if they were one: convert them first"));
  }
  // One currency, spelt in several ways.
  EXPECT_THAT(TargetOf("revenue,spend,cur\n150,100,$\n50,100,USD\n70,100,US Dollar\n").warnings, IsEmpty());
  EXPECT_THAT(TargetOf("revenue,spend,team\n150,100,Real Madrid\n50,100,$\n70,100,Euro\n").warnings, IsEmpty());
}

TEST(TargetWarnings, BlankRevenuesAreSaidAndCanCountAsNothing) {
  const std::string text = "revenue,spend\n150,100\n,100\n50,100\n,0\n";
  const Target missing = TargetOf(text);
  EXPECT_EQ(missing.missing, 2);
  EXPECT_EQ(missing.blank_revenue, 1);
  ASSERT_EQ(missing.warnings.size(), 1u);
  EXPECT_TRUE(missing.warnings[0].serious);
  EXPECT_THAT(missing.warnings[0].flags, ElementsAre("--blank-revenue zero"));

  TargetSpec spec;
  spec.blank_revenue = BlankRevenue::kZero;
  const Target zero = TargetOf(text, spec);
  EXPECT_EQ(zero.values[1], -1.0);
  EXPECT_EQ(zero.blank_revenue, 1);
  EXPECT_EQ(zero.missing, 1);
  ASSERT_EQ(zero.warnings.size(), 1u);
  EXPECT_FALSE(zero.warnings[0].serious);
  EXPECT_THAT(zero.warnings[0].lines, ElementsAre(3));
}

// "n.a.?" may be anything: it is no blank.
TEST(TargetWarnings, UnreadableRevenuesNeverCountAsNothing) {
  std::vector<std::string> rows(100, "150,100");
  rows[7] = "n.a.?,100";
  TargetSpec spec;
  spec.blank_revenue = BlankRevenue::kZero;
  const Target target = TargetOf(RowsOf("revenue,spend", rows), spec);
  EXPECT_EQ(target.blank_revenue, 0);
  EXPECT_EQ(target.missing, 1);
}

TEST(TargetWarnings, RowsWithoutSpendAreSaid) {
  const Target target = TargetOf("revenue,spend\n150,100\n50,0\n70,-3\n60,50\n");
  EXPECT_EQ(target.spend_not_positive, 2);
  ASSERT_EQ(target.warnings.size(), 1u);
  EXPECT_EQ(target.warnings[0].message, "2 rows without a spend above 0 are left out");
  EXPECT_THAT(target.warnings[0].lines, ElementsAre(3, 4));
}

// 40 rows, every fourth without spend: in Search, or in words of their own. base: what comes without it.
std::string WithRowsWithoutSpend(int base, absl::string_view channel) {
  std::vector<std::string> rows;
  for (int i = 0; i < 40; ++i) {
    rows.push_back(i % 4 == 0 ? absl::StrCat(channel, ",0,", base + i) : absl::StrCat("Search,100,", 980 + i));
  }
  return RowsOf("channel,spend,revenue", rows);
}

TEST(TargetWarnings, RevenueWithoutSpendIsSaid) {
  const Target target = TargetOf(WithRowsWithoutSpend(482, "Search"));
  ASSERT_EQ(target.warnings.size(), 1u);
  EXPECT_TRUE(target.warnings[0].serious);
  EXPECT_EQ(target.warnings[0].column, "spend");
  EXPECT_EQ(target.warnings[0].message,
            "10 rows without a spend above 0 are left out. 10 rows with a spend of 0, of the same words as others, "
            "brought 502 at the median, 50 % of what those with a spend brought: so much comes without the spend, and "
            "ROI, curves and budgets credit it to the spend");
}

// Little, or in a channel that never costs anything.
TEST(TargetWarnings, OtherRevenueWithoutSpendIsARemark) {
  for (const Target& target :
       {TargetOf(WithRowsWithoutSpend(20, "Search")), TargetOf(WithRowsWithoutSpend(482, "Organic"))}) {
    ASSERT_EQ(target.warnings.size(), 1u);
    EXPECT_FALSE(target.warnings[0].serious);
    EXPECT_EQ(target.warnings[0].message, "10 rows without a spend above 0 are left out");
  }
}

// Of 60 sources one never costs anything; or each row is a campaign of its own.
TEST(TargetWarnings, SourcesWithoutSpendAreNotLikeOthersHoweverManyThereAre) {
  std::vector<std::string> sources, campaigns;
  for (int i = 0; i < 600; ++i) {
    const bool organic = i % 10 == 0;
    const std::string amounts = organic ? absl::StrCat("0,", 482 + i % 7) : absl::StrCat("100,", 980 + i % 7);
    sources.push_back(absl::StrCat(organic ? "google / organic" : absl::StrCat("source ", i % 60), ",", amounts));
    campaigns.push_back(absl::StrCat("campaign ", i, ",", amounts));
  }
  const Target of_sources = TargetOf(RowsOf("Source / medium,spend,revenue", sources));
  ASSERT_EQ(of_sources.warnings.size(), 1u);
  EXPECT_FALSE(of_sources.warnings[0].serious);
  EXPECT_EQ(of_sources.warnings[0].message, "60 rows without a spend above 0 are left out");
  const Target of_campaigns = TargetOf(RowsOf("Campaign,spend,revenue", campaigns));
  ASSERT_EQ(of_campaigns.warnings.size(), 1u);
  EXPECT_TRUE(of_campaigns.warnings[0].serious);
}

TEST(TargetWarnings, ARoasThatDisagreesIsSaid) {
  const Target target = TargetOf("revenue,spend,ROAS\n150,100,1.5\n50,100,0.7\n60,50,1.2\n");
  ASSERT_EQ(target.warnings.size(), 1u);
  EXPECT_EQ(target.warnings[0].message,
            "\"ROAS\" differs from \"revenue\" / \"spend\" in 1 of 3 rows; the target is computed from these two");
  EXPECT_THAT(target.warnings[0].lines, ElementsAre(3));
}

}  // namespace
}  // namespace roicast

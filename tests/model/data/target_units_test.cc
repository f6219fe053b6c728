#include "model/data/target_units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/model/data/read_csv.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The serious warnings of a table whose revenue and spend are the two columns.
std::vector<DataWarning> SeriousOf(absl::string_view text, const CsvTableOptions& options = {}) {
  const CsvTable csv = ReadCsvOrFail(text, options);
  TargetSpec spec;
  spec.revenue_column = csv.table.column(0).name;
  spec.spend_column = csv.table.column(1).name;
  const auto target = ComputeTarget(csv, spec);
  EXPECT_TRUE(target.ok()) << target.status();
  std::vector<DataWarning> serious;
  if (!target.ok()) return serious;
  for (const DataWarning& warning : target->warnings) {
    if (warning.serious) serious.push_back(warning);
  }
  return serious;
}

TEST(TargetUnits, NoticesTwoCurrenciesBySignsCodesAndNames) {
  for (const char* text : {"Revenue,Spend\n€150,$100\n€50,$80\n",              // signs in both
                           "Umsatz in €,Cost\n150,$100\n50,$80\n",             // a name and cells
                           "Revenue (EUR),Cost (USD)\n150,100\n50,80\n",       // names
                           "Revenue,Cost ($)\n£150,100\n£50,80\n",             // cells and a name
                           "Revenue (руб.),Cost ($)\n150,100\n50,80\n",        // a word
                           "销售额(元),Cost (USD)\n150,100\n50,80\n",          //
                           "Revenue,Spend\n150 EUR,100 USD\n50 EUR,80 USD\n",  //
                           "Revenue (k EUR),Spend (k USD)\n150,100\n50,80\n"}) {
    const std::vector<DataWarning> warnings = SeriousOf(text);
    ASSERT_EQ(warnings.size(), 1u) << text;
    EXPECT_THAT(warnings[0].message, HasSubstr("; they were taken as if they were one currency")) << text;
  }
  EXPECT_EQ(SeriousOf("Revenue,Spend\n€150,$100\n€50,$80\n")[0].message,
            "\"Revenue\" is in EUR and \"Spend\" in $; they were taken as if they were one currency: convert one of "
            "them, such as by a scale");
}

TEST(TargetUnits, TakesSignsThatMayMeanOneCurrencyForOne) {
  for (const char* text : {"Revenue (USD),Spend\n150,$100\n50,$80\n", "Revenue (CAD),Spend\n150,$100\n50,$80\n",
                           "Revenue (JPY),Spend\n150,¥100\n50,¥80\n", "销售额(元),Spend\n150,¥100\n50,¥80\n",
                           "Revenue (SEK),Spend\n150,100 kr\n50,80 kr\n", "Revenue,Spend\n$150,100\n$50,80\n",
                           "Revenue (EUR),Spend\n€150,€100\n€50,€80\n"}) {
    EXPECT_THAT(SeriousOf(text), IsEmpty()) << text;
  }
}

TEST(TargetUnits, NoticesThatTheNameOfOneCountsThousands) {
  struct Case {
    const char *revenue, *spend, *column, *flag;
  };
  for (const Case& c : {Case{"销售额(元)", "消耗(万元)", "消耗(万元)", "--scale '消耗(万元)=10000'"},
                        {"Revenue", "Spend (k USD)", "Spend (k USD)", "--scale 'Spend (k USD)=1000'"},
                        {"Umsatz", "Kosten (T€)", "Kosten (T€)", "--scale 'Kosten (T€)=1000'"},
                        {"Umsatz in Tsd.", "Kosten", "Umsatz in Tsd.", "--scale 'Umsatz in Tsd.=1000'"},
                        {"Revenue (thousands)", "Spend", "Revenue (thousands)", "--scale 'Revenue (thousands)=1000'"},
                        {"Revenue", "spend_cents", "spend_cents", "--scale spend_cents=0.01"},
                        {"Доход (тыс. руб.)", "Расход", "Доход (тыс. руб.)", "--scale 'Доход (тыс. руб.)=1000'"},
                        {"Revenue (lakh)", "Spend", "Revenue (lakh)", "--scale 'Revenue (lakh)=100000'"},
                        {"Revenue (Mio €)", "Spend", "Revenue (Mio €)", "--scale 'Revenue (Mio €)=1000000'"}}) {
    const std::vector<DataWarning> warnings = SeriousOf(absl::StrCat(c.revenue, ",", c.spend, "\n150,100\n50,80\n"));
    ASSERT_EQ(warnings.size(), 1u) << c.spend;
    EXPECT_EQ(warnings[0].column, c.column);
    EXPECT_THAT(warnings[0].flags, ElementsAre(c.flag));
  }
  EXPECT_EQ(SeriousOf("Revenue,spend_k\n150,100\n50,80\n")[0].message,
            "the name of \"spend_k\" says that 1 stands for 1000, and that of \"Revenue\" does not; both were taken as "
            "they stand, as if they were in one unit");
  EXPECT_THAT(SeriousOf("Revenue (Mio),Spend (k)\n1.5,1200\n0.5,80\n")[0].flags,
              ElementsAre("--scale 'Spend (k)=1000' --scale 'Revenue (Mio)=1000000'"));
}

TEST(TargetUnits, TakesEqualScalesAndThoseThatAPersonGaveAsTheyAre) {
  EXPECT_THAT(SeriousOf("revenue_k,spend_k\n150,100\n50,80\n"), IsEmpty());
  CsvTableOptions options;
  options.columns.emplace_back().name = "spend_k";
  options.columns.back().scale = 1000.0;
  EXPECT_THAT(SeriousOf("revenue,spend_k\n150000,100\n50000,80\n", options), IsEmpty());
}

TEST(TargetUnits, NoticesAnRoiThatNoCampaignHas) {
  const std::vector<DataWarning> revenue = SeriousOf("revenue,spend\n0.15,100\n0.05,80\n0.3,120\n");
  ASSERT_EQ(revenue.size(), 1u);
  EXPECT_EQ(revenue[0].column, "revenue");
  EXPECT_EQ(revenue[0].message,
            "1 spent brings 0.0015 back in the typical row (\"revenue\" 0.15, \"spend\" 100), which is hardly so: is "
            "\"revenue\" in another unit, such as thousands, or no amount of money, such as a number of sales? The "
            "amounts were taken as they stand");
  EXPECT_THAT(revenue[0].flags, ElementsAre("--scale revenue=1000"));
  const std::vector<DataWarning> spend = SeriousOf("revenue,spend\n150,0.1\n50,0.08\n300,0.12\n");
  ASSERT_EQ(spend.size(), 1u);
  EXPECT_THAT(spend[0].flags, ElementsAre("--scale spend=1000"));
  // Rows without any revenue are no question of units, and neither are 30 to 1 or 1 to 10.
  EXPECT_THAT(SeriousOf("revenue,spend\n0,100\n0,80\n0,120\n80,90\n"), IsEmpty());
  EXPECT_THAT(SeriousOf("revenue,spend\n3000,100\n2400,80\n"), IsEmpty());
  EXPECT_THAT(SeriousOf("revenue,spend\n10,100\n8,80\n"), IsEmpty());
}

TEST(TargetUnits, NoticesSharesInPerCent) {
  const std::vector<DataWarning> cells = SeriousOf("revenue,cost\n150,0.77%\n50,0.05%\n70,0.2%\n");
  ASSERT_EQ(cells.size(), 1u);
  EXPECT_EQ(cells[0].column, "cost");
  EXPECT_EQ(cells[0].message,
            "\"cost\" is in per cent: a share, such as of the total, is no amount of money, so the ROI is not one");
  EXPECT_EQ(SeriousOf("Revenue %,Spend %\n0.07,0.77\n0.04,0.01\n").size(), 2u);
}

}  // namespace
}  // namespace roicast

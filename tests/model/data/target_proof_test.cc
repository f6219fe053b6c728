#include "model/data/target_proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/random.h"
#include "tests/model/data/read_csv.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// 40 campaigns; `more` writes the cells behind spend and revenue.
template <typename More>
std::string Campaigns(absl::string_view header, const More& more) {
  Random random(7);
  std::string text = absl::StrCat(header, "\n");
  for (int row = 0; row < 40; ++row) {
    const double spend = std::round(100.0 * std::exp(5.0 + random.Normal())) / 100.0;
    const double revenue = std::round(100.0 * spend * std::exp(0.5 * random.Normal())) / 100.0;
    absl::StrAppendFormat(&text, "%.2f,%.2f,%s\n", spend, revenue, more(spend, revenue));
  }
  return text;
}

Target TargetOrFail(absl::string_view text, const TargetSpec& spec = {}) {
  const auto target = ComputeTarget(ReadCsvOrFail(text), spec);
  EXPECT_TRUE(target.ok()) << target.status();
  return target.ok() ? *target : Target();
}

std::string RoasCell(double spend, double revenue) { return absl::StrFormat("%.2f", revenue / spend); }
std::string RoiCell(double spend, double revenue) { return absl::StrFormat("%.2f", revenue / spend - 1.0); }

TEST(CheckRatio, AnRoiThatIsRevenueBySpendIsARoas) {
  const Target target = TargetOrFail(Campaigns("Spend,Revenue,ROI", RoasCell));
  EXPECT_EQ(target.spec.column, "");
  EXPECT_EQ(target.spec.revenue_column, "Revenue");
  EXPECT_EQ(target.spec.spend_column, "Spend");
  ASSERT_EQ(target.warnings.size(), 1u);
  EXPECT_FALSE(target.warnings[0].serious);
  EXPECT_EQ(target.warnings[0].column, "ROI");
  EXPECT_EQ(target.warnings[0].message,
            "\"ROI\" is a ROAS (ROI + 1): it agrees with \"Revenue\" / \"Spend\" in 40 of 40 rows. The target was "
            "computed from \"Revenue\" / \"Spend\"");
  EXPECT_THAT(target.warnings[0].flags, ElementsAre("--target ROI"));
}

// "Net revenue" after the costs: an ROI that it gives is negative where money was lost.
TEST(CheckRatio, ARevenueThatIsAProfitProvesAnRoi) {
  const auto profit = [](const char* header, double factor) {
    Random random(7);
    std::string text = absl::StrCat(header, "\n");
    for (int row = 0; row < 100; ++row) {
      const double spend = 100.0 + row, roi = random.Uniform(-0.8, 2.0);
      absl::StrAppendFormat(&text, "%.2f,%.2f,%.4f\n", spend, spend * roi, factor * roi);
    }
    return text;
  };
  for (const char* const header : {"Spend,net_revenue,ROI", "Spend,Revenue,ROI"}) {
    const Target target = TargetOrFail(profit(header, 1.0));
    EXPECT_EQ(target.spec.column, "ROI");
    ASSERT_FALSE(target.warnings.empty());
    EXPECT_THAT(target.warnings[0].message, HasSubstr("is a profit, and no revenue: \"ROI\" is \""));
    EXPECT_FALSE(target.warnings[0].serious);
  }
  const Target per_cent = TargetOrFail(profit("Spend,net_revenue,ROI", 100.0));
  EXPECT_EQ(per_cent.spec.column, "ROI");
  ASSERT_FALSE(per_cent.warnings.empty());
  EXPECT_TRUE(per_cent.warnings[0].serious);
  EXPECT_THAT(per_cent.warnings[0].flags, ElementsAre("--scale ROI=0.01"));
}

// Refunds are rare.
TEST(CheckRatio, ARefundLeavesARoasWhatItIs) {
  int row = 0;
  const Target target = TargetOrFail(Campaigns("Spend,Revenue,ROI", [&](double spend, double revenue) {
    const double refunded = ++row == 20 ? -1.0 : revenue;
    return absl::StrFormat("%.2f\n%.2f,%.2f,%.2f", revenue / spend, spend, refunded, refunded / spend);
  }));
  EXPECT_EQ(target.spec.revenue_column, "Revenue");
}

// Rows of which so many are negative; the ROI is the second amount by the first.
std::string WithNegative(absl::string_view revenue, int negative, int rows = 100) {
  Random random(9);
  std::string text = absl::StrCat("Spend,", revenue, ",ROI\n");
  for (int row = 0; row < rows; ++row) {
    const double roas = row < negative ? -0.2 : random.Uniform(0.5, 3.0);
    absl::StrAppendFormat(&text, "%d,%.2f,%.2f\n", 100 + row, (100 + row) * roas, roas);
  }
  return text;
}

// One refund among 1,000 rows made "Sales" a profit, and each ROI 1 too large, without a flag.
TEST(CheckRatio, ARefundLeavesSalesWhatTheyAre) {
  for (const char* const name : {"Sales", "GMV", "Turnover", "Revenue"}) {
    const Target refund = TargetOrFail(WithNegative(name, 1));
    EXPECT_EQ(refund.spec.revenue_column, name);
    EXPECT_THAT(refund.warnings[0].message, HasSubstr("\"ROI\" is a ROAS (ROI + 1)"));
    const Target profit = TargetOrFail(WithNegative(name, 20));
    EXPECT_EQ(profit.spec.column, "ROI");
    EXPECT_THAT(profit.warnings[0].message, HasSubstr("is a profit, and no revenue"));
  }
}

// Of 60 rows 4 were too few, and each ROI was 1 too small.
TEST(CheckRatio, ANetRevenueIsAProfitWithFewerLosses) {
  const Target profit = TargetOrFail(WithNegative("Net revenue", 4, 60));
  EXPECT_EQ(profit.spec.column, "ROI");
  EXPECT_THAT(profit.warnings[0].message, HasSubstr("is a profit, and no revenue"));
  EXPECT_EQ(TargetOrFail(WithNegative("Net revenue", 0)).spec.revenue_column, "Net revenue");
}

TEST(CheckRatio, WhereBothReadingsStandBothFlagsAreGiven) {
  const Target sales = TargetOrFail(WithNegative("Sales", 6));
  EXPECT_EQ(sales.spec.revenue_column, "Sales");
  ASSERT_FALSE(sales.warnings.empty());
  EXPECT_TRUE(sales.warnings[0].serious);
  EXPECT_EQ(sales.warnings[0].message,
            "\"ROI\" is \"Sales\" / \"Spend\", and negative in 6 of 100 rows: \"Sales\" is a revenue with refunds, and "
            "\"ROI\" a ROAS (ROI + 1); or \"Sales\" is a profit, and \"ROI\" an ROI. It was taken for a ROAS, and the "
            "target computed from \"Sales\" / \"Spend\"");
  EXPECT_THAT(sales.warnings[0].flags, ElementsAre("--target ROI", "--revenue Sales --spend Spend"));
  const Target net = TargetOrFail(WithNegative("Net revenue", 2));
  EXPECT_EQ(net.spec.column, "ROI");
  ASSERT_FALSE(net.warnings.empty());
  EXPECT_TRUE(net.warnings[0].serious);
  EXPECT_THAT(net.warnings[0].message, HasSubstr("It was taken as an ROI as it stands"));
  EXPECT_THAT(net.warnings[0].flags, ElementsAre("--target ROI", "--revenue 'Net revenue' --spend Spend"));
  // Whoever says which it is is believed.
  const Target named = TargetOrFail(WithNegative("Sales", 6), {"ROI", "", ""});
  EXPECT_EQ(named.spec.column, "ROI");
  for (const DataWarning& warning : named.warnings) EXPECT_FALSE(warning.serious) << warning.message;
}

TEST(CheckRatio, ANamedRoiStaysAndIsWarnedOf) {
  const Target target = TargetOrFail(Campaigns("Spend,Revenue,ROI", RoasCell), {"ROI", "", ""});
  EXPECT_EQ(target.spec.column, "ROI");
  ASSERT_FALSE(target.warnings.empty());
  EXPECT_TRUE(target.warnings.back().serious);
  EXPECT_EQ(target.warnings.back().message,
            "\"ROI\" is a ROAS (ROI + 1): it agrees with \"Revenue\" / \"Spend\" in 40 of 40 rows, but was taken as an "
            "ROI as it stands");
  EXPECT_THAT(target.warnings.back().flags, ElementsAre("--revenue Revenue --spend Spend"));
  // The other way round.
  TargetSpec roas;
  roas.roas_column = "Return";
  const Target roi = TargetOrFail(Campaigns("Spend,Revenue,Return", RoiCell), roas);
  ASSERT_EQ(roi.warnings.size(), 2u);  // the other: revenues below 0
  EXPECT_TRUE(roi.warnings[0].serious);
  EXPECT_THAT(roi.warnings[0].message,
              HasSubstr("\"Return\" is an ROI: it agrees with \"Revenue\" / \"Spend\" − 1 in 40 of 40 rows, but was "
                        "taken as a ROAS"));
}

TEST(CheckRatio, RightRatiosAreNoReasonToWarn) {
  EXPECT_THAT(TargetOrFail(Campaigns("Spend,Revenue,ROI", RoiCell)).warnings, IsEmpty());
  EXPECT_EQ(TargetOrFail(Campaigns("Spend,Revenue,ROI", RoiCell)).spec.column, "ROI");
  EXPECT_THAT(TargetOrFail(Campaigns("Spend,Revenue,ROI",
                                     [](double spend, double revenue) {
                                       return absl::StrFormat("%.1f%%", 100.0 * (revenue / spend - 1.0));
                                     }))
                  .warnings,
              IsEmpty());
}

TEST(CheckRatio, AnRoiInPerCentIsProvenByItsAmounts) {
  const Target target = TargetOrFail(Campaigns("Spend,Revenue,ROI", [](double spend, double revenue) {
    return absl::StrFormat("%.0f", 100.0 * (revenue / spend - 1.0));
  }));
  EXPECT_EQ(target.spec.revenue_column, "Revenue");
  ASSERT_EQ(target.warnings.size(), 1u);
  EXPECT_THAT(target.warnings[0].message, HasSubstr("is an ROI in per cent: it agrees with 100 · (\"Revenue\" / "
                                                    "\"Spend\" − 1) in 40 of 40 rows"));
}

TEST(CheckRatio, AnRoiThatEqualsTheRoasIsOne) {
  const Target target = TargetOrFail(Campaigns("Spend,Clicks,ROI,ROAS", [](double spend, double revenue) {
    return absl::StrCat(RoasCell(spend, revenue), ",", RoasCell(spend, revenue));
  }));
  EXPECT_EQ(target.spec.roas_column, "ROAS");
  EXPECT_EQ(target.spec.spend_column, "Spend");
  ASSERT_FALSE(target.warnings.empty());
  EXPECT_THAT(target.warnings[0].message,
              HasSubstr("\"ROI\" is a ROAS (ROI + 1): it agrees with \"ROAS\" in 40 of 40 rows"));
}

TEST(CheckRatio, AnRoiThatDisagreesWithItsAmountsIsSaid) {
  const Target target = TargetOrFail(Campaigns("Spend,Revenue,ROI,Days", [](double spend, double revenue) {
    return absl::StrFormat("%.2f,7", 0.4 * revenue / spend - 1.0);
  }));
  EXPECT_EQ(target.spec.column, "ROI");
  ASSERT_EQ(target.warnings.size(), 1u);
  EXPECT_TRUE(target.warnings[0].serious);
  EXPECT_THAT(target.warnings[0].lines, ElementsAre(2, 3, 4, 5, 6));
  EXPECT_EQ(target.warnings[0].message,
            "\"ROI\" differs from \"Revenue\" / \"Spend\" − 1 in 40 of 40 rows. It was taken as the target as it "
            "stands");
  EXPECT_THAT(target.warnings[0].flags, ElementsAre("--revenue Revenue --spend Spend"));
}

// As score writes it: the shortest text that gives the float back.
std::string Prediction(double spend, double) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof(text), static_cast<float>(std::log(spend) / 7.0)).ptr);
}

// Trained on what it wrote itself, a model looked perfect.
TEST(CheckRatio, PredictionsThatScoreAddedAreNotLearnt) {
  for (const std::string& text :
       {Campaigns("Spend,Revenue,roi", Prediction),
        Campaigns("Spend,Revenue,roi,predicted_revenue,predicted_profit",
                  [](double spend, double revenue) { return absl::StrCat(Prediction(spend, revenue), ",5,6"); }),
        Campaigns("Spend,Revenue,roi,roi_warnings",
                  [](double spend, double revenue) { return Prediction(spend, revenue) + ",Spend: out of range"; })}) {
    const Target target = TargetOrFail(text);
    EXPECT_EQ(target.spec.column, "");
    EXPECT_EQ(target.spec.revenue_column, "Revenue");
    ASSERT_EQ(target.warnings.size(), 1u);
    EXPECT_TRUE(target.warnings[0].serious);
    EXPECT_THAT(target.warnings[0].message,
                HasSubstr("\"roi\" looks like the predictions that `score` adds to a table, and differs from "
                          "\"Revenue\" / \"Spend\" − 1 in "));
    EXPECT_THAT(target.warnings[0].flags, ElementsAre("--target roi"));
  }
}

// With a revenue behind them, a table was still learnt by its predictions.
TEST(CheckRatio, PredictionsAreKnownWhereverTheyStand) {
  for (const std::string& text :
       {Campaigns("Spend,Revenue,roi,Days",
                  [](double spend, double revenue) { return Prediction(spend, revenue) + ",7"; }),
        Campaigns("Spend,Revenue,roi,roi_low,roi_high,Days",
                  [](double spend, double revenue) { return Prediction(spend, revenue) + ",-1,2,7"; }),
        Campaigns("Spend,Revenue,roi_high,Days,roi_low,roi",
                  [](double spend, double revenue) { return "2,7,-1," + Prediction(spend, revenue); }),
        Campaigns("Spend,Revenue,roi,roi_low,roi_high,profit_probability,roi_warnings,Days",
                  [](double spend, double revenue) { return Prediction(spend, revenue) + ",-1,2,0.5,,7"; })}) {
    const Target target = TargetOrFail(text);
    EXPECT_EQ(target.spec.column, "") << text.substr(0, 60);
    EXPECT_EQ(target.spec.revenue_column, "Revenue");
    ASSERT_EQ(target.warnings.size(), 1u) << text.substr(0, 60);
    EXPECT_TRUE(target.warnings[0].serious);
    EXPECT_THAT(target.warnings[0].message, HasSubstr("It was not learnt: the target was computed from "));
  }
}

// They looked perfect as well, and nothing was said.
TEST(CheckRatio, PredictionsWithoutARevenueAreRefusedUnlessTheyAreNamed) {
  const std::string text = "Spend,roi,roi_warnings\n100,0.25,\n80,-0.5,Spend: out of range\n90,0.5,\n";
  const absl::Status refused = ComputeTarget(ReadCsvOrFail(text), {}).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(refused.message(), HasSubstr("target: \"roi\" holds predictions that `roicast score` wrote"));
  EXPECT_THAT(refused.message(), HasSubstr("say --target roi"));
  const Target target = TargetOrFail(text, {"roi", "", ""});
  EXPECT_EQ(target.spec.column, "roi");
  ASSERT_EQ(target.warnings.size(), 1u);
  EXPECT_TRUE(target.warnings[0].serious);
  EXPECT_THAT(target.warnings[0].message, HasSubstr("beside \"roi_warnings\": to learn from them repeats"));
}

TEST(CheckRatio, AnRoiAloneIsRefusedIfItsDigitsAreThoseOfPredictions) {
  std::string floats = "Spend,roi\n", rounded = floats;
  for (int row = 0; row < 40; ++row) {
    const double spend = 100.0 + 7.0 * row;
    absl::StrAppend(&floats, spend, ",", Prediction(spend, 0), "\n");
    absl::StrAppendFormat(&rounded, "%.0f,%.6f\n", spend, std::log(spend) / 7.0);
  }
  EXPECT_THAT(ComputeTarget(ReadCsvOrFail(floats), {}).status().message(), HasSubstr("say --target roi"));
  EXPECT_EQ(TargetOrFail(floats, {"roi", "", ""}).spec.column, "roi");
  EXPECT_EQ(TargetOrFail(rounded).spec.column, "roi");
}

TEST(CheckRatio, SaysWhereAnRoiIsNeverNegative) {
  std::string text = "Spend,ROI\n", some_lose = text;
  for (int row = 0; row < 30; ++row) {
    absl::StrAppend(&text, 100 + row, ",", 0.1 * (row + 1), "\n");
    absl::StrAppend(&some_lose, 100 + row, ",", 0.1 * row - 0.5, "\n");
  }
  const Target target = TargetOrFail(text);
  ASSERT_EQ(target.warnings.size(), 1u);
  EXPECT_FALSE(target.warnings[0].serious);
  EXPECT_THAT(target.warnings[0].message,
              HasSubstr("no row of \"ROI\" is negative, and 9 of 30 are below 1: if it is revenue / spend"));
  EXPECT_THAT(target.warnings[0].flags, ElementsAre("--roas ROI"));
  EXPECT_THAT(TargetOrFail(some_lose).warnings, IsEmpty());
}

TEST(CompareRatio, NeedsThreeRows) {
  Column ratio;
  ratio.numbers = {1.5, 0.5};
  const double roas[] = {1.5, 0.5};
  EXPECT_EQ(CompareRatio(ratio, roas, RatioMeaning::kRoi).meaning, RatioMeaning::kUnknown);
  ratio.numbers = {1.5, 0.5, 2.0, std::nan("")};
  const double more[] = {1.5, 0.5, 2.004, 1.0};
  const RatioProof proof = CompareRatio(ratio, more, RatioMeaning::kRoi);
  EXPECT_EQ(proof.meaning, RatioMeaning::kRoas);
  EXPECT_EQ(proof.compared, 3);
  EXPECT_EQ(proof.agreeing, 3);
  EXPECT_THAT(proof.differs, ElementsAre(0, 1, 2));
}

TEST(TargetWarnings, AnRoiInMultiplesIsWarnedOf) {
  const Target target = TargetOrFail("ROI\n0.06x\n2.63x\n-0.5x\n");
  ASSERT_EQ(target.warnings.size(), 1u);
  EXPECT_TRUE(target.warnings[0].serious);
  EXPECT_THAT(target.warnings[0].message, HasSubstr("\"ROI\" is written in multiples of the spend (x), as a ROAS is"));
  EXPECT_THAT(target.warnings[0].flags, ElementsAre("--roas ROI"));
}

}  // namespace
}  // namespace roicast

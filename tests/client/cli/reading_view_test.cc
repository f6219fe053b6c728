#include "client/cli/reading_view.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "client/cli/report_view.h"
#include "client/cli/warning_view.h"

namespace roicast::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

template <typename Message>
Message Parsed(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

Terminal Wide(size_t width = Terminal::kUnlimited) {
  Terminal terminal;
  terminal.width = width;
  return terminal;
}

TEST(FileText, IsOneLineForAPlainFile) {
  EXPECT_EQ(FileText(Parsed<v1::FileReading>("encoding: TEXT_ENCODING_UTF_8 delimiter: ',' header_line: 1 rows: 1234"),
                     Wide()),
            "File: UTF-8, commas, header on line 1, 1,234 rows\n");
}

TEST(FileText, SaysHowTheFileIsWrittenAndWhatWasLeftOut) {
  const auto file = Parsed<v1::FileReading>(R"(
    compression: COMPRESSION_GZIP encoding: TEXT_ENCODING_UTF_16LE byte_order_mark: true delimiter: ';'
    line_end: LINE_END_CRLF header_line: 4 trailing_delimiter: true separator_line: true rows: 400
    left_out { reason: "title" rows: 3 lines: [1, 2, 3] example: "Campaign \033[31mreport" }
    left_out { reason: "blank" rows: 9 lines: [11, 12, 13, 14, 15, 16, 17, 18, 19] }
    left_out { reason: "totals" rows: 1 lines: 404 example: "Total;9000" })");
  EXPECT_EQ(FileText(file, Wide()),
            "File: gzip, UTF-16 LE with a byte order mark, semicolons, a first line that names the delimiter, a "
            "delimiter at the end of rows, CRLF line ends, header on line 4, 400 rows\n"
            "  left out, title: 3 rows, lines 1, 2 and 3: Campaign ␛[31mreport\n"
            "  left out, blank: 9 rows, lines 11, 12, 13, 14, 15 and 4 more\n"
            "  left out, totals: 1 row, line 404: Total;9000\n");
  EXPECT_THAT(FileText(file, Wide(60)), HasSubstr("semicolons, a\n  first line"));
}

TEST(FileText, NamesEachEncodingAndDelimiter) {
  const auto text = [](const std::string& file) { return FileText(Parsed<v1::FileReading>(file), Wide()); };
  EXPECT_THAT(text("encoding: TEXT_ENCODING_WINDOWS_1252 delimiter: '\\t'"),
              HasSubstr("Windows-1252, tabs, no header"));
  EXPECT_THAT(text("encoding: TEXT_ENCODING_LATIN_1 delimiter: '|'"), HasSubstr("Latin-1, vertical bars,"));
  EXPECT_THAT(text("encoding: TEXT_ENCODING_UTF_16BE delimiter: '^' rows: 1"),
              HasSubstr("UTF-16 BE, delimiter \"^\", no header, 1 row\n"));
}

TEST(ReadAsText, ShowsHowNumbersAndTimesAreWritten) {
  const auto number = [](const std::string& text) {
    return ReadAsText(Parsed<v1::ColumnReading>(text), v1::FEATURE_KIND_NUMERIC);
  };
  EXPECT_EQ(number(""), "number");
  EXPECT_EQ(number("decimal_mark: DECIMAL_MARK_POINT"), "number");
  EXPECT_EQ(number("decimal_mark: DECIMAL_MARK_POINT thousands_separator: ','"), "number 1,234.50");
  EXPECT_EQ(number("decimal_mark: DECIMAL_MARK_COMMA thousands_separator: '.'"), "number 1.234,50");
  EXPECT_EQ(number("decimal_mark: DECIMAL_MARK_COMMA"), "number 1234,50");
  EXPECT_EQ(number("decimal_mark: DECIMAL_MARK_COMMA thousands_separator: ' ' scale: 0.01"), "number 1 234,50 × 0.01");
  EXPECT_EQ(number("scale: 1"), "number");
  const auto time = [](const std::string& text) {
    return ReadAsText(Parsed<v1::ColumnReading>(text), v1::FEATURE_KIND_TIME);
  };
  EXPECT_EQ(time("times: TIME_FORMAT_ISO"), "time");
  EXPECT_EQ(time("times: TIME_FORMAT_DAY_FIRST"), "time, day first");
  EXPECT_EQ(ReadAsText(Parsed<v1::ColumnReading>("ambiguous: true"), v1::FEATURE_KIND_CATEGORICAL), "words, ambiguous");
}

constexpr char kInspection[] = R"(
  columns {
    name: "Start" kind: FEATURE_KIND_TIME present: 400 distinct: 90 min: 1704067200 max: 1711929600 role: "feature"
    reading { name: "Start" kind: FEATURE_KIND_TIME times: TIME_FORMAT_DAY_FIRST examples: ["01/01/2024", "17/02/2024"] }
  }
  columns {
    name: "Cost, net" kind: FEATURE_KIND_NUMERIC present: 380 missing: 20 distinct: 370 min: 1 mean: 1250.5 max: 9000
    transform: NUMERIC_TRANSFORM_LOG1P role: "spend"
    reading {
      kind: FEATURE_KIND_NUMERIC decimal_mark: DECIMAL_MARK_COMMA thousands_separator: "." unit: "EUR" unread: 2
      examples: ["1.326,00", "980,50"]
    }
  }
  columns {
    name: "Ad ID" present: 400 distinct: 400 role: "identifier-like"
    reading { kind: FEATURE_KIND_CATEGORICAL examples: "00504\033[2J" }
  }
  columns {
    name: "Channel" kind: FEATURE_KIND_CATEGORICAL present: 400 distinct: 2 role: "feature"
    reading { kind: FEATURE_KIND_CATEGORICAL examples: ["search", "social"] }
  })";

TEST(ColumnsText, IsALineForEachColumn) {
  EXPECT_EQ(
      ColumnsText(Parsed<v1::InspectDatasetResponse>(kInspection), Wide()),
      "  column     read as          unit  role                       missing  unread  examples                range   "
      "                  distinct   mean  transform\n"
      "  Start      time, day first        feature                          0       0  01/01/2024; 17/02/2024  "
      "2024-01-01 to 2024-04-01        90\n"
      "  Cost, net  number 1.234,50  EUR   spend                           20       2  1.326,00; 980,50        1 to "
      "9,000 "
      "                    370  1,251  log1p\n"
      "  Ad ID      words                  left out: identifier-like        0       0  00504␛[2J                       "
      "                       400\n"
      "  Channel    words                  feature                          0       0  search; social                  "
      " "
      "                        2\n");
}

TEST(ColumnsText, FitsATerminalByDroppingWhatMattersLeast) {
  const std::string text = ColumnsText(Parsed<v1::InspectDatasetResponse>(kInspection), Wide(80));
  EXPECT_THAT(text, AllOf(HasSubstr("read as"), HasSubstr("role"), HasSubstr("number 1.234,50"),
                          HasSubstr("--wide also shows: "), HasSubstr("transform")));
  EXPECT_THAT(text, Not(HasSubstr("log1p")));
}

TEST(ColumnsText, HasNoColumnForUnitsOrUnreadCellsThatNoneHas) {
  const std::string text = ColumnsText(
      Parsed<v1::InspectDatasetResponse>("columns { name: 'a' kind: FEATURE_KIND_NUMERIC present: 2 max: 3 }"), Wide());
  EXPECT_THAT(text, AllOf(Not(HasSubstr("unit")), Not(HasSubstr("unread")), HasSubstr("a       number   feature")));
}

TEST(TargetText, SaysWhatIsPredicted) {
  const auto text = [](const std::string& target) { return TargetText(Parsed<v1::TargetSpec>(target)); };
  EXPECT_EQ(text("column: 'roi'"), "Target: column \"roi\"");
  EXPECT_EQ(text("revenue_column: 'Umsatz' spend_column: 'Kosten' blank_revenue: BLANK_REVENUE_ZERO"),
            "Target: ROI from revenue \"Umsatz\" and spend \"Kosten\"; a blank revenue is 0");
  EXPECT_EQ(text("roas_column: 'ROAS'"), "Target: ROI from return on ad spend \"ROAS\", ROI = ROAS - 1");
  EXPECT_EQ(text(""), "");
}

constexpr char kReport[] = R"(
  reading { file { delimiter: ',' header_line: 1 rows: 40 } }
  warnings { column: "Ad ID" message: "names end in ID; left out" flags: "--include 'Ad ID'" }
  warnings {
    serious: true column: "Date\033[31m" lines: [2, 3]
    message: "day and month cannot be told apart in 40 cells, such as 03/04/2024; they are read as words"
    flags: ["--dates Date=day-first", "--dates Date=month-first"]
  })";

TEST(WarningsText, ShowsSeriousOnesFirstWithTheFlagsThatChangeThem) {
  const auto report = Parsed<v1::CleaningReport>(kReport);
  EXPECT_EQ(
      WarningsText(report.warnings(), Wide()),
      "  warning: Date␛[31m: day and month cannot be told apart in 40 cells, such as 03/04/2024; they are read as "
      "words (lines 2 and 3)\n"
      "    to change it: --dates Date=day-first\n"
      "              or: --dates Date=month-first\n"
      "  note: Ad ID: names end in ID; left out\n"
      "    to change it: --include 'Ad ID'\n");
  EXPECT_THAT(SeriousWarningsText(report.warnings(), Wide()),
              AllOf(HasSubstr("  warning: Date"), HasSubstr("or: --dates Date=month-first\n"),
                    HasSubstr("  1 note on how the table is read: roicast inspect shows them\n"),
                    Not(HasSubstr("names end in ID"))));
  EXPECT_EQ(WarningsText({}, Wide()), "");
  EXPECT_EQ(SeriousWarningsText({}, Wide()), "");
}

TEST(WarningsText, SaysNothingTwice) {
  const auto report = Parsed<v1::CleaningReport>(R"(
    warnings { column: "Results" message: "\"Results\" is known only after a campaign" lines: 7 }
    warnings { column: "price" message: "1 of 60 cells is no number: \"n.a.\" in line 32" lines: 32 })");
  EXPECT_EQ(WarningsText(report.warnings(), Wide()),
            "  note: \"Results\" is known only after a campaign (line 7)\n"
            "  note: price: 1 of 60 cells is no number: \"n.a.\" in line 32\n");
}

TEST(WarningsText, PaintsSeriousOnesAndKeepsFlagsWhole) {
  Terminal terminal = Wide(30);
  terminal.colour = true;
  const std::string text = WarningsText(Parsed<v1::CleaningReport>(kReport).warnings(), terminal);
  EXPECT_THAT(text, AllOf(HasSubstr("\x1b[31m  warning: "), HasSubstr("\n    to change it: --dates Date=day-first\n"),
                          HasSubstr("\n    to change it: --include 'Ad ID'\n")));
}

TEST(ReportText, SaysWhichSettingsWereCompared) {
  v1::TrainingReport report;
  report.set_linear_r2(0.68932);
  for (const int64_t steps : {10'000, 40'000}) {
    v1::ComparedCapacity& compared = *report.add_compared();
    compared.set_steps(steps);
    compared.set_dropout(0.1);
    compared.set_weight_decay(0.03);
    compared.set_r2(0.94);
  }
  EXPECT_THAT(ReportText(report, Wide()),
              HasSubstr("  settings: 2 compared on rows that were not learnt from; no network was better than a linear "
                        "model (R² 0.6893, transformed)\n"));
  report.mutable_compared(1)->set_chosen(true);
  EXPECT_THAT(ReportText(report, Wide()),
              HasSubstr("  settings: 2 compared on rows that were not learnt from; 40,000 steps with dropout 0.1 and "
                        "weight decay 0.03 were best (R² 0.9400, transformed; a linear model: 0.6893)\n"));
  EXPECT_THAT(ReportText(v1::TrainingReport(), Wide()), Not(HasSubstr("settings")));
}

TEST(ReportText, SaysWhetherNumbersMayBend) {
  v1::TrainingReport report;
  EXPECT_THAT(ReportText(report, Wide()), Not(HasSubstr("numbers:")));
  report.mutable_number_encoding()->set_numbers(7);
  EXPECT_THAT(ReportText(report, Wide()),
              HasSubstr("\n  numbers: each enters as it is, without ramps between its quantiles\n"));
  report.mutable_number_encoding()->set_with_ramps(5);
  report.mutable_number_encoding()->set_ramps(36);
  EXPECT_THAT(ReportText(report, Wide()),
              HasSubstr("\n  numbers: 5 of 7 also enter as ramps between their quantiles, so that they may bend; 36 "
                        "ramps in all\n"));
}

TEST(ReportText, SaysWhatMoreSpendBrings) {
  v1::TrainingReport report;
  EXPECT_THAT(ReportText(report, Wide()), Not(HasSubstr("diminishing")));
  report.set_spend_elasticity(0.618);
  EXPECT_THAT(
      ReportText(report, Wide()),
      HasSubstr("\n  diminishing returns: 1 % more spend brings 0.62 % more revenue, for all campaigns and at all "
                "spends\n"));
}

v1::TrainingReport MeasuredReport() {
  v1::TrainingReport report;
  v1::MetricsWithBaseline& holdout = *report.mutable_holdout();
  holdout.mutable_model()->set_rows(600);
  holdout.mutable_model()->mutable_roi()->set_r2(-2.27);
  holdout.mutable_model()->mutable_transformed()->set_r2(0.33);
  holdout.set_first_metric_low(-4);
  holdout.set_first_metric_high(0.1);
  holdout.mutable_baseline()->set_rows(600);
  return report;
}

TEST(ReportText, BeginsWithWhatIsMeasuredAndWhatItMeans) {
  v1::TrainingReport report = MeasuredReport();
  report.set_conclusion("holds on new rows: R² 0.91");
  EXPECT_THAT(ReportText(report, Wide()),
              AllOf(StartsWith("Metrics of ROI\n  holds on new rows: R² 0.91\n"), HasSubstr("profitable: AUC")));
  report.mutable_target()->set_name("price");
  v1::ColumnReading& column = *report.mutable_cleaning()->mutable_reading()->add_columns();
  column.set_name("price");
  column.set_unit("EUR");
  const std::string text = ReportText(report, Wide());
  EXPECT_THAT(text, AllOf(StartsWith("Metrics of price (EUR)\n"), Not(HasSubstr("profitable"))));
  report.mutable_cleaning()
      ->mutable_reading()
      ->mutable_columns(report.cleaning().reading().columns_size() - 1)
      ->set_unit("%");
  EXPECT_THAT(ReportText(report, Wide()), StartsWith("Metrics of price (1 is 100 %)\n"));
  // The scale that flatters comes after the target's own.
  EXPECT_LT(text.find("-2.2700"), text.find("R², transformed"));
  EXPECT_THAT(text, AllOf(HasSubstr("90 % sure "), HasSubstr(" -4.0000 to 0.1000\n")));
}

TEST(ReportText, HasTheMetricsOfATwoValuedTarget) {
  v1::TrainingReport report = MeasuredReport();
  v1::ClassificationMetrics& classes = *report.mutable_holdout()->mutable_model()->mutable_two_valued();
  classes.set_auc(0.8461);
  classes.set_f1(0.5);
  report.mutable_target()->set_name("Churn");
  report.mutable_target()->set_positive_value("Yes");
  EXPECT_THAT(ReportText(report, Wide()),
              AllOf(StartsWith("Metrics of the probability of Churn = Yes\n"), HasSubstr("0.8461"), HasSubstr("F1"),
                    Not(HasSubstr("RMSE")), Not(HasSubstr("profitable"))));
}

TEST(ReportText, HasWhatASearchTriedAndWhatReductionsCost) {
  v1::TrainingReport report = MeasuredReport();
  v1::TriedModel& tried = *report.add_tried();
  tried.set_description("8 ramps, 64 → 32");
  tried.set_score(0.91234);
  tried.set_seconds(4.25);
  tried.set_share(0.6);
  v1::ReductionReport& reduction = *report.add_reductions();
  reduction.set_step("features selected");
  reduction.add_left_out("weekday");
  reduction.set_metric_before(0.91);
  reduction.set_metric_after(0.912);
  reduction.set_multiplications_before(12'000);
  reduction.set_multiplications_after(9'000);
  const std::string text = ReportText(report, Wide());
  EXPECT_THAT(text, AllOf(HasSubstr("8 ramps, 64 → 32"), HasSubstr("0.9123"), HasSubstr("4.2"), HasSubstr("60 %")));
  EXPECT_THAT(text, HasSubstr("  features selected (without weekday): R² 0.9120 on the holdout instead of 0.9100, "
                              "9,000 multiplications for a prediction instead of 12,000\n"));
}

TEST(ReportText, HasTheBestAndTheServingOnesOfManyThatWereTried) {
  v1::TrainingReport report = MeasuredReport();
  for (int i = 0; i < 110; ++i) {
    v1::TriedModel& tried = *report.add_tried();
    tried.set_description(absl::StrCat("candidate ", i));
    if (i == 0 || i == 50) tried.set_share(0.5);
  }
  EXPECT_THAT(ReportText(report, Wide()),
              AllOf(HasSubstr("candidate 19 "), HasSubstr("candidate 50 "), Not(HasSubstr("candidate 20 ")),
                    HasSubstr("  and 89 more; --json has all of them\n")));
}

TEST(ReportText, HasTheFoldsOfACrossValidation) {
  v1::TrainingReport report = MeasuredReport();
  for (const double value : {0.78, 0.83, 0.88}) report.mutable_cross_validation()->add_first_metric(value);
  EXPECT_THAT(ReportText(report, Wide()),
              HasSubstr("  cross-validation: R² 0.83 ± 0.05 over 3 folds (0.78 to 0.88)\n"));
  report.mutable_cross_validation()->clear_first_metric();
  for (const double value : {0.988, 0.998}) report.mutable_cross_validation()->add_first_metric(value);
  EXPECT_THAT(ReportText(report, Wide()), HasSubstr("R² 0.993 ± 0.007 over 2 folds (0.988 to 0.998)\n"));
  EXPECT_THAT(ReportText(MeasuredReport(), Wide()), Not(HasSubstr("cross-validation")));
}

TEST(ReportText, SaysWhatServesIfItLearntFromAllRows) {
  v1::TrainingReport report = MeasuredReport();
  report.set_refit_rows(3000);
  EXPECT_THAT(
      ReportText(report, Wide()),
      HasSubstr("  kept: a model that learnt from all 3,000 rows; the metrics are those of its twin, which had "
                "not seen the holdout\n"));
}

TEST(ReportText, HasTheReadingAndTheWarnings) {
  v1::TrainingReport report;
  *report.mutable_cleaning() = Parsed<v1::CleaningReport>(kReport);
  EXPECT_THAT(
      ReportText(report, Wide()),
      AllOf(HasSubstr("\nReading\nFile: UTF-8, commas, header on line 1, 40 rows\n"),
            HasSubstr("\nWarnings\n  warning: Date"), HasSubstr("\n  note: Ad ID: names end in ID; left out\n")));
  EXPECT_THAT(ReportText(v1::TrainingReport(), Wide()), AllOf(Not(HasSubstr("Reading")), Not(HasSubstr("Warnings"))));
}

}  // namespace
}  // namespace roicast::client

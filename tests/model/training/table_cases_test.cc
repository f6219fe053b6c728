// Tables as people have them, read and prepared without any flag, where they are present: see ROICAST_TEST_CASES.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "model/data/csv_table.h"
#include "model/training/preparation/prepared_data.h"
#include "tests/testing/case_file.h"

namespace roicast {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

struct PreparedCase {
  CsvTable csv;
  PreparedData data;
};

PreparedCase Prepare(const std::string& name, const TrainingSpec& spec = SpecFromPreset(Preset::kCompact)) {
  CsvTableOptions options;
  options.kinds = KnownKinds(spec);
  absl::StatusOr<CsvTable> csv = ReadCsvFile(testing::CaseFile(name), options);
  EXPECT_TRUE(csv.ok()) << csv.status();
  if (!csv.ok()) return {};
  absl::StatusOr<PreparedData> data = PrepareData(*csv, spec, nullptr);
  EXPECT_TRUE(data.ok()) << data.status();
  return {*std::move(csv), data.ok() ? *std::move(data) : PreparedData()};
}

// Equal schema, cells, targets and parts.
void ExpectTwins(const PreparedCase& a, const PreparedCase& b) {
  EXPECT_EQ(a.data.schema.Names(), b.data.schema.Names());
  EXPECT_EQ(a.data.schema.Digest(), b.data.schema.Digest());
  EXPECT_EQ(a.data.split.train, b.data.split.train);
  EXPECT_EQ(a.data.split.holdout, b.data.split.holdout);
  ASSERT_EQ(a.data.roi.size(), b.data.roi.size());
  for (size_t row = 0; row < a.data.roi.size(); ++row) {
    if (std::isnan(a.data.roi[row]) && std::isnan(b.data.roi[row])) continue;
    ASSERT_EQ(a.data.roi[row], b.data.roi[row]) << row;
  }
  for (size_t i = 0; i < b.data.features.columns().size(); ++i) {
    const Column& x = a.data.features.columns()[i];
    const Column& y = b.data.features.columns()[i];
    EXPECT_EQ(x.dictionary, y.dictionary);
    EXPECT_EQ(x.codes, y.codes);
    ASSERT_EQ(x.numbers.size(), y.numbers.size());
    for (size_t row = 0; row < x.numbers.size(); ++row) {
      if (std::isnan(x.numbers[row]) && std::isnan(y.numbers[row])) continue;
      ASSERT_EQ(x.numbers[row], y.numbers[row]) << x.name;
    }
  }
}

int64_t RowsDropped(const PreparedCase& prepared, const std::string& reason) {
  for (const DroppedRows& dropped : prepared.data.report.dropped) {
    if (dropped.reason == reason) return dropped.rows;
  }
  return 0;
}

std::string LeftOutReason(const PreparedCase& prepared, const std::string& column) {
  for (const LeftOutColumn& left_out : prepared.data.report.left_out) {
    if (left_out.column == column) return left_out.reason;
  }
  return "";
}

// The flags of all warnings about the column.
std::vector<std::string> FlagsOf(const PreparedCase& prepared, const std::string& column) {
  std::vector<std::string> flags;
  for (const DataWarning& warning : prepared.data.report.warnings) {
    if (warning.column == column) flags.insert(flags.end(), warning.flags.begin(), warning.flags.end());
  }
  return flags;
}

FeatureKind KindIn(const PreparedCase& prepared, const std::string& column) {
  const Column* found = prepared.csv.table.Find(column);
  EXPECT_NE(found, nullptr) << column;
  return found == nullptr ? FeatureKind::kCategorical : found->kind;
}

TEST(TableCases, ThousandsAreThoseOfTheTwin) {
  ROICAST_SKIP_WITHOUT_CASE("thousands");
  const PreparedCase prepared = Prepare("thousands");
  EXPECT_EQ(prepared.csv.table.rows(), 400);
  EXPECT_EQ(prepared.data.report.rows_used, 400);
  ExpectTwins(prepared, Prepare("thousands_twin"));
}

TEST(TableCases, EuropeanNumbersDatesAndEncodings) {
  ROICAST_SKIP_WITHOUT_CASE("european");
  const PreparedCase prepared = Prepare("european");
  EXPECT_EQ(prepared.data.target.spend_column, "D\xC3\xA9pense");
  EXPECT_EQ(prepared.data.target.revenue_column, "Revenu");
  EXPECT_EQ(KindIn(prepared, "Date"), FeatureKind::kTime);
  EXPECT_EQ(prepared.csv.table.Find("Taux de clic")->numbers[0], 0.031);
  EXPECT_EQ(prepared.csv.table.Find("D\xC3\xA9pense")->numbers[0], 350.1);
  EXPECT_EQ(prepared.csv.reading->file.encoding, Encoding::kUtf8);
  const PreparedCase other = Prepare("european_cp1252");
  EXPECT_EQ(other.csv.reading->file.encoding, Encoding::kWindows1252);
  EXPECT_EQ(other.csv.reading->file.line_end, LineEnd::kCrLf);
  ExpectTwins(other, prepared);
}

TEST(TableCases, WholeEurosAreThoseOfTheTwin) {
  ROICAST_SKIP_WITHOUT_CASE("whole_euros");
  ExpectTwins(Prepare("whole_euros"), Prepare("whole_euros_twin"));
}

TEST(TableCases, AnExportOfAdsLeavesIdsAndOutcomesOut) {
  ROICAST_SKIP_WITHOUT_CASE("meta_export");
  const PreparedCase prepared = Prepare("meta_export");
  EXPECT_EQ(prepared.data.target.spend_column, "Amount spent (USD)");
  EXPECT_EQ(prepared.data.target.revenue_column, "Purchases conversion value");
  EXPECT_EQ(KindIn(prepared, "Campaign ID"), FeatureKind::kCategorical);
  EXPECT_EQ(KindIn(prepared, "Ad set ID"), FeatureKind::kCategorical);
  for (const char* name : {"Results", "Cost per results", "Purchase ROAS (return on ad spend)"}) {
    EXPECT_EQ(LeftOutReason(prepared, name), "outcome") << name;
  }
  EXPECT_THAT(FlagsOf(prepared, "Purchase ROAS (return on ad spend)"),
              Contains("--include 'Purchase ROAS (return on ad spend)'"));
  EXPECT_EQ(RowsDropped(prepared, "missing target"), 17);
  EXPECT_THAT(FlagsOf(prepared, "Purchases conversion value"), Contains("--blank-revenue zero"));
  TrainingSpec spec = SpecFromPreset(Preset::kCompact);
  spec.target.blank_revenue = BlankRevenue::kZero;
  EXPECT_EQ(Prepare("meta_export", spec).data.report.rows_used, 400);
}

TEST(TableCases, FrequentWordsThatMeanMissingElsewhereAreWords) {
  ROICAST_SKIP_WITHOUT_CASE("region_na");
  const PreparedCase prepared = Prepare("region_na");
  EXPECT_THAT(prepared.csv.table.Find("region")->dictionary, Contains("NA"));
  EXPECT_THAT(prepared.csv.table.Find("promo")->dictionary, Contains("None"));
}

TEST(TableCases, OneBadCellIsMissingAndNamed) {
  ROICAST_SKIP_WITHOUT_CASE("one_bad_cell");
  const PreparedCase prepared = Prepare("one_bad_cell");
  EXPECT_EQ(KindIn(prepared, "price"), FeatureKind::kNumeric);
  ASSERT_EQ(prepared.csv.issue_count, 1);
  EXPECT_THAT(prepared.csv.issues[0].message, HasSubstr("\"price\": expected a number, got \"n.a.\""));
  const PreparedCase twin = Prepare("one_bad_cell_twin");
  EXPECT_EQ(prepared.data.schema.Names(), twin.data.schema.Names());
  EXPECT_EQ(prepared.data.roi, twin.data.roi);
}

TEST(TableCases, ErrorsOfSpreadsheetsAreMissing) {
  ROICAST_SKIP_WITHOUT_CASE("div0_roi");
  const PreparedCase prepared = Prepare("div0_roi");
  EXPECT_EQ(prepared.data.target.column, "ROI");
  EXPECT_EQ(prepared.csv.issue_count, 0);
  EXPECT_EQ(RowsDropped(prepared, "missing target") + RowsDropped(prepared, "spend not positive"), 33);
  EXPECT_EQ(prepared.data.report.rows_used, 367);
}

TEST(TableCases, IdsAndCodesAreWords) {
  ROICAST_SKIP_WITHOUT_CASE("ids_zip");
  const PreparedCase prepared = Prepare("ids_zip");
  EXPECT_EQ(KindIn(prepared, "Campaign ID"), FeatureKind::kCategorical);
  EXPECT_EQ(KindIn(prepared, "zip"), FeatureKind::kCategorical);
  EXPECT_THAT(prepared.csv.table.Find("zip")->dictionary, IsSupersetOf({"00501", "00504"}));
}

TEST(TableCases, DatesOfAllSpellingsAreThoseOfTheTwin) {
  ROICAST_SKIP_WITHOUT_CASE("dates_twin");
  const PreparedCase twin = Prepare("dates_twin");
  EXPECT_EQ(KindIn(twin, "start"), FeatureKind::kTime);
  ExpectTwins(Prepare("dates_dmy"), twin);
  ExpectTwins(Prepare("dates_words"), twin);
}

TEST(TableCases, NumbersOfAllSpellingsAreNumbers) {
  ROICAST_SKIP_WITHOUT_CASE("number_spellings");
  const PreparedCase prepared = Prepare("number_spellings");
  const auto second = [&](const char* name) { return prepared.csv.table.Find(name)->numbers[1]; };
  EXPECT_EQ(second("budget"), 1458.7);
  EXPECT_EQ(second("ctr"), 0.047);
  EXPECT_EQ(prepared.csv.table.Find("adjustment")->numbers[2], -158.33);
  EXPECT_EQ(prepared.csv.table.Find("unicode_minus")->numbers[2], -158.33);
  EXPECT_EQ(prepared.csv.table.Find("trailing_minus")->numbers[2], -1583.25);
  EXPECT_EQ(second("reach"), 99000.0);
  EXPECT_EQ(second("duration"), 11.0);
  EXPECT_EQ(prepared.csv.ReadingOf("duration")->form.unit, "days");
  EXPECT_EQ(prepared.data.target.spend_column, "spend");
}

TEST(TableCases, RowsWithoutSpendAreDroppedAndLossesBeyondItKept) {
  ROICAST_SKIP_WITHOUT_CASE("zero_negative");
  const PreparedCase prepared = Prepare("zero_negative");
  EXPECT_EQ(RowsDropped(prepared, "spend not positive"), 120);
  EXPECT_EQ(prepared.data.report.rows_used, 280);
  EXPECT_THAT(prepared.data.report.warnings,
              Contains(::testing::Field(&DataWarning::message, HasSubstr("have an ROI below −1"))));
}

TEST(TableCases, PureNoiseIsReadWithItsRates) {
  ROICAST_SKIP_WITHOUT_CASE("pure_noise");
  const PreparedCase prepared = Prepare("pure_noise");
  EXPECT_EQ(prepared.csv.table.rows(), 2200);
  EXPECT_EQ(prepared.data.target.column, "roi");
  EXPECT_EQ(LeftOutReason(prepared, "conversion_rate"), "outcome");
}

}  // namespace
}  // namespace roicast

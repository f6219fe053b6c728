// The columns of the sample tables, read as a person would.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "base/tables/column_evidence.h"
#include "base/tables/table_reader.h"
#include "tests/testing/case_file.h"

namespace roicast {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

struct Sample {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;
  std::map<std::string, ColumnReading> columns;

  // Row by row; nullopt where the form reads nothing.
  std::vector<std::optional<double>> Numbers(const std::string& name) const {
    std::vector<std::optional<double>> numbers;
    for (const std::string& cell : Column(name)) numbers.push_back(ParseNumber(cell, columns.at(name).form.number));
    return numbers;
  }
  std::vector<std::optional<int64_t>> Times(const std::string& name) const {
    std::vector<std::optional<int64_t>> times;
    for (const std::string& cell : Column(name)) times.push_back(ParseTime(cell, columns.at(name).form.time));
    return times;
  }
  std::vector<std::string> Column(const std::string& name) const {
    const size_t column = static_cast<size_t>(std::find(names.begin(), names.end(), name) - names.begin());
    std::vector<std::string> cells;
    for (const std::vector<std::string>& row : rows) cells.push_back(row.at(column));
    return cells;
  }
};

Sample Read(const std::string& name) {
  std::ifstream file(testing::CaseFile(name), std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  Sample sample;
  const TableOptions options;
  std::vector<ColumnEvidence> evidence;
  TableReader::Events events;
  events.on_header = [&](const FileForm&, const std::vector<std::string>& names) {
    sample.names = names;
    for (size_t i = 0; i < names.size(); ++i) evidence.emplace_back(&options.missing);
    return absl::OkStatus();
  };
  events.on_row = [&](const TableRow& row) {
    for (size_t i = 0; i < row.cells.size(); ++i) evidence[i].Add(row.cells[i], row.line);
    sample.rows.emplace_back(row.cells.begin(), row.cells.end());
    return absl::OkStatus();
  };
  TableReader reader(FileOptions(), events);
  EXPECT_TRUE(reader.Feed(bytes.str()).ok());
  EXPECT_TRUE(reader.Finish().ok());
  const auto readings = DecideColumns(evidence, sample.names, reader.form(), options);
  EXPECT_TRUE(readings.ok()) << readings.status();
  for (size_t i = 0; i < sample.names.size(); ++i) sample.columns[sample.names[i]] = (*readings)[i];
  return sample;
}

TEST(SampleColumns, ThousandsAreTheNumbersOfTheirTwin) {
  ROICAST_SKIP_WITHOUT_CASE("thousands");
  const Sample sample = Read("thousands"), twin = Read("thousands_twin");
  for (const char* column : {"Spend", "Revenue", "Clicks"}) {
    EXPECT_EQ(sample.columns.at(column).form.kind, ColumnKind::kNumber) << column;
    EXPECT_EQ(sample.columns.at(column).unread, 0) << column;
    EXPECT_FALSE(sample.columns.at(column).ambiguous) << column;
    EXPECT_EQ(sample.Numbers(column), twin.Numbers(column)) << column;
  }
  EXPECT_EQ(sample.columns.at("Spend").form.number.grouping, Grouping::kComma);
}

TEST(SampleColumns, WholeEurosAreTheNumbersOfTheirTwinWithAWarning) {
  ROICAST_SKIP_WITHOUT_CASE("whole_euros");
  const Sample sample = Read("whole_euros"), twin = Read("whole_euros_twin");
  for (const char* column : {"spend", "revenue"}) {
    EXPECT_EQ(sample.Numbers(column), twin.Numbers(column)) << column;
    EXPECT_TRUE(sample.columns.at(column).ambiguous) << column;
    EXPECT_THAT(
        sample.columns.at(column).notes,
        ElementsAre(AllOf(Field(&TableNote::warning, true),
                          Field(&TableNote::flags, ElementsAre("--decimal " + std::string(column) + "=point")))));
  }
}

TEST(SampleColumns, EuropeanFilesHaveDecimalCommasAndDaysFirst) {
  for (const char* name : {"european", "european_cp1252"}) {
    ROICAST_SKIP_WITHOUT_CASE(name);
    const Sample sample = Read(name);
    EXPECT_EQ(sample.Numbers("D\u00e9pense")[0], 350.1) << name;
    EXPECT_EQ(sample.Numbers("Revenu")[1], 1823.38) << name;
    EXPECT_EQ(sample.Numbers("Taux de clic")[0], 0.031) << name;
    EXPECT_EQ(sample.columns.at("Taux de clic").form.unit, "%");
    EXPECT_EQ(sample.columns.at("Date").form.time, TimeFormat::kDayFirst);
    EXPECT_EQ(sample.Times("Date")[0], 1725926400);
    for (const auto& [column, reading] : sample.columns) EXPECT_EQ(reading.unread, 0) << column;
  }
}

TEST(SampleColumns, DatesAreThoseOfTheirTwin) {
  ROICAST_SKIP_WITHOUT_CASE("dates_twin");
  const std::vector<std::optional<int64_t>> twin = Read("dates_twin").Times("start");
  for (const char* name : {"dates_dmy", "dates_words"}) {
    const Sample sample = Read(name);
    EXPECT_EQ(sample.columns.at("start").form.kind, ColumnKind::kTime) << name;
    EXPECT_EQ(sample.Times("start"), twin) << name;
  }
}

TEST(SampleColumns, EverySpellingOfNumbersIsRead) {
  ROICAST_SKIP_WITHOUT_CASE("number_spellings");
  const Sample sample = Read("number_spellings");
  for (const char* column : {"budget", "ctr", "adjustment", "unicode_minus", "trailing_minus", "reach", "duration"}) {
    EXPECT_EQ(sample.columns.at(column).form.kind, ColumnKind::kNumber) << column;
    EXPECT_EQ(sample.columns.at(column).unread, 0) << column;
    EXPECT_FALSE(sample.columns.at(column).ambiguous) << column;
  }
  EXPECT_EQ(sample.Numbers("budget")[1], 1458.7);
  EXPECT_EQ(sample.Numbers("ctr")[0], 0.031);
  EXPECT_EQ(sample.Numbers("adjustment")[2], -158.33);
  EXPECT_EQ(sample.Numbers("adjustment"), sample.Numbers("unicode_minus"));
  EXPECT_EQ(sample.Numbers("trailing_minus")[2], -1583.25);
  EXPECT_EQ(sample.Numbers("reach")[0], 899000);
  EXPECT_EQ(sample.Numbers("duration")[0], 10);
  EXPECT_EQ(sample.columns.at("duration").form.unit, "days");
  EXPECT_EQ(sample.columns.at("budget").form.unit, "$");
}

TEST(SampleColumns, OneBadCellIsNamedByItsLine) {
  ROICAST_SKIP_WITHOUT_CASE("one_bad_cell");
  const ColumnReading price = Read("one_bad_cell").columns.at("price");
  EXPECT_EQ(price.form.kind, ColumnKind::kNumber);
  EXPECT_EQ(price.unread, 1);
  ASSERT_EQ(price.unread_examples.size(), 1U);
  EXPECT_EQ(price.unread_examples[0].second, "n.a.");
  EXPECT_THAT(price.notes, Contains(Field(&TableNote::lines, ElementsAre(price.unread_examples[0].first))));
}

TEST(SampleColumns, DivisionsByZeroAreMissing) {
  ROICAST_SKIP_WITHOUT_CASE("div0_roi");
  const ColumnReading roi = Read("div0_roi").columns.at("ROI");
  EXPECT_EQ(roi.form.kind, ColumnKind::kNumber);
  EXPECT_EQ(roi.present, 367);
  EXPECT_EQ(roi.missing, 33);
  EXPECT_EQ(roi.unread, 0);
}

TEST(SampleColumns, FrequentWordsThatMeanMissingAreWords) {
  ROICAST_SKIP_WITHOUT_CASE("region_na");
  const Sample sample = Read("region_na");
  EXPECT_THAT(sample.columns.at("region").frequent_missing_words, ElementsAre("NA"));
  EXPECT_THAT(sample.columns.at("promo").frequent_missing_words, ElementsAre("None"));
  EXPECT_EQ(sample.columns.at("region").missing, 0);
  EXPECT_THAT(sample.columns.at("region").notes, ElementsAre(Field(&TableNote::warning, true)));
}

TEST(SampleColumns, IdentifiersAreWords) {
  ROICAST_SKIP_WITHOUT_CASE("meta_export");
  const Sample meta = Read("meta_export");
  EXPECT_EQ(meta.columns.at("Campaign ID").form.kind, ColumnKind::kWords);
  EXPECT_EQ(meta.columns.at("Ad set ID").form.kind, ColumnKind::kWords);
  EXPECT_EQ(meta.columns.at("Day").form.kind, ColumnKind::kTime);
  EXPECT_EQ(meta.columns.at("Amount spent (USD)").form.kind, ColumnKind::kNumber);
  EXPECT_EQ(meta.columns.at("Purchases conversion value").missing, 17);
  EXPECT_EQ(Read("ids_zip").columns.at("zip").form.kind, ColumnKind::kWords);
}

// Files of plain numbers cause no note.
TEST(SampleColumns, PlainFilesNeedNoNotes) {
  for (const char* name : {"thousands_twin", "whole_euros_twin", "dates_twin", "one_cent", "zero_negative",
                           "pure_noise", "tier_int", "copies_with_ids", "one_bad_cell_twin"}) {
    ROICAST_SKIP_WITHOUT_CASE(name);
    for (const auto& [column, reading] : Read(name).columns) {
      EXPECT_THAT(reading.notes, IsEmpty()) << name << " " << column << ": " << reading.notes[0].message;
    }
  }
}

}  // namespace
}  // namespace roicast

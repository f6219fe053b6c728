#include "client/scoring/row_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "client/scoring/column_options.h"
#include "tests/client/fake_server.h"

namespace roicast::client {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

// A column of the table, and how it is written.
struct Written {
  std::string name;
  ColumnForm form = {};
};

RowEncoder Make(const std::vector<Written>& header, const std::vector<std::string>& missing = {}) {
  TableReading table;
  for (const Written& column : header) {
    table.names.push_back(column.name);
    table.columns.emplace_back().form = column.form;
  }
  const v1::Model model = testing::FakeServer::SmallModel();
  const auto columns = BindFeatures(model, table, {});
  EXPECT_TRUE(columns.ok()) << columns.status();
  return RowEncoder(model.schema(), *columns, MissingSpellings(missing));
}

std::vector<float> Encode(const RowEncoder& encoder, const std::vector<absl::string_view>& cells) {
  std::vector<float> row(encoder.features(), -1);
  const absl::Status status = encoder.Encode(cells, row.data());
  EXPECT_TRUE(status.ok()) << status;
  return row;
}

ColumnForm DecimalComma() {
  ColumnForm form;
  form.kind = ColumnKind::kNumber;
  form.number.decimal_mark = ',';
  form.number.grouping = Grouping::kDot;
  return form;
}

ColumnForm Thousands() {
  ColumnForm form;
  form.kind = ColumnKind::kNumber;
  form.number.grouping = Grouping::kComma;
  return form;
}

ColumnForm DayFirst() {
  ColumnForm form;
  form.kind = ColumnKind::kTime;
  form.time = TimeFormat::kDayFirst;
  return form;
}

TEST(RowEncoder, PutsCellsInSchemaOrder) {
  const RowEncoder encoder = Make({{"start"}, {"note"}, {"channel"}, {"price"}, {"spend"}});
  EXPECT_THAT(Encode(encoder, {"1970-01-02T05:30:00Z", "hello", "social", " 9.5 ", "100"}),
              ElementsAre(100.0f, 9.5f, 1.0f, 29.0f));
}

TEST(RowEncoder, ReadsEachColumnInItsForm) {
  const RowEncoder encoder =
      Make({{"spend", DecimalComma()}, {"price", Thousands()}, {"channel"}, {"start", DayFirst()}});
  EXPECT_THAT(Encode(encoder, {"1.326,50 €", "1,326.5", "search", "02/01/1970"}),
              ElementsAre(1326.5f, 1326.5f, 0.0f, 24.0f));
}

TEST(RowEncoder, MissingCellsAreNanAndUnknownWordsTheCodeAfterTheLast) {
  const RowEncoder encoder = Make({{"spend"}, {"channel"}});
  const std::vector<float> row = Encode(encoder, {"NA", "Search"});
  EXPECT_TRUE(std::isnan(row[0]));
  EXPECT_TRUE(std::isnan(row[1]));
  EXPECT_EQ(row[2], 2.0f);
  EXPECT_TRUE(std::isnan(row[3]));
  std::vector<std::pair<size_t, size_t>> unseen;
  encoder.ForEachUnseen(row.data(), [&](size_t feature, size_t column) { unseen.emplace_back(feature, column); });
  EXPECT_THAT(unseen, ElementsAre(Pair(2, 1)));
  EXPECT_EQ(encoder.NearestWord(2, "Search"), "search");
}

TEST(RowEncoder, GivenMissingSpellingsMayBeNumbers) {
  const RowEncoder encoder = Make({{"spend"}, {"price"}}, {"-999"});
  const std::vector<float> row = Encode(encoder, {"-999", "-998"});
  EXPECT_TRUE(std::isnan(row[0]));
  EXPECT_EQ(row[1], -998.0f);
}

TEST(MissingOf, AddsWhatTheModelsOwnTableSaid) {
  v1::Model model;
  model.mutable_report()->mutable_cleaning()->mutable_reading()->add_missing_values("unknown");
  const MissingSpellings missing = MissingOf(model, {"?"});
  for (const char* cell : {"unknown", "?", "NA"}) EXPECT_TRUE(missing.Matches(cell)) << cell;
  EXPECT_FALSE(MissingOf(v1::Model(), {"?"}).Matches("unknown"));
}

TEST(RowEncoder, NamesColumnExpectedAndActual) {
  const RowEncoder encoder = Make({{"spend"}, {"start"}});
  std::vector<float> row(4);
  const auto encode = [&](std::vector<absl::string_view> cells) { return encoder.Encode(cells, row.data()); };
  EXPECT_EQ(encode({"much", "2025-01-01"}),
            absl::InvalidArgumentError("column 1 \"spend\": expected a number, got \"much\""));
  EXPECT_EQ(encode({"1", "yesterday"}),
            absl::InvalidArgumentError(
                "column 2 \"start\": expected a time such as 2025-03-01T12:00:00Z, got \"yesterday\""));
  EXPECT_EQ(encode({"1e300", ""}), absl::InvalidArgumentError("column 1 \"spend\": expected a number, got \"1e300\""));
}

}  // namespace
}  // namespace roicast::client

#include "client/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/client/fake_server.h"

namespace roicast::client {
namespace {

using ::testing::ElementsAre;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Table Small() {
  Table table;
  EXPECT_TRUE(table.Add("spend", Table::Numbers{100, kNan, 2.5}).ok());
  EXPECT_TRUE(table.Add("channel", Table::Words{"social", "", "social"}).ok());
  EXPECT_TRUE(table.Add("start", Table::Times{3600, Table::kMissingTime, 7201}).ok());
  return table;
}

TEST(Table, BecomesColumnsWithDictionaries) {
  const v1::Columns columns = Small().ToColumns();
  ASSERT_EQ(columns.columns_size(), 3);
  EXPECT_EQ(columns.columns(0).name(), "spend");
  EXPECT_EQ(columns.columns(0).doubles().values(2), 2.5);
  EXPECT_TRUE(std::isnan(columns.columns(0).doubles().values(1)));
  EXPECT_THAT(columns.columns(1).categories().dictionary(), ElementsAre("social"));
  EXPECT_THAT(columns.columns(1).categories().codes(), ElementsAre(0, -1, 0));
  EXPECT_THAT(columns.columns(2).times().unix_seconds(), ElementsAre(3600, INT64_MIN, 7201));
}

TEST(Table, BecomesAMatrixInSchemaOrder) {
  const absl::StatusOr<v1::DenseMatrix> matrix = Small().ToMatrix(testing::FakeServer::SmallModel().schema());
  ASSERT_TRUE(matrix.ok()) << matrix.status();
  EXPECT_EQ(matrix->rows(), 3);
  EXPECT_EQ(matrix->schema_digest(), "digest-of-the-schema");
  ASSERT_EQ(matrix->values_size(), 12);
  EXPECT_EQ(matrix->values(0), 100.0f);
  EXPECT_TRUE(std::isnan(matrix->values(1)));
  EXPECT_EQ(matrix->values(2), 1.0f);
  EXPECT_EQ(matrix->values(3), 1.0f);
  for (int i = 4; i < 8; ++i) EXPECT_TRUE(std::isnan(matrix->values(i))) << i;
  EXPECT_EQ(matrix->values(11), 2.0f);
}

TEST(Table, RefusesWhatDoesNotFit) {
  Table table = Small();
  EXPECT_EQ(table.Add("price", Table::Numbers{1}), absl::InvalidArgumentError("\"price\": expected 3 values, got 1"));
  EXPECT_EQ(table.Add("spend", Table::Numbers{1, 2, 3}), absl::InvalidArgumentError("\"spend\": added twice"));
  Table foreign;
  ASSERT_TRUE(foreign.Add("spends", Table::Numbers{1}).ok());
  EXPECT_EQ(foreign.ToMatrix(testing::FakeServer::SmallModel().schema()).status(),
            absl::InvalidArgumentError("\"spends\": no feature of the schema"));
  Table wrong_kind;
  ASSERT_TRUE(wrong_kind.Add("spend", Table::Words{"a"}).ok());
  EXPECT_EQ(wrong_kind.ToMatrix(testing::FakeServer::SmallModel().schema()).status(),
            absl::InvalidArgumentError("\"spend\": expected FEATURE_KIND_NUMERIC, got FEATURE_KIND_CATEGORICAL"));
}

TEST(Table, ComesFromCsvAndGoesToCsv) {
  const absl::StatusOr<Table> table =
      Table::FromCsv("note,spend,channel,start\nx,100,social,1970-01-01T01:00:00Z\ny,,,NA\n",
                     testing::FakeServer::SmallModel().schema());
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->rows(), 2);
  EXPECT_EQ(table->ToCsv(), "spend,channel,start\n100,social,1970-01-01T01:00:00Z\n,,\n");
}

TEST(Table, NamesLineAndColumnOfABadCell) {
  EXPECT_EQ(Table::FromCsv("price,spend\n1,2\n3,four\n", testing::FakeServer::SmallModel().schema()).status(),
            absl::InvalidArgumentError("line 3, column 2: \"spend\": expected a number, got \"four\""));
  EXPECT_EQ(Table::FromCsv("price,spend\n1\n", testing::FakeServer::SmallModel().schema()).status(),
            absl::InvalidArgumentError("line 2: expected 2 cells, got 1"));
}

}  // namespace
}  // namespace roicast::client

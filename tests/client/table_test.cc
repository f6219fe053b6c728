#include "client/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "tests/client/fake_server.h"

namespace roicast::client {
namespace {

using ::testing::ElementsAre;

absl::StatusOr<Table> Read(const std::string& csv) {
  return Table::FromCsv(csv, testing::FakeServer::SmallModel().schema());
}

TEST(Table, BecomesColumnsWithDictionaries) {
  const absl::StatusOr<Table> table =
      Read("note,spend,channel,start\nx,100,social,1970-01-01T01:00:00Z\ny,,,NA\nz,2.5,social,1970-01-01T02:00:01Z\n");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->rows(), 3);
  const v1::Columns columns = table->ToColumns();
  ASSERT_EQ(columns.columns_size(), 3);
  EXPECT_EQ(columns.columns(0).name(), "spend");
  EXPECT_EQ(columns.columns(0).doubles().values(2), 2.5);
  EXPECT_TRUE(std::isnan(columns.columns(0).doubles().values(1)));
  EXPECT_THAT(columns.columns(1).categories().dictionary(), ElementsAre("social"));
  EXPECT_THAT(columns.columns(1).categories().codes(), ElementsAre(0, -1, 0));
  EXPECT_THAT(columns.columns(2).times().unix_seconds(), ElementsAre(3600, INT64_MIN, 7201));
}

TEST(Table, NamesLineAndColumnOfABadCell) {
  EXPECT_EQ(Read("price,spend\n1,2\n3,four\n").status(),
            absl::InvalidArgumentError("line 3, column 2: \"spend\": expected a number, got \"four\""));
  EXPECT_EQ(Read("price,spend\n1\n").status(), absl::InvalidArgumentError("line 2: expected 2 cells, got 1"));
}

}  // namespace
}  // namespace roicast::client

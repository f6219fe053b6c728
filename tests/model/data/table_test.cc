#include "model/data/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace roicast {
namespace {

using ::testing::ElementsAre;

Column Numbers(std::string name, std::vector<double> numbers) {
  Column column;
  column.name = std::move(name);
  column.numbers = std::move(numbers);
  return column;
}

TEST(Table, RefusesASecondColumnOfTheSameName) {
  Table table;
  ASSERT_TRUE(table.AddColumn(Numbers("price", {1, 2})).ok());
  const absl::Status status = table.AddColumn(Numbers("price", {3, 4}));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "columns[1]: expected a new name, got \"price\" again");
}

TEST(Table, RefusesAColumnOfAnotherLength) {
  Table table;
  ASSERT_TRUE(table.AddColumn(Numbers("price", {1, 2})).ok());
  const absl::Status status = table.AddColumn(Numbers("spend", {3}));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "columns[1] \"spend\": expected 2 values, got 1");
}

TEST(Table, FindsColumnsByName) {
  Table table;
  ASSERT_TRUE(table.AddColumn(Numbers("a", {1})).ok());
  ASSERT_TRUE(table.AddColumn(Numbers("b", {2})).ok());
  EXPECT_EQ(table.IndexOf("b"), 1);
  EXPECT_EQ(table.IndexOf("c"), -1);
  EXPECT_EQ(table.Find("a")->numbers[0], 1);
  EXPECT_EQ(table.Find("c"), nullptr);
}

TEST(Table, SelectsRowsInTheOrderGiven) {
  Table table;
  ASSERT_TRUE(table.AddColumn(Numbers("a", {10, 11, 12})).ok());
  Column channel;
  channel.name = "channel";
  channel.kind = FeatureKind::kCategorical;
  channel.codes = {0, kMissingCode, 1};
  channel.dictionary = {"search", "social"};
  ASSERT_TRUE(table.AddColumn(channel).ok());

  const Table selected = table.Select({2, 1, 2});
  EXPECT_EQ(selected.rows(), 3);
  EXPECT_THAT(selected.Find("a")->numbers, ElementsAre(12, 11, 12));
  EXPECT_THAT(selected.Find("channel")->codes, ElementsAre(1, kMissingCode, 1));
  EXPECT_THAT(selected.Find("channel")->dictionary, ElementsAre("search", "social"));
}

TEST(Column, KnowsMissingCellsOfEachKind) {
  Column column = Numbers("a", {1, NAN});
  EXPECT_FALSE(column.IsMissing(0));
  EXPECT_TRUE(column.IsMissing(1));
  column.kind = FeatureKind::kCategorical;
  column.codes = {kMissingCode, 0};
  EXPECT_TRUE(column.IsMissing(0));
  EXPECT_FALSE(column.IsMissing(1));
}

}  // namespace
}  // namespace roicast

#include "model/data/copies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "tests/model/data/read_csv.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;

TEST(WithoutDuplicates, KeepsTheFirstOfEqualRowsIncludingMissingCells) {
  const CsvTable csv = ReadCsvOrFail("x,c\n1,a\n1,b\n1.0,a\nNA,NA\n0,a\nNA,NA\n-0.0,a\n");
  EXPECT_THAT(WithoutDuplicates(csv.table, AllRows(csv.table)), ElementsAre(0, 1, 3, 4));
  EXPECT_THAT(WithoutDuplicates(csv.table, {2, 5, 6}), ElementsAre(2, 5, 6));
}

TEST(FirstEqualRows, PointsToTheFirstOfTheGivenRows) {
  const CsvTable csv = ReadCsvOrFail("x,c\n1,a\n1,b\n1,a\n2,a\n1,a\n");
  EXPECT_THAT(FirstEqualRows(csv.table, AllRows(csv.table), RowPrecision::kExact), ElementsAre(0, 1, 0, 3, 0));
  EXPECT_THAT(FirstEqualRows(csv.table, {1, 2, 4}, RowPrecision::kExact), ElementsAre(-1, 1, 2, -1, 2));
}

TEST(FirstEqualRows, ComparesNumbersAndTimesAsTheModelSeesThemOnRequest) {
  // 16777217 needs 25 bits; a second is lost in half a million hours.
  const CsvTable csv =
      ReadCsvOrFail("x,t\n16777216,2024-05-01T10:00:00\n16777217,2024-05-01T10:00:01\n16777216,2024-05-01T11:00:00\n");
  EXPECT_THAT(FirstEqualRows(csv.table, {0, 1, 2}, RowPrecision::kExact), ElementsAre(0, 1, 2));
  EXPECT_THAT(FirstEqualRows(csv.table, {0, 1, 2}, RowPrecision::kModelInput), ElementsAre(0, 0, 2));
}

TEST(FirstEqualRows, AgreesWithComparingAllPairs) {
  Random random(3);
  std::string text = "a,b,c,d\n";
  for (int i = 0; i < 400; ++i) {
    absl::StrAppend(&text, random.Below(3), ",", random.Below(3), ".5,", random.Below(4) ? "x" : "NA", ",",
                    random.Below(5) ? "u" : "v", random.Below(2), "\n");
  }
  const Table table = ReadCsvOrFail(text).table;
  const auto equal = [&](int64_t i, int64_t k) {
    for (const Column& column : table.columns()) {
      if (column.IsMissing(i) || column.IsMissing(k)) {
        if (column.IsMissing(i) != column.IsMissing(k)) return false;
      } else if (column.kind == FeatureKind::kCategorical ? column.codes[i] != column.codes[k]
                                                          : column.numbers[i] != column.numbers[k]) {
        return false;
      }
    }
    return true;
  };
  std::vector<int64_t> expected;
  for (int64_t i = 0; i < table.rows(); ++i) {
    int64_t first = 0;
    while (!equal(first, i)) ++first;
    expected.push_back(first);
  }
  EXPECT_EQ(FirstEqualRows(table, AllRows(table), RowPrecision::kExact), expected);
}

Column ColumnOf(const std::string& cells) { return ReadCsvOrFail(absl::StrCat("c,x\n", cells)).table.column(0); }

// 20 cells, such as "7,1\n8,1\n…".
std::string Cells(int (*value)(int), const std::string& prefix = "") {
  std::string text;
  for (int i = 0; i < 20; ++i) absl::StrAppend(&text, prefix, value(i), ",1\n");
  return text;
}

TEST(TellsRowsApart, HoldsForTimesNumberedRowsAndWordsThatAllDiffer) {
  std::vector<int64_t> rows(20);
  std::iota(rows.begin(), rows.end(), int64_t{0});
  EXPECT_TRUE(TellsRowsApart(ColumnOf(Cells([](int i) { return 10 + i % 2; }, "2024-05-")), rows));
  EXPECT_TRUE(TellsRowsApart(ColumnOf(Cells([](int i) { return 100 + i; })), rows));
  EXPECT_TRUE(TellsRowsApart(ColumnOf(Cells([](int i) { return 1000 + i * i; })), rows));  // only rises
  EXPECT_TRUE(TellsRowsApart(ColumnOf(Cells([](int i) { return i * 7 % 20; })), rows));    // fills its range
  EXPECT_TRUE(TellsRowsApart(ColumnOf(Cells([](int i) { return i; }, "order ")), rows));
}

TEST(TellsRowsApart, FailsForAmountsAndForValuesThatReturn) {
  std::vector<int64_t> rows(20);
  std::iota(rows.begin(), rows.end(), int64_t{0});
  EXPECT_FALSE(TellsRowsApart(ColumnOf(Cells([](int i) { return i * 7 % 20; }, "0.1")), rows));
  EXPECT_FALSE(TellsRowsApart(ColumnOf(Cells([](int i) { return i * 7 % 20 * 1000; })), rows));  // far apart
  EXPECT_FALSE(TellsRowsApart(ColumnOf(Cells([](int i) { return i % 19; })), rows));
  EXPECT_FALSE(TellsRowsApart(ColumnOf(Cells([](int i) { return i % 19; }, "order ")), rows));
  rows.pop_back();  // too few to show anything
  EXPECT_FALSE(TellsRowsApart(ColumnOf(Cells([](int i) { return 100 + i; })), rows));
}

}  // namespace
}  // namespace roicast

#include "model/data/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/model/data/read_csv.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Table NumberedTable(int rows) {
  std::string text = "x\n";
  for (int i = 0; i < rows; ++i) absl::StrAppend(&text, i, "\n");
  return ReadCsvOrFail(text).table;
}

std::vector<int64_t> Together(const Split& split) {
  std::vector<int64_t> all = split.train;
  all.insert(all.end(), split.validation.begin(), split.validation.end());
  all.insert(all.end(), split.holdout.begin(), split.holdout.end());
  std::sort(all.begin(), all.end());
  return all;
}

TEST(SplitRows, DividesAllRowsWithoutOverlapInTheRequestedShares) {
  const Table table = NumberedTable(1000);
  const auto split = SplitRows(table, AllRows(table), {});
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_EQ(split->holdout.size(), 200u);
  EXPECT_EQ(split->validation.size(), 80u);
  EXPECT_EQ(split->train.size(), 720u);
  EXPECT_EQ(Together(*split), AllRows(table));
  EXPECT_TRUE(std::is_sorted(split->train.begin(), split->train.end()));
  EXPECT_TRUE(std::is_sorted(split->holdout.begin(), split->holdout.end()));
}

TEST(SplitRows, DependsOnRowsFractionAndSeedAlone) {
  const Table table = NumberedTable(500);
  std::vector<int64_t> rows = AllRows(table);
  const auto first = SplitRows(table, rows, {});
  std::reverse(rows.begin(), rows.end());
  const auto reversed = SplitRows(table, rows, {});
  EXPECT_EQ(first->holdout, reversed->holdout);
  EXPECT_EQ(first->validation, reversed->validation);

  SplitSpec without_validation;
  without_validation.validation_fraction = 0;
  EXPECT_EQ(SplitRows(table, rows, without_validation)->holdout, first->holdout);
  SplitSpec other_seed;
  other_seed.seed = 43;
  EXPECT_NE(SplitRows(table, rows, other_seed)->holdout, first->holdout);
}

TEST(SplitRows, DrawsTheSameRowsInEachRelease) {
  const Table table = NumberedTable(10);
  const auto split = SplitRows(table, AllRows(table), {});
  ASSERT_TRUE(split.ok());
  EXPECT_THAT(split->holdout, ElementsAre(3, 5));
  EXPECT_THAT(split->validation, ElementsAre(0));
}

TEST(SplitRows, ByTimeHoldsOutTheLatestRowsAndTrainsOnRowsWithoutATime) {
  const Table table = ReadCsvOrFail("day\n2024-01-05\n2024-01-01\nNA\n2024-01-04\n2024-01-02\n2024-01-03\n").table;
  SplitSpec spec;
  spec.holdout = SplitSpec::Holdout::kByTime;
  spec.column = "day";
  spec.holdout_fraction = 0.4;
  spec.validation_fraction = 0;
  const auto split = SplitRows(table, AllRows(table), spec);
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_THAT(split->holdout, ElementsAre(0, 3));
  EXPECT_THAT(split->train, ElementsAre(1, 2, 4, 5));
}

TEST(SplitRows, ByTimeKeepsRowsOfOneTimeTogether) {
  const Table table = ReadCsvOrFail("day\n1\n2\n2\n2\n3\n").table;
  SplitSpec spec;
  spec.holdout = SplitSpec::Holdout::kByTime;
  spec.column = "day";
  spec.holdout_fraction = 0.6;  // the cut falls among the rows of day 2
  spec.validation_fraction = 0;
  EXPECT_THAT(SplitRows(table, AllRows(table), spec)->holdout, ElementsAre(4));
  const Table late = ReadCsvOrFail("day\n1\n2\n2\n2\n").table;
  spec.holdout_fraction = 0.3;
  EXPECT_THAT(SplitRows(late, AllRows(late), spec)->holdout, ElementsAre(1, 2, 3));
  const Table same = ReadCsvOrFail("day\n2\n2\n").table;
  EXPECT_EQ(SplitRows(same, AllRows(same), spec).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(SplitRows, ByValueHoldsOutTheRowsThatHaveIt) {
  const Table table = ReadCsvOrFail("month,year\nApril,2023\nJune,2024\nMay,2024.0\nJune,NA\n").table;
  SplitSpec spec;
  spec.holdout = SplitSpec::Holdout::kByValue;
  spec.column = "month";
  spec.value = "June";
  spec.validation_fraction = 0;
  EXPECT_THAT(SplitRows(table, AllRows(table), spec)->holdout, ElementsAre(1, 3));
  spec.column = "year";
  spec.value = "2024";
  EXPECT_THAT(SplitRows(table, AllRows(table), spec)->holdout, ElementsAre(1, 2));
}

TEST(SplitRows, NamesAMissingColumnOrValue) {
  const Table table = ReadCsvOrFail("month\nApril\nMay\n").table;
  SplitSpec spec;
  spec.holdout = SplitSpec::Holdout::kByValue;
  spec.column = "month";
  spec.value = "june";
  EXPECT_EQ(SplitRows(table, AllRows(table), spec).status().message(),
            "split.value: no row has \"june\" in column \"month\"");
  spec.column = "months";
  EXPECT_EQ(SplitRows(table, AllRows(table), spec).status().message(),
            "split.column: no column \"months\" in the data");
}

TEST(SplitRows, SaysSoIfNothingIsLeftToTrainOn) {
  const Table table = ReadCsvOrFail("month\nJune\nJune\n").table;
  SplitSpec spec;
  spec.holdout = SplitSpec::Holdout::kByValue;
  spec.column = "month";
  spec.value = "June";
  const auto split = SplitRows(table, AllRows(table), spec);
  EXPECT_EQ(split.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(split.status().message()), HasSubstr("of 2 rows, 2 are held out"));
}

TEST(SplitSpec, NamesTheFieldThatIsOutOfRange) {
  SplitSpec spec;
  spec.holdout_fraction = 0.95;
  EXPECT_EQ(spec.Validate().message(), "split.holdout_fraction: expected 0 to 0.9, got 0.95");
  spec.holdout_fraction = 0.2;
  spec.validation_fraction = -1;
  EXPECT_EQ(spec.Validate().message(), "split.validation_fraction: expected 0 to 0.9, got -1");
}

}  // namespace
}  // namespace roicast

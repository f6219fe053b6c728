#include "model/data/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

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

// Row i has the inputs of row i % inputs.
std::vector<int64_t> GroupsOf(int64_t rows, int64_t inputs) {
  std::vector<int64_t> group;
  for (int64_t i = 0; i < rows; ++i) group.push_back(i % inputs);
  return group;
}

std::set<int64_t> InputsOf(const std::vector<int64_t>& rows, const std::vector<int64_t>& group) {
  std::set<int64_t> inputs;
  for (const int64_t row : rows) inputs.insert(group[row]);
  return inputs;
}

TEST(SplitRows, ByGroupHoldsOutAllRowsOfSomeValues) {
  std::string text = "campaign,x\n";
  for (int i = 0; i < 200; ++i) absl::StrAppend(&text, i < 190 ? absl::StrCat("c", i % 19) : "", ",", i, "\n");
  const Table table = ReadCsvOrFail(text).table;
  SplitSpec spec;
  spec.holdout = SplitSpec::Holdout::kByGroup;
  spec.column = "campaign";
  const auto split = SplitRows(table, AllRows(table), spec);
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_EQ(split->holdout.size(), 40u);
  std::set<int64_t> held_out;
  for (const int64_t row : split->holdout) held_out.insert(row % 19);
  EXPECT_EQ(held_out.size(), 4u);
  for (const std::vector<int64_t>* rows : {&split->train, &split->validation}) {
    for (const int64_t row : *rows) EXPECT_TRUE(row >= 190 || !held_out.contains(row % 19)) << row;
  }
  EXPECT_EQ(Together(*split), AllRows(table));

  spec.holdout_fraction = 0.0;
  EXPECT_THAT(SplitRows(table, AllRows(table), spec).status().message(), HasSubstr("split.by_group.fraction"));
  const Table one = ReadCsvOrFail("campaign,x\na,1\na,2\na,3\n").table;
  spec.holdout_fraction = 0.2;
  EXPECT_THAT(SplitRows(one, AllRows(one), spec).status().message(),
              HasSubstr("split.by_group: column \"campaign\" cannot split 3 rows"));
}

TEST(SplitRows, DrawsTheSameGroupsInEachRelease) {
  const Table table = NumberedTable(20);
  const auto split = SplitRows(table, AllRows(table), {}, GroupsOf(20, 10));
  ASSERT_TRUE(split.ok());
  EXPECT_THAT(split->holdout, ElementsAre(0, 6, 10, 16));
  EXPECT_THAT(split->validation, ElementsAre(7, 17));
}

TEST(SplitRows, WithoutCopiesSplitsAsWithoutGroups) {
  const Table table = NumberedTable(777);
  const auto plain = SplitRows(table, AllRows(table), {});
  const auto grouped = SplitRows(table, AllRows(table), {}, AllRows(table));
  EXPECT_EQ(plain->holdout, grouped->holdout);
  EXPECT_EQ(plain->validation, grouped->validation);
  EXPECT_EQ(plain->train, grouped->train);
}

TEST(SplitRows, KeepsRowsWithTheSameInputsOnOneSide) {
  const Table table = NumberedTable(400);
  const std::vector<int64_t> group = GroupsOf(400, 40);
  for (const uint64_t seed : {1, 2, 42}) {
    SplitSpec spec;
    spec.seed = seed;
    const auto split = SplitRows(table, AllRows(table), spec, group);
    ASSERT_TRUE(split.ok()) << split.status();
    EXPECT_EQ(split->holdout.size(), 80u);
    EXPECT_EQ(split->validation.size(), 30u);  // of 320 rows, 32 in groups of ten
    EXPECT_EQ(split->train.size(), 290u);
    EXPECT_EQ(InputsOf(split->holdout, group).size(), 8u);
    EXPECT_EQ(InputsOf(split->validation, group).size(), 3u);
    EXPECT_EQ(InputsOf(split->train, group).size(), 29u);
    EXPECT_EQ(Together(*split), AllRows(table));
  }
}

TEST(SplitRows, LeavesAGroupThatIsTooLargeToTraining) {
  const Table table = NumberedTable(100);
  std::vector<int64_t> group = AllRows(table);
  for (int i = 0; i < 60; ++i) group[i] = 0;
  const auto split = SplitRows(table, AllRows(table), {}, group);
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_EQ(split->holdout.size(), 20u);
  EXPECT_EQ(split->validation.size(), 8u);
  EXPECT_THAT(split->train, ::testing::Contains(0));
}

TEST(SplitRows, ByValueLeavesOutRowsWithTheInputsOfAHeldOutRow) {
  const Table table = ReadCsvOrFail("month\nApril\nJune\nMay\nMay\nJune\nMay\n").table;
  SplitSpec spec;
  spec.holdout = SplitSpec::Holdout::kByValue;
  spec.column = "month";
  spec.value = "June";
  spec.validation_fraction = 0;
  auto split = SplitRows(table, AllRows(table), spec, {0, 1, 1, 3, 0, 5});
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_THAT(split->holdout, ElementsAre(1, 4));
  EXPECT_THAT(split->left_out, ElementsAre(0, 2));
  EXPECT_THAT(split->train, ElementsAre(3, 5));
  EXPECT_EQ(split->copies_on_both_sides, 0);

  spec.keep_copies_together = false;
  EXPECT_THAT(SplitRows(table, AllRows(table), spec, {0, 1, 1, 3, 0, 5})->train, ElementsAre(0, 2, 3, 5));
}

TEST(SplitRows, ByTimeLeavesOutEarlierRowsWithTheInputsOfAHeldOutRow) {
  const Table table = ReadCsvOrFail("day\n1\n2\n3\n4\n5\n").table;
  SplitSpec spec;
  spec.holdout = SplitSpec::Holdout::kByTime;
  spec.column = "day";
  spec.holdout_fraction = 0.2;
  spec.validation_fraction = 0;
  const auto split = SplitRows(table, AllRows(table), spec, {0, 1, 1, 3, 0});
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_THAT(split->holdout, ElementsAre(4));
  EXPECT_THAT(split->left_out, ElementsAre(0));
  EXPECT_THAT(split->train, ElementsAre(1, 2, 3));
}

TEST(SplitRows, KeepsAndCountsCopiesIfLittleElseWouldBeLeft) {
  const Table table = ReadCsvOrFail("month\nApril\nJune\nMay\nMay\n").table;
  SplitSpec spec;
  spec.holdout = SplitSpec::Holdout::kByValue;
  spec.column = "month";
  spec.value = "June";
  spec.validation_fraction = 0;
  const auto split = SplitRows(table, AllRows(table), spec, {0, 0, 0, 3});
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_EQ(split->copies_on_both_sides, 2);
  EXPECT_THAT(split->left_out, ElementsAre());
  EXPECT_THAT(split->train, ElementsAre(0, 2, 3));
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

#include "model/data/two_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/model/data/read_csv.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Column WordColumn(const std::vector<std::string>& cells) {
  Column column;
  column.name = "won";
  column.kind = FeatureKind::kCategorical;
  for (const std::string& cell : cells) {
    const auto found = std::find(column.dictionary.begin(), column.dictionary.end(), cell);
    column.codes.push_back(cell.empty() ? kMissingCode : static_cast<int32_t>(found - column.dictionary.begin()));
    if (!cell.empty() && found == column.dictionary.end()) column.dictionary.push_back(cell);
  }
  return column;
}

Column NumberColumn(const std::vector<double>& cells) {
  Column column;
  column.name = "won";
  column.numbers = cells;
  return column;
}

std::vector<double> Repeated(std::vector<double> cells, int times) {
  std::vector<double> all;
  for (int i = 0; i < times; ++i) all.insert(all.end(), cells.begin(), cells.end());
  return all;
}

TargetSpec Spec(TargetKind kind = TargetKind::kAuto, const std::string& positive = "") {
  TargetSpec spec;
  spec.column = "won";
  spec.kind = kind;
  spec.positive_value = positive;
  return spec;
}

// "" if they are no two values.
std::string PositiveOf(const Column& column, const TargetSpec& spec = Spec()) {
  const auto found = FindTwoValues(column, spec);
  EXPECT_TRUE(found.ok()) << found.status();
  return found.ok() && found->has_value() ? (*found)->positive : "";
}

TEST(FindTwoValues, TakesWordsThatDifferInCaseForOne) {
  const auto found = FindTwoValues(WordColumn({"TRUE", "false", "", "False", "true", "TRUE"}), Spec());
  ASSERT_TRUE(found.ok() && found->has_value()) << found.status();
  EXPECT_EQ((*found)->positive, "TRUE");
  EXPECT_EQ((*found)->negative, "false");
  EXPECT_EQ((*found)->positives, 3);
  EXPECT_EQ((*found)->negatives, 2);
  std::vector<double> values = (*found)->values;
  EXPECT_TRUE(std::isnan(values[2]));
  values[2] = -1.0;
  EXPECT_THAT(values, ElementsAre(1, 0, -1, 0, 1, 1));
}

TEST(FindTwoValues, KnowsWhichWordMeansYes) {
  EXPECT_EQ(PositiveOf(WordColumn({"No", "Yes"})), "Yes");
  EXPECT_EQ(PositiveOf(WordColumn({"nein", "ja"})), "ja");
  EXPECT_EQ(PositiveOf(WordColumn({"retained", "churned"})), "churned");
  EXPECT_EQ(PositiveOf(WordColumn({"lost", "renewed"})), "renewed");
  EXPECT_EQ(PositiveOf(WordColumn({"engaged", "not engaged"})), "engaged");
  EXPECT_EQ(PositiveOf(WordColumn({"gold", "silver"}), Spec(TargetKind::kAuto, "SILVER")), "silver");
}

TEST(FindTwoValues, AsksWhatNothingTells) {
  const absl::Status words = FindTwoValues(WordColumn({"gold", "silver", "gold"}), Spec()).status();
  EXPECT_EQ(words.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(words.message(),
            "target.column (--target): column \"won\" has two values (\"gold\" in 2 rows, \"silver\" in 1 row), and "
            "nothing tells whose probability is to be predicted; say it: --positive-value gold, or --positive-value "
            "silver");
  EXPECT_THAT(std::string(FindTwoValues(NumberColumn(Repeated({3, 7}, 10)), Spec()).status().message()),
              HasSubstr("--positive-value 7, or for the number itself: --target-kind number"));
}

TEST(FindTwoValues, TakesNumbersWhereTheyAreNoChance) {
  EXPECT_EQ(PositiveOf(NumberColumn(Repeated({0, 1, kMissing}, 10))), "1");
  EXPECT_EQ(PositiveOf(NumberColumn(Repeated({-1, 1}, 10))), "1");
  EXPECT_EQ(PositiveOf(NumberColumn(Repeated({0, 1}, 9))), "") << "18 rows may be chance";
  EXPECT_EQ(PositiveOf(NumberColumn(Repeated({0, 1}, 9)), Spec(TargetKind::kTwoValued)), "1");
  EXPECT_EQ(PositiveOf(NumberColumn(Repeated({-0.5, 1.5}, 10))), "") << "amounts";
  EXPECT_EQ(PositiveOf(NumberColumn(Repeated({0, 1, 2}, 10))), "");
  EXPECT_EQ(PositiveOf(NumberColumn(Repeated({0, 1}, 10)), Spec(TargetKind::kNumber)), "");
  EXPECT_EQ(PositiveOf(NumberColumn(Repeated({3, 7}, 10)), Spec(TargetKind::kAuto, "7.0")), "7");
}

TEST(FindTwoValues, NamesWhatIsNotTwoValues) {
  EXPECT_EQ(FindTwoValues(WordColumn({"yes", "yes"}), Spec()).status().message(),
            "target.column (--target): column \"won\": expected two values, got \"yes\" in 2 rows");
  EXPECT_EQ(FindTwoValues(WordColumn({"yes", "no", "maybe"}), Spec(TargetKind::kTwoValued)).status().message(),
            "target.column (--target): column \"won\": expected two values, as --target-kind two-valued says, got "
            "\"yes\" in 1 row, \"no\" in 1 row, \"maybe\" in 1 row");
  EXPECT_EQ(FindTwoValues(WordColumn({"yes", "no"}), Spec(TargetKind::kAuto, "ja")).status().message(),
            "target.positive_value (--positive-value): expected one of the values of column \"won\" (\"yes\" in 1 row, "
            "\"no\" in 1 row), got \"ja\"");
}

TEST(FindTwoValues, TakesOneValueWhereThePositiveOneIsKnown) {
  const auto found = FindTwoValues(WordColumn({"no", "no"}), Spec(TargetKind::kTwoValued, "yes"));
  ASSERT_TRUE(found.ok() && found->has_value()) << found.status();
  EXPECT_EQ((*found)->positive, "yes");
  EXPECT_EQ((*found)->positives, 0);
  EXPECT_THAT((*found)->values, ElementsAre(0, 0));
}

TEST(ComputeTarget, PredictsTheProbabilityOfAWord) {
  CsvTableOptions options;
  options.kinds = {{"won", FeatureKind::kNumeric}};
  options.two_valued = {"won"};
  const auto csv = ReadCsvText("spend,won\n3,TRUE\n4,FALSE\n5,\n", options);
  ASSERT_TRUE(csv.ok()) << csv.status();
  const auto target = ComputeTarget(*csv, Spec());
  ASSERT_TRUE(target.ok()) << target.status();
  EXPECT_EQ(target->spec.kind, TargetKind::kTwoValued);
  EXPECT_EQ(target->spec.positive_value, "TRUE");
  EXPECT_EQ(target->negative_value, "FALSE");
  EXPECT_EQ(target->missing, 1);
  EXPECT_EQ(target->values[0], 1.0);
  EXPECT_EQ(target->values[1], 0.0);
  ASSERT_EQ(target->warnings.size(), 1u);
  EXPECT_FALSE(target->warnings[0].serious);
  EXPECT_EQ(target->warnings[0].message,
            "\"won\" has two values (FALSE in 1 row, TRUE in 1 row): predictions are the probability of TRUE");
  EXPECT_THAT(target->warnings[0].flags, ElementsAre("--positive-value FALSE"));
  EXPECT_THAT(ComputeTarget(*csv, Spec(TargetKind::kTwoValued, "TRUE"))->warnings, IsEmpty());
}

TEST(ComputeTarget, RefusesTwoValuesOfAnRoiThatIsComputed) {
  TargetSpec spec;
  spec.revenue_column = "revenue";
  spec.kind = TargetKind::kTwoValued;
  EXPECT_EQ(spec.Validate().message(),
            "target.kind (--target-kind): expected number, zero-heavy or none for an ROI that is computed from revenue "
            "and spend, got two-valued; a column with two values is named by target.column (--target)");
  EXPECT_EQ(Spec(TargetKind::kNumber, "yes").Validate().message(),
            "target.positive_value (--positive-value): expected none unless the target has two values, got \"yes\"");
}

TEST(ReadCsvText, KeepsTwoWordsWhereACellIsNoNumber) {
  CsvTableOptions options;
  options.kinds = {{"won", FeatureKind::kNumeric}};
  options.two_valued = {"won"};
  const auto words = ReadCsvText("won\nno\nYES\n\nyes\n", options);
  ASSERT_TRUE(words.ok()) << words.status();
  EXPECT_EQ(words->table.column(0).kind, FeatureKind::kCategorical);
  EXPECT_THAT(words->table.column(0).dictionary, ElementsAre("no", "YES", "yes"));
  EXPECT_EQ(words->issue_count, 0);
  ASSERT_TRUE(words->reading.has_value());
  EXPECT_THAT(words->ReadingOf("won")->notes, IsEmpty()) << "of cells that are no numbers";
  EXPECT_EQ(words->ReadingOf("won")->unread, 0);
  EXPECT_EQ(ReadCsvText("won\nno\nmaybe\nyes\n", options).status().message(),
            "line 2, column \"won\": expected numeric values, got \"no\" and no valid cell");
  const auto numbers = ReadCsvText("won\n1\n0\nyes\n", options);
  ASSERT_TRUE(numbers.ok()) << numbers.status();
  EXPECT_EQ(numbers->table.column(0).kind, FeatureKind::kNumeric);
  EXPECT_EQ(numbers->issue_count, 1);
}

}  // namespace
}  // namespace roicast

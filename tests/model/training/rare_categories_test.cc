#include "model/training/rare_categories.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "model/training/train_model.h"
#include "tests/model/data/read_csv.h"
#include "tests/model/training/small_dataset.h"

namespace roicast {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

Column WordColumn(std::vector<std::string> dictionary, std::vector<int32_t> codes) {
  Column column;
  column.name = "channel";
  column.kind = FeatureKind::kCategorical;
  column.dictionary = std::move(dictionary);
  column.codes = std::move(codes);
  return column;
}

std::vector<int64_t> AllRows(const Column& column) {
  std::vector<int64_t> rows(column.size());
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

TEST(RareWords, AreThoseThatFewerTrainingRowsHave) {
  const Column column = WordColumn({"tv", "search", "email", "radio"}, {1, 0, 1, 2, -1, 0, 1, 2, 2, 3});
  const RareWords rare = FindRareWords(column, AllRows(column), 3);
  EXPECT_THAT(rare.words, ElementsAre("tv", "radio"));
  EXPECT_THAT(rare.rows, ElementsAre(1, 5, 9));
  EXPECT_THAT(FindRareWords(column, AllRows(column), 1).words, IsEmpty());
  // A word that no training row has is not rare but unseen.
  EXPECT_THAT(FindRareWords(column, {0, 2, 6, 9}, 3).words, ElementsAre("radio"));
}

TEST(RareWords, AreNotOtherSpellingsOfAWordOfTheVocabulary) {
  const Column column = WordColumn({"1", "2", "1.0", "7"}, {0, 0, 0, 1, 1, 1, 2, 3});
  const RareWords rare = FindRareWords(column, AllRows(column), 3);
  EXPECT_THAT(rare.words, ElementsAre("7"));
  EXPECT_THAT(rare.rows, ElementsAre(7));
}

TEST(RareWords, AreOfCategoriesAlone) {
  Column numbers;
  numbers.numbers = {1, 2, 3};
  EXPECT_THAT(FindRareWords(numbers, {0, 1, 2}, 5).words, IsEmpty());
}

TEST(RareWordsWarning, NamesFiveWordsAndIsSeriousAboveAFifthOfTheRows) {
  RareWords rare;
  rare.words = {"a", "b", "c", "d", "e", "f", "g"};
  rare.rows.assign(20, 0);
  const DataWarning remark = RareWordsWarning("channel", rare, 100, 5, {3, 4});
  EXPECT_FALSE(remark.serious);
  EXPECT_EQ(remark.column, "channel");
  EXPECT_THAT(remark.lines, ElementsAre(3, 4));
  EXPECT_THAT(remark.flags, IsEmpty());
  EXPECT_EQ(remark.message,
            "\"a\", \"b\", \"c\", \"d\", \"e\" and 2 more in 20 of 100 training rows are too rare to learn from: fewer "
            "than 5 training rows each; they count as one word \"other\"");
  EXPECT_TRUE(RareWordsWarning("channel", rare, 99, 5, {}).serious);
  rare.words = {"tv"};
  rare.rows = {8};
  EXPECT_EQ(RareWordsWarning("channel", rare, 100, 5, {10}).message,
            "\"tv\" in 1 of 100 training rows is too rare to learn from: fewer than 5 training rows; it counts as the "
            "word \"other\"");
}

// Twenty rows keep one of five channels.
TEST(RareWords, AreSaidInInspectionAndTraining) {
  const char* rare[] = {"tv", "radio", "email", "print"};
  Random random(3);
  std::string text = "channel,price,roi\n";
  for (int i = 0; i < 20; ++i) {
    absl::StrAppend(&text, i % 5 < 3 ? "search" : rare[i % 4], ",", random.Uniform(1.0, 9.0), ",", random.Normal(),
                    "\n");
  }
  const CsvTable data = ReadCsvOrFail(text);
  const auto inspection = InspectDataset(data, SmallSpec());
  ASSERT_TRUE(inspection.ok()) << inspection.status();
  const std::vector<DataWarning>& warnings = inspection->cleaning.warnings;
  ASSERT_THAT(warnings, Contains(Field(&DataWarning::message, ::testing::HasSubstr("too rare to learn from"))));
  const int channel = inspection->schema.IndexOf("channel");
  ASSERT_GE(channel, 0);
  EXPECT_THAT(inspection->schema.features[channel].vocabulary, ElementsAre("search"));
  for (const DataWarning& warning : warnings) {
    if (warning.column != "channel") continue;
    EXPECT_TRUE(warning.serious);
    EXPECT_THAT(warning.lines, ElementsAre(10, 11, 16, 21));
    EXPECT_EQ(warning.message,
              absl::StrCat("\"email\", \"print\", \"radio\", \"tv\" in 4 of ", inspection->train_rows,
                           " training rows are too rare to learn from: fewer than 5 training rows each; they count as "
                           "one word \"other\""));
    TrainingSpec spec = SmallSpec();
    spec.training.epochs = 1;
    const auto artifact = TrainModel(data, spec);
    ASSERT_TRUE(artifact.ok()) << artifact.status();
    EXPECT_THAT(artifact->report.cleaning.warnings, Contains(warning));
    // A warm start keeps the version's vocabulary, whatever the table's counts are.
    TrainModelInputs inputs;
    inputs.warm_start = &*artifact;
    const auto again = TrainModel(data, artifact->provenance.spec, inputs);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_THAT(again->report.cleaning.warnings, ::testing::Not(Contains(Field(&DataWarning::column, "channel"))));
  }
}

}  // namespace
}  // namespace roicast

#include "model/training/preparation/rare_categories.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
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

Column WordColumn(WordList dictionary, std::vector<int32_t> codes) {
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

WordsOutsideVocabulary Outside(const Column& column, const std::vector<int64_t>& rows, int min_count,
                               int max_vocabulary = 256) {
  PreprocessingOptions options;
  options.min_category_count = min_count;
  options.max_vocabulary = max_vocabulary;
  return FindWordsOutsideVocabulary(column, rows, options);
}

TEST(RareWords, AreThoseThatFewerTrainingRowsHave) {
  const Column column = WordColumn({"tv", "search", "email", "radio"}, {1, 0, 1, 2, -1, 0, 1, 2, 2, 3});
  const LeftOutWords rare = Outside(column, AllRows(column), 3).rare;
  EXPECT_THAT(rare.words, ElementsAre("tv", "radio"));
  EXPECT_THAT(rare.rows, ElementsAre(1, 5, 9));
  EXPECT_THAT(Outside(column, AllRows(column), 1).rare.words, IsEmpty());
  // A word that no training row has is not rare but unseen.
  EXPECT_THAT(Outside(column, {0, 2, 6, 9}, 3).rare.words, ElementsAre("radio"));
}

TEST(RareWords, AreNotOtherSpellingsOfAWordOfTheVocabulary) {
  const Column column = WordColumn({"1", "2", "1.0", "7"}, {0, 0, 0, 1, 1, 1, 2, 3});
  const LeftOutWords rare = Outside(column, AllRows(column), 3).rare;
  EXPECT_THAT(rare.words, ElementsAre("7"));
  EXPECT_THAT(rare.rows, ElementsAre(7));
}

TEST(RareWords, AreOfCategoriesAlone) {
  Column numbers;
  numbers.numbers = {1, 2, 3};
  EXPECT_THAT(Outside(numbers, {0, 1, 2}, 5).rare.words, IsEmpty());
}

TEST(RareWordsWarning, NamesFiveWordsAndIsSeriousAboveAFifthOfTheRows) {
  LeftOutWords rare;
  rare.words = {"a", "b", "c", "d", "e", "f", "g"};
  rare.rows.assign(20, 0);
  const DataWarning remark = RareWordsWarning("channel", rare, 100, 5, {3, 4});
  EXPECT_FALSE(remark.serious);
  EXPECT_EQ(remark.column, "channel");
  EXPECT_THAT(remark.lines, ElementsAre(3, 4));
  EXPECT_THAT(remark.flags, ElementsAre("--min-word-rows 1"));
  EXPECT_EQ(remark.message,
            "\"a\", \"b\", \"c\", \"d\", \"e\" and 2 more in 20 of 100 training rows are too rare to learn from: fewer "
            "than 5 training rows each; they count as one word \"other\", as if training had not seen "
            "them");
  EXPECT_TRUE(RareWordsWarning("channel", rare, 99, 5, {}).serious);
  rare.words = {"tv"};
  rare.rows = {8};
  EXPECT_EQ(RareWordsWarning("channel", rare, 100, 5, {10}).message,
            "\"tv\" in 1 of 100 training rows is too rare to learn from: fewer than 5 training rows; it counts as the "
            "word \"other\", as if training had not seen it");
}

TEST(WordsBeyondTheVocabulary, AreTheLessFrequentOnes) {
  const Column column = WordColumn({"tv", "search", "email", "radio"}, {1, 0, 1, 2, -1, 0, 1, 2, 2, 3});
  const WordsOutsideVocabulary outside = Outside(column, AllRows(column), 2, 1);
  EXPECT_THAT(outside.beyond.words, ElementsAre("search", "tv"));
  EXPECT_THAT(outside.beyond.rows, ElementsAre(0, 1, 2, 5, 6));
  EXPECT_THAT(outside.rare.words, ElementsAre("radio"));
  EXPECT_THAT(Outside(column, AllRows(column), 2, 3).beyond.words, IsEmpty());
}

TEST(VocabularyWarning, ProposesAVocabularyThatHoldsThem) {
  LeftOutWords beyond;
  beyond.words = {"a", "b"};
  beyond.rows = {4, 7, 8};
  const DataWarning warning = VocabularyWarning("campaign", beyond, 100, 256, {6});
  EXPECT_FALSE(warning.serious);
  EXPECT_EQ(warning.message,
            "\"a\", \"b\" in 3 of 100 training rows are beyond the 256 most frequent words, which are learnt; they "
            "count as one word \"other\", as if training had not seen them");
  EXPECT_THAT(warning.flags, ElementsAre("--max-words 258"));
  EXPECT_TRUE(VocabularyWarning("campaign", beyond, 14, 256, {}).serious);
}

// 300 campaigns of ten rows each: 44 of them were learnt as one without a word.
TEST(WordsBeyondTheVocabulary, AreSaidInInspectionUntilTheFlagIsGiven) {
  Random random(3);
  std::string text = "campaign,price,roi\n";
  for (int i = 0; i < 3000; ++i) {
    absl::StrAppend(&text, "name ", i % 300, ",", random.Uniform(1.0, 9.0), ",", random.Normal(), "\n");
  }
  const CsvTable data = ReadCsvOrFail(text);
  const auto beyond = [&](int max_vocabulary) {
    TrainingSpec spec = SmallSpec();
    spec.preprocessing.min_category_count = 1;
    spec.preprocessing.max_vocabulary = max_vocabulary;
    const auto inspection = InspectDataset(data, spec);
    EXPECT_TRUE(inspection.ok()) << inspection.status();
    std::vector<std::string> flags;
    for (const DataWarning& warning : inspection->cleaning.warnings) {
      if (warning.column == "campaign" && absl::StrContains(warning.message, "beyond the")) flags = warning.flags;
    }
    return flags;
  };
  EXPECT_THAT(beyond(256), ElementsAre("--max-words 300"));
  EXPECT_THAT(beyond(300), IsEmpty());
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
                           "one word \"other\", as if training had not seen them"));
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

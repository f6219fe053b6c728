#include "base/tables/vocabulary_index.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace roicast {
namespace {

TEST(VocabularyIndex, AWordOfTheVocabularyIsThatWordAlsoIfItMeansMissingElsewhere) {
  const VocabularyIndex index({"EMEA", "NA", "None"});
  EXPECT_EQ(index.Find("EMEA"), 0);
  EXPECT_EQ(index.Find(" NA "), 1);
  EXPECT_EQ(index.Find("None"), 2);
  EXPECT_EQ(index.Find("na"), VocabularyIndex::kMissing);
  EXPECT_EQ(index.Find("null"), VocabularyIndex::kMissing);
  EXPECT_EQ(index.Find(""), VocabularyIndex::kMissing);
  EXPECT_EQ(index.Find("  "), VocabularyIndex::kMissing);
  EXPECT_EQ(index.Find("emea"), VocabularyIndex::kUnseen);
  EXPECT_EQ(index.Find("APAC"), VocabularyIndex::kUnseen);
}

TEST(VocabularyIndex, ComparesNumbersAsNumbersWhereAllWordsAreNumbers) {
  const VocabularyIndex index({"1", "2", "10", "-0.5"});
  EXPECT_TRUE(index.numeric());
  EXPECT_EQ(index.Find("1.0"), 0);
  EXPECT_EQ(index.Find("1e1"), 2);
  EXPECT_EQ(index.Find("-.50"), 3);
  EXPECT_EQ(index.Find("3"), VocabularyIndex::kUnseen);
  EXPECT_EQ(index.Find("one"), VocabularyIndex::kUnseen);
}

TEST(VocabularyIndex, ComparesWordsAsWordsElsewhere) {
  const VocabularyIndex mixed({"1", "2", "many"});
  EXPECT_FALSE(mixed.numeric());
  EXPECT_EQ(mixed.Find("1"), 0);
  EXPECT_EQ(mixed.Find("1.0"), VocabularyIndex::kUnseen);
  const VocabularyIndex codes({"00504", "10001"});
  EXPECT_EQ(codes.Find("00504"), 0);
  EXPECT_EQ(codes.Find("504"), VocabularyIndex::kUnseen);
  EXPECT_EQ(codes.Find("=\"00504\""), 0);
  // No double tells these apart.
  const VocabularyIndex ids({"120210000000000001"});
  EXPECT_EQ(ids.Find("120210000000000002"), VocabularyIndex::kUnseen);
}

TEST(VocabularyIndex, OfEqualWordsTheFirstCounts) {
  EXPECT_EQ(VocabularyIndex({"a", "b", "a"}).Find("a"), 0);
  const VocabularyIndex numbers({"1", "1.0"});
  EXPECT_EQ(numbers.Find("1.0"), 1);
  EXPECT_EQ(numbers.Find("1.00"), 0);
}

TEST(VocabularyIndex, TakesTheGivenMissingSpellings) {
  const VocabularyIndex index({"a"}, MissingSpellings(std::vector<std::string>{"unknown"}));
  EXPECT_EQ(index.Find("Unknown"), VocabularyIndex::kMissing);
  EXPECT_EQ(index.Find("NA"), VocabularyIndex::kMissing);
  const VocabularyIndex without_usual({"a"}, MissingSpellings(std::vector<std::string>{"unknown", ""}));
  EXPECT_EQ(without_usual.Find("NA"), VocabularyIndex::kUnseen);
}

TEST(VocabularyIndex, SuggestsTheNearestWord) {
  const VocabularyIndex index({"Search", "Social"});
  EXPECT_EQ(index.Nearest("search"), "Search");
  EXPECT_EQ(index.Nearest("Socail "), "Social");
  EXPECT_EQ(index.Nearest("TikTok"), "");
}

}  // namespace
}  // namespace roicast

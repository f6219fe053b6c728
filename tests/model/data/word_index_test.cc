#include "model/data/word_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

TEST(WordIndex, GivesEachWordItsCode) {
  WordIndex words;
  EXPECT_EQ(words.FindOrAdd("search"), 0);
  EXPECT_EQ(words.FindOrAdd(""), 1);
  EXPECT_EQ(words.FindOrAdd("search"), 0);
  EXPECT_EQ(words.Find("social"), WordIndex::kNone);
  // Also when it is moved, and when the words move in memory.
  std::vector<WordIndex> several;
  several.push_back(std::move(words));
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(several[0].FindOrAdd(absl::StrCat("word ", i)), i + 2);
  EXPECT_EQ(several[0].Find("word 500"), 502);
  EXPECT_EQ(several[0].size(), 1002u);
  // Eight bytes and more each, four for where they are, and five for the index.
  EXPECT_GE(several[0].memory_bytes(), size_t{1002 * (8 + 4 + 5) - 100});
  EXPECT_EQ(several[0].TakeWords()[2], "word 0");
  EXPECT_EQ(several[0].size(), 0u);
  EXPECT_EQ(several[0].FindOrAdd("word 500"), 0);
}

}  // namespace
}  // namespace roicast

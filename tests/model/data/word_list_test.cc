#include "model/data/word_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(WordList, ReadsAsItWasAdded) {
  EXPECT_THAT(WordList(), IsEmpty());
  WordList words = {"search", "", "a word that is longer than fifteen bytes"};
  words.push_back(absl::string_view("\0\n", 2));
  EXPECT_THAT(words,
              ElementsAre("search", "", "a word that is longer than fifteen bytes", absl::string_view("\0\n", 2)));
  EXPECT_EQ(words.front(), "search");
  EXPECT_EQ(std::find(words.begin(), words.end(), "") - words.begin(), 1);
}

TEST(WordList, ReadsAcrossItsBlocks) {
  std::vector<std::string> expected;
  WordList words;
  for (int i = 0; i < 5000; ++i) {
    expected.push_back(absl::StrCat(i % 7 == 0 ? "" : std::string(static_cast<size_t>(i % 50), 'x'), i));
    words.push_back(expected.back());
  }
  ASSERT_EQ(words.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(words[i], expected[i]) << i;
  const WordList copy = words;
  EXPECT_TRUE(copy == words);
  const WordList moved = std::move(words);
  EXPECT_TRUE(copy == moved);
  EXPECT_FALSE(copy == WordList());
}

// A std::string took 32 bytes, and as many as it is long with an allocation's 16 beyond fifteen.
TEST(WordList, TakesFourBytesBesideEachWord) {
  WordList words;
  for (int i = 0; i < 100'000; ++i) words.push_back(absl::StrCat("https://shop.example/", 100'000 + i));
  EXPECT_LE(words.memory_bytes(), size_t{100'000} * (27 + 4) + 10'000);
  EXPECT_GE(words.memory_bytes(), size_t{100'000} * (27 + 4));
}

}  // namespace
}  // namespace roicast

#include "base/one_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace roicast {
namespace {

using ::testing::EndsWith;
using ::testing::StartsWith;

TEST(OneLine, ShortTextStaysAsItIs) {
  EXPECT_EQ(OneLine("price: expected > 0, got −5", 100), "price: expected > 0, got −5");
  EXPECT_EQ(OneLine("", 40), "");
  EXPECT_EQ(OneLine(std::string(40, 'a'), 40), std::string(40, 'a'));
}

TEST(OneLine, ControlCharactersAreShown) { EXPECT_EQ(OneLine("a\nb\r\tc\x1b[31m\u202E", 100), "a b  c␛[31m<U+202E>"); }

TEST(OneLine, FitsHoweverManyCharactersAreShown) {
  const std::string line = OneLine(std::string(90, '\x1b'), 100);
  EXPECT_LE(line.size(), 100u);
  EXPECT_NE(line.find("␛… (2"), std::string::npos) << line;
}

TEST(OneLine, ALongTextIsCutAndSaysByHowMuch) {
  const std::string line = OneLine(std::string(100000, 'a'), 100);
  EXPECT_LE(line.size(), 100u);
  EXPECT_THAT(line, StartsWith("aaaaaaaa"));
  EXPECT_THAT(line, EndsWith("a… (99936 bytes more)"));
}

TEST(OneLine, CutsBetweenCharacters) {
  for (size_t offset = 0; offset < 3; ++offset) {
    std::string text(offset, 'a');
    while (text.size() < 1000) text += "€";
    const std::string line = OneLine(text, 100);
    const size_t end = line.find("…");
    EXPECT_EQ((end - offset) % 3, 0u) << line;
    EXPECT_LE(line.size(), 100u);
  }
}

}  // namespace
}  // namespace roicast

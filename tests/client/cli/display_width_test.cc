#include "client/cli/display_width.h"

#include <gtest/gtest.h>

namespace roicast::client {
namespace {

TEST(DisplayWidth, CountsColumnsNotBytes) {
  EXPECT_EQ(DisplayWidth(""), 0u);
  EXPECT_EQ(DisplayWidth("größer"), 6u);
  EXPECT_EQ(DisplayWidth("R²"), 2u);
  EXPECT_EQ(DisplayWidth("電子機器"), 8u);
  // e and a combining acute accent.
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1u);
  // Not UTF-8.
  EXPECT_EQ(DisplayWidth("a\xFF\xFE"), 3u);
}

TEST(CutToWidth, MarksTheCutAndKeepsCharactersWhole) {
  EXPECT_EQ(CutToWidth("abcdef", 6), "abcdef");
  EXPECT_EQ(CutToWidth("abcdef", 5), "abcd…");
  EXPECT_EQ(CutToWidth("größer", 4), "grö…");
  EXPECT_EQ(CutToWidth("電子機器", 6), "電子…");
  EXPECT_EQ(CutToWidth("abcdef", 1), "…");
  EXPECT_EQ(CutToWidth("", 1), "");
}

TEST(WrapToWidth, BreaksAtBlanksAndIndentsWhatFollows) {
  EXPECT_EQ(WrapToWidth("  one two three", 9, 4), "  one two\n    three");
  EXPECT_EQ(WrapToWidth("short\nalso", 9, 4), "short\nalso");
  EXPECT_EQ(WrapToWidth("a word-that-is-too-long b", 10, 2), "a\n  word-that-is-too-long\n  b");
  EXPECT_EQ(WrapToWidth("größer größer", 13, 0), "größer größer");
}

}  // namespace
}  // namespace roicast::client

#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

TEST(ValidUtf8Prefix, TakesCharactersOfEveryLength) {
  const std::string text =
      "price \xC2\xA2 \xC3\xA9 \xE2\x82\xAC \xED\x9F\xBF \xEE\x80\x80 \xF0\x90\x8D\x88 \xF4\x8F\xBF\xBF end";
  EXPECT_EQ(ValidUtf8Prefix(text), text.size());
  EXPECT_EQ(ValidUtf8Prefix(""), 0u);
  EXPECT_EQ(ValidUtf8Prefix(absl::string_view("a\0b", 3)), 3u);
}

TEST(ValidUtf8Prefix, StopsWhereItIsNotUtf8) {
  // Latin-1, a lone continuation, overlong forms, surrogates, beyond U+10FFFF, never used bytes, cut characters.
  for (const char* bad :
       {"\xE9t", "\xA9", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\xFF", "\xC3", "\xE2\x82", "\xF0\x90\x8D", "\xE2\x82q", "\xF0\x90\x8Dq"}) {
    for (const size_t before : {0u, 3u, 7u, 8u, 9u, 17u}) {
      const std::string text = absl::StrCat(std::string(before, 'x'), bad);
      EXPECT_EQ(ValidUtf8Prefix(text), before) << text;
      EXPECT_EQ(ValidUtf8Prefix(absl::StrCat(text, "and more text")), before) << text;
    }
  }
}

TEST(ValidUtf8Prefix, JudgesLongTextWithoutAsciiAsAWhole) {
  for (const char* character : {"\xC3\xA9", "\xE2\x82\xAC", "\xF0\x90\x8D\x88"}) {
    std::string text;
    while (text.size() < 400) text += character;
    EXPECT_EQ(ValidUtf8Prefix(text), text.size());
    EXPECT_EQ(ValidUtf8Prefix(absl::StrCat(text, "\xFF", text)), text.size());
    EXPECT_EQ(ValidUtf8Prefix(absl::StrCat("x", text, "\xC3")), text.size() + 1);
  }
}

TEST(Utf8Start, CutsBetweenCharacters) {
  EXPECT_EQ(Utf8Start("a€b", 5), "a€b");
  EXPECT_EQ(Utf8Start("a€b", 4), "a€");
  EXPECT_EQ(Utf8Start("a€b", 3), "a");
  EXPECT_EQ(Utf8Start("a€b", 1), "a");
  EXPECT_EQ(Utf8Start("€", 2), "");
}

}  // namespace
}  // namespace roicast

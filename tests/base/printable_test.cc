#include "base/printable.h"

#include <gtest/gtest.h>

#include <string>

namespace roicast {
namespace {

TEST(Printable, LeavesWordsOfAllLanguagesAlone) {
  for (const char* text :
       {"", "Campaign Name", "Kosten (€)", "花费", "سعر", "naïve", "👩‍🚀", "=SUM(A1:A9)", "a\"b\\c"}) {
    EXPECT_EQ(Printable(text), text);
  }
}

TEST(Printable, PutsTextOnOneLine) {
  EXPECT_EQ(Printable("Cost\n(USD)"), "Cost (USD)");
  EXPECT_EQ(Printable("a\tb\r\nc"), "a b  c");
  EXPECT_EQ(Printable("a\u2028b\u0085c"), "a<U+2028>b<U+0085>c");
}

TEST(Printable, DisarmsEscapeSequences) {
  EXPECT_EQ(Printable("\x1b[31mred\x1b[0m"), "␛[31mred␛[0m");
  EXPECT_EQ(Printable("\x1b]0;title\x07"), "␛]0;title␇");
  EXPECT_EQ(Printable("\u009b31m"), "<U+009B>31m") << "the same in one byte of C1";
  EXPECT_EQ(Printable(std::string("a\0b\x08\x7f", 5)), "a␀b␈␡");
}

TEST(Printable, ShowsWhatTurnsOrHidesText) {
  EXPECT_EQ(Printable("\u202Eevil\u202C"), "<U+202E>evil<U+202C>");
  EXPECT_EQ(Printable("\u2066x\u2069"), "<U+2066>x<U+2069>");
  EXPECT_EQ(Printable("sp\u200Bend\u00AD\uFEFF"), "sp<U+200B>end<U+00AD><U+FEFF>");
  EXPECT_EQ(Printable("\U000E0041"), "<U+E0041>");
}

TEST(Printable, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(Printable("caf\xE9"), "caf\uFFFD");
  EXPECT_EQ(Printable("\x9b"
                      "31m"),
            "\uFFFD"
            "31m")
      << "C1 as a single byte";
  EXPECT_EQ(Printable("\xF0\x9F\x92"), "\uFFFD\uFFFD\uFFFD") << "the end is missing";
  EXPECT_EQ(Printable("\xC0\x9B"), "\uFFFD\uFFFD") << "overlong";
}

TEST(PrintableJson, IsTheSameToAParser) {
  EXPECT_EQ(PrintableJson("{\"a\": \"x\u202Ey\u009b\x7F\",\n \"花\": \"\\u001b\"}"),
            "{\"a\": \"x\\u202ey\\u009b\\u007f\",\n \"花\": \"\\u001b\"}");
  EXPECT_EQ(PrintableJson("\"\U000E0041\""), "\"\\udb40\\udc41\"");
}

TEST(PrintableLines, KeepsItsOwnLineBreaks) {
  EXPECT_EQ(PrintableLines("first\n  sec\tond\x1b\n"), "first\n  sec ond␛\n");
}

}  // namespace
}  // namespace roicast

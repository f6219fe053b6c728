#include "base/tables/table_writer.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace roicast {
namespace {

TEST(TableWriter, QuotesOnlyWhatNeedsIt) {
  std::string out;
  TableWriter writer(&out);
  for (const char* cell : {"plain", "with,comma", "with \"quote\"", "two\nlines", " blank", "", "a b"})
    writer.Text(cell);
  writer.EndRow();
  EXPECT_EQ(out, "plain,\"with,comma\",\"with \"\"quote\"\"\",\"two\nlines\",\" blank\",,a b\n");
}

TEST(TableWriter, WritesTheShortestDigitsThatReadBack) {
  std::string out;
  TableWriter writer(&out);
  writer.Number(0.1);
  writer.Number(1.0 / 3.0);
  writer.Number(-2500.0);
  writer.Number(0.1f);
  writer.Number(1e21);
  writer.Integer(-42);
  writer.Number(std::numeric_limits<double>::quiet_NaN());
  writer.EndRow();
  EXPECT_EQ(out, "0.1,0.3333333333333333,-2500,0.1,1e+21,-42,\n");
}

TEST(TableWriter, ASingleEmptyCellIsNotABlankLine) {
  std::string out;
  TableWriter writer(&out);
  writer.Missing();
  writer.EndRow();
  writer.Text("x");
  writer.EndRow();
  EXPECT_EQ(out, "\"\"\nx\n");
}

TEST(TableWriter, UsesTheGivenDelimiter) {
  std::string out;
  TableWriter writer(&out, ';');
  writer.Text("a,b");
  writer.Text("a;b");
  writer.EndRow();
  EXPECT_EQ(out, "a,b;\"a;b\"\n");
}

TEST(TableWriter, KeepsTheFormOfAFile) {
  FileForm form;
  form.encoding = Encoding::kWindows1252;
  form.delimiter = ';';
  form.line_end = LineEnd::kCrLf;
  form.separator_line = true;
  std::string out;
  TableWriter writer(&out, form);
  writer.Raw("R\xC3\xA9gion;\"1,5\"");
  writer.Text("\xE2\x82\xAC \xF0\x9F\x98\x80");
  writer.EndRow();
  EXPECT_EQ(out, "sep=;\r\nR\xE9gion;\"1,5\";\x80 \\u{1F600}\r\n");
  EXPECT_EQ(writer.unencodable(), 1);
}

TEST(TableWriter, WritesUtf16WithItsMark) {
  FileForm form;
  form.encoding = Encoding::kUtf16Be;
  form.byte_order_mark = true;
  form.line_end = LineEnd::kCr;
  std::string out;
  TableWriter writer(&out, form);
  writer.Text("a");
  writer.Text("\xC3\xA9");
  writer.EndRow();
  EXPECT_EQ(out, std::string("\xFE\xFF\0a\0,\0\xE9\0\r", 10));
}

TEST(TableWriter, TakesUpAnEncodingThatShowsLate) {
  std::string out;
  TableWriter writer(&out);
  writer.Text("a");
  writer.EndRow();
  writer.set_encoding(Encoding::kLatin1);
  writer.Text("\xC3\xA9");
  writer.EndRow();
  EXPECT_EQ(out, "a\n\xE9\n");
}

}  // namespace
}  // namespace roicast

#include "base/csv/csv_writer.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace roicast {
namespace {

TEST(CsvWriter, QuotesOnlyWhatNeedsIt) {
  std::string out;
  CsvWriter writer(&out);
  for (const char* cell : {"plain", "with,comma", "with \"quote\"", "two\nlines", " blank", "", "a b"})
    writer.Text(cell);
  writer.EndRow();
  EXPECT_EQ(out, "plain,\"with,comma\",\"with \"\"quote\"\"\",\"two\nlines\",\" blank\",,a b\n");
}

TEST(CsvWriter, WritesTheShortestDigitsThatReadBack) {
  std::string out;
  CsvWriter writer(&out);
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

TEST(CsvWriter, ASingleEmptyCellIsNotABlankLine) {
  std::string out;
  CsvWriter writer(&out);
  writer.Missing();
  writer.EndRow();
  writer.Text("x");
  writer.EndRow();
  EXPECT_EQ(out, "\"\"\nx\n");
}

TEST(CsvWriter, UsesTheGivenDelimiter) {
  std::string out;
  CsvWriter writer(&out, ';');
  writer.Text("a,b");
  writer.Text("a;b");
  writer.EndRow();
  EXPECT_EQ(out, "a,b;\"a;b\"\n");
}

}  // namespace
}  // namespace roicast

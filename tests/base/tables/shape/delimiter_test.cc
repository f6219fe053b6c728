#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "base/tables/table_reader.h"
#include "tests/base/tables/whole_reading.h"

namespace roicast {
namespace {

using std::string_literals::operator""s;
using roicast::testing::Cells;
using roicast::testing::Notes;
using roicast::testing::Read;
using roicast::testing::Reading;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(TableReader, TellsDelimiters) {
  for (const char delimiter : {',', ';', '\t', '|'}) {
    std::string text = "name,kind|x;spend\n";
    text = absl::StrCat("name", std::string(1, delimiter), "spend", std::string(1, delimiter), "clicks\n");
    for (int i = 1; i < 6; ++i)
      text += absl::StrCat("c", i, std::string(1, delimiter), i, std::string(1, delimiter), i * i, "\n");
    const Reading reading = Read(text);
    EXPECT_EQ(reading.form.delimiter, delimiter);
    EXPECT_THAT(reading.header, ElementsAre("name", "spend", "clicks"));
    EXPECT_THAT(reading.rows, SizeIs(5));
  }
}

TEST(TableReader, DecimalCommasDoNotMislead) {
  Reading reading = Read("spend;revenue\n350,10;610,00\n1326,09;1823,38\n4573,89;2990,64\n");
  EXPECT_EQ(reading.form.delimiter, ';');
  EXPECT_THAT(reading.rows, SizeIs(3));
  EXPECT_THAT(Notes(reading), ElementsAre("cells are divided by a semicolon"));
  reading = Read("a|b\n\"1,5\"|2,5\n1,5|2,5\n");
  EXPECT_EQ(reading.form.delimiter, '|');
  reading = Read("spend\trevenue\n1,350.10\t1,610.00\n1,326.09\t1,823.38\n");
  EXPECT_EQ(reading.form.delimiter, '\t');
  // And words with commas in them.
  reading = Read("place;spend\nParis, France;1\nLyon, France;2\nNice, France;3\n");
  EXPECT_EQ(reading.form.delimiter, ';');
}

TEST(TableReader, QuotedDelimitersDoNotCount) {
  const Reading reading = Read("a,b\n\"x;y;z\",1\n\"x;y;z\",2\n\"x;y\nz\",2\n");
  EXPECT_EQ(reading.form.delimiter, ',');
  EXPECT_THAT(reading.lines, ElementsAre(2, 3, 4));
}

TEST(TableReader, TakesASeparatorLine) {
  for (const char* line : {"sep=;", "SEP=;", "\"sep=;\""}) {
    const Reading reading = Read(absl::StrCat(line, "\r\na;b\r\n1,2;3\r\n"));
    EXPECT_TRUE(reading.form.separator_line);
    EXPECT_EQ(reading.form.delimiter, ';');
    EXPECT_EQ(reading.form.header_line, 2);
    EXPECT_EQ(reading.form.line_end, LineEnd::kCrLf);
    EXPECT_THAT(reading.rows, ElementsAre(Cells{"1,2", "3"}));
    EXPECT_THAT(reading.left_out, IsEmpty());
  }
  EXPECT_EQ(Read("sep=\t\na\tb\n1,5\t2\n").form.delimiter, '\t');
}

TEST(TableReader, TakesNoSeparatorThatPartsNoCells) {
  for (const char* line : {"sep=\"\"", "sep=\xC3"}) {
    const Reading reading = Read(absl::StrCat(line, "\r\na;b\r\n1,2;3\r\n"));
    EXPECT_FALSE(reading.form.separator_line) << line;
    EXPECT_EQ(reading.form.delimiter, ';') << line;
    EXPECT_THAT(reading.rows, ElementsAre(Cells{"1,2", "3"})) << line;
  }
}

TEST(TableReader, DropsTrailingEmptyColumns) {
  for (const char* text : {"a,b,\n1,2,\n3,4,\n", "a,b,,,\n1,2,,,\n3,4,,,\n", "a,b\n1,2,\n3,4,\n"}) {
    const Reading reading = Read(text);
    EXPECT_THAT(reading.header, ElementsAre("a", "b")) << text;
    EXPECT_THAT(reading.rows, ElementsAre(Cells{"1", "2"}, Cells{"3", "4"}));
    EXPECT_THAT(reading.raw, ElementsAre("1,2", "3,4"));
    EXPECT_EQ(reading.form.trailing_delimiter, text[3] == ',');
  }
  // A column without a name that has values is one.
  EXPECT_THAT(Read("a,b,\n1,2,x\n3,4,\n").header, ElementsAre("a", "b", "c2"));
}

TEST(TableReader, CountsRaggedRows) {
  const Reading reading = Read("a,b\n1\n1,2,3\n1,2\n1,2, \n3,4\n5,6\n");
  EXPECT_THAT(reading.rows, ElementsAre(Cells{"1", "2"}, Cells{"1", "2"}, Cells{"3", "4"}, Cells{"5", "6"}));
  EXPECT_THAT(reading.left_out,
              ElementsAre("2 malformed 1: expected 2 cells, got 1", "3 malformed 1,2,3: expected 2 cells, got 3"));
  EXPECT_THAT(Notes(reading),
              ElementsAre("! 2,3: 2 rows were left out as malformed, such as 1: expected 2 cells, got 1"));
}

TEST(TableReader, FillsUpRowsWhereMostLeaveOutTheirEnd) {
  const Reading reading = Read("a,b,c,d\n1,2\n3,4\n5,6,7,8\n9,9\n1\n");
  EXPECT_THAT(reading.rows, ElementsAre(Cells{"1", "2", "", ""}, Cells{"3", "4", "", ""}, Cells{"5", "6", "7", "8"},
                                        Cells{"9", "9", "", ""}));
  EXPECT_EQ(reading.raw[0], "1,2,,");
  EXPECT_THAT(reading.left_out, ElementsAre("6 malformed 1: expected 4 cells, got 1"));
}

TEST(TableReader, OneColumnAsksAboutTheDelimiter) {
  const Reading reading = Read("a~b\n1~2\n");
  EXPECT_THAT(Notes(reading),
              ElementsAre("! the file was read as one column, because no delimiter divides its lines alike | "
                          "--delimiter ';' | --delimiter '\\t' | --delimiter '|'"));
  EXPECT_THAT(Read("x\n\"\"\n1\n\n2\n").rows, ElementsAre(Cells{""}, Cells{"1"}, Cells{"2"}));
}

}  // namespace
}  // namespace roicast

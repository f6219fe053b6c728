#include "base/tables/table_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/base/tables/whole_reading.h"

namespace roicast {
namespace {

using std::string_literals::operator""s;
using roicast::testing::Cells;
using roicast::testing::NoHeader;
using roicast::testing::Notes;
using roicast::testing::Read;
using roicast::testing::Reading;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(TableReader, GivesHeaderAndRows) {
  const Reading reading = Read("a,b\n1,\"2\"\n3,4\n");
  EXPECT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_THAT(reading.header, ElementsAre("a", "b"));
  EXPECT_THAT(reading.rows, ElementsAre(Cells{"1", "2"}, Cells{"3", "4"}));
  EXPECT_THAT(reading.raw, ElementsAre("1,\"2\"", "3,4"));
  EXPECT_THAT(reading.lines, ElementsAre(2, 3));
  EXPECT_EQ(reading.form, FileForm());
  EXPECT_THAT(Notes(reading), IsEmpty());
  EXPECT_EQ(reading.headers, 1);
}

TEST(TableReader, LeavesOutMalformedRowsAndRefusesMalformedHeaders) {
  const Reading reading = Read("a,b\n1,\"x\"y\n3,4\n");
  EXPECT_THAT(reading.rows, ElementsAre(Cells{"3", "4"}));
  EXPECT_THAT(
      reading.left_out,
      ElementsAre("2:2 malformed 1,\"x\": expected a delimiter or a line end after the closing quote, got \"y\""));
  FileOptions options;
  options.header_line = 1;
  EXPECT_EQ(
      Read("a,\"b\"x\n1,2\n", options).status.message(),
      "line 1, column 2: malformed header: expected a delimiter or a line end after the closing quote, got \"x\"");
}

TEST(TableReader, AFileOfMalformedRowsIsAnError) {
  const Reading reading = Read("a,b\n\"x\"y,1\n\"x\"y,2\n\"x\"y,3\n");
  EXPECT_EQ(
      reading.status.message(),
      "line 2: expected a row of the table, got \"x\": expected a delimiter or a line end after the closing quote, "
      "got \"y\"; so are all 3 lines below the header: see --delimiter and --header-line");
}

TEST(TableReader, ReadsAFormAgain) {
  const std::string text = "title\n\na;b;\n1,5;2;\n3;4;\n";
  const Reading first = Read(text);
  const Reading again = Read(text, FileOptions::From(first.form));
  EXPECT_EQ(again.form, first.form);
  EXPECT_EQ(again.rows, first.rows);
  EXPECT_EQ(again.lines, first.lines);
}

TEST(TableReader, RefusesWhatIsNoTable) {
  EXPECT_EQ(Read("PK\x03\x04 xl/workbook.xml").status.message(),
            "expected a text file with rows and columns, got an Excel workbook (.xlsx) or another Office file: save it "
            "as CSV");
  EXPECT_EQ(
      Read("a\0\0\0\x01\x02\x03\x04\x05\x06\0b"s).status.message(),
      "line 1, byte 2: expected a text file with rows and columns, got binary data (a NUL byte): export it as CSV");
  std::string text = "a,b\n";
  while (text.size() < 300'000) text += "plain,1\n";
  const int64_t line = std::count(text.begin(), text.end(), '\n') + 1;
  for (const size_t piece : {size_t{1000}, std::string::npos}) {
    const Reading reading = Read(text + "x,\0"s, {}, piece);
    EXPECT_EQ(reading.status.message(),
              absl::StrCat("line ", line,
                           ", column 2: expected text, got a NUL character: is the file damaged, or in another "
                           "encoding than utf-8 (--encoding)?"));
  }
}

TEST(TableReader, EmptyFilesHaveNoHeader) {
  for (const char* text : {"", "\n\n", "\xEF\xBB\xBF"}) {
    EXPECT_EQ(Read(text).status.message(), "expected a header line, got an empty file");
  }
  EXPECT_THAT(Read("x").header, ElementsAre("x"));
  EXPECT_TRUE(Read("", NoHeader()).status.ok());
  EXPECT_TRUE(Read("a,b").status.ok());
}

TEST(TableReader, CutsAnywhereGiveTheSame) {
  const std::string text =
      "Report\n\nCampaign;Kanal;Kosten;\r\n\"a;b\";x;1,5;\nTotal;--;99;\r\nc;y;\"2\n\";\n\nbad;\"x\"y;1\nR\xE9gion;z;4;"
      "\n"
      "Total;;7,5;\n\xA9 Example\n";
  const Reading whole = Read(text);
  ASSERT_TRUE(whole.status.ok()) << whole.status;
  EXPECT_THAT(whole.lines, ElementsAre(4, 6, 10));
  EXPECT_THAT(whole.left_out, SizeIs(5));
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    const Reading reading = Read(text, {}, piece);
    ASSERT_EQ(reading.rows, whole.rows) << piece;
    ASSERT_EQ(reading.lines, whole.lines) << piece;
    ASSERT_EQ(reading.left_out, whole.left_out) << piece;
    ASSERT_EQ(reading.form, whole.form) << piece;
  }
}

TEST(TableReader, ASampleLeavesOutWhatIsIncomplete) {
  std::vector<int64_t> lines;
  TableReader reader({}, {nullptr,
                          [&](const TableRow& row) {
                            lines.push_back(row.line);
                            return absl::OkStatus();
                          },
                          nullptr});
  ASSERT_TRUE(reader.Feed("a,b\n1,2\n3,4\n5,\"6").ok());
  ASSERT_TRUE(reader.FinishSample().ok());
  EXPECT_THAT(lines, ElementsAre(2, 3));
  EXPECT_THAT(reader.header(), ElementsAre("a", "b"));
}

TEST(TableReader, StopsWhenTheConsumerSaysSo) {
  int rows = 0;
  TableReader reader(
      {}, {nullptr, [&](const TableRow&) { return ++rows == 2 ? absl::CancelledError("enough") : absl::OkStatus(); },
           nullptr});
  ASSERT_TRUE(reader.Feed("a,b\n1,1\n2,2\n3,3\n").ok());
  EXPECT_EQ(reader.Finish().message(), "enough");
  EXPECT_EQ(rows, 2);
  EXPECT_EQ(reader.Feed("5,5\n").message(), "enough");
  EXPECT_EQ(reader.Finish().message(), "enough");
}

TEST(TableReader, RefusesImpossibleOptions) {
  FileOptions options;
  options.delimiter = '"';
  EXPECT_THAT(std::string(Read("a\n", options).status.message()), HasSubstr("delimiter: expected one ASCII character"));
}

}  // namespace
}  // namespace roicast

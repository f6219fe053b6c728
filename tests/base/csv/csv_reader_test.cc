#include "base/csv/csv_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/csv/csv_writer.h"
#include "base/random.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Cells = std::vector<std::string>;

struct Reading {
  absl::Status status;
  std::vector<std::string> header;
  std::vector<Cells> rows;
  std::vector<int64_t> lines;
  std::vector<std::string> malformed;
};

// Feeds the text in pieces of the given size.
Reading Read(absl::string_view text, CsvReaderOptions options = {}, size_t piece = std::string::npos,
             bool keep_going = true) {
  Reading reading;
  CsvReader::MalformedRowCallback on_malformed;
  if (keep_going) {
    on_malformed = [&](const CsvMalformedRow& row) {
      reading.malformed.push_back(absl::StrCat(row.line, ":", row.column, ": ", row.message));
      return absl::OkStatus();
    };
  }
  CsvReader reader(
      options,
      [&](const CsvRow& row) {
        reading.rows.emplace_back(row.cells.begin(), row.cells.end());
        reading.lines.push_back(row.line);
        return absl::OkStatus();
      },
      on_malformed);
  while (!text.empty() && reading.status.ok()) {
    reading.status = reader.Feed(text.substr(0, piece));
    text.remove_prefix(std::min(piece, text.size()));
  }
  if (reading.status.ok()) reading.status = reader.Finish();
  reading.header = reader.header();
  return reading;
}

CsvReaderOptions NoHeader() {
  CsvReaderOptions options;
  options.has_header = false;
  return options;
}

TEST(CsvReader, GivesHeaderAndRowsWithTheirLines) {
  const Reading reading = Read("a,b\n1,2\n3,4\n");
  EXPECT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_THAT(reading.header, ElementsAre("a", "b"));
  EXPECT_THAT(reading.rows, ElementsAre(Cells{"1", "2"}, Cells{"3", "4"}));
  EXPECT_THAT(reading.lines, ElementsAre(2, 3));
}

TEST(CsvReader, KeepsQuotedDelimitersQuotesAndLineEnds) {
  const Reading reading = Read("a,b\n\"x,\"\"y\"\"\",\"line 1\r\nline 2\n\"\n5,6\n");
  EXPECT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_THAT(reading.rows, ElementsAre(Cells{"x,\"y\"", "line 1\r\nline 2\n"}, Cells{"5", "6"}));
  EXPECT_THAT(reading.lines, ElementsAre(2, 5));
}

TEST(CsvReader, TakesAllLineEnds) {
  for (const char* text : {"a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4\r", "a,b\n1,2\r\n3,4"}) {
    const Reading reading = Read(text);
    EXPECT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_THAT(reading.rows, ElementsAre(Cells{"1", "2"}, Cells{"3", "4"})) << text;
    EXPECT_THAT(reading.lines, ElementsAre(2, 3)) << text;
  }
}

TEST(CsvReader, SkipsByteOrderMarkAndBlankLinesButCountsThem) {
  const Reading reading = Read("\xEF\xBB\xBF\n\r\na,b\r\n\r\n1,2\n\n\n3,4");
  EXPECT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_THAT(reading.header, ElementsAre("a", "b"));
  EXPECT_THAT(reading.rows, ElementsAre(Cells{"1", "2"}, Cells{"3", "4"}));
  EXPECT_THAT(reading.lines, ElementsAre(5, 8));
}

TEST(CsvReader, PassesRaggedRowsThrough) {
  const Reading reading = Read("a,b\n1\n1,2,3\n,\n");
  EXPECT_THAT(reading.rows, ElementsAre(Cells{"1"}, Cells{"1", "2", "3"}, Cells{"", ""}));
}

TEST(CsvReader, TrimsUnquotedCellsAndKeepsQuotedBlanks) {
  const Reading reading = Read("a,b,c\n  1 ,\"  x \" ,\ty z\t\n");
  EXPECT_THAT(reading.rows, ElementsAre(Cells{"1", "  x ", "y z"}));
}

TEST(CsvReader, TakesAQuoteInsideAnUnquotedCellAsText) {
  const Reading reading = Read("a,b\n5\" screen,3' 4\"\n1,2\n");
  EXPECT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_THAT(reading.malformed, IsEmpty());
  EXPECT_THAT(reading.rows, ElementsAre(Cells{"5\" screen", "3' 4\""}, Cells{"1", "2"}));
  EXPECT_THAT(reading.lines, ElementsAre(2, 3));
}

TEST(CsvReader, ContinuesAfterTextBehindAClosingQuote) {
  const Reading reading = Read("a,b\n1,\"x\"y,z\n3,4\n\"5\"6\n7,8\n");
  EXPECT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_THAT(reading.malformed,
              ElementsAre("2:2: expected a delimiter or a line end after the closing quote, got \"y\"",
                          "4:1: expected a delimiter or a line end after the closing quote, got \"6\""));
  EXPECT_THAT(reading.rows, ElementsAre(Cells{"3", "4"}, Cells{"7", "8"}));
  EXPECT_THAT(reading.lines, ElementsAre(3, 5));
}

TEST(CsvReader, StopsAtAMalformedRowWithoutAHandler) {
  const Reading reading = Read("a,b\n1,\"x\"y\n3,4\n", {}, std::string::npos, false);
  EXPECT_EQ(reading.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(reading.status.message(),
            "line 2, column 2: expected a delimiter or a line end after the closing quote, got \"y\"");
  EXPECT_THAT(reading.rows, IsEmpty());
}

TEST(CsvReader, NamesTheLineOfAQuoteLeftOpen) {
  const Reading reading = Read("a,b\n1,2\n3,\"four\n5,6\n");
  EXPECT_EQ(reading.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(reading.status.message(), "line 3, column 2: expected a closing quote, got the end of the file");
}

TEST(CsvReader, WithoutHeaderNamesColumnsByPlace) {
  const Reading reading = Read("1,2\n3,4", NoHeader());
  EXPECT_THAT(reading.header, ElementsAre("c0", "c1"));
  EXPECT_THAT(reading.rows, ElementsAre(Cells{"1", "2"}, Cells{"3", "4"}));
  EXPECT_THAT(reading.lines, ElementsAre(1, 2));
}

TEST(CsvReader, NamesNamelessColumnsAndRefusesRepeatedNames) {
  EXPECT_THAT(Read(",b\n1,2\n").header, ElementsAre("c0", "b"));
  const Reading reading = Read("a,b,a\n1,2,3\n");
  EXPECT_EQ(reading.status.message(), "line 1, column 3: expected distinct column names, got \"a\" twice");
}

TEST(CsvReader, TakesOtherDelimiters) {
  for (const char delimiter : {';', '\t', '|', ' '}) {
    CsvReaderOptions options;
    options.delimiter = delimiter;
    const std::string text =
        absl::StrCat("a", std::string(1, delimiter), "b\n\"1,5\"", std::string(1, delimiter), "2\n");
    EXPECT_THAT(Read(text, options).rows, ElementsAre(Cells{"1,5", "2"})) << delimiter;
  }
}

TEST(CsvReader, RefusesImpossibleOptions) {
  CsvReaderOptions options;
  options.delimiter = '"';
  EXPECT_THAT(std::string(Read("a\n", options).status.message()), HasSubstr("csv delimiter: expected one byte"));
}

TEST(CsvReader, EmptyFilesHaveNoHeader) {
  for (const char* text : {"", "\n\n", "\xEF\xBB\xBF"}) {
    EXPECT_EQ(Read(text).status.message(), "expected a header line, got an empty file");
  }
  EXPECT_THAT(Read("x").header, ElementsAre("x"));
  EXPECT_TRUE(Read("", NoHeader()).status.ok());
  EXPECT_TRUE(Read("a,b").status.ok());
}

TEST(CsvReader, RefusesUtf16WithAHint) {
  const Reading reading =
      Read(absl::string_view("\xFF\xFE"
                             "a\0",
                             4));
  EXPECT_EQ(reading.status.message(), "expected UTF-8, got UTF-16: save the file as UTF-8");
}

TEST(CsvReader, RefusesAHeaderThatIsNotUtf8) {
  const Reading reading = Read("spend,r\xE9gion\n1,2\n");
  EXPECT_EQ(reading.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(reading.status.message(),
            "line 1, column 2: the header is not valid UTF-8 (byte 0xe9): save the file as UTF-8");
  EXPECT_EQ(Read("\xEF").status.message(),
            "line 1, column 1: the header is not valid UTF-8 (byte 0xef): save the file as UTF-8");
  EXPECT_THAT(Read("r\xC3\xA9gion\n").header, ElementsAre("r\xC3\xA9gion"));
  EXPECT_THAT(Read("r\xE9gion\n", NoHeader()).rows, ElementsAre(Cells{"r\xE9gion"}));
}

TEST(CsvReader, ReportsAPartialCharacterBehindAQuoteByItsByte) {
  EXPECT_THAT(Read("a\n\"x\"\xC3\xA9\n").malformed,
              ElementsAre("2:1: expected a delimiter or a line end after the closing quote, got byte 0xc3"));
}

TEST(CsvReader, LimitsCellsEvenIfAQuoteNeverCloses) {
  CsvReaderOptions options;
  options.max_cell_bytes = 100;
  std::string text = "a,b\n1,2\n3,\"";
  for (int i = 0; i < 50; ++i) text += "some,text\n";
  const Reading reading = Read(text, options, 7);
  EXPECT_EQ(reading.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(reading.status.message(),
            "line 3, column 2: expected a cell of at most 100 bytes, got more: is a quote left open?");
  EXPECT_THAT(Read(absl::StrCat("a\n", std::string(100, 'x')), options).rows, ElementsAre(SizeIs(1)));
}

TEST(CsvReader, LimitsColumns) {
  CsvReaderOptions options;
  options.max_columns = 3;
  const Reading reading = Read("a,b,c\n1,2,3\n1,2,3,4\n", options);
  EXPECT_EQ(reading.status.message(), "line 3: expected at most 3 columns, got more: is the delimiter right?");
  EXPECT_THAT(reading.rows, SizeIs(1));
}

TEST(CsvReader, StopsWhenTheConsumerSaysSo) {
  int rows = 0;
  CsvReader reader({}, [&](const CsvRow&) { return ++rows == 2 ? absl::CancelledError("enough") : absl::OkStatus(); });
  EXPECT_EQ(reader.Feed("a\n1\n2\n3\n4\n").message(), "enough");
  EXPECT_EQ(rows, 2);
  EXPECT_EQ(reader.Feed("5\n").message(), "enough");
  EXPECT_EQ(reader.Finish().message(), "enough");
}

TEST(CsvReader, CutsAnywhereGiveTheSameRows) {
  const std::string text =
      "\xEF\xBB\xBF"
      "a,b,c\r\n\"x,\"\"y\"\"\",\"line 1\r\nline 2\",3\r\n\r\n5\" tv,,\"\"\r\n\"bad\"x,1\r\n , \"q\" "
      ",z\n1,2\r\n";
  const Reading whole = Read(text);
  ASSERT_TRUE(whole.status.ok()) << whole.status;
  ASSERT_THAT(whole.rows, SizeIs(4));
  EXPECT_THAT(whole.lines, ElementsAre(2, 5, 7, 8));
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    const Reading reading = Read(text, {}, piece);
    EXPECT_EQ(reading.rows, whole.rows) << piece;
    EXPECT_EQ(reading.lines, whole.lines) << piece;
    EXPECT_EQ(reading.malformed, whole.malformed) << piece;
  }
}

// Random tables, written and then read in random pieces, have the same cells.
TEST(CsvReader, ReadsBackWhateverTheWriterWrote) {
  Random random(7);
  const std::string alphabet = "ab1,;\"\"\n\r \t'\xC3\xA9";
  for (int round = 0; round < 300; ++round) {
    const size_t columns = 1 + random.Below(5);
    std::vector<Cells> rows(random.Below(8) + 1, Cells(columns));
    std::string text;
    CsvWriter writer(&text);
    for (Cells& row : rows) {
      for (std::string& cell : row) {
        for (size_t i = random.Below(6); i > 0; --i) cell.push_back(alphabet[random.Below(alphabet.size())]);
        writer.Text(cell);
      }
      writer.EndRow();
    }
    const Reading reading = Read(text, NoHeader(), 1 + random.Below(20));
    ASSERT_TRUE(reading.status.ok()) << reading.status << "\n" << text;
    ASSERT_EQ(reading.rows, rows) << text;
  }
}

// Random bytes neither crash nor stall the reader, and cutting them elsewhere changes nothing.
TEST(CsvReader, SurvivesRandomBytes) {
  Random random(11);
  const std::string alphabet = "\"\",\n\ra ";
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (size_t i = random.Below(40); i > 0; --i) text.push_back(alphabet[random.Below(alphabet.size())]);
    const Reading whole = Read(text, NoHeader());
    const Reading pieces = Read(text, NoHeader(), 1 + random.Below(5));
    ASSERT_EQ(whole.rows, pieces.rows) << text;
    ASSERT_EQ(whole.malformed, pieces.malformed) << text;
    ASSERT_EQ(whole.status, pieces.status) << text;
  }
}

}  // namespace
}  // namespace roicast

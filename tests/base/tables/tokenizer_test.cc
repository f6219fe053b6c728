#include "base/tables/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Cells = std::vector<std::string>;

struct Reading : Tokenizer::Sink {
  absl::Status status;
  std::vector<Cells> rows;
  std::vector<std::string> raw;
  std::vector<int64_t> lines;
  std::vector<int64_t> blanks;
  std::vector<std::string> malformed;
  int64_t end_line = 0;
  size_t stop_after = std::string::npos;

  absl::Status OnRow(const TokenizedRow& row) override {
    rows.emplace_back(row.cells.begin(), row.cells.end());
    raw.emplace_back(row.raw);
    lines.push_back(row.line);
    return rows.size() == stop_after ? absl::CancelledError("enough") : absl::OkStatus();
  }
  absl::Status OnMalformed(const MalformedRow& row) override {
    malformed.push_back(absl::StrCat(row.line, ":", row.column, ": ", row.message, " after ", row.raw));
    return absl::OkStatus();
  }
  absl::Status OnBlank(int64_t line) override {
    blanks.push_back(line);
    return absl::OkStatus();
  }
};

// Feeds the text in pieces of the given size.
Reading Read(absl::string_view text, TokenizerOptions options = {}, size_t piece = std::string::npos,
             size_t stop_after = std::string::npos) {
  Reading reading;
  reading.stop_after = stop_after;
  Tokenizer tokenizer(options, &reading);
  while (!text.empty() && reading.status.ok()) {
    reading.status = tokenizer.Feed(text.substr(0, piece));
    text.remove_prefix(std::min(piece, text.size()));
  }
  if (reading.status.ok()) reading.status = tokenizer.Finish();
  reading.end_line = tokenizer.line();
  return reading;
}

TEST(Tokenizer, GivesRowsWithTheirLinesAndText) {
  const Reading reading = Read("a,b\n1,\"2\"\n");
  EXPECT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_THAT(reading.rows, ElementsAre(Cells{"a", "b"}, Cells{"1", "2"}));
  EXPECT_THAT(reading.raw, ElementsAre("a,b", "1,\"2\""));
  EXPECT_THAT(reading.lines, ElementsAre(1, 2));
}

TEST(Tokenizer, KeepsQuotedDelimitersQuotesAndLineEnds) {
  const Reading reading = Read("\"x,\"\"y\"\"\",\"line 1\r\nline 2\n\rend\"\n\"\"\"\"\"\",\"\"\n5,6\n");
  EXPECT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_THAT(reading.rows,
              ElementsAre(Cells{"x,\"y\"", "line 1\r\nline 2\n\rend"}, Cells{"\"\"", ""}, Cells{"5", "6"}));
  EXPECT_THAT(reading.lines, ElementsAre(1, 5, 6));
}

TEST(Tokenizer, TakesAllLineEnds) {
  for (const char* text : {"1,2\n3,4\n", "1,2\r\n3,4\r\n", "1,2\r3,4\r", "1,2\r\n3,4"}) {
    const Reading reading = Read(text);
    EXPECT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_THAT(reading.rows, ElementsAre(Cells{"1", "2"}, Cells{"3", "4"})) << text;
    EXPECT_THAT(reading.lines, ElementsAre(1, 2)) << text;
    EXPECT_THAT(reading.blanks, IsEmpty());
  }
}

TEST(Tokenizer, CountsBlankLinesButTheyAreNoRows) {
  const Reading reading = Read("\n\r\na,b\r\n \t \r\n1,2\n\n\"\"\n3,4");
  EXPECT_THAT(reading.rows, ElementsAre(Cells{"a", "b"}, Cells{"1", "2"}, Cells{""}, Cells{"3", "4"}));
  EXPECT_THAT(reading.lines, ElementsAre(3, 5, 7, 8));
  EXPECT_THAT(reading.blanks, ElementsAre(1, 2, 4, 6));
}

TEST(Tokenizer, PassesRaggedRowsThrough) {
  EXPECT_THAT(Read("a,b\n1\n1,2,3\n,\n").rows,
              ElementsAre(Cells{"a", "b"}, Cells{"1"}, Cells{"1", "2", "3"}, Cells{"", ""}));
}

TEST(Tokenizer, TrimsUnquotedCellsAndKeepsQuotedBlanks) {
  EXPECT_THAT(Read("  1 ,\"  x \" ,\ty z\t, \n").rows, ElementsAre(Cells{"1", "  x ", "y z", ""}));
}

TEST(Tokenizer, TakesAQuoteInsideAnUnquotedCellAsText) {
  const Reading reading = Read("5\" screen,3' 4\"\n1,2\n");
  EXPECT_THAT(reading.malformed, IsEmpty());
  EXPECT_THAT(reading.rows, ElementsAre(Cells{"5\" screen", "3' 4\""}, Cells{"1", "2"}));
}

TEST(Tokenizer, ContinuesAfterTextBehindAClosingQuote) {
  for (const char* end : {"\n", "\r\n", "\r"}) {
    const Reading reading =
        Read(absl::StrCat("1,\"x\"y,z", end, "3,4", end, "\"5\"6", end, "\"7\" \"8\",9", end, "7,8"));
    EXPECT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_THAT(
        reading.malformed,
        ElementsAre("1:2: expected a delimiter or a line end after the closing quote, got \"y\" after 1,\"x\"",
                    "3:1: expected a delimiter or a line end after the closing quote, got \"6\" after \"5\"",
                    "4:1: expected a delimiter or a line end after the closing quote, got \"\"\" after \"7\" "));
    EXPECT_THAT(reading.rows, ElementsAre(Cells{"3", "4"}, Cells{"7", "8"}));
    EXPECT_THAT(reading.lines, ElementsAre(2, 5));
  }
}

TEST(Tokenizer, ReportsAPartialCharacterBehindAQuoteByItsByte) {
  EXPECT_THAT(
      Read("\"x\"\xC3\xA9\n").malformed,
      ElementsAre("1:1: expected a delimiter or a line end after the closing quote, got byte 0xc3 after \"x\""));
}

TEST(Tokenizer, NamesTheLineOfAQuoteLeftOpen) {
  const Reading reading = Read("a,b\n1,2\n3,\"four\n5,6\n");
  EXPECT_EQ(reading.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(reading.status.message(), "line 3, column 2: expected a closing quote, got the end of the file");
}

TEST(Tokenizer, TakesOtherDelimiters) {
  for (const char delimiter : {';', '\t', '|', ' '}) {
    const std::string text = absl::StrCat("\"1,5\"", std::string(1, delimiter), "2", std::string(1, delimiter), "\n");
    EXPECT_THAT(Read(text, {.delimiter = delimiter}).rows, ElementsAre(Cells{"1,5", "2", ""})) << delimiter;
  }
}

TEST(Tokenizer, LimitsCellsEvenIfAQuoteNeverCloses) {
  const TokenizerOptions options{.max_cell_bytes = 100};
  std::string text = "a,b\n1,2\n3,\"";
  for (int i = 0; i < 50; ++i) text += "some,text\n";
  for (const size_t piece : {size_t{1}, size_t{7}, text.size()}) {
    const Reading reading = Read(text, options, piece);
    EXPECT_EQ(reading.status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(reading.status.message(),
              "line 3, column 2: expected a cell of at most 100 bytes, got more: is a quote left open?");
    EXPECT_THAT(reading.rows, SizeIs(2));
  }
  EXPECT_TRUE(Read(absl::StrCat("a,", std::string(100, 'x')), options).status.ok());
  EXPECT_FALSE(Read(absl::StrCat("a,", std::string(101, 'x'), ",b"), options).status.ok());
}

TEST(Tokenizer, LimitsColumns) {
  const TokenizerOptions options{.max_columns = 3};
  const std::string text = "a,b,c\n1,2,3,4\n";
  for (const size_t piece : {size_t{1}, text.size()}) {
    const Reading reading = Read(text, options, piece);
    EXPECT_EQ(reading.status.message(), "line 2: expected at most 3 columns, got more: is the delimiter right?");
    EXPECT_THAT(reading.rows, SizeIs(1));
  }
}

// Ten thousand cells of 1 MB each were taken into memory, from 3 MB of gzip.
TEST(Tokenizer, LimitsRows) {
  const TokenizerOptions options{.max_cell_bytes = 8, .max_row_bytes = 20};
  const std::string text = "a,b,c\n12345678,12345678,12\n" + absl::StrCat("12345678,12345678,123", ",4\n");
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    const Reading reading = Read(text, options, piece);
    EXPECT_EQ(reading.status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(reading.status.message(), "line 3: expected a row of at most 20 bytes, got more: is a line end missing?");
    EXPECT_THAT(reading.rows, SizeIs(2)) << "20 bytes are a row";
  }
  EXPECT_EQ(Read("1,2,3,4,5,6,7,8,9,10,\"123", options).status.message(),
            "line 1: expected a row of at most 20 bytes, got more: is a line end missing?");
  EXPECT_EQ(Read("123456789,123456789,123456789", options, 1).status.message(),
            "line 1, column 1: expected a cell of at most 8 bytes, got more: is a quote left open?")
      << "the first limit that is exceeded";
}

TEST(Tokenizer, ByDefaultARowHas16MebibytesAtMost) {
  std::string row(2000, 'x');
  for (int i = 0; i < 5; ++i) row = absl::StrCat(row, ",", row, ",", row, ",", row, ",", row, ",", row, ",", row);
  EXPECT_EQ(Read(absl::StrCat("a,b\n", row.substr(0, (16 << 20) + 1)), {}, 65536).status.message(),
            "line 2: expected a row of at most 16777216 bytes, got more: is a line end missing?");
  EXPECT_THAT(Read(row.substr(0, 16 << 20)).rows, SizeIs(1));
}

TEST(Tokenizer, StopsWhenTheSinkSaysSo) {
  const Reading reading = Read("1\n2\n3\n", {}, std::string::npos, 2);
  EXPECT_EQ(reading.status.message(), "enough");
  EXPECT_THAT(reading.rows, SizeIs(2));
}

void ExpectSame(const Reading& whole, const Reading& pieces, const std::string& text) {
  ASSERT_EQ(whole.rows, pieces.rows) << text;
  ASSERT_EQ(whole.raw, pieces.raw) << text;
  ASSERT_EQ(whole.lines, pieces.lines) << text;
  ASSERT_EQ(whole.blanks, pieces.blanks) << text;
  ASSERT_EQ(whole.malformed, pieces.malformed) << text;
  ASSERT_EQ(whole.status, pieces.status) << text;
  if (!whole.status.ok()) return;
  ASSERT_EQ(whole.end_line, pieces.end_line) << text;
}

TEST(Tokenizer, CutsAnywhereGiveTheSameRows) {
  const std::string text =
      "a,b,c\r\n\"x,\"\"y\"\"\",\"line 1\r\nline 2\",3\r\n\r\n5\" tv,,\"\"\r\n\"bad\"x,1\r\n , \"q\" ,z\n1,2\r\n" +
      std::string(200, 'x') + "," + std::string(200, 'y') + "\r\n\"" + std::string(150, 'z') + "\"\n";
  const Reading whole = Read(text);
  ASSERT_TRUE(whole.status.ok()) << whole.status;
  EXPECT_THAT(whole.lines, ElementsAre(1, 2, 5, 7, 8, 9, 10));
  for (size_t piece = 1; piece <= text.size(); ++piece) ExpectSame(whole, Read(text, {}, piece), text);
  // One cut at each position.
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    Reading reading;
    Tokenizer tokenizer({}, &reading);
    ASSERT_TRUE(tokenizer.Feed(absl::string_view(text).substr(0, cut)).ok());
    ASSERT_TRUE(tokenizer.Feed(absl::string_view(text).substr(cut)).ok());
    ASSERT_TRUE(tokenizer.Finish().ok());
    reading.end_line = tokenizer.line();
    ExpectSame(whole, reading, text);
  }
}

// The grammar again, one character after the other.
std::vector<Cells> ReadPlainly(absl::string_view text) {
  std::vector<Cells> rows;
  size_t i = 0;
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  const auto end = [&](size_t at) { return at >= text.size() || text[at] == '\n' || text[at] == '\r'; };
  while (i < text.size()) {
    Cells row;
    bool quoted_row = false;
    bool malformed = false;
    for (;;) {
      while (i < text.size() && blank(text[i])) ++i;
      std::string cell;
      if (i < text.size() && text[i] == '"') {
        quoted_row = true;
        for (++i; !(text[i] == '"' && (i + 1 == text.size() || text[i + 1] != '"')); ++i) {
          if (text[i] == '"') ++i;
          cell.push_back(text[i]);
        }
        ++i;
        while (i < text.size() && blank(text[i])) ++i;
        malformed = !end(i) && text[i] != ',';
      } else {
        while (!end(i) && text[i] != ',') cell.push_back(text[i++]);
        while (!cell.empty() && blank(cell.back())) cell.pop_back();
      }
      row.push_back(cell);
      if (malformed || end(i)) break;
      ++i;
    }
    while (!end(i)) ++i;
    i += text.substr(i, 2) == "\r\n" ? 2 : 1;
    if (!malformed && (quoted_row || row.size() > 1 || !row[0].empty())) rows.push_back(row);
  }
  return rows;
}

// Random bytes give what a plain reading gives, however they are cut.
TEST(Tokenizer, AgreesWithAPlainReadingOfRandomBytes) {
  Random random(11);
  const std::string alphabet = "\"\",\n\ra ";
  int readable = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string text;
    const size_t size = random.Below(round % 4 == 0 ? 300 : 40);
    for (size_t i = 0; i < size; ++i) text.push_back(alphabet[random.Below(alphabet.size())]);
    const TokenizerOptions options{.max_cell_bytes = 40, .max_columns = 12, .max_row_bytes = 90};
    ExpectSame(Read(text, options), Read(text, options, 1 + random.Below(70)), text);
    const Reading whole = Read(text);
    ExpectSame(whole, Read(text, {}, 1 + random.Below(70)), text);
    if (!whole.status.ok()) continue;
    ++readable;
    ASSERT_EQ(whole.rows, ReadPlainly(text)) << text;
  }
  EXPECT_GT(readable, 1000);
}

}  // namespace
}  // namespace roicast

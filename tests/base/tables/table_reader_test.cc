#include "base/tables/table_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace roicast {
namespace {

using std::string_literals::operator""s;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

using Cells = std::vector<std::string>;

struct Reading {
  absl::Status status;
  FileForm form;
  Cells header;
  Cells raw_header;
  std::vector<Cells> rows;
  std::vector<int64_t> lines;
  Cells raw;
  // line[:column] reason text[: message]
  Cells left_out;
  std::vector<TableNote> notes;
  std::optional<FileOptions> better;
  int headers = 0;
};

Reading Read(absl::string_view bytes, FileOptions options = {}, size_t piece = std::string::npos) {
  Reading reading;
  TableReader reader(
      options, {[&](const FileForm&, const std::vector<std::string>& names) {
                  ++reading.headers;
                  reading.header = names;
                  return absl::OkStatus();
                },
                [&](const TableRow& row) {
                  EXPECT_EQ(row.cells.size(), reading.header.size());
                  reading.rows.emplace_back(row.cells.begin(), row.cells.end());
                  reading.lines.push_back(row.line);
                  reading.raw.emplace_back(row.raw);
                  return absl::OkStatus();
                },
                [&](const LeftOutRow& row) {
                  if (row.reason == LeftOut::kBlank) return;
                  reading.left_out.push_back(absl::StrCat(row.line, row.column > 0 ? absl::StrCat(":", row.column) : "",
                                                          " ", LeftOutName(row.reason), " ", row.text,
                                                          row.message.empty() ? "" : ": ", row.message));
                }});
  while (!bytes.empty() && reading.status.ok()) {
    reading.status = reader.Feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  if (reading.status.ok()) reading.status = reader.Finish();
  reading.form = reader.form();
  reading.raw_header = reader.raw_header();
  reading.notes = reader.notes();
  reading.better = reader.better();
  return reading;
}

// The notes, warnings with "!", flags behind.
Cells Notes(const Reading& reading) {
  Cells notes;
  for (const TableNote& note : reading.notes) {
    notes.push_back(absl::StrCat(note.warning ? "! " : "", absl::StrJoin(note.lines, ","),
                                 note.lines.empty() ? "" : ": ", note.message, note.flags.empty() ? "" : " | ",
                                 absl::StrJoin(note.flags, " | ")));
  }
  return notes;
}

FileOptions NoHeader() {
  FileOptions options;
  options.has_header = false;
  return options;
}

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

TEST(TableReader, LeavesOutTitlesAboveTheHeader) {
  const Reading reading = Read(
      "Campaign report\n\"January 1, 2024 - January 31, 2024\"\nAccount: Example, Ltd.\n\n"
      "Campaign,Cost,Clicks\nx,1,2\ny,3,4\n");
  EXPECT_EQ(reading.form.header_line, 5);
  EXPECT_THAT(reading.header, ElementsAre("Campaign", "Cost", "Clicks"));
  EXPECT_THAT(reading.lines, ElementsAre(6, 7));
  EXPECT_THAT(reading.left_out, ElementsAre("1 title Campaign report", "2 title \"January 1, 2024 - January 31, 2024\"",
                                            "3 title Account: Example, Ltd."));
  EXPECT_THAT(
      Notes(reading),
      ElementsAre("5: the header is on line 5; 3 lines of titles or comments, such as \"Campaign report\", were left "
                  "out"));
}

TEST(TableReader, LeavesOutTitlesThatASpreadsheetPadded) {
  const Reading reading = Read("Report,,\nAccount,Example,\n,,\nCampaign,Cost,Clicks\nx,1,2\ny,3,4\n,,\nz,5,6\n");
  EXPECT_EQ(reading.form.header_line, 4);
  EXPECT_THAT(reading.rows, SizeIs(3));
  EXPECT_THAT(reading.left_out, ElementsAre("1 title Report,,", "2 title Account,Example,"));
}

TEST(TableReader, PairsAboveABlankLineAreNoTable) {
  const Reading reading = Read("Account,Example\nFrom,2024-01-01\n\nchannel,spend\nSearch,1\nVideo,2\n");
  EXPECT_EQ(reading.form.header_line, 4);
  EXPECT_THAT(reading.header, ElementsAre("channel", "spend"));
  // But a blank line in a table is none.
  EXPECT_EQ(Read("channel,spend\nSearch,1\n\nVideo,2\nSocial,3\n").form.header_line, 1);
}

TEST(TableReader, GroupsOfColumnsAboveTheirNamesAreTitles) {
  const Reading reading = Read("Campaign,,Result,\nname,kind,spend,clicks\nx,y,1,2\nz,y,3,4\n");
  EXPECT_EQ(reading.form.header_line, 2);
  EXPECT_THAT(reading.header, ElementsAre("name", "kind", "spend", "clicks"));
}

TEST(TableReader, LeavesOutCommentsAndTheTotalsBelowTheHeader) {
  const Reading reading = Read(
      "# ----------------\n# Traffic acquisition\n# Account: a, b, c\n#\n# Start date: 20240101\n"
      "Session source,Sessions,Revenue,\n,30,300,Grand total\ngoogle,10,100,\nbing,20,200,\n");
  EXPECT_EQ(reading.form.header_line, 6);
  EXPECT_THAT(reading.lines, ElementsAre(8, 9));
  ASSERT_THAT(reading.left_out, SizeIs(6));
  EXPECT_EQ(reading.left_out[0], "1 comment # ----------------");
  EXPECT_EQ(reading.left_out[5], "7 totals ,30,300,Grand total");
}

TEST(TableReader, TotalsAreToldByEmptyCells) {
  const Reading reading =
      Read("Campaign,Channel,Cost\nx,Search,1\ny,Video,2\nTotal: Campaigns, --,17\nTotal: Account, --,18\n");
  EXPECT_THAT(reading.rows, SizeIs(2));
  EXPECT_THAT(reading.left_out, ElementsAre("4 totals Total: Campaigns, --,17", "5 totals Total: Account, --,18"));
  EXPECT_THAT(Notes(reading), ElementsAre("4,5: 2 rows of totals, such as \"Total: Campaigns, --,17\", were left out | "
                                          "--keep-totals"));
  EXPECT_THAT(Read("a,b,c\nx,y,1\nTotal,,5\n").rows, SizeIs(1));
  FileOptions options;
  options.keep_totals = true;
  EXPECT_THAT(Read("Campaign,Channel,Cost\nx,Search,1\ny,Video,2\nTotal,--,17\n", options).rows, SizeIs(3));
}

TEST(TableReader, TotalsAreToldByTheirSums) {
  for (const char* word :
       {"Total", "TOTALS:", "Grand total", "Gesamt", "Summe", "Gesamtsumme", "Total g\xC3\xA9n\xC3\xA9ral", "Totale",
        "Total general", "Итого", "合計", "合计", "总计", "총계"}) {
    const Reading reading = Read(absl::StrCat("channel;spend\nSearch;1.200,50\nVideo;2.300,25\n", word, ";3.500,75\n"));
    EXPECT_THAT(reading.rows, SizeIs(2)) << word;
    EXPECT_THAT(reading.left_out, ElementsAre(absl::StrCat("4 totals ", word, ";3.500,75")));
  }
  EXPECT_THAT(Read("channel,spend\nSearch,\"$1,200.50\"\nVideo,$300\nTotal,\"$1,500.50\"\n").rows, SizeIs(2));
}

TEST(TableReader, ACampaignCalledTotalIsKeptAndSaid) {
  const Reading reading = Read("channel,spend\nSearch,100\nVideo,200\nSocial,300\nTotal,77\nDisplay,5\n");
  EXPECT_THAT(reading.rows, SizeIs(5));
  EXPECT_THAT(Notes(reading), ElementsAre("! 5: rows have a word for totals, but their amounts are not the sums of the "
                                          "others; they were kept"));
}

TEST(TableReader, TotalsAboveTheRowsWaitForTheirSums) {
  Reading reading = Read("channel,spend\nTotal,300\nSearch,100\nVideo,200\n");
  EXPECT_THAT(reading.lines, ElementsAre(3, 4));
  EXPECT_THAT(reading.left_out, ElementsAre("2 totals Total,300"));
  reading = Read("channel,spend\nTotal,30\nSearch,100\nVideo,200\n");
  EXPECT_THAT(reading.lines, ElementsAre(3, 4, 2));
  EXPECT_THAT(reading.left_out, IsEmpty());
}

TEST(TableReader, TotalsOfGroupsAreToldByTheirSums) {
  const Reading reading =
      Read("channel,spend\nSearch,100\nVideo,200\nSubtotal,300\nSocial,10\nDisplay,20\nSubtotal,30\nTotal,330\n");
  EXPECT_THAT(reading.lines, ElementsAre(2, 3, 5, 6));
}

// Rows of totals as advertising platforms write them: the first cell says so somewhere, or says nothing.
TEST(TableReader, TotalsAreToldByTheirSumsWhateverTheFirstCellSays) {
  const std::string table = "Campaign,Channel,Region,Cost,Revenue\na,x,n,1.5,10\nb,y,s,2,20\nc,x,s,4,40\n";
  for (const char* total :
       {"Total of 3 results,-,-,7.5,70", "Total (3),--,--,7.5,70", "Account total: 3 campaigns,,,7.5,70", ",,,7.5,70",
        "Results from 3 campaigns,,,7.5,70", "--,-,,7.5,70", "Account total,x,n,7.5,70", "共3条合计,x,n,7.5,70"}) {
    const Reading reading = Read(absl::StrCat(table, total, "\n"));
    EXPECT_THAT(reading.lines, ElementsAre(2, 3, 4)) << total;
    EXPECT_THAT(reading.left_out, ElementsAre(absl::StrCat("5 totals ", total)));
    EXPECT_THAT(Notes(reading),
                ElementsAre(absl::StrCat("5: 1 row of totals, such as \"", total, "\", was left out | --keep-totals")));
    FileOptions options;
    options.keep_totals = true;
    EXPECT_THAT(Read(absl::StrCat(table, total, "\n"), options).lines, ElementsAre(2, 3, 4, 5));
  }
}

TEST(TableReader, NamelessTotalsMayStandAboveTheRows) {
  Reading reading = Read("Campaign,Channel,Cost,Revenue\n,,7.5,70\na,x,1.5,10\nb,y,2,20\nc,x,4,40\n");
  EXPECT_THAT(reading.lines, ElementsAre(3, 4, 5));
  EXPECT_THAT(reading.left_out, ElementsAre("2 totals ,,7.5,70"));
  reading = Read("Campaign,Channel,Cost,Revenue\n,,8.5,80\na,x,1.5,10\nb,y,2,20\nc,x,4,40\n");
  EXPECT_THAT(reading.lines, UnorderedElementsAre(2, 3, 4, 5));
  EXPECT_THAT(reading.left_out, IsEmpty());
  EXPECT_THAT(Notes(reading), IsEmpty());
}

TEST(TableReader, RowsOfCampaignsAreNoTotals) {
  const std::string header = "Campaign,Channel,Cost,Revenue\n";
  // The name has the word, but the amounts are no sums; the last is as its only forerunner.
  EXPECT_THAT(Read(header + "Total Wireless,x,1,10\nTotal Wireless,x,1,10\nb,y,2,21\nTotal Wireless,y,3,30\n").lines,
              ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(Read(header + "a,x,1,10\nb,y,2,20\nMy Total Brand,y,3,35\n").lines, ElementsAre(2, 3, 4));
  // No word, and the cells are filled, though the amounts are the sums.
  EXPECT_THAT(Read(header + "a,x,1,10\nb,y,2,20\nc,y,3,30\n").lines, ElementsAre(2, 3, 4));
  // Nameless, but more rows follow.
  const Reading reading = Read(header + "a,x,1,10\nb,y,2,20\n,,3,30\nd,y,5,50\n");
  EXPECT_THAT(reading.lines, ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(reading.left_out, IsEmpty());
}

TEST(TableReader, SubtotalsMaySayOfWhat) {
  for (const char* word : {"Subtotal Search", "Zwischensumme Suche", "Sous-total Recherche"}) {
    const Reading reading = Read(absl::StrCat("Campaign,Channel,Cost\na,x,1\nb,x,2\n", word, ",,3\nc,y,4\nd,y,5\n",
                                              word, " 2,y,9\nGrand total,,12\n"));
    EXPECT_THAT(reading.lines, ElementsAre(2, 3, 5, 6)) << word;
    EXPECT_THAT(reading.left_out, SizeIs(3)) << word;
  }
}

TEST(TableReader, TotalsOfGroupsMayBeNameless) {
  const std::string header = "Campaign,Channel,Cost,Revenue\n";
  const std::string search = "a,Search,1,10\nb,Search,2,20\nc,Search,4,40\n";
  const std::string video = "d,Video,8,80\ne,Video,16,160\nf,Video,32,320\n";
  // As ROLLUP writes them.
  const Reading reading = Read(header + search + ",Search,7,70\n" + video + ",Video,56,560\n,,63,630\n");
  EXPECT_THAT(reading.lines, ElementsAre(2, 3, 4, 6, 7, 8));
  EXPECT_THAT(reading.left_out, ElementsAre("5 totals ,Search,7,70", "9 totals ,Video,56,560", "10 totals ,,63,630"));
  // One amount agrees, the other does not.
  EXPECT_THAT(Read(header + search + ",Search,7,71\n" + video).lines, ElementsAre(2, 3, 4, 5, 6, 7, 8));
}

TEST(TableReader, SubtotalsInOtherPlacesAreSaid) {
  const std::string header = "Campaign,Channel,Region,Cost,Revenue\n";
  const std::string rows =
      "d,Video,n,8,80\na,Search,n,1,10\ne,Video,s,16,160\nb,Search,s,2,20\nf,Video,n,32,320\nc,Search,n,4,40\n";
  const std::string message =
      "rows without a name in the first column, or with \"All\" in place of one, add up to the other rows: they look "
      "like subtotals, but were kept; remove them from the file if they are";
  const Reading nameless = Read(header + ",Video,,56,560\n,Search,,7,70\n" + rows);
  EXPECT_THAT(nameless.rows, SizeIs(8));
  EXPECT_THAT(Notes(nameless), ElementsAre("! 2,3: " + message));
  EXPECT_THAT(Notes(Read(header + "Video,All,All,56,560\n" + rows + "Search,All,All,7,70\n")),
              ElementsAre("! 2,9: " + message));
  EXPECT_THAT(Notes(Read(header + ",Video,,55,560\n,Search,,7,71\n" + rows)), IsEmpty());
}

TEST(TableReader, AveragesOfAllRowsAreTotals) {
  const std::string rows = "Campaign,Channel,Cost,Revenue\na,x,1,10\nb,y,2,20\nc,x,6,60\n";
  EXPECT_THAT(Read(rows + "Average,,3,30\n").lines, ElementsAre(2, 3, 4));
  EXPECT_THAT(Read(rows + "Total,,9,90\nAverage,,3,30\nMedian,--,2,20\nMax,,6,60\n").lines, ElementsAre(2, 3, 4));
  // Campaigns with such names.
  EXPECT_THAT(Read(rows + "Max,y,6,61\nMean,x,7,71\n").lines, ElementsAre(2, 3, 4, 5, 6));
  EXPECT_THAT(Read("Channel,Cost\na,1\nb,2\nc,6\nAverage,3\n").lines, ElementsAre(2, 3, 4));
  EXPECT_THAT(Read("Channel,Cost\na,1\nb,2\nc,6\nAverage,4\n").lines, ElementsAre(2, 3, 4, 5));
}

TEST(TableReader, OneNulInAFileOfTextIsNamed) {
  std::string text = "campaign,channel,spend,revenue\nalpha,Search,100,200\nbeta,Vi_deo,300,400\n";
  text[text.find('_')] = '\0';
  TableReader reader(FileOptions(), {});
  absl::Status status = reader.Feed(text);
  if (status.ok()) status = reader.Finish();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(),
            "line 3, column 2: expected text, got a NUL character: is the file damaged, or in another encoding than "
            "utf-8 (--encoding)?");
}

TEST(TableReader, ATitleThatCouldBeAHeaderIsProposedAsOne) {
  const std::string rows = "Campaign,Kind,Cost,Revenue\nx,y,1,2\nz,y,3,4\n";
  EXPECT_THAT(Notes(Read("Account report,,,\n" + rows)),
              ElementsAre("2: the header is on line 2; 1 line of titles or comments, such as \"Account report,,,\", "
                          "was left out"));
  EXPECT_THAT(Notes(Read("Name,,Result,\n" + rows)),
              ElementsAre("2: the header is on line 2; 1 line of titles or comments, such as \"Name,,Result,\", was "
                          "left out | --header-line 1"));
}

TEST(TableReader, LeavesOutFooters) {
  const Reading reading = Read(
      "Campaign,Cost,Clicks\nx,1,2\ny,3,4\n\nReport generated by Example on 2024-02-01\n\xC2\xA9 2024 Example,,\nAll "
      "rows are in "
      "USD\n");
  EXPECT_THAT(reading.rows, SizeIs(2));
  EXPECT_THAT(reading.left_out, ElementsAre("5 footer Report generated by Example on 2024-02-01",
                                            "6 footer \xC2\xA9 2024 Example,,", "7 footer All rows are in USD"));
}

TEST(TableReader, SingleCellsInTheMiddleAreNoFooter) {
  const Reading reading = Read("a,b,c\n1,2,3\n\nsome words\nnote: x,,\n4,5,6\n");
  EXPECT_THAT(reading.lines, ElementsAre(2, 5, 6));
  EXPECT_THAT(reading.left_out, ElementsAre("4 malformed some words: expected 3 cells, got 1"));
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

TEST(TableReader, LeavesOutRepeatedHeaders) {
  const Reading reading = Read("a,b\n1,2\na,b\n3,4\n");
  EXPECT_THAT(reading.lines, ElementsAre(2, 4));
  EXPECT_THAT(Notes(reading), ElementsAre("3: 1 row that repeated the header was left out"));
}

TEST(TableReader, AHeaderInAnotherOrderIsAnError) {
  const Reading reading = Read("a,spend,revenue\nx,1,2\na,revenue,spend\ny,3,4\n");
  EXPECT_THAT(std::string(reading.status.message()),
              HasSubstr("line 3: expected a row, got the header's names in another order"));
  EXPECT_THAT(Read("a,spend\nx,1\nA,Spend\ny,2\n").lines, ElementsAre(2, 4));
}

TEST(TableReader, RowNumbersNeedNoName) {
  // As R's write.table writes a table.
  const Reading reading = Read("\"kind\",\"spend\"\n\"1\",\"x\",1.5\n\"2\",\"y\",2\n\"10\",\"z\",3\n");
  EXPECT_THAT(reading.header, ElementsAre("c0", "kind", "spend"));
  EXPECT_THAT(reading.rows, ElementsAre(Cells{"1", "x", "1.5"}, Cells{"2", "y", "2"}, Cells{"10", "z", "3"}));
  EXPECT_THAT(Notes(reading),
              ElementsAre("1: the header has one name fewer than the rows have cells; the first column, "
                          "which numbers the rows, is called \"c0\""));
  FileOptions options = FileOptions::From(reading.form);
  EXPECT_EQ(Read("kind,spend\n1,x,1.5\n2,y,2\n", options).header, reading.header);
}

TEST(TableReader, RowsWithOneCellMoreThanTheHeaderAreAnError) {
  const std::string text = "name,kind,spend\nCamp 0, new,x,1\nCamp 1, old,y,2\nCamp 2, new,x,3\n";
  const std::string message =
      "line 1: expected as many names in the header as the rows below have cells, got 3 names and 4 cells, as in line "
      "2: is there a delimiter within cells that are not quoted, such as a decimal comma? (--delimiter, --header-line)";
  EXPECT_EQ(Read(text).status.message(), message);
  FileOptions options;
  options.header_line = 1;
  EXPECT_EQ(Read(text, options).status.message(), message);
}

TEST(TableReader, AFileOfMalformedRowsIsAnError) {
  const Reading reading = Read("a,b\n\"x\"y,1\n\"x\"y,2\n\"x\"y,3\n");
  EXPECT_EQ(
      reading.status.message(),
      "line 2: expected a row of the table, got \"x\": expected a delimiter or a line end after the closing quote, "
      "got \"y\"; so are all 3 lines below the header: see --delimiter and --header-line");
}

TEST(TableReader, TellsRepeatedNamesApart) {
  const Reading reading = Read("Clicks,x,Clicks,Clicks (2), Clicks\n1,2,3,4,5\n");
  EXPECT_THAT(reading.header, ElementsAre("Clicks", "x", "Clicks (3)", "Clicks (2)", "Clicks (4)"));
  EXPECT_THAT(Notes(reading),
              ElementsAre("1: columns with the name of another are called \"Clicks (3)\", \"Clicks (4)\""));
  EXPECT_THAT(Read("Clicks,Clicks\n1,2\n").header, ElementsAre("Clicks", "Clicks (2)"));
}

TEST(TableReader, NormalizesNamesAndKeepsWhatStandsInTheFile) {
  const Reading reading = Read("\"Amount\nspent\r\n (USD)\",\" a\xC2\xA0 \"\n1,2\n");
  EXPECT_THAT(reading.header, ElementsAre("Amount spent (USD)", "a"));
  EXPECT_THAT(reading.raw_header, ElementsAre("Amount\nspent\r\n (USD)", " a\xC2\xA0 "));
  EXPECT_THAT(reading.lines, ElementsAre(4));
}

TEST(TableReader, NamesNamelessColumns) {
  const Reading reading = Read(",b\n1,2\n");
  EXPECT_THAT(reading.header, ElementsAre("c0", "b"));
  EXPECT_THAT(Notes(reading), ElementsAre("1: columns without a name are called \"c0\""));
}

TEST(TableReader, WithoutHeaderNamesColumnsByPlace) {
  const Reading reading = Read("1,2\n3,4", NoHeader());
  EXPECT_THAT(reading.header, ElementsAre("c0", "c1"));
  EXPECT_THAT(reading.lines, ElementsAre(1, 2));
  EXPECT_EQ(reading.form.header_line, 0);
  EXPECT_EQ(reading.headers, 1);
}

TEST(TableReader, WarnsOfAHeaderThatLooksLikeData) {
  EXPECT_THAT(Notes(Read("Search,10,20\nVideo,30,40\nVideo,30,41\n")),
              ElementsAre("! 1: line 1 was taken as the header, but it looks like a row of data | --no-header"));
  EXPECT_THAT(Notes(Read("channel,spend,q1\nVideo,30,40\nVideo,30,41\n")), IsEmpty());
  EXPECT_THAT(Notes(Read("channel,2022,2023\nVideo,30,40\nVideo,30,41\n")), IsEmpty());
  // Rows that are equal to such a header are not left out.
  EXPECT_THAT(Read("0,1\n1,0\n0,1\n0,1\n").rows, SizeIs(3));
}

TEST(TableReader, TakesTheHeaderLineThatIsSaid) {
  FileOptions options;
  options.header_line = 3;
  const Reading reading = Read("a,b\n1,2\nc,d\n3,4\n", options);
  EXPECT_THAT(reading.header, ElementsAre("c", "d"));
  EXPECT_THAT(reading.lines, ElementsAre(4));
  EXPECT_EQ(reading.form.header_line, 3);
  options.header_line = 9;
  EXPECT_EQ(Read("a,b\n1,2\n", options).status.message(),
            "expected the header on line 9 (--header-line), got a file of fewer lines");
}

TEST(TableReader, ReadsAFormAgain) {
  const std::string text = "title\n\na;b;\n1,5;2;\n3;4;\n";
  const Reading first = Read(text);
  const Reading again = Read(text, FileOptions::From(first.form));
  EXPECT_EQ(again.form, first.form);
  EXPECT_EQ(again.rows, first.rows);
  EXPECT_EQ(again.lines, first.lines);
}

TEST(TableReader, ReadsWindows1252AndSaysSo) {
  const Reading reading = Read("R\xE9gion;D\xE9pense\r\n\xCEle;3,10 \x80\r\nSud;4\r\n");
  EXPECT_EQ(reading.form.encoding, Encoding::kWindows1252);
  EXPECT_THAT(reading.header, ElementsAre("R\xC3\xA9gion", "D\xC3\xA9pense"));
  EXPECT_THAT(reading.rows[0], ElementsAre("\xC3\x8Ele", "3,10 \xE2\x82\xAC"));
  EXPECT_EQ(Notes(reading)[0], "the text is not UTF-8; it was read as Windows-1252 | --encoding latin-1");
}

TEST(TableReader, RefusesEncodingsOfOtherScripts) {
  // 广告系列,消费 in GBK.
  const std::string text = "\xB9\xE3\xB8\xE6\xCF\xB5\xC1\xD0,\xCF\xFB\xB7\xD1\nx,1\n";
  EXPECT_THAT(std::string(Read(text).status.message()), HasSubstr("got text that looks Chinese (GBK): convert it"));
  FileOptions options;
  options.encoding = Encoding::kWindows1252;
  EXPECT_THAT(Read(text, options).rows, SizeIs(1));
}

TEST(TableReader, ReadsUtf16WithAndWithoutMark) {
  for (const bool mark : {false, true}) {
    std::string bytes = mark ? "\xFF\xFE"s : ""s;
    for (const char c : "a\tb\n1\t2\n"s) bytes += {c, '\0'};
    const Reading reading = Read(bytes);
    EXPECT_TRUE(reading.status.ok()) << reading.status;
    EXPECT_EQ(reading.form.encoding, Encoding::kUtf16Le);
    EXPECT_EQ(reading.form.byte_order_mark, mark);
    EXPECT_EQ(reading.form.delimiter, '\t');
    EXPECT_THAT(reading.rows, ElementsAre(Cells{"1", "2"}));
  }
}

TEST(TableReader, BytesBeyondTheSampleChangeTheEncoding) {
  std::string text = "a,b\n";
  while (text.size() < 300'000) text += "plain,1\n";
  const Reading reading = Read(text + "r\xE9gion,2\n");
  EXPECT_TRUE(reading.status.ok()) << reading.status;
  EXPECT_EQ(reading.form.encoding, Encoding::kWindows1252);
  EXPECT_EQ(reading.rows.back()[0], "r\xC3\xA9gion");
}

TEST(TableReader, BytesThatContradictTheSampleNameABetterWay) {
  std::string text = "a,b\n\xC3\xA9,1\n";
  while (text.size() < 300'000) text += "plain,1\n";
  for (int i = 0; i < 10; ++i) text += "r\xE9gion,2\n";
  const Reading reading = Read(text);
  EXPECT_EQ(reading.status.code(), absl::StatusCode::kAborted);
  EXPECT_THAT(std::string(reading.status.message()), HasSubstr("(--encoding windows-1252)"));
  ASSERT_TRUE(reading.better.has_value());
  EXPECT_EQ(reading.better->encoding, Encoding::kWindows1252);
  const Reading again = Read(text, *reading.better);
  EXPECT_TRUE(again.status.ok()) << again.status;
  EXPECT_EQ(again.rows.back()[0], "r\xC3\xA9gion");
}

TEST(TableReader, WarnsOfDamagedCharacters) {
  const Reading reading = Read("name,b\n\xC3\xA9\xC3\xA9\xC3\xA9,1\nx\xE9,2\n");
  EXPECT_THAT(reading.rows[1], ElementsAre("x\xEF\xBF\xBD", "2"));
  EXPECT_THAT(Notes(reading),
              ElementsAre("! 3: 1 character is not valid UTF-8 and became U+FFFD | --encoding windows-1252"));
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

TEST(TableReader, OneColumnAsksAboutTheDelimiter) {
  const Reading reading = Read("a~b\n1~2\n");
  EXPECT_THAT(Notes(reading),
              ElementsAre("! the file was read as one column, because no delimiter divides its lines alike | "
                          "--delimiter ';' | --delimiter '\\t' | --delimiter '|'"));
  EXPECT_THAT(Read("x\n\"\"\n1\n\n2\n").rows, ElementsAre(Cells{""}, Cells{"1"}, Cells{"2"}));
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

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/tables/table_reader.h"
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

TEST(TableReader, AHeaderInAnotherOrderIsAnError) {
  const Reading reading = Read("a,spend,revenue\nx,1,2\na,revenue,spend\ny,3,4\n");
  EXPECT_THAT(std::string(reading.status.message()),
              HasSubstr("line 3: expected a row, got the header's names in another order"));
  EXPECT_THAT(Read("a,spend\nx,1\nA,Spend\ny,2\n").lines, ElementsAre(2, 4));
}

// An upload of 33 kB with 30 names of 1 MB was answered with 30 MB.
TEST(TableReader, LimitsNamesOfColumns) {
  const std::string longest(1024, 'n');
  EXPECT_THAT(Read("a," + longest + "\n1,2\n").header, ElementsAre("a", longest));
  const Reading reading = Read("a," + longest + "n\n1,2\n");
  EXPECT_EQ(reading.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(reading.status.message(),
            "line 1, column 2: expected a name of at most 1024 bytes, got 1025: is the header "
            "on another line (--header-line)?");
  EXPECT_EQ(Read(longest + ",spend," + longest + "\n1,2,3\n").status.message(),
            "line 1, column 3: expected a name of at most 1024 bytes, got 1028: is the header on another line "
            "(--header-line)?")
      << "as the second of that name is called";
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

// All columns behind such a name had the name of the one before, and only a note said that a cell is missing.
TEST(TableReader, ANameWithADelimiterInsideIsOneName) {
  const std::string rows = "x,1,2,3\ny,4,5,6\n";
  Reading reading = Read("kind,CPM (cost per 1,000 impressions) (USD),Reach,spend\n" + rows);
  EXPECT_THAT(reading.header, ElementsAre("kind", "CPM (cost per 1,000 impressions) (USD)", "Reach", "spend"));
  EXPECT_THAT(reading.raw_header, ElementsAre("kind", "CPM (cost per 1,000 impressions) (USD)", "Reach", "spend"));
  EXPECT_THAT(reading.rows, ElementsAre(Cells{"x", "1", "2", "3"}, Cells{"y", "4", "5", "6"}));
  EXPECT_THAT(Notes(reading),
              ElementsAre("! 1: the header has one name more than the rows have cells, because a comma inside a name "
                          "is not quoted; \"CPM (cost per 1,000 impressions) (USD)\" was taken as one name"));
  reading = Read("kind,Per 1,000,000 views,Actions (web, app),spend\n" + rows);
  EXPECT_THAT(reading.header, ElementsAre("kind", "Per 1,000,000 views", "Actions (web,app)", "spend"));
  EXPECT_THAT(Notes(reading),
              ElementsAre("! 1: the header has 3 names more than the rows have cells, because a comma inside a name is "
                          "not quoted; \"Per 1,000,000 views\" and \"Actions (web,app)\" were taken as one name each"));
}

TEST(TableReader, AHeaderThatIsWiderThanAllRowsIsAWarning) {
  const std::string message =
      "! 1: no row has as many cells as the header has names: the last columns were left empty; if a comma stands "
      "inside a name, the columns behind it have the wrong names: put that name in quotes";
  Reading reading = Read("kind,spend,Reach, in thousands\nx,1,2\ny,4,5\n");
  EXPECT_THAT(reading.header, ElementsAre("kind", "spend", "Reach", "in thousands"));
  EXPECT_THAT(Notes(reading), ElementsAre(message));
  // Two places, but one name more.
  EXPECT_THAT(
      Notes(Read("Per 1,000,000 views,b\nx,1,2\ny,4,5\n")),
      ElementsAre("! 1: line 1 was taken as the header, but it looks like a row of data | --no-header", message));
  // Names that look so, but are told apart by the rows.
  reading = Read("Top 1,100 views,b\nx,1,2\ny,4,5\nz,1,\n");
  EXPECT_THAT(reading.header, ElementsAre("Top 1", "100 views", "b"));
  EXPECT_THAT(Notes(reading), IsEmpty());
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
  const auto warning =
      ElementsAre("! 1: line 1 was taken as the header, but it looks like a row of data | --no-header");
  EXPECT_THAT(Notes(Read("0.18182,-0.018136,1e-05\n-2.6182,0.00086364,2e-05\n2.3,0.03,-1e-05\n")), warning);
  // Nothing below it is an amount.
  EXPECT_THAT(Notes(Read("1.5,2,-3\nx,y,123456789012345\nz,y,123456789012346\n")), warning);
  EXPECT_THAT(Notes(Read("2022,2023\n30,40\n30,41\n")), IsEmpty());
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

TEST(TableReader, NumberedNamesAreNoData) {
  for (const char* header : {"date,m0,m1,m2", "date,x_1,x_2,x_3", "spend,week1,week2,week3"}) {
    EXPECT_THAT(Notes(Read(absl::StrCat(header, "\n2024-05-01,0.5,1.25,3\n2024-05-02,0.75,2.5,4\n"))), IsEmpty())
        << header;
  }
}

}  // namespace
}  // namespace roicast

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "base/tables/table_reader.h"
#include "tests/base/tables/whole_reading.h"

namespace roicast {
namespace {

using roicast::testing::Notes;
using roicast::testing::Read;
using roicast::testing::Reading;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

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

// Reports of accounts fill in the currency, and their totals cover campaigns that the report does not list.
TEST(TableReader, WhatAllRowsShareTellsNoTotalsApart) {
  const std::string rows = "State,Campaign,Code,Cost\nEnabled,x,USD,1\nPaused,y,USD,2\nEnabled,z,USD,3\n";
  Reading reading = Read(absl::StrCat(rows, "Total: Account, --,USD,1612688\n"));
  EXPECT_THAT(reading.rows, SizeIs(3));
  EXPECT_THAT(reading.left_out, ElementsAre("5 totals Total: Account, --,USD,1612688"));
  // Accounts in several currencies.
  reading = Read(
      "State,Campaign,Code,Cost\nOn,x,USD,1\nOff,y,EUR,2\nOn,z,EUR,3\nTotal,--,EUR,9\nTotal,--,USD,9\nTotal,--,USA,"
      "9\n");
  EXPECT_THAT(reading.lines, ElementsAre(2, 3, 4, 7));
  reading =
      Read("State,Campaign,Account,Cost\nOn,x,Acme,1\nOff,y,Acme,2\nOn,z,Acme,3\nTotal,--,Acme,9\nTotal,--,Other,9\n");
  EXPECT_THAT(reading.lines, ElementsAre(2, 3, 4, 6));
  // A campaign of that name: no cell is empty.
  EXPECT_THAT(Read("Campaign,Code,Cost\nx,USD,1\ny,USD,2\nz,USD,3\nTotal,USD,9\nv,USD,4\n").rows, SizeIs(5));
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

// The ROAS of all rows is no sum of theirs.
TEST(TableReader, TotalsBesideARatioAreToldByOneSum) {
  const std::string header = "By Day,Campaign name,Cost,ROAS\n";
  const std::string rows =
      "2024-09-10,Social,100.25,2.02\n2024-04-17,Video,200.5,0.03\n2024-01-02,Search,300.75,2.36\n";
  EXPECT_THAT(Read(header + "Total of 3 results,-,601.5,1.45\n" + rows).lines, ElementsAre(3, 4, 5));
  EXPECT_THAT(Read(header + rows + "Total of 3 results,-,601.5,1.45\n").rows, SizeIs(3));
  EXPECT_THAT(Read(header + rows + "Total of 3 results,-,599,1.45\n").rows, SizeIs(4));
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

TEST(TableReader, TotalsOfGroupsMaySaySoBehindTheFirstCell) {
  for (const char* word : {"Total", "All", "All campaigns", "Summe"}) {
    const Reading reading = Read(
        absl::StrCat("Day,Campaign,Channel,Cost,Revenue\n2024-01-03,a,x,1,10\n2024-01-03,b,y,2,20\n", "2024-01-03,",
                     word, ",,3,30\n2024-01-04,a,x,4,40\n2024-01-04,b,y,8,80\n", "2024-01-04,", word, ",,12,120\n"));
    EXPECT_THAT(reading.lines, ElementsAre(2, 3, 5, 6)) << word;
  }
  // No sums.
  EXPECT_THAT(Read("Day,Campaign,Cost,Revenue\n2024-01-03,a,1,10\n2024-01-03,b,2,20\n2024-01-03,Total,3,31\n").lines,
              ElementsAre(2, 3, 4));
}

// One such group ended the search: its total was added to the next group, whose sums agreed with nothing from there on.
TEST(TableReader, TotalsOfGroupsMayBeOfOneRow) {
  const std::string header = "Day,Campaign,Channel,Cost,Revenue\n";
  for (const char* word : {"Total", "Gesamt", "All", "(all)", "Overall"}) {
    const auto total = [word](const char* day, const char* amounts) {
      return absl::StrCat(day, ",", word, ",", word, ",", amounts, "\n");
    };
    const Reading reading = Read(absl::StrCat(
        header, "2024-05-03,a,x,1,10\n2024-05-03,b,y,2,20\n", total("2024-05-03", "3,30"), "2024-05-04,a,x,4,40\n",
        total("2024-05-04", "4,40"), "2024-05-05,a,x,4,0\n2024-05-05,b,y,8,0\n", total("2024-05-05", "12,0"),
        "2024-05-06,b,y,8,80\n2024-05-06,a,x,1,10\n", total("2024-05-06", "9,90")));
    EXPECT_THAT(reading.lines, ElementsAre(2, 3, 5, 7, 8, 10, 11)) << word;
    EXPECT_THAT(Notes(reading), SizeIs(1)) << word;
  }
  // Before any other.
  EXPECT_THAT(
      Read(header + "2024-05-03,a,x,1,10\n2024-05-03,Total,Total,1,10\n2024-05-04,b,y,2,20\n2024-05-04,a,x,4,40\n")
          .lines,
      ElementsAre(2, 4, 5));
  // A row that is like the one before it in its only amount.
  EXPECT_THAT(Read("Day,Campaign,Cost\n2024-05-03,a,1\n2024-05-03,All,1\n2024-05-04,b,2\n2024-05-04,a,4\n").lines,
              ElementsAre(2, 3, 4, 5));
}

TEST(TableReader, OneTotalThatAgreesWithNothingDoesNotEndTheSearch) {
  const Reading reading = Read(
      "Day,Campaign,Cost,Revenue\n2024-05-03,a,1,10\n2024-05-03,b,2,20\n2024-05-03,Total,4,30.5\n2024-05-04,a,4,"
      "40\n2024-05-04,b,8,80\n"
      "2024-05-04,Total,12,120\n");
  EXPECT_THAT(reading.lines, ElementsAre(2, 3, 4, 5, 6));
  EXPECT_THAT(Notes(reading),
              ElementsAre("7: 1 row of totals, such as \"2024-05-04,Total,12,120\", was left out | --keep-totals",
                          "! 4: 1 row has a word for totals in place of another word, but its amounts are not the sums "
                          "of the rows before; it was kept; remove it from the file if it is a total"));
}

TEST(TableReader, TotalsInACommonCurrencyAreTotalsOfGroups) {
  EXPECT_THAT(
      Read("Day,Campaign,Code,Cost,Revenue\n2024-05-03,a,USD,1,10\n2024-05-03,b,USD,2,20\n2024-05-03,Total,USD,3,30\n"
           "2024-05-04,a,USD,4,40\n2024-05-04,b,USD,8,80\n2024-05-04,Total,USD,12,120\n")
          .lines,
      ElementsAre(2, 3, 5, 6));
}

TEST(TableReader, TotalsAboveTheirGroupsOrAtTheEndAreSaid) {
  const std::string header = "Day,Campaign,Channel,Cost,Revenue\n";
  const std::string may3 = "2024-05-03,a,x,1,10\n2024-05-03,b,y,2,20\n2024-05-03,c,y,3,31\n",
                    total3 = "2024-05-03,Total,Total,6,61\n";
  const std::string may4 = "2024-05-04,a,x,4,40\n2024-05-04,b,y,8,80\n2024-05-04,c,x,5,50\n",
                    total4 = "2024-05-04,Total,Total,17,170\n";
  const std::string message =
      "2 rows without a name in the first column, with \"All\" or \"Total\" in place of one, or with an empty cell "
      "where "
      "nearly all others have a name or a date, add up to the other rows: they look like subtotals, but were kept; "
      "remove them from the file if they are";
  EXPECT_THAT(Notes(Read(absl::StrCat(header, total3, may3, total4, may4))), ElementsAre("! 2,6: " + message));
  EXPECT_THAT(Notes(Read(absl::StrCat(header, may3, may4, total3, total4))), ElementsAre("! 8,9: " + message));
  // They do not add up, but the word says what they are.
  EXPECT_THAT(
      Notes(Read(absl::StrCat(header, may3, may4, total3, "2024-05-04,Total,Total,17.5,171\n"))),
      ElementsAre("! 8,9: 2 rows have a word for totals in place of another word, but their amounts are not the "
                  "sums of the rows before; they were kept; remove them from the file if they are totals"));
}

TEST(TableReader, SubtotalsInOtherPlacesAreSaid) {
  const std::string header = "Campaign,Channel,Region,Cost,Revenue\n";
  const std::string rows =
      "d,Video,n,8,80\na,Search,n,1,10\ne,Video,s,16,160\nb,Search,s,2,20\nf,Video,n,32,320\nc,Search,n,4,40\n";
  const std::string message =
      "2 rows without a name in the first column, with \"All\" or \"Total\" in place of one, or with an empty cell "
      "where "
      "nearly all others have a name or a date, add up to the other rows: they look like subtotals, but were kept; "
      "remove them from the file if they are";
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

}  // namespace
}  // namespace roicast

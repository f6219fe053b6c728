#include "model/data/csv_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/model/data/read_csv.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsNan;

TEST(ReadCsvText, InfersTheKindFromAllValues) {
  const CsvTable csv =
      ReadCsvOrFail("price,channel,start,month\n1.5,search,2024-01-01,4\n-2e3,social,2024-01-02T03:00:00Z,5\n");
  const Table& table = csv.table;
  ASSERT_EQ(table.columns().size(), 4u);
  EXPECT_EQ(csv.rows_in, 2);
  EXPECT_EQ(table.Find("price")->kind, FeatureKind::kNumeric);
  EXPECT_THAT(table.Find("price")->numbers, ElementsAre(1.5, -2000));
  EXPECT_EQ(table.Find("channel")->kind, FeatureKind::kCategorical);
  EXPECT_THAT(table.Find("channel")->codes, ElementsAre(0, 1));
  EXPECT_EQ(table.Find("start")->kind, FeatureKind::kTime);
  EXPECT_THAT(table.Find("start")->numbers, ElementsAre(1704067200, 1704164400));
  EXPECT_EQ(table.Find("month")->kind, FeatureKind::kNumeric);
}

TEST(ReadCsvText, TakesTrueAndFalseAsCategories) {
  const CsvTable csv = ReadCsvOrFail("weekend\nTRUE\nFALSE\nTRUE\n");
  EXPECT_EQ(csv.table.columns()[0].kind, FeatureKind::kCategorical);
  EXPECT_THAT(csv.table.columns()[0].dictionary, ElementsAre("TRUE", "FALSE"));
}

TEST(ReadCsvText, LetsALateWordTurnAColumnOfNumbersIntoCategoriesAsSpelled) {
  const CsvTable csv = ReadCsvOrFail("code\n01067\n1.0\n1\nABC\nDEF\nGHI\n01067\n");
  const Column& zip = csv.table.columns()[0];
  EXPECT_EQ(zip.kind, FeatureKind::kCategorical);
  EXPECT_THAT(zip.dictionary, ElementsAre("01067", "1.0", "1", "ABC", "DEF", "GHI"));
  EXPECT_THAT(zip.codes, ElementsAre(0, 1, 2, 3, 4, 5, 0));
}

TEST(ReadCsvText, KeepsTheSpellingWhereAColumnIsKnownToBeCategorical) {
  CsvTableOptions options;
  options.kinds = {{"zip", FeatureKind::kCategorical}, {"not there", FeatureKind::kTime}};
  const CsvTable csv = ReadCsvOrFail("zip\n01067\n1067\n", options);
  EXPECT_THAT(csv.table.columns()[0].dictionary, ElementsAre("01067", "1067"));
}

TEST(ReadCsvText, ReadsQuotesEmbeddedLinesCrLfAndAByteOrderMark) {
  const CsvTable csv = ReadCsvOrFail("\xEF\xBB\xBFname,price\r\n\"a, \"\"b\"\"\nc\",1\r\nplain,2\r\n");
  EXPECT_THAT(csv.table.columns()[0].dictionary, ElementsAre("a, \"b\"\nc", "plain"));
  EXPECT_THAT(csv.table.Find("price")->numbers, ElementsAre(1, 2));
  EXPECT_EQ(csv.LineOf(0), 2);
  EXPECT_EQ(csv.LineOf(1), 4);
}

TEST(ReadCsvText, KnowsTheSpellingsOfMissing) {
  const CsvTable csv = ReadCsvOrFail("x,y\n1,a\nNA,#N/A\n,null\nnan,None\nn/a,b\n");
  EXPECT_THAT(csv.table.Find("x")->numbers, ElementsAre(1, IsNan(), IsNan(), IsNan(), IsNan()));
  EXPECT_THAT(csv.table.Find("y")->codes, ElementsAre(0, -1, -1, -1, 1));
  EXPECT_EQ(csv.issue_count, 0);
}

TEST(ReadCsvText, StopsWithinThePieceThatItIsToldIn) {
  std::string text = "x,y\n";
  while (text.size() < (size_t{3} << 20)) absl::StrAppend(&text, text.size(), ",word\n");
  int asked = 0;
  CsvTableOptions options;
  options.stop = [&] {
    ++asked;
    return absl::OkStatus();
  };
  EXPECT_TRUE(ReadCsvText(text, options).ok());
  // Twice: to find out how it is written, and to read it.
  const int whole = asked;
  EXPECT_GE(whole, 2 * 12);
  for (const int at : {1, 5, whole / 2, whole - 3, whole}) {
    asked = 0;
    options.stop = [&] { return ++asked < at ? absl::OkStatus() : absl::CancelledError("not wanted"); };
    EXPECT_EQ(ReadCsvText(text, options).status(), absl::CancelledError("not wanted")) << at;
    EXPECT_EQ(asked, at);
  }
}

TEST(ReadCsvText, TakesOwnSpellingsOfMissing) {
  CsvTableOptions options;
  options.missing_values = {"-", "unknown"};
  const CsvTable csv = ReadCsvOrFail("x,y\n-,NA\n3,Unknown\n2,a\n", options);
  EXPECT_THAT(csv.table.Find("x")->numbers, ElementsAre(IsNan(), 3, 2));
  EXPECT_THAT(csv.table.Find("y")->codes, ElementsAre(-1, -1, 0));
  EXPECT_EQ(csv.reading->missing_values, options.missing_values);

  // With the reading alone, the same.
  CsvTableOptions again;
  again.reading = csv.reading;
  EXPECT_THAT(ReadCsvOrFail("x,y\n-,NA\n3,Unknown\n2,a\n", again).table.Find("y")->codes, ElementsAre(-1, -1, 0));
}

TEST(ReadCsvText, TakesWordsThatMeanMissingElsewhere) {
  CsvTableOptions options;
  options.words = {{"y", "NA"}};
  options.kinds = {{"y", FeatureKind::kCategorical}};
  const CsvTable csv = ReadCsvOrFail("x,y\nNA,NA\n3,none\n2,na\n", options);
  EXPECT_THAT(csv.table.Find("x")->numbers, ElementsAre(IsNan(), 3, 2));
  EXPECT_THAT(csv.table.Find("y")->codes, ElementsAre(0, -1, -1));
}

TEST(ReadCsvText, TakesAnotherDelimiterAndNoHeader) {
  CsvTableOptions options;
  options.file.delimiter = ';';
  options.file.has_header = false;
  const CsvTable csv = ReadCsvOrFail("1;a\n2;b\n", options);
  EXPECT_EQ(csv.rows_in, 2);
  EXPECT_THAT(csv.table.Find("c0")->numbers, ElementsAre(1, 2));
  EXPECT_THAT(csv.table.Find("c1")->dictionary, ElementsAre("a", "b"));
}

TEST(ReadCsvText, LeavesRaggedRowsOutAndReportsThem) {
  const CsvTable csv = ReadCsvOrFail("a,b\n1,2\n3\n4,5,6\n7,8\n");
  EXPECT_EQ(csv.rows_in, 4);
  EXPECT_EQ(csv.malformed_rows, 2);
  EXPECT_EQ(csv.table.rows(), 2);
  EXPECT_THAT(csv.table.Find("a")->numbers, ElementsAre(1, 7));
  ASSERT_EQ(csv.issues.size(), 2u);
  EXPECT_EQ(csv.issues[0].line, 3);
  EXPECT_EQ(csv.issues[0].column, 0);
  EXPECT_EQ(csv.issues[0].message, "expected 2 cells, got 1");
  EXPECT_EQ(csv.issues[1].line, 4);
  EXPECT_EQ(csv.issues[1].message, "expected 2 cells, got 3");
  EXPECT_EQ(csv.LineOf(1), 5);
}

TEST(ReadCsvText, ContinuesAfterARowWithTextBehindAClosingQuote) {
  const CsvTable csv = ReadCsvOrFail("a,b\n1,\"x\"y\n2,z\n");
  EXPECT_EQ(csv.malformed_rows, 1);
  EXPECT_THAT(csv.table.Find("a")->numbers, ElementsAre(2));
  ASSERT_EQ(csv.issues.size(), 1u);
  EXPECT_EQ(csv.issues[0].line, 2);
  EXPECT_EQ(csv.issues[0].column, 2);
}

TEST(ReadCsvText, ReportsTheFewCellsThatDoNotFitANumericColumn) {
  std::string text = "id,price\n";
  for (int i = 0; i < 200; ++i) absl::StrAppend(&text, i, ",", i == 150 ? "abc" : absl::StrCat(i * 0.5), "\n");
  const CsvTable csv = ReadCsvOrFail(text);
  const Column& price = *csv.table.Find("price");
  EXPECT_EQ(price.kind, FeatureKind::kNumeric);
  EXPECT_THAT(price.numbers[150], IsNan());
  EXPECT_EQ(price.numbers[151], 75.5);
  ASSERT_EQ(csv.issue_count, 1);
  EXPECT_EQ(csv.issues[0].line, 152);
  EXPECT_EQ(csv.issues[0].column, 2);
  EXPECT_EQ(csv.issues[0].message, "\"price\": expected a number, got \"abc\"; taken as missing");
}

TEST(ReadCsvText, ReadsBytesThatAreNotUtf8AsWindows1252) {
  const CsvTable csv = ReadCsvOrFail("r\xE9gion,spend\nK\xF6ln,1\nBonn,2\nK\xF6ln,3\n");
  const Column* region = csv.table.Find("r\xC3\xA9gion");
  ASSERT_NE(region, nullptr);
  EXPECT_THAT(region->dictionary, ElementsAre("K\xC3\xB6ln", "Bonn"));
  EXPECT_EQ(csv.reading->file.encoding, Encoding::kWindows1252);
}

TEST(ReadCsvText, MakesCategoriesOfAColumnInWhichManyCellsAreWords) {
  std::string text = "price\n";
  for (int i = 0; i < 100; ++i) absl::StrAppend(&text, i < 20 ? absl::StrCat("w", i) : absl::StrCat(i), "\n");
  EXPECT_EQ(ReadCsvOrFail(text).table.columns()[0].kind, FeatureKind::kCategorical);
}

TEST(ReadCsvText, ListsTheFirstHundredIssuesAndCountsAll) {
  CsvTableOptions options;
  options.kinds = {{"x", FeatureKind::kNumeric}};
  std::string text = "x,y\n1,1\n";
  for (int i = 0; i < 150; ++i) absl::StrAppend(&text, i % 2 == 0 ? "bad,1\n" : "1\n");
  const CsvTable csv = ReadCsvOrFail(text, options);
  EXPECT_EQ(csv.issue_count, 150);
  ASSERT_EQ(csv.issues.size(), static_cast<size_t>(kMaxCsvIssues));
  for (int i = 0; i < kMaxCsvIssues; ++i) EXPECT_EQ(csv.issues[i].line, i + 3);
}

TEST(ReadCsvText, KeepsAColumnOfVeryManyNumbersAsNumbersWithItsMisfits) {
  std::string text = "x\n";
  for (int i = 0; i < 100'000; ++i)
    absl::StrAppend(&text, i == 10 || i == 90'000 ? "odd" : absl::StrCat(i, ".5"), "\n");
  const CsvTable csv = ReadCsvOrFail(text);
  const Column& x = csv.table.columns()[0];
  ASSERT_EQ(x.kind, FeatureKind::kNumeric);
  EXPECT_EQ(x.numbers[9], 9.5);
  EXPECT_THAT(x.numbers[10], IsNan());
  EXPECT_THAT(x.numbers[90'000], IsNan());
  EXPECT_EQ(x.numbers[99'999], 99'999.5);
  ASSERT_EQ(csv.issues.size(), 2u);
  EXPECT_EQ(csv.issues[0].line, 12);
  EXPECT_EQ(csv.issues[1].line, 90'002);
}

TEST(ReadCsvText, TakesVeryManyNumbersBackToCategoriesWhereTheRestAreWords) {
  std::string text = "x\n";
  for (int i = 0; i < 80'000; ++i)
    absl::StrAppend(&text, i < 70'000 ? absl::StrCat(i) : absl::StrCat("word ", i), "\n");
  const CsvTable csv = ReadCsvOrFail(text);
  const Column& x = csv.table.columns()[0];
  ASSERT_EQ(x.kind, FeatureKind::kCategorical);
  ASSERT_EQ(x.codes.size(), 80'000u);
  EXPECT_EQ(x.dictionary.size(), 80'000u);
  EXPECT_EQ(x.dictionary[x.codes[69'999]], "69999");
  EXPECT_EQ(x.dictionary[x.codes[79'999]], "word 79999");
  EXPECT_EQ(csv.issue_count, 0);
}

TEST(ReadCsvText, RefusesAColumnOfKnownKindInWhichNoCellFits) {
  CsvTableOptions options;
  options.kinds = {{"start", FeatureKind::kTime}};
  const auto csv = ReadCsvText("start\nsoon\nlater\n", options);
  EXPECT_EQ(csv.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(csv.status().message(), "line 2, column \"start\": expected time values, got \"soon\" and no valid cell");
}

TEST(ReadCsvText, SaysHowAYesOrNoCanBeLearnt) {
  CsvTableOptions options;
  options.kinds = {{"won", FeatureKind::kNumeric}};
  EXPECT_EQ(ReadCsvText("won\nTRUE\nFALSE\nTRUE\n", options).status().message(),
            "line 2, column \"won\": expected numeric values, got \"TRUE\" and no valid cell; a yes or no can be the "
            "target (--target), of which the probability is predicted");
  EXPECT_EQ(ReadCsvText("won\nno\nmaybe\n", options).status().message(),
            "line 2, column \"won\": expected numeric values, got \"no\" and no valid cell");
}

TEST(ReadCsvText, TellsRepeatedNamesApartAndRefusesAnEmptyFile) {
  const CsvTable csv = ReadCsvOrFail("a,a\n1,2\n");
  EXPECT_EQ(csv.table.columns()[1].name, "a (2)");
  EXPECT_EQ(ReadCsvText("", {}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ReadCsvText, GivesATableWithoutRowsForAHeaderAlone) {
  const CsvTable csv = ReadCsvOrFail("a,b\n");
  EXPECT_EQ(csv.table.rows(), 0);
  EXPECT_EQ(csv.table.columns().size(), 2u);
}

TEST(ReadCsvText, StopsAtTheRowLimit) {
  CsvTableOptions options;
  options.max_rows = 2;
  const auto csv = ReadCsvText("a\n1\n2\n3\n", options);
  EXPECT_EQ(csv.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(csv.status().message(), "line 4: expected at most 2 rows, got more");
}

TEST(ReadCsvFile, ReadsWhatTheTextReads) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/csv_table_test.csv");
  std::ofstream(path) << "x\n1\n2\n";
  const auto csv = ReadCsvFile(path, {});
  ASSERT_TRUE(csv.ok()) << csv.status();
  EXPECT_THAT(csv->table.columns()[0].numbers, ElementsAre(1, 2));
  std::remove(path.c_str());
}

TEST(ReadCsvFile, NamesAMissingFile) {
  const auto csv = ReadCsvFile("/nowhere/campaigns.csv", {});
  EXPECT_EQ(csv.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(csv.status().message()), HasSubstr("/nowhere/campaigns.csv"));
}

TEST(ReadCsvText, ReadsNumbersAndTimesAsTheyAreWritten) {
  const CsvTable csv = ReadCsvOrFail("Date;D\xC3\xA9pense;Taux\n17/05/2024;1.234,50;3,1 %\n01/06/2024;12,00;0,5 %\n");
  EXPECT_THAT(csv.table.Find("D\xC3\xA9pense")->numbers, ElementsAre(1234.5, 12.0));
  EXPECT_THAT(csv.table.Find("Taux")->numbers, ElementsAre(0.031, 0.005));
  EXPECT_EQ(csv.table.Find("Date")->kind, FeatureKind::kTime);
  EXPECT_THAT(csv.table.Find("Date")->numbers, ElementsAre(1715904000, 1717200000));
}

TEST(ReadCsvText, ReadsTheSameBytesJustAsBefore) {
  const std::string text = "zip,price\n00501,1\n00504,2\n00501,x\n00507,4\n";
  const CsvTable first = ReadCsvOrFail(text);
  CsvTableOptions options;
  options.reading = first.reading;
  const CsvTable again = ReadCsvOrFail(text, options);
  EXPECT_EQ(again.table.Find("zip")->dictionary, first.table.Find("zip")->dictionary);
  EXPECT_THAT(again.table.Find("price")->numbers, ElementsAre(1, 2, IsNan(), 4));
  // Another kind for one column leaves the others as they were.
  options.kinds = {{"price", FeatureKind::kCategorical}};
  const CsvTable words = ReadCsvOrFail(text, options);
  EXPECT_THAT(words.table.Find("price")->dictionary, ElementsAre("1", "2", "x", "4"));
  EXPECT_THAT(words.table.Find("zip")->dictionary, ElementsAre("00501", "00504", "00507"));
}

TEST(ReadCsvText, NumbersOfANameAreWordsUnlessTheKindIsSaid) {
  const std::string text = "Campaign ID,spend\n7,1\n9,2\n7,3\n";
  EXPECT_THAT(ReadCsvOrFail(text).table.Find("Campaign ID")->dictionary, ElementsAre("7", "9"));
  CsvTableOptions options;
  options.kinds = {{"Campaign ID", FeatureKind::kNumeric}};
  EXPECT_THAT(ReadCsvOrFail(text, options).table.Find("Campaign ID")->numbers, ElementsAre(7, 9, 7));
}

TEST(ReadCsvText, WordsThatAreEqualNumbersAreOneWord) {
  CsvTableOptions options;
  options.kinds = {{"tier", FeatureKind::kCategorical}};
  const CsvTable csv = ReadCsvOrFail("tier\n1\n1.0\n2\n01\n", options);
  EXPECT_THAT(csv.table.Find("tier")->dictionary, ElementsAre("1", "1.0", "2", "01"));
  const CsvTable merged = ReadCsvOrFail("tier\n1\n1.0\n2\n2\n", options);
  EXPECT_THAT(merged.table.Find("tier")->dictionary, ElementsAre("1", "2"));
  EXPECT_THAT(merged.table.Find("tier")->codes, ElementsAre(0, 0, 1, 1));
}

}  // namespace
}  // namespace roicast

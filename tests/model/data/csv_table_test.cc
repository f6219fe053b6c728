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
  const CsvTable csv = ReadCsvOrFail("zip\n01067\n1.0\n1\nABC\n01067\n");
  const Column& zip = csv.table.columns()[0];
  EXPECT_EQ(zip.kind, FeatureKind::kCategorical);
  EXPECT_THAT(zip.dictionary, ElementsAre("01067", "1.0", "1", "ABC"));
  EXPECT_THAT(zip.codes, ElementsAre(0, 1, 2, 3, 0));
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

TEST(ReadCsvText, TakesOwnSpellingsOfMissing) {
  CsvTableOptions options;
  options.missing_values = {"-", "unknown"};
  const CsvTable csv = ReadCsvOrFail("x,y\n-,NA\n3,Unknown\n", options);
  EXPECT_THAT(csv.table.Find("x")->numbers, ElementsAre(IsNan(), 3));
  EXPECT_THAT(csv.table.Find("y")->codes, ElementsAre(0, -1));
}

TEST(ReadCsvText, TakesAnotherDelimiterAndNoHeader) {
  CsvTableOptions options;
  options.delimiter = ';';
  options.header = false;
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

// Words that are not UTF-8 came into vocabularies, and artifacts with them could not be parsed.
TEST(ReadCsvText, TakesCellsThatAreNotUtf8AsMissingAndReportsEach) {
  const CsvTable csv = ReadCsvOrFail("region,spend\nK\xF6ln,1\nK\xC3\xB6ln,2\nBonn,3\xA0\nK\xF6ln,4\n");
  const Column& region = *csv.table.Find("region");
  EXPECT_THAT(region.dictionary, ElementsAre("K\xC3\xB6ln", "Bonn"));
  EXPECT_THAT(region.codes, ElementsAre(-1, 0, 1, -1));
  EXPECT_THAT(csv.table.Find("spend")->numbers, ElementsAre(1, 2, IsNan(), 4));
  EXPECT_EQ(csv.malformed_rows, 0);
  EXPECT_EQ(csv.issue_count, 3);
  ASSERT_EQ(csv.issues.size(), 3u);
  EXPECT_EQ(csv.issues[0].line, 2);
  EXPECT_EQ(csv.issues[0].column, 1);
  EXPECT_EQ(csv.issues[0].message, "\"region\": not valid UTF-8 (byte 0xf6); taken as missing");
  EXPECT_EQ(csv.issues[1].line, 4);
  EXPECT_EQ(csv.issues[1].column, 2);
  EXPECT_EQ(csv.issues[1].message, "\"spend\": not valid UTF-8 (byte 0xa0); taken as missing");
  EXPECT_EQ(csv.issues[2].line, 5);
}

TEST(ReadCsvText, RefusesAHeaderThatIsNotUtf8) {
  const auto csv = ReadCsvText("r\xE9gion\n1\n", {});
  EXPECT_EQ(csv.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(csv.status().message(),
            "line 1, column 1: the header is not valid UTF-8 (byte 0xe9): save the file as UTF-8");
}

TEST(ReadCsvText, MakesCategoriesOfAColumnInWhichMoreThanOnePercentAreWords) {
  std::string text = "price\n";
  for (int i = 0; i < 100; ++i) absl::StrAppend(&text, i < 2 ? "abc" : absl::StrCat(i), "\n");
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
  for (int i = 0; i < 80'000; ++i) absl::StrAppend(&text, i < 70'000 ? absl::StrCat(i) : "word", "\n");
  const CsvTable csv = ReadCsvOrFail(text);
  const Column& x = csv.table.columns()[0];
  ASSERT_EQ(x.kind, FeatureKind::kCategorical);
  ASSERT_EQ(x.codes.size(), 80'000u);
  EXPECT_EQ(x.dictionary.size(), 70'001u);
  EXPECT_EQ(x.dictionary[x.codes[69'999]], "69999");
  EXPECT_EQ(x.dictionary[x.codes[79'999]], "word");
  EXPECT_EQ(csv.issue_count, 0);
}

TEST(ReadCsvText, RefusesAColumnOfKnownKindInWhichNoCellFits) {
  CsvTableOptions options;
  options.kinds = {{"start", FeatureKind::kTime}};
  const auto csv = ReadCsvText("start\nsoon\nlater\n", options);
  EXPECT_EQ(csv.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(csv.status().message(), "column \"start\": expected time values, got \"soon\" and no valid cell");
}

TEST(ReadCsvText, RefusesRepeatedNamesOpenQuotesAndAnEmptyFile) {
  EXPECT_THAT(std::string(ReadCsvText("a,a\n1,2\n", {}).status().message()), HasSubstr("\"a\" twice"));
  EXPECT_THAT(std::string(ReadCsvText("a\n\"open\n", {}).status().message()), HasSubstr("closing quote"));
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

}  // namespace
}  // namespace roicast

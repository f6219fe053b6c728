#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/tables/column_evidence.h"
#include "tests/base/tables/decided_columns.h"

namespace roicast {
namespace {

using roicast::testing::Amounts;
using roicast::testing::Cells;
using roicast::testing::Columns;
using roicast::testing::Decide;
using roicast::testing::Flags;
using roicast::testing::Note;
using roicast::testing::Repeat;
using roicast::testing::operator+;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

TEST(DecideColumns, IdentifiersAreWords) {
  const ColumnReading zips = Decide({"00501", "00504", "10001"});
  EXPECT_EQ(zips.form.kind, ColumnKind::kWords);
  EXPECT_TRUE(zips.leading_zeros);
  EXPECT_THAT(zips.notes, ElementsAre(AllOf(Note(false, "\"00501\" begin with 0"), Flags("--kind c=numeric"))));
  const ColumnReading ids = Decide({"120210000000000001", "120210000000000002"});
  EXPECT_EQ(ids.form.kind, ColumnKind::kWords);
  EXPECT_EQ(ids.max_digits, 18);
  // Reading them as numbers would lose digits.
  EXPECT_THAT(ids.notes, ElementsAre(AllOf(Note(false, "more digits than a number can hold exactly"),
                                           Field(&TableNote::flags, IsEmpty()))));
  EXPECT_THAT(ids.notes, ElementsAre(Note(false, "more digits than a number can hold exactly")));
  EXPECT_EQ(Decide({"=\"00123\"", "=\"00124\""}).form.kind, ColumnKind::kWords);
  EXPECT_EQ(Decide({"=\"123\"", "=\"124.5\""}).form.kind, ColumnKind::kNumber);
  EXPECT_EQ(Decide({"0.50", "0", "10"}).form.kind, ColumnKind::kNumber);
  ColumnOptions numeric;
  numeric.name = "c";
  numeric.kind = ColumnKind::kNumber;
  EXPECT_EQ(Columns().Add("c", {"00501", "00504"}).With(numeric).Decide()[0].form.kind, ColumnKind::kNumber);
}

TEST(DecideColumns, FrequentWordsThatMeanMissingElsewhereAreWords) {
  const ColumnReading region = Decide(Repeat("EMEA", 90) + Repeat("NA", 10));
  EXPECT_EQ(region.present, 100);
  EXPECT_EQ(region.missing, 0);
  EXPECT_THAT(region.frequent_missing_words, ElementsAre("NA"));
  EXPECT_THAT(region.notes,
              ElementsAre(AllOf(Note(true, "\"NA\" often means that a value is missing, but stands in 10 cells"),
                                Flags("--missing-values NA"))));
  // Fewer than 5, fewer than 1 %, dashes and a spreadsheet's errors.
  EXPECT_THAT(Decide(Repeat("EMEA", 90) + Repeat("NA", 4)).frequent_missing_words, IsEmpty());
  EXPECT_THAT(Decide(Repeat("EMEA", 1000) + Repeat("None", 9)).frequent_missing_words, IsEmpty());
  EXPECT_THAT(Decide(Repeat("EMEA", 90) + Repeat("--", 10) + Repeat("#N/A", 10)).frequent_missing_words, IsEmpty());
  // Numbers, and nothing else.
  EXPECT_THAT(Decide(Amounts(90) + Repeat("NA", 10)).frequent_missing_words, IsEmpty());
  EXPECT_EQ(Decide(Repeat("NA", 10)).present, 0);
}

// The flag that the note proposes has to change something.
TEST(DecideColumns, GivenSpellingsAreMissingHoweverFrequent) {
  const ColumnReading region = Columns()
                                   .Add("region", Repeat("EMEA", 100) + Repeat("APAC", 100) + Repeat("NA", 100))
                                   .Missing({"NA"})
                                   .Decide()[0];
  EXPECT_EQ(region.form.kind, ColumnKind::kWords);
  EXPECT_EQ(region.present, 200);
  EXPECT_EQ(region.missing, 100);
  EXPECT_THAT(region.frequent_missing_words, IsEmpty());
  EXPECT_THAT(region.notes, IsEmpty());
}

TEST(DecideColumns, GivenSpellingsLeaveFrequentWordsWords) {
  const ColumnReading region = Columns()
                                   .Add("region", Repeat("EMEA", 100) + Repeat("NA", 100) + Repeat("unknown", 50))
                                   .Missing({"unknown"})
                                   .Decide()[0];
  EXPECT_EQ(region.present, 200);
  EXPECT_EQ(region.missing, 50);
  EXPECT_THAT(region.frequent_missing_words, ElementsAre("NA"));
}

TEST(DecideColumns, GivenSpellingsMayBeNumbers) {
  const ColumnReading reading = Columns().Add("c", {"1", "-999", "2"}).Missing({"-999"}).Decide()[0];
  EXPECT_EQ(reading.present, 2);
  EXPECT_EQ(reading.missing, 1);
}

TEST(DecideColumns, CellsOfANarrowColumnAreNamed) {
  Cells cells = Repeat("1.25", 20);
  cells.insert(cells.begin(), "########");
  cells.push_back("######");
  const ColumnReading reading = Decide(cells);
  EXPECT_EQ(reading.form.kind, ColumnKind::kNumber);
  ASSERT_THAT(reading.notes, ::testing::Contains(Note(true,
                                                      "2 cells are ########: the spreadsheet's column was too "
                                                      "narrow when it was exported")));
  EXPECT_THAT(Decide({"#1", "##", "x"}).notes, ::testing::Not(::testing::Contains(Note(true, "too narrow"))));
}

TEST(DecideColumns, WordsStayWords) {
  const ColumnReading reading = Decide({"Search", "Social", "", "Video"});
  EXPECT_EQ(reading.form.kind, ColumnKind::kWords);
  EXPECT_EQ(reading.present, 3);
  EXPECT_EQ(reading.missing, 1);
  EXPECT_THAT(reading.notes, IsEmpty());
  EXPECT_EQ(Decide({}).form.kind, ColumnKind::kWords);
  EXPECT_EQ(Decide({"", ""}).present, 0);
}

TEST(DecideColumns, WarnsOfIdentifiersThatASpreadsheetHasRounded) {
  const Cells ids{"2.3851E+10", "2.3851E+11", "2.39E+17"};
  for (const auto kind : {ColumnKind::kNumber, ColumnKind::kWords}) {
    ColumnOptions options;
    options.name = "campaign_id";
    options.kind = kind;
    EXPECT_THAT(Columns().Add("campaign_id", ids).With(options).Decide()[0].notes,
                ::testing::Contains(Note(true,
                                         "long numbers such as \"2.3851E+10\" were rounded by a spreadsheet, so that "
                                         "different identifiers became the same: export the column as text")));
  }
  for (const Cells& numbers :
       {Cells{"1.5E-05", "2E-04"}, Cells{"1.2345678901E+10", "2.3E+05"}, Cells{"1.5E+09", "2.5E+08"}}) {
    EXPECT_THAT(Decide(numbers).notes, ::testing::Not(::testing::Contains(Note(true, "rounded by a spreadsheet"))));
  }
}

}  // namespace
}  // namespace roicast

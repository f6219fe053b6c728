#include "base/tables/column_evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/base/tables/decided_columns.h"

namespace roicast {
namespace {

using roicast::testing::Amounts;
using roicast::testing::Cells;
using roicast::testing::Columns;
using roicast::testing::Decide;
using roicast::testing::Flags;
using roicast::testing::Form;
using roicast::testing::Note;
using roicast::testing::Repeat;
using roicast::testing::operator+;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(DecideColumns, PlainNumbersNeedNoWord) {
  const ColumnReading reading = Decide({"12", "-0.5", "1e5", "", "NA"});
  EXPECT_EQ(reading.form.kind, ColumnKind::kNumber);
  EXPECT_EQ(reading.form.number, NumberForm());
  EXPECT_EQ(reading.present, 3);
  EXPECT_EQ(reading.missing, 2);
  EXPECT_EQ(reading.unread, 0);
  EXPECT_THAT(reading.examples, ElementsAre("12", "-0.5", "1e5"));
  EXPECT_THAT(reading.notes, IsEmpty());
}

TEST(DecideColumns, FindsTheFormThatReadsTheCells) {
  struct Case {
    Cells cells;
    NumberForm form;
  };
  const Case cases[] = {
      {{"350.10", "1,326.09", "17,357.32"}, Form('.', Grouping::kComma)},
      {{"350,10", "1326,09"}, Form(',', Grouping::kNone)},
      {{"350,10", "1.326,09"}, Form(',', Grouping::kDot)},
      {{"1.326.000", "2.000"}, Form(',', Grouping::kDot)},
      {{"1,326,000", "2,000"}, Form('.', Grouping::kComma)},
      {{"1,23,456", "2,000"}, Form('.', Grouping::kComma)},
      {{"1 326,5", "350"}, Form(',', Grouping::kBlank)},
      {{"1\u202f326.5", "1\u00a0000"}, Form('.', Grouping::kBlank)},
      {{"1'326.5", "1\u2019000"}, Form('.', Grouping::kApostrophe)},
      {{"0.123", "1.326", "2.500"}, Form('.', Grouping::kNone)},
      {{"1.326", "1234.567"}, Form('.', Grouping::kNone)},
      {{"1,326", "0,500"}, Form(',', Grouping::kNone)},
      {{"$1,458.70", "(250.00)", "$30"}, Form('.', Grouping::kComma)},
  };
  for (const Case& c : cases) {
    const ColumnReading reading = Decide(c.cells);
    EXPECT_EQ(reading.form.kind, ColumnKind::kNumber) << c.cells[0];
    EXPECT_EQ(reading.form.number, c.form) << c.cells[0];
    EXPECT_FALSE(reading.ambiguous) << c.cells[0];
    EXPECT_EQ(reading.unread, 0) << c.cells[0];
  }
}

TEST(DecideColumns, WholeNumbersBelow1000BesideExactlyThreeDigitsAreThousands) {
  const Cells spend = {"350", "1.326", "4.574", "315", "344", "17.357", "8.854", "3.385"};
  for (const char delimiter : {',', ';', '\t'}) {
    const ColumnReading reading = Columns().Add("spend", spend).Delimiter(delimiter).Decide()[0];
    EXPECT_EQ(reading.form.number, Form(',', Grouping::kDot)) << delimiter;
    EXPECT_TRUE(reading.ambiguous);
    EXPECT_THAT(reading.notes, ElementsAre(AllOf(Note(true, "\"1.326\" is read as 1326"), Note(true, "this is a guess"),
                                                 Flags("--decimal spend=point"))));
  }
}

TEST(DecideColumns, LongWholeNumbersExcludeThousands) {
  const ColumnReading reading = Decide({"1500", "1.326", "4.574", "2000", "3.385"});
  EXPECT_EQ(reading.form.number, NumberForm());
  EXPECT_TRUE(reading.ambiguous);
  EXPECT_THAT(reading.notes, ElementsAre(AllOf(Note(false, "\"1.326\" is read as 1.326"), Flags("--decimal c=comma"))));
}

TEST(DecideColumns, TheOtherColumnsDecideBetweenTwoReadings) {
  const Cells open = {"1.326", "4.574", "3.385"};
  EXPECT_EQ(Columns().Add("a", open).Add("b", {"1.5", "0.25"}).Decide()[0].form.number, NumberForm());
  const std::vector<ColumnReading> comma = Columns().Add("a", open).Add("b", {"1,5", "0,25"}).Decide();
  EXPECT_EQ(comma[0].form.number, Form(',', Grouping::kDot));
  EXPECT_TRUE(comma[0].ambiguous);
  EXPECT_THAT(comma[0].notes, ElementsAre(Note(false, "other columns of the file")));
  // The other way round.
  const Cells commas = {"1,326", "4,574", "3,385"};
  EXPECT_EQ(Columns().Add("a", commas).Add("b", {"1.5", "0.25"}).Decide()[0].form.number, Form('.', Grouping::kComma));
  EXPECT_EQ(Columns().Add("a", commas).Add("b", {"1,5", "0,25"}).Decide()[0].form.number, Form(',', Grouping::kNone));
}

TEST(DecideColumns, WarnsOfFractionsUnderANameThatCounts) {
  const Cells open = {"15.117", "1.296", "17.357"};
  const Cells points = {"1.5", "0.25", "8.75"};
  for (const char* name : {"Imps", "Impressions", "Link clicks", "sessions", "Page_views", "\u70b9\u51fb\u91cf"}) {
    const ColumnReading reading = Columns().Add(name, open).Add("b", points).Decide()[0];
    EXPECT_EQ(reading.form.number, NumberForm()) << name;
    EXPECT_THAT(reading.notes,
                ElementsAre(Note(true,
                                 "the dot being the decimal mark, because other columns of the file are written "
                                 "so; but this column looks as if it were otherwise")))
        << name;
  }
  for (const char* name :
       {"Avg. views", "Clicks per user", "Impressions (k)", "Click rate %", "Conversions", "Spend"}) {
    const ColumnReading reading = Columns().Add(name, open).Add("b", points).Decide()[0];
    EXPECT_EQ(reading.form.number, NumberForm()) << name;
    EXPECT_THAT(reading.notes, ElementsAre(Note(false, "because other columns of the file are written so"))) << name;
  }
  // Other cells show fractions, or whole numbers without a mark.
  EXPECT_EQ(Columns().Add("Clicks", {"15.117", "1.296", "17.35"}).Decide()[0].form.number, NumberForm());
  const ColumnReading mixed = Columns().Add("Clicks", {"15.117", "1.296", "1735"}).Decide()[0];
  EXPECT_EQ(mixed.form.number, NumberForm());
  EXPECT_THAT(mixed.notes, ElementsAre(AllOf(Note(true, "have no dot; but what the name counts is whole"),
                                             Flags("--decimal Clicks=comma"))));
}

TEST(DecideColumns, WarnsWhereTheColumnSpeaksAgainstTheOthers) {
  const Cells spend = {"350", "1.326", "4.574", "315", "17.357", "8.854", "3.385"};
  const ColumnReading reading = Columns().Add("spend", spend).Add("ctr", {"0.25", "0.1"}).Decide()[0];
  EXPECT_EQ(reading.form.number, NumberForm());
  EXPECT_THAT(reading.notes, ElementsAre(AllOf(Note(true, "as if it were otherwise"), Flags("--decimal spend=comma"))));
}

TEST(DecideColumns, AColumnOfThousandsAloneFollowsOneThatShowsMore) {
  const std::vector<ColumnReading> readings =
      Columns()
          .Add("spend", {"350", "1.326", "4.574", "315", "17.357", "8.854", "3.385"})
          .Add("revenue", {"1.326", "4.574", "3.385", "9.000", "2.000", "2.500", "8.111"})
          .Decide();
  EXPECT_EQ(readings[1].form.number, Form(',', Grouping::kDot));
  EXPECT_THAT(readings[1].notes, ElementsAre(Note(true, "\"1.326\" is read as 1326")));
}

TEST(DecideColumns, TheDelimiterDecidesWhereNothingElseDoes) {
  const auto form = [](const char* cell, char delimiter) {
    const ColumnReading reading = Columns().Add("c", Repeat(cell, 9)).Delimiter(delimiter).Decide()[0];
    EXPECT_THAT(reading.notes, ElementsAre(Note(true, "it is a guess")));
    return reading.form.number;
  };
  EXPECT_EQ(form("1.326", ','), NumberForm());
  EXPECT_EQ(form("1.326", '\t'), NumberForm());
  EXPECT_EQ(form("1.326", ';'), Form(',', Grouping::kDot));
  EXPECT_EQ(form("1,326", ','), Form('.', Grouping::kComma));
  EXPECT_EQ(form("1,326", '\t'), Form('.', Grouping::kComma));
  EXPECT_EQ(form("1,326", ';'), Form(',', Grouping::kNone));
}

TEST(DecideColumns, APersonsDecimalMarkIsTaken) {
  const Cells cells = {"350", "1.326", "4.574", "315", "17.357", "8.854"};
  ColumnOptions point;
  point.name = "spend";
  point.decimal_mark = '.';
  const ColumnReading reading = Columns().Add("spend", cells).With(point).Decide()[0];
  EXPECT_EQ(reading.form.number, NumberForm());
  EXPECT_FALSE(reading.ambiguous);
  point.name = "";
  point.decimal_mark = ',';
  EXPECT_EQ(Columns().Add("spend", cells).With(point).Decide()[0].form.number, Form(',', Grouping::kDot));
}

TEST(DecideColumns, AScaleIsPartOfTheForm) {
  ColumnOptions scale;
  scale.name = "c";
  scale.scale = 1e-6;
  EXPECT_EQ(Columns().Add("c", {"12500000"}).With(scale).Decide()[0].form.number.scale, 1e-6);
}

TEST(DecideColumns, SaysHowSpellingsAreRead) {
  const ColumnReading percent = Columns().Add("Taux de clic", {"3,10 %", "4,69 %"}).Decide()[0];
  EXPECT_EQ(percent.form.unit, "%");
  EXPECT_EQ(percent.percent_cells, 2);
  EXPECT_THAT(percent.notes, Contains(AllOf(Note(false, "\"3,10 %\" is read as 0.031, as per cent"),
                                            Flags("--scale 'Taux de clic=100'"))));
  const ColumnReading mixed = Decide({"3.1%", "4.2%", "0.5", "0.6"});
  EXPECT_EQ(mixed.form.kind, ColumnKind::kNumber);
  EXPECT_THAT(mixed.notes, ElementsAre(Note(true, "only 2 of 4 numbers have a %")));
  const ColumnReading euro = Decide({"12,50 \u20ac", "3 \u20ac"});
  EXPECT_EQ(euro.form.unit, "EUR");
  EXPECT_THAT(euro.currencies, ElementsAre("EUR"));
  const ColumnReading several = Decide({"\u20ac5", "\u20ac6", "\u00a35"});
  EXPECT_THAT(several.notes, ElementsAre(Note(true, "2 cells in EUR, 1 cell in GBP")));
  EXPECT_THAT(Decide({"(158.33)", "25"}).notes, ElementsAre(Note(false, "\"(158.33)\" is read as -158.33")));
  EXPECT_THAT(Decide({"14.7K", "1.2M"}).notes, ElementsAre(Note(false, "\"14.7K\" is read as 14700")));
  EXPECT_THAT(Decide({"158.33-", "25"}).notes, ElementsAre(Note(false, "\"158.33-\" is read as -158.33")));
  const ColumnReading metres = Decide({"5 m", "7 m"});
  EXPECT_EQ(metres.form.unit, "m");
  EXPECT_THAT(metres.notes, ElementsAre(Note(true, "not as millions")));
}

TEST(DecideColumns, AUnitBehindNearlyAllNumbersIsTheColumnsUnit) {
  const ColumnReading days = Decide(Repeat("30 days", 18) + Repeat("1 day", 1) + Repeat("7", 1));
  EXPECT_EQ(days.form.kind, ColumnKind::kNumber);
  EXPECT_EQ(days.form.unit, "days");
  EXPECT_EQ(days.form.number.unit_word, "days");
  EXPECT_EQ(days.unread, 0);
  // Different words, or too few of them, are no unit.
  EXPECT_EQ(Decide({"30 days", "4 weeks", "1 month"}).form.kind, ColumnKind::kWords);
  EXPECT_EQ(Decide({"1A", "2B", "3C", "4D"}).form.kind, ColumnKind::kWords);
}

TEST(DecideColumns, AFewBadCellsLeaveAColumnNumeric) {
  struct Case {
    int good;
    int bad;
    ColumnKind kind;
  };
  const Case cases[] = {
      {59, 1, ColumnKind::kNumber},   {19, 1, ColumnKind::kNumber},   {18, 2, ColumnKind::kNumber},
      {9, 1, ColumnKind::kNumber},    {3, 1, ColumnKind::kNumber},    {2, 1, ColumnKind::kWords},
      {16, 3, ColumnKind::kWords},    {95, 5, ColumnKind::kNumber},   {94, 6, ColumnKind::kWords},
      {950, 50, ColumnKind::kNumber}, {900, 100, ColumnKind::kWords},
  };
  for (const Case& c : cases) {
    Cells cells = Amounts(c.good);
    for (int i = 0; i < c.bad; ++i) cells.push_back(absl::StrCat("bad", i));
    const ColumnReading reading = Decide(cells);
    EXPECT_EQ(reading.form.kind, c.kind) << c.good << " good, " << c.bad << " bad";
    EXPECT_EQ(reading.unread, c.kind == ColumnKind::kNumber ? c.bad : 0);
  }
  const ColumnReading one = Decide(Amounts(59) + Cells{"n.a."});
  EXPECT_THAT(one.unread_examples, ElementsAre(std::pair<int64_t, std::string>(61, "n.a.")));
  EXPECT_THAT(one.notes,
              ElementsAre(AllOf(Note(true, "1 of 60 cells is no number and counts as missing: \"n.a.\" in line 61"),
                                Field(&TableNote::lines, ElementsAre(61)), Flags("--kind c=categorical"))));
}

TEST(DecideColumns, OneWordThatRepeatsIsMissingAmongNumbers) {
  const ColumnReading reading = Decide(Amounts(60) + Repeat("unknown", 30));
  EXPECT_EQ(reading.form.kind, ColumnKind::kNumber);
  EXPECT_EQ(reading.unread, 30);
  EXPECT_THAT(reading.notes,
              ElementsAre(AllOf(Note(true, "30 of 90 cells are no numbers"), Flags("--missing-values unknown"))));
  // Few different numbers are categories.
  EXPECT_EQ(Decide(Repeat("10", 30) + Repeat("20", 30) + Repeat("XL", 30)).form.kind, ColumnKind::kWords);
}

TEST(DecideColumns, SaysThatNumbersAreInTwoNotations) {
  const std::string message =
      "the numbers are in two notations: \"1,140.45\" in line 2 has a decimal point, \"4.215,74\" in line 3 a decimal "
      "comma; the column is read as words until they are written alike";
  const ColumnReading reading = Decide({"1,140.45", "4.215,74", "207.79", "483,01", "12", "1,338.62"});
  EXPECT_EQ(reading.form.kind, ColumnKind::kWords);
  EXPECT_THAT(reading.notes, ElementsAre(Note(true, message)));
  // Words beside them are another matter.
  const ColumnReading words = Decide({"1,140.45", "4.215,74", "high", "low"});
  EXPECT_THAT(words.notes, Not(Contains(Note(true, "two notations"))));
}

// For score, which asks training where the file is no witness.
TEST(DecideColumns, TellsHowSurelyTheFileShowsWhichReadingIsRight) {
  using Evidence = ColumnReading::Evidence;
  const Cells cells = {"1.000", "2.500"};
  EXPECT_EQ(Decide(cells).evidence, Evidence::kNone);
  EXPECT_THAT(Decide(cells).ambiguous_examples, ElementsAre("1.000", "2.500"));
  EXPECT_EQ(Columns().Add("c", cells).Delimiter(';').Decide()[0].evidence, Evidence::kWeak);
  EXPECT_EQ(Columns().Add("c", cells).Add("d", {"1,5", "2,75"}).Decide()[0].evidence, Evidence::kCertain);
}

TEST(DecideColumns, SaysThatAColumnIsNearlyNumeric) {
  Cells cells = Amounts(60);
  for (int i = 0; i < 20; ++i) cells.push_back(absl::StrCat("about ", i));
  const ColumnReading reading = Decide(cells);
  EXPECT_EQ(reading.form.kind, ColumnKind::kWords);
  EXPECT_THAT(reading.notes,
              ElementsAre(AllOf(Note(true, "20 of 80 cells are no numbers, such as \"about 0\" in line 62"),
                                Flags("--kind c=numeric"))));
}

TEST(DecideColumns, SpreadsheetErrorsAndBoundsAreMissingNumbers) {
  const ColumnReading reading = Decide({"0.5", "0.25", "#DIV/0!", "--", "< 10%", "\u2014"});
  EXPECT_EQ(reading.form.kind, ColumnKind::kNumber);
  EXPECT_EQ(reading.present, 2);
  EXPECT_EQ(reading.missing, 4);
  EXPECT_EQ(reading.unread, 0);
  EXPECT_THAT(reading.notes, ElementsAre(Note(true, "1 cell such as \"< 10%\" in line 6")));
  // Bounds are words among words.
  const ColumnReading sizes = Decide({"< 10", "10-20", "> 20", "< 10"});
  EXPECT_EQ(sizes.form.kind, ColumnKind::kWords);
  EXPECT_EQ(sizes.present, 4);
}

TEST(DecideColumns, WordsOfScaleMultiplyEvenBesideOthers) {
  const ColumnReading reading = Decide({"8,8940 \u0442\u044b\u0441. \u20bd", "0,0004959 \u043c\u043b\u043d \u20bd"});
  EXPECT_EQ(reading.form.kind, ColumnKind::kNumber);
  EXPECT_EQ(reading.unread, 0);
  EXPECT_EQ(reading.form.unit, "RUB");
  EXPECT_THAT(reading.notes, Contains(Note(false, "is read as 8894")));
}

TEST(DecideColumns, AUnitThatMayBeAFactorIsAWarning) {
  EXPECT_THAT(Decide({"0.35 L", "0.71 L", "1.2 L"}).notes,
              ElementsAre(AllOf(Note(true,
                                     "the word \"L\" behind the numbers is taken as a unit, not as a factor, though "
                                     "it may be one: \"0.35 L\" is read as 0.35"),
                                Flags("--scale c=100000"))));
  EXPECT_THAT(
      Decide({"0.35 xyz \u20ac", "0.71 xyz \u20ac", "1.2 xyz \u20ac"}).notes,
      ElementsAre(Note(true, "though the amounts have a currency as well: \"0.35 xyz \u20ac\" is read as 0.35")));
  EXPECT_THAT(Decide(Repeat("3.5 xyz", 19) + Cells{"2.5K"}).notes,
              Contains(Note(true,
                            "though other numbers have one: \"3.5 xyz\" is read as 3.5, but \"2.5K\" is read as "
                            "2500")));
  EXPECT_THAT(Decide(Repeat("3.5 xyz", 19) + Cells{"350"}).notes,
              Contains(Note(true, "though not all numbers have it: \"3.5 xyz\" is read as 3.5")));
  EXPECT_THAT(Decide(Repeat("3.5 xyz", 19) + Cells{"0"}).notes, IsEmpty());
  EXPECT_THAT(Decide({"30 days", "1 day", "7 days"}).notes, IsEmpty());
}

TEST(DecideColumns, ACurrencyThatIsNotKnownMayStandBefore) {
  const ColumnReading reading = Decide({"Xyz 8,894.01", "Xyz 116.20", "Xyz 5", "", "Xyz 1,250.00"});
  EXPECT_EQ(reading.form.kind, ColumnKind::kNumber);
  EXPECT_EQ(reading.form.number.grouping, Grouping::kComma);
  EXPECT_EQ(reading.form.number.unit_word, "Xyz");
  EXPECT_EQ(reading.form.unit, "Xyz");
  EXPECT_EQ(reading.present, 4);
  EXPECT_EQ(reading.missing, 1);
  EXPECT_EQ(reading.unread, 0);
  EXPECT_THAT(reading.notes, Contains(Note(false, "the word \"Xyz\" before the numbers is taken as their unit")));
  EXPECT_EQ(ParseNumber("Xyz 8,894.01", reading.form.number), 8894.01);

  Cells amounts;
  for (int i = 0; i < 5000; ++i) amounts.push_back(absl::StrFormat("Xyz %d.%02d", i * 7, i % 100));
  const ColumnReading many = Decide(amounts + Cells{"tbd"});
  EXPECT_EQ(many.form.kind, ColumnKind::kNumber);
  EXPECT_EQ(many.unread, 1);
}

TEST(DecideColumns, AmountsInRandAreTold) {
  const ColumnReading reading = Decide({"R 8,894.01", "R 116.20", "R 5", "R1,250.00"});
  EXPECT_EQ(reading.form.kind, ColumnKind::kNumber);
  EXPECT_EQ(reading.form.number.unit_word, "R");
  EXPECT_EQ(reading.form.unit, "ZAR");
  EXPECT_THAT(reading.currencies, ElementsAre("ZAR"));
  EXPECT_EQ(reading.unread, 0);
  EXPECT_EQ(ParseNumber("R 5", reading.form.number), 5);
}

TEST(DecideColumns, NamesWithNumbersStayWords) {
  EXPECT_EQ(Decide({"R 1", "R 2", "R 30"}).form.kind, ColumnKind::kWords);
  EXPECT_EQ(Decide({"Size 1.50", "Size 2.25", "Size 1.75"}).form.kind, ColumnKind::kWords);
  EXPECT_EQ(Decide({"Camp 1", "Camp 2", "Camp 30"}).form.kind, ColumnKind::kWords);
  EXPECT_EQ(Decide({"R1", "R2", "R30"}).form.kind, ColumnKind::kWords);
  EXPECT_EQ(Decide({"v1.20", "v1.21", "v1.22"}).form.kind, ColumnKind::kWords);
  EXPECT_EQ(Decide({"Top 1,000", "Top 5,000", "Top 10,000"}).form.kind, ColumnKind::kWords);
  EXPECT_EQ(Decide({"Abc 1.20", "Def 1.21", "Ghi 1.22"}).form.kind, ColumnKind::kWords);
  EXPECT_EQ(Decide({"Non-Brand", "B-2-B", "-"}).form.kind, ColumnKind::kWords);
}

TEST(DecideColumns, ADashWithACurrencyIsZero) {
  const ColumnReading reading = Decide({"$ -", "$ 116.20", "$ 4,566.06", "$ -"});
  EXPECT_EQ(reading.form.kind, ColumnKind::kNumber);
  EXPECT_EQ(reading.present, 4);
  EXPECT_EQ(reading.missing, 0);
  EXPECT_EQ(reading.unread, 0);
  EXPECT_THAT(reading.notes, Contains(Note(false, "\"$ -\" is read as 0")));
  // A dash alone is no value.
  EXPECT_EQ(Decide({"-", "$ 116.20"}).missing, 1);
  EXPECT_EQ(Columns().Add("c", {"$ -", "$ 116.20"}).Missing({"$ -"}).Decide()[0].missing, 1);
}

TEST(DecideColumns, TrianglesAreNegativeAndDoubtfulWhereAllNumbersHaveThem) {
  EXPECT_THAT(Decide({"0", "116", "4,566", "\u25b2362", "1,250"}).notes,
              Contains(Note(false, "a triangle means negative: \"\u25b2362\" is read as -362")));
  EXPECT_THAT(Decide({"\u25b21.5%", "\u25b22.5%"}).notes, Contains(Note(true, "a triangle means negative")));
  EXPECT_EQ(Decide({"\u25b21.5%", "\u25bc2.5%"}).form.kind, ColumnKind::kWords);
}

TEST(DecideColumns, WarnsOfAnyNumberThatLacksItsPercentSign) {
  Cells cells = Repeat("2.26%", 19);
  EXPECT_THAT(Decide(cells).notes, ElementsAre(Note(false, "as per cent")));
  cells.push_back("0.26");
  EXPECT_THAT(Decide(cells).notes, ElementsAre(Note(true, "only 19 of 20 numbers have a %")));
}

TEST(DecideColumns, WarnsOfBothMarksBeforeThreeDigits) {
  const ColumnReading reading = Decide({"9,894", "1,204.50", "9.894"});
  EXPECT_THAT(reading.notes,
              Contains(AllOf(Note(true,
                                  "\"9.894\" is read as 9.894 (line 4), \"9,894\" is read as 9894 (line 2); are two "
                                  "exports in one file?"),
                             Flags("--decimal c=comma"))));
}

TEST(DecideColumns, WarnsOfFewCellsWithThreeDecimals) {
  Cells cells = Amounts(10) + Cells{"9.894", "1.116"};
  EXPECT_THAT(Decide(cells).notes,
              ElementsAre(AllOf(Note(true,
                                     "2 of 12 cells have exactly three digits behind the dot, where all others have "
                                     "fewer: \"9.894\" is read as 9.894 (line 12)"),
                                Field(&TableNote::lines, ElementsAre(12, 13)), Flags("--decimal c=point"))));
  // Who says that it is a point is not asked again.
  ColumnOptions point;
  point.name = "c";
  point.decimal_mark = '.';
  EXPECT_THAT(Columns().Add("c", cells).With(point).Decide()[0].notes, IsEmpty());
  // Three decimals that cannot be thousands show that these are none, either.
  for (const char* cell : {"1326.125", "0.125", "9.8945"}) {
    EXPECT_THAT(Decide(cells + Cells{cell}).notes, IsEmpty()) << cell;
  }
  // Decimals of which the zeros at the end are cut.
  EXPECT_THAT(Decide(Amounts(3) + Cells{"9.894", "1.116"}).notes, IsEmpty());
  cells = Cells{"1.204,50", "116,20", "12,5", "17,25", "18,10", "2,894"};
  EXPECT_THAT(Decide(cells).notes, Contains(Note(true, "1 of 6 cells has exactly three digits behind the comma")));
}

TEST(DecideColumns, FewDifferentThousandsMayBeNames) {
  const ColumnReading reading = Decide(Repeat("4K", 5) + Repeat("8K", 5));
  EXPECT_EQ(reading.form.kind, ColumnKind::kNumber);
  EXPECT_THAT(reading.notes,
              ElementsAre(AllOf(Note(false, "\"4K\" is read as 4000; the few different ones may also be names"),
                                Flags("--kind c=categorical"))));
  EXPECT_THAT(Decide({"4K", "12.5K", "7K", "30K", "1.2K", "9K"}).notes,
              ElementsAre(Field(&TableNote::flags, IsEmpty())));
}

TEST(DecideColumns, TellsDollarsApartWhereTheyAreWritten) {
  for (const auto& [cell, unit] : std::vector<std::pair<std::string, std::string>>{{"US$12.50", "USD"},
                                                                                   {"A$12.50", "AUD"},
                                                                                   {"C$12.50", "CAD"},
                                                                                   {"R$ 12.50", "BRL"},
                                                                                   {"HK$12.50", "HKD"},
                                                                                   {"NT$12.50", "TWD"},
                                                                                   {"$12.50", "$"},
                                                                                   {"RM 12.50", "MYR"}}) {
    EXPECT_EQ(Decide({cell, cell}).form.unit, unit) << cell;
  }
  EXPECT_THAT(Decide({"US$12.50", "A$7.50"}).notes, ElementsAre(Note(true, "1 cell in USD, 1 cell in AUD")));
}

// Random amounts, written in a random form, are decided and read back.
TEST(DecideColumns, ReadsBackRandomColumnsInEveryForm) {
  std::mt19937_64 random(17);
  const auto below = [&random](uint64_t n) { return static_cast<int>(random() % n); };
  struct Style {
    const char* thousands;
    const char* decimal;
  };
  const Style styles[] = {{"", "."},       {"", ","},       {",", "."},          {".", ","}, {" ", ","},
                          {"\u00a0", ","}, {"\u202f", ","}, {"\u2019", "."},     {"'", "."}, {" ", "."},
                          {"`", "."},      {"", "\u066b"},  {"\u066c", "\u066b"}};
  // What stands around the digits, and the power of ten by which it multiplies.
  struct Affixes {
    const char* before;
    const char* behind;
    int exponent;
  };
  const Affixes affixes[] = {{"", "", 0},
                             {"$", "", 0},
                             {"\u20ac ", "", 0},
                             {"USD ", "", 0},
                             {"RM ", "", 0},
                             {"Xyz ", "", 0},
                             {"\u200f", "", 0},
                             {"\u202a", "\u202c", 0},
                             {"'", "", 0},
                             {"\u25b3", "", 0},
                             {"", " \u20ac", 0},
                             {"", " %", -2},
                             {"", " days", 0},
                             {"", " \u0442\u044b\u0441. \u20bd", 3},
                             {"", "\ub9cc\uc6d0", 4},
                             {"\u20b9", " L", 5},
                             {"", " mld", 9}};
  // The digits 0 to 9 follow each other.
  const char* const zeros[] = {"0", "0", "0", "\u0660", "\u06f0", "\u0966", "\uff10"};
  for (int trial = 0; trial < 600; ++trial) {
    const Style& style = styles[below(std::size(styles))];
    const Affixes& affix = affixes[below(std::size(affixes))];
    const std::string zero = zeros[below(std::size(zeros))];
    // A single apostrophe is one that stands before the number.
    if (affix.before == std::string("'") && style.thousands != std::string()) continue;
    Cells cells;
    std::vector<double> values;
    for (int row = 0; row < 40; ++row) {
      const int64_t cents = static_cast<int64_t>(random() % 100'000'000'000) >> below(30);
      std::string whole = absl::StrCat(cents / 100);
      for (int at = static_cast<int>(whole.size()) - 3; at > 0; at -= 3)
        whole.insert(static_cast<size_t>(at), style.thousands);
      std::string digits;
      for (const char c : absl::StrCat(whole, style.decimal, absl::StrFormat("%02d", cents % 100))) {
        if (c < '0' || c > '9') {
          digits += c;
        } else {
          digits += zero;
          digits.back() = static_cast<char>(digits.back() + (c - '0'));
        }
      }
      cells.push_back(absl::StrCat(affix.before, digits, affix.behind));
      const double scaled = affix.exponent < 2 ? static_cast<double>(cents) / (affix.exponent == 0 ? 100 : 10000)
                                               : static_cast<double>(cents) * std::pow(10.0, affix.exponent - 2);
      values.push_back(affix.before == std::string("\u25b3") ? -scaled : scaled);
    }
    const ColumnReading reading = Decide(cells);
    ASSERT_EQ(reading.form.kind, ColumnKind::kNumber) << cells[0];
    ASSERT_EQ(reading.unread, 0) << cells[0];
    for (size_t row = 0; row < cells.size(); ++row) {
      ASSERT_EQ(ParseNumber(cells[row], reading.form.number), values[row]) << cells[row];
    }
  }
}

}  // namespace
}  // namespace roicast

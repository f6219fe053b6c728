#include "base/tables/cell_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/tables/missing_spellings.h"
#include "base/tables/note.h"

namespace roicast {
namespace {

TEST(TrimCell, TakesBlanksOffBothEnds) {
  EXPECT_EQ(TrimCell(" \t a b \r\n"), "a b");
  EXPECT_EQ(TrimCell("\u00a0 a\u00a0"), "a");
  EXPECT_EQ(TrimCell("\u00e0"), "\u00e0");
  EXPECT_EQ(TrimCell(" \u00a0 "), "");
}

TEST(TrimCell, TakesOffWhatShowsNothing) {
  EXPECT_EQ(TrimCell("\u202a8,894.01\u202c"), "8,894.01");
  EXPECT_EQ(TrimCell("Search\u200b"), "Search");
  EXPECT_EQ(TrimCell("\uFEFF \u200f"), "");
  EXPECT_EQ(TrimCell("\u2020x\u2070"), "\u2020x\u2070");
}

TEST(CellText, UnwrapsATextFormula) {
  EXPECT_EQ(CellText(" =\"00123\" "), "00123");
  EXPECT_EQ(CellText("=\"\""), "");
  EXPECT_EQ(CellText("=\""), "=\"");
  EXPECT_EQ(CellText("=1+1"), "=1+1");
}

TEST(MissingSpellings, KnowsTheUsualOnesWithoutCase) {
  const MissingSpellings spellings;
  for (const char* cell : {"", "  ", "\t", "NA", "na", " N/A ", "NULL", "None", "NaN", "-", "--", "\u2014", "\u2013",
                           ".", "\\N", "(null)", "[NULL]"}) {
    EXPECT_TRUE(IsMissing(cell, spellings)) << cell;
  }
  for (const char* cell : {"0", "nano", "n a", "no", "---", "n.a.", "#1", "-5"}) {
    EXPECT_FALSE(IsMissing(cell, spellings)) << cell;
  }
}

// They once replaced the usual ones, so that whoever named "unknown" made words of NA in silence.
TEST(MissingSpellings, GivenOnesAreMissingBesideTheUsualOnes) {
  const MissingSpellings spellings(std::vector<std::string>{"?", "Unknown"});
  for (const char* cell : {"?", "unknown", "", "NA", "null"}) EXPECT_TRUE(spellings.Matches(cell)) << cell;
  EXPECT_TRUE(spellings.IsGiven(" UNKNOWN "));
  EXPECT_FALSE(spellings.IsGiven("NA"));
  EXPECT_FALSE(spellings.IsGiven(""));
  EXPECT_EQ(spellings.given(), (std::vector<std::string>{"?", "Unknown"}));
  EXPECT_FALSE(MissingSpellings().IsGiven("NA"));
}

TEST(MissingSpellings, AnEmptyOneTakesTheUsualOnesAwayFromWords) {
  const MissingSpellings spellings(std::vector<std::string>{"", "?"});
  for (const char* cell : {"?", "", "--", "#N/A"}) EXPECT_TRUE(spellings.Matches(cell)) << cell;
  for (const char* cell : {"NA", "none"}) {
    EXPECT_FALSE(spellings.Matches(cell)) << cell;
    EXPECT_TRUE(spellings.MatchesNumber(cell)) << "no number is called so";
  }
}

TEST(MissingSpellings, DashesAloneAreAlwaysMissing) {
  for (const MissingSpellings& spellings : {MissingSpellings(), MissingSpellings(std::vector<std::string>{"?"})}) {
    for (const char* cell : {"-", " -- ", "\u2014", "\u2013"}) EXPECT_TRUE(spellings.Matches(cell)) << cell;
    for (const char* cell : {"---", "-1", "a-"}) EXPECT_FALSE(spellings.Matches(cell)) << cell;
  }
}

TEST(MissingSpellings, ASpreadsheetsErrorsAreAlwaysMissing) {
  for (const MissingSpellings& spellings : {MissingSpellings(), MissingSpellings(std::vector<std::string>{"?"})}) {
    for (const char* cell : {"#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#name?", "#NUM!", "#NULL!", "########", "#WERT!",
                             "#NV", "#DZIEL/0!", "#ДЕЛ/0!", "#NOMBRE?", "#¡DIV/0!", "#SPILL!"}) {
      EXPECT_TRUE(spellings.Matches(cell)) << cell;
    }
    for (const char* cell : {"#", "#sale", "##", "#DIV/0", "#sale!", "#1!"})
      EXPECT_FALSE(spellings.Matches(cell)) << cell;
  }
}

TEST(MissingSpellings, BoundsAreMissingAmongNumbersOnly) {
  const MissingSpellings spellings;
  for (const char* cell : {"< 10%", "<10", ">90%", "> 1,000", "\u2264 5", "<=5"}) {
    EXPECT_TRUE(spellings.MatchesNumber(cell)) << cell;
    EXPECT_FALSE(spellings.Matches(cell)) << cell;
  }
  EXPECT_TRUE(spellings.MatchesNumber("NA"));
  for (const char* cell : {"<", "<b>5</b>", "<unset>", "5"}) EXPECT_FALSE(spellings.MatchesNumber(cell)) << cell;
}

TEST(ColumnFlag, QuotesWhatAShellWouldChange) {
  EXPECT_EQ(ColumnFlag("--decimal", "Spend", "comma"), "--decimal Spend=comma");
  EXPECT_EQ(ColumnFlag("--dates", "Start date", "day-first"), "--dates 'Start date=day-first'");
  EXPECT_EQ(ColumnFlag("--kind", "it's", "time"), R"(--kind 'it'\''s=time')");
  EXPECT_EQ(ColumnFlag("--missing-values", "", "not set"), "--missing-values 'not set'");
  EXPECT_EQ(ColumnFlag("--kind", "Spend (USD), net", "numeric"), "--kind 'Spend (USD), net=numeric'");
}

}  // namespace
}  // namespace roicast

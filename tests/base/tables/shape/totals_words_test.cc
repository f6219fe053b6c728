#include "base/tables/shape/totals_words.h"

#include "gtest/gtest.h"

namespace roicast {
namespace {

TEST(IsTotalsWord, KnowsThemInManyLanguages) {
  for (const char* cell : {"Total", "TOTAL", "Grand total", "Total: Account", "(Total)", "* Gesamt *", "合计", "総計",
                           "Итого", "ИТОГО", "Zwischensumme Suche", "Subtotal Search", "-- Totals --"}) {
    EXPECT_TRUE(IsTotalsWord(cell)) << cell;
  }
  for (const char* cell : {"", "To", "Total Wireless", "Totals of 3", "Summer", "12", "Search", "\xE5\x90"}) {
    EXPECT_FALSE(IsTotalsWord(cell)) << cell;
  }
}

TEST(IsWordForAll, StandsAloneOrBeforeWhatItIsAllOf) {
  for (const char* cell : {"All", "all", "(all)", "[All]", "All campaigns", "(All devices)", "Overall", "(overall)"}) {
    EXPECT_TRUE(IsWordForAll(cell)) << cell;
  }
  for (const char* cell : {"", "al", "Allianz", "Overalls", "Search", "Small"})
    EXPECT_FALSE(IsWordForAll(cell)) << cell;
}

TEST(HasTotalsWord, FindsThemAsWordsOfTheirOwn) {
  for (const char* cell : {"Total of 300 results", "Account total (12)", "3 Итого", "12合计"}) {
    EXPECT_TRUE(HasTotalsWord(cell)) << cell;
  }
  for (const char* cell : {"", "Subtotals2", "Totally", "Summer sale", "mytotal", "total_spend", "94.2"}) {
    EXPECT_FALSE(HasTotalsWord(cell)) << cell;
  }
}

TEST(IsSummaryWord, KnowsAveragesAndExtremes) {
  for (const char* cell : {"Average", "AVG", "Mean:", "Median", "Max", "(Minimum)", "Durchschnitt", "平均"}) {
    EXPECT_TRUE(IsSummaryWord(cell)) << cell;
  }
  for (const char* cell : {"", "Max Mustermann", "Averages of all", "Media buy", "12"}) {
    EXPECT_FALSE(IsSummaryWord(cell)) << cell;
  }
}

}  // namespace
}  // namespace roicast

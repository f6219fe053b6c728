#include "model/training/preparation/word_variants.h"

#include <gtest/gtest.h>

#include "tests/model/data/read_csv.h"

namespace roicast {
namespace {

TEST(WordVariantsWarning, NamesWordsThatDifferInCaseOrBlanks) {
  const CsvTable data =
      ReadCsvOrFail("channel,spend\nPaid Search,1\npaid search,2\npaid search,3\nPaidSearch,4\nSocial,5\n");
  const auto warning = WordVariantsWarning(data.table.column(0), AllRows(data.table));
  ASSERT_TRUE(warning.has_value());
  EXPECT_FALSE(warning->serious);
  EXPECT_EQ(warning->column, "channel");
  EXPECT_EQ(warning->message,
            "\"channel\" has words that differ only in case or blanks, and are learnt as different words: \"Paid "
            "Search\" (1 row) and \"paid search\" (2 rows) and \"PaidSearch\" (1 row)");
}

TEST(WordVariantsWarning, SaysNothingOfDifferentWordsNumbersAndOtherRows) {
  const CsvTable data = ReadCsvOrFail("channel,spend\nSearch,1\nSocial,2\nsearch,3\n");
  EXPECT_FALSE(WordVariantsWarning(data.table.column(0), {{0, 1}}).has_value());
  EXPECT_TRUE(WordVariantsWarning(data.table.column(0), {{0, 2}}).has_value());
  EXPECT_FALSE(WordVariantsWarning(data.table.column(1), AllRows(data.table)).has_value());
}

}  // namespace
}  // namespace roicast

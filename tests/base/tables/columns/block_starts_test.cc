#include "base/tables/columns/block_starts.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/base/tables/decided_columns.h"

namespace roicast {
namespace {

using roicast::testing::Cells;
using roicast::testing::Decide;
using roicast::testing::Note;
using roicast::testing::Repeat;
using roicast::testing::operator+;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A model would take 96 % of the rows for the channel that has most cells.
TEST(DecideColumns, WarnsOfMergedCells) {
  const Cells blanks = Repeat("", 24);
  const std::string message =
      "96 of 100 cells are blank, and values stand only where blocks of rows begin, as in merged cells; the blanks "
      "count "
      "as missing: where a blank means the value above it, fill the values down first";
  for (const Cells& names :
       {Cells{"Display", "Search", "Social", "Video"}, Cells{"2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"}}) {
    Cells cells;
    for (const std::string& name : names) cells = cells + Cells{name} + blanks;
    EXPECT_THAT(Decide(cells).notes, ElementsAre(Note(true, message))) << names[0];
  }
}

TEST(DecideColumns, TakesNoOtherBlanksForMergedCells) {
  // A sale now and then.
  EXPECT_THAT(Decide(Repeat("", 9) + Cells{"Sale"} + Repeat("", 20) + Cells{"Gift"} + Repeat("", 20)).notes, IsEmpty());
  Cells same, near;
  for (int i = 0; i < 20; ++i) {
    same = same + Cells{"Sale", "", "", ""};
    near = near + Cells{i % 2 == 0 ? "Sale" : "Gift", i % 3 == 0 ? "Coupon" : "Bundle", "", "", ""};
  }
  EXPECT_THAT(Decide(same).notes, IsEmpty());
  EXPECT_THAT(Decide(near).notes, IsEmpty());
  // Revenue of the few that brought any.
  EXPECT_THAT(Decide(Cells{"120.50"} + Repeat("", 9) + Cells{"80.25"} + Repeat("", 30)).notes, IsEmpty());
  // One value and nothing else.
  EXPECT_THAT(Decide(Cells{"Sale"} + Repeat("", 40)).notes, IsEmpty());
}

TEST(BlockStarts, EndsAfterAFewRowsOfAFullColumn) {
  BlockStarts starts;
  int rows = 0;
  for (; starts.open() && rows < 100; ++rows) starts.Add(rows % 2 == 0 ? "Search" : "Video");
  EXPECT_LT(rows, 20);
  EXPECT_FALSE(starts.LookMerged());
}

}  // namespace
}  // namespace roicast

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

constexpr char kHeader[] = "channel,date,spend,revenue\n";
constexpr char kDisplay[] = "Display,2024-01-01,10.5,20\nDisplay,2024-01-02,20,30\n";
constexpr char kSearch[] = "Search,2024-01-01,40,80\nSearch,2024-01-02,50,90\nSearch,2024-01-03,60,100\n";

// Rows such as "Display,,30.5,50" were trained on, and their spends were those of whole channels.
TEST(GroupTotals, MayHaveTheNameOfTheirGroup) {
  const Reading reading = Read(absl::StrCat(kHeader, kDisplay, "Display,,30.5,50\n", kSearch, "Search,,150,270\n"));
  EXPECT_THAT(reading.lines, ElementsAre(2, 3, 5, 6, 7));
  EXPECT_THAT(reading.left_out, ElementsAre("4 totals Display,,30.5,50", "8 totals Search,,150,270"));
  EXPECT_THAT(Notes(reading), ElementsAre("4,8: 2 rows of totals, such as \"Display,,30.5,50\", were left out | "
                                          "--keep-totals"));
  FileOptions options;
  options.keep_totals = true;
  EXPECT_THAT(Read(absl::StrCat(kHeader, kDisplay, "Display,,30.5,50\n", kSearch), options).rows, SizeIs(6));
}

TEST(GroupTotals, MayBeNested) {
  const Reading reading = Read(
      "channel,country,date,spend,revenue\n"
      "Display,DE,01.01.2024,1,10\nDisplay,DE,02.01.2024,2,20\nDisplay,DE,03.01.2024,3,30\nDisplay,DE,,6,60\n"
      "Display,UK,01.01.2024,4,40\nDisplay,UK,02.01.2024,8,80\nDisplay,UK,03.01.2024,9,90\nDisplay,UK,,21,210\n"
      "Display,,,27,270\n"
      "Search,DE,01.01.2024,16,160\nSearch,DE,02.01.2024,7,70\nSearch,DE,,23,230\nSearch,,,23,230\n"
      "Grand total,,,50,500\n");
  EXPECT_THAT(reading.lines, ElementsAre(2, 3, 4, 6, 7, 8, 11, 12));
  EXPECT_THAT(reading.left_out, SizeIs(6));
}

TEST(GroupTotals, TheSecondFieldMayBeANumber) {
  EXPECT_THAT(Read("channel,week,spend,revenue\nTV,1,10,20\nTV,2,20,35\nTV,,30,55\nRadio,1,5,6\nRadio,2,7,8\n").lines,
              ElementsAre(2, 3, 5, 6));
}

TEST(GroupTotals, RowsWithoutADateAreKeptUnlessTheyAreSums) {
  for (const char* row : {"Display,,30.5,51\n", "Display,,31,50\n", "Search,,30.5,50\n", "Display,2024-01-03,30.5,50\n",
                          "Display,,,\n", "Display,,30.5,\n"}) {
    const Reading reading = Read(absl::StrCat(kHeader, kDisplay, row, kSearch));
    EXPECT_THAT(reading.lines, ElementsAre(2, 3, 4, 5, 6, 7)) << row;
    EXPECT_THAT(Notes(reading), IsEmpty()) << row;
  }
}

// Where the totals of all groups stand together, no row shows to which rows above it belongs.
TEST(GroupTotals, InAnotherPlaceAreSaid) {
  const std::string message =
      "2 rows without a name in the first column, with \"All\" or \"Total\" in place of one, or with an empty cell "
      "where "
      "nearly all others have a name or a date, add up to the other rows: they look like subtotals, but were kept; "
      "remove them from the file if they are";
  const std::string mixed =
      "Display,2024-01-01,10.5,20\nSearch,2024-01-01,40,80\nDisplay,2024-01-02,20,30\nSearch,2024-01-02,50,90\n"
      "Search,2024-01-03,60,100\n";
  const Reading below = Read(absl::StrCat(kHeader, mixed, "Display,,30.5,50\nSearch,,150,270\n"));
  EXPECT_THAT(below.rows, SizeIs(7));
  EXPECT_THAT(Notes(below), ElementsAre("! 7,8: " + message));
  const Reading above = Read(absl::StrCat(kHeader, "Display,,30.5,50\n", kDisplay, "Search,,150,270\n", kSearch));
  EXPECT_THAT(Notes(above), ElementsAre("! 2,5: " + message));
}

}  // namespace
}  // namespace roicast

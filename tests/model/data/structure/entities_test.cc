#include "model/data/structure/entities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "tests/model/data/read_csv.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;

std::optional<Entities> Find(const std::string& csv) {
  const CsvTable data = ReadCsvOrFail(csv);
  return FindEntities(data.table, {AllRows(data.table), "Spend", "Revenue", ""});
}

std::string Day(int day) { return absl::StrCat("2024-0", 1 + day / 28, "-", day % 28 < 9 ? "0" : "", 1 + day % 28); }

// 30 campaigns of 8 weeks; each has its channel and audience.
std::string WeeksOfCampaigns(const std::string& name, bool with_name) {
  Random random(1);
  std::string csv = absl::StrCat("Week,", with_name ? absl::StrCat(name, ",") : "", "Channel,Audience,Spend,Revenue\n");
  for (int campaign = 0; campaign < 30; ++campaign) {
    for (int week = 0; week < 8; ++week) {
      absl::StrAppend(&csv, Day(7 * week), ",", with_name ? absl::StrCat("c", campaign, ",") : "",
                      campaign % 3 == 0 ? "Search" : "Video", ",", 1000 + 37 * campaign, ",", 100 + random.Uniform(),
                      ",", 200 + random.Uniform(), "\n");
    }
  }
  return csv;
}

// 240 rows; each column on its own.
std::string IndependentRows(const std::string& name) {
  Random random(2);
  std::string csv = absl::StrCat("Week,", name, ",Channel,Audience,Spend,Revenue\n");
  for (int row = 0; row < 240; ++row) {
    absl::StrAppend(&csv, Day(static_cast<int>(random.Uniform() * 56)), ",c", static_cast<int>(random.Uniform() * 30),
                    ",", random.Uniform() < 0.3 ? "Search" : "Video", ",",
                    1000 + 37 * static_cast<int>(random.Uniform() * 30), ",", 100 + random.Uniform(), ",",
                    200 + random.Uniform(), "\n");
  }
  return csv;
}

TEST(FindEntities, FindsNamedCampaigns) {
  const std::optional<Entities> found = Find(WeeksOfCampaigns("Campaign", true));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->column, "Campaign");
  EXPECT_THAT(found->constant, ElementsAre("Channel", "Audience"));
  EXPECT_EQ(found->count, 30);
  EXPECT_EQ(found->of_row[0], found->of_row[7]);
  EXPECT_NE(found->of_row[7], found->of_row[8]);
}

TEST(FindEntities, FindsCampaignsUnderAnyName) {
  const std::optional<Entities> found = Find(WeeksOfCampaigns("Flight", true));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->column, "Flight");
}

// 60 campaigns of 8 days; `times` writes their cells before the campaign, by its first day and the day of the row.
template <typename Times>
std::string DaysOfCampaigns(absl::string_view header, const Times& times) {
  Random random(8);
  std::string csv = absl::StrCat(header, ",Channel,Spend,Revenue\n");
  for (int campaign = 0; campaign < 60; ++campaign) {
    const int first = static_cast<int>(random.Uniform() * 150);
    for (int day = first; day < first + 8; ++day) {
      absl::StrAppend(&csv, times(first, day), ",c", campaign, ",", campaign % 3 == 0 ? "Search" : "Video", ",",
                      100 + random.Uniform(), ",", 200 + random.Uniform(), "\n");
    }
  }
  return csv;
}

// With the day on which each began, or with the constant days of a report, nothing was found, nor said of new
// campaigns.
TEST(FindEntities, ATimeThatBelongsToCampaignsHidesNone) {
  const auto day_and_start = [](int first, int day) { return absl::StrCat(Day(first), ",", Day(day)); };
  for (const char* const name : {"Campaign", "Flight"}) {
    const std::optional<Entities> found =
        Find(DaysOfCampaigns(absl::StrCat("Campaign start,Date,", name), day_and_start));
    ASSERT_TRUE(found.has_value()) << name;
    EXPECT_EQ(found->column, name);
  }
}

TEST(FindEntities, AConstantTimeHidesNone) {
  const std::optional<Entities> found = Find(
      DaysOfCampaigns("Reporting starts,Reporting ends,Campaign", [](int, int) { return "2024-01-01,2024-12-31"; }));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->column, "Campaign");
}

TEST(FindEntities, WhatHasItsOwnTimesAloneIsNone) {
  EXPECT_FALSE(Find(DaysOfCampaigns("Start,End,Campaign", [](int first, int) {
                 return absl::StrCat(Day(first), ",", Day(first + 7));
               })).has_value());
}

TEST(FindEntities, FindsNumbersThatAreConstantWithinBlocks) {
  const std::optional<Entities> found = Find(WeeksOfCampaigns("", false));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->column, "Audience");
  EXPECT_THAT(found->constant, ElementsAre("Channel"));
}

TEST(FindEntities, TakesCampaignsByTheirNameAlone) {
  const std::optional<Entities> found = Find(IndependentRows("Campaign"));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->column, "Campaign");
}

TEST(FindEntities, IndependentColumnsAreNone) { EXPECT_FALSE(Find(IndependentRows("Creator")).has_value()); }

TEST(FindEntities, PlacesAreNone) { EXPECT_FALSE(Find(IndependentRows("Region")).has_value()); }

TEST(FindEntities, NumbersOfPlacesAreNone) {
  std::string csv = "Geo,Population,Spend,Revenue\n";
  for (int row = 0; row < 240; ++row) {
    absl::StrAppend(&csv, "g", row % 30, ",", 1000 + 37 * (row % 30), ",", 100 + row, ",", 200 + row % 7, "\n");
  }
  EXPECT_FALSE(Find(csv).has_value());
}

TEST(FindEntities, CountsAreNoneWhateverTheirName) {
  Random random(4);
  std::string csv = "ProductRelated,Channel,Spend,Revenue\n";
  for (int row = 0; row < 400; ++row) {
    absl::StrAppend(&csv, static_cast<int>(random.Uniform() * 40), ",", row % 2 == 0 ? "a" : "b", ",", 100 + row, ",",
                    200 + row % 7, "\n");
  }
  EXPECT_FALSE(Find(csv).has_value());
}

// The macroeconomy of a week.
TEST(FindEntities, WhatATimeDeterminesIsNone) {
  Random random(3);
  std::string csv = "Week,Index,Rate,Spend,Revenue\n";
  for (int week = 0; week < 30; ++week) {
    for (int row = 0; row < 8; ++row) {
      absl::StrAppend(&csv, Day(7 * week % 196), ",", 1000 + 13 * week, ",", 5 + week, ",", 100 + random.Uniform(), ",",
                      200 + random.Uniform(), "\n");
    }
  }
  EXPECT_FALSE(Find(csv).has_value());
}

// Nor where another time varies within it.
TEST(FindEntities, WhatOneOfSeveralTimesDeterminesIsNone) {
  Random random(3);
  std::string csv = "Launch,Week,Index,Rate,Spend,Revenue\n";
  for (int week = 0; week < 30; ++week) {
    for (int row = 0; row < 8; ++row) {
      absl::StrAppend(&csv, Day(static_cast<int>(random.Uniform() * 150)), ",", Day(7 * week % 196), ",",
                      1000 + 13 * (week % 28), ",", 5 + week % 28, ",", 100 + random.Uniform(), ",",
                      200 + random.Uniform(), "\n");
    }
  }
  EXPECT_FALSE(Find(csv).has_value());
}

// 15 of 5,000 rows have the flag, wherever they are: nearly all prices have none.
TEST(FindEntities, ARareFlagMakesNoEntities) {
  Random random(5);
  std::string csv = "Price,Flag,Spend,Revenue\n";
  for (int row = 0; row < 5000; ++row) {
    absl::StrAppend(&csv, 1 + static_cast<int>(random.Uniform() * 1000), ",", row % 333 == 7 ? 1 : 0, ",",
                    100 + random.Uniform(), ",", 200 + random.Uniform(), "\n");
  }
  EXPECT_FALSE(Find(csv).has_value());
}

TEST(FindEntities, ClassesAndOtherUnitsOfANumberMakeNoEntities) {
  Random random(6);
  std::string csv = "Duration,Hours,Length,Spend,Revenue\n";
  for (int row = 0; row < 600; ++row) {
    const int days = 1 + static_cast<int>(random.Uniform() * 60);
    absl::StrAppend(&csv, days, ",", 24 * days, ",", days < 15 ? "short" : (days < 40 ? "middle" : "long"), ",",
                    100 + random.Uniform(), ",", 200 + random.Uniform(), "\n");
  }
  EXPECT_FALSE(Find(csv).has_value());
}

TEST(FindEntities, AFewMistakesAreForgiven) {
  Random random(7);
  std::string csv = "Flight,Channel,Spend,Revenue\n";
  for (int flight = 0; flight < 100; ++flight) {
    for (int week = 0; week < 5; ++week) {
      const bool mistake = flight % 60 == 7 && week == 3;
      absl::StrAppend(&csv, "f", flight, ",", (flight % 3 == 0) == mistake ? "Video" : "Search", ",",
                      100 + random.Uniform(), ",", 200 + random.Uniform(), "\n");
    }
  }
  const std::optional<Entities> found = Find(csv);
  ASSERT_TRUE(found.has_value());
  EXPECT_THAT(found->constant, ElementsAre("Channel"));
}

TEST(FindEntities, ANameIsBeforeMoreValues) {
  std::string csv = "Flight,Campaign,Channel,Spend,Revenue\n";
  for (int row = 0; row < 400; ++row) {
    absl::StrAppend(&csv, "f", row % 80, ",c", row % 40, ",", row % 40 % 3 == 0 ? "Video" : "Search", ",", 100 + row,
                    ",", 200 + row % 7, "\n");
  }
  const std::optional<Entities> found = Find(csv);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->column, "Campaign");
}

TEST(FindEntities, StopsWhenAsked) {
  const CsvTable data = ReadCsvOrFail(WeeksOfCampaigns("Campaign", true));
  EXPECT_FALSE(
      FindEntities(data.table, {AllRows(data.table), "Spend", "Revenue", ""}, [] { return absl::CancelledError(""); }));
}

TEST(FindEntities, FewOrRareValuesAreNone) {
  std::string few = "Campaign,Spend,Revenue\n", rare = few;
  for (int row = 0; row < 100; ++row) {
    absl::StrAppend(&few, "c", row % 10, ",", 100 + row, ",", 200 - row, "\n");
    absl::StrAppend(&rare, "c", row % 50, ",", 100 + row, ",", 200 - row, "\n");
  }
  EXPECT_FALSE(Find(few).has_value());
  EXPECT_FALSE(Find(rare).has_value());
}

}  // namespace
}  // namespace roicast

#include "base/tables/spelling/zone_spelling.h"

#include <gtest/gtest.h>

#include <optional>

namespace roicast {
namespace {

TEST(ZoneOfTime, StandsBehindATimeOfDay) {
  for (const char* cell : {"2024-05-17T10:15:30+02:00", "2024-05-17T10:15:30.000+0200", "17/05/2024 10:15 +02",
                           "17-05-2024 10:15 PM +0200", "17.05.2024 10.15 +0200"}) {
    EXPECT_EQ(ZoneOfTime(cell), Zone{120}) << cell;
  }
  EXPECT_EQ(ZoneOfTime("2024-05-17T10:15-09:30"), Zone{-570});
  EXPECT_EQ(ZoneOfTime("2024-05-17T10:15+00:00"), Zone{0});
  for (const char* cell : {"2024-05-17T10:15:30Z", "2024-05-17 10:15 UTC", "May 17, 2024, 10:15 AM GMT"}) {
    EXPECT_EQ(ZoneOfTime(cell), Zone{std::nullopt}) << cell;
  }
}

TEST(ZoneOfTime, IsNoPartOfADateOrARange) {
  for (const char* cell : {"2024-05-17", "17-05-2024", "2024-05-17 10:15", "2024-05-17 10:15 - 2024-05-18",
                           "2024-05-17 10:15 - 2024-05-18 11:15", "2024-05-17 - 2024-05-18", "17-May-2024"}) {
    EXPECT_EQ(ZoneOfTime(cell), std::nullopt) << cell;
  }
}

}  // namespace
}  // namespace roicast

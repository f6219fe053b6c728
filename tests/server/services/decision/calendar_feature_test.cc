#include "server/services/decision/calendar_feature.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace roicast {
namespace {

int64_t At(int year, int month, int day) {
  return absl::ToUnixSeconds(absl::FromCivil(absl::CivilDay(year, month, day), absl::UTCTimeZone()));
}

// A time and a feature beside it.
std::optional<CalendarRole> RoleOf(const Feature& beside, const std::vector<int64_t>& times,
                                   const std::vector<float>& values) {
  Schema schema;
  schema.features.resize(2);
  schema.features[0].name = "start";
  schema.features[0].kind = FeatureKind::kTime;
  schema.features[1] = beside;
  std::vector<float> rows;
  for (size_t i = 0; i < times.size(); ++i) {
    rows.push_back(HoursSinceEpoch(times[i]));
    rows.push_back(values[i]);
  }
  return FindCalendarRole(schema, 1, 0, rows);
}

Feature Number(const std::string& name) {
  Feature feature;
  feature.name = name;
  return feature;
}

TEST(CalendarFeature, PartsAreThoseOfTheCalendar) {
  EXPECT_EQ(CalendarPart(CalendarRole::kYear, At(2025, 1, 1)), 2025);
  EXPECT_EQ(CalendarPart(CalendarRole::kQuarter, At(2025, 3, 31)), 1);
  EXPECT_EQ(CalendarPart(CalendarRole::kQuarter, At(2025, 4, 1)), 2);
  EXPECT_EQ(CalendarPart(CalendarRole::kMonth, At(2025, 12, 31)), 12);
  // ISO 8601: the first week of 2021 began on the 4th of January; 2024-12-30 is in the first one of 2025.
  EXPECT_EQ(CalendarPart(CalendarRole::kWeek, At(2021, 1, 3)), 53);
  EXPECT_EQ(CalendarPart(CalendarRole::kWeek, At(2021, 1, 4)), 1);
  EXPECT_EQ(CalendarPart(CalendarRole::kWeek, At(2024, 12, 30)), 1);
  EXPECT_EQ(CalendarPart(CalendarRole::kWeekday, At(2025, 3, 3)), 1);
}

TEST(CalendarFeature, IsFoundByItsNameWhereItsValuesDoNotDenyIt) {
  const std::vector<int64_t> once = {At(2025, 1, 15)};
  EXPECT_EQ(RoleOf(Number("month"), once, {1}), CalendarRole::kMonth);
  EXPECT_EQ(RoleOf(Number("iso_week"), once, {3}), CalendarRole::kWeek);
  EXPECT_EQ(RoleOf(Number("Day of week"), once, {3}), CalendarRole::kWeekday);
  EXPECT_EQ(RoleOf(Number("Jahr"), once, {2025}), CalendarRole::kYear);
  EXPECT_EQ(RoleOf(Number("month"), once, {NAN}), CalendarRole::kMonth);
  EXPECT_EQ(RoleOf(Number("year_founded"), once, {1998}), std::nullopt);
  EXPECT_EQ(RoleOf(Number("month_budget"), once, {1}), std::nullopt);
  EXPECT_EQ(RoleOf(Number("price"), once, {1}), std::nullopt);
  Feature word = Number("month");
  word.kind = FeatureKind::kCategorical;
  word.vocabulary = {"Feb", "Jan"};
  EXPECT_EQ(RoleOf(word, once, {1}), CalendarRole::kMonth);
}

TEST(CalendarFeature, IsFoundByItsValuesInThreeParts) {
  const std::vector<int64_t> times = {At(2025, 1, 15), At(2025, 2, 3), At(2025, 5, 20), At(2025, 5, 21)};
  EXPECT_EQ(RoleOf(Number("m"), times, {1, 2, 5, 5}), CalendarRole::kMonth);
  EXPECT_EQ(RoleOf(Number("m"), times, {1, 2, 5, 6}), std::nullopt);
  EXPECT_EQ(RoleOf(Number("m"), {times[0], times[1]}, {1, 2}), std::nullopt);
  Feature word = Number("season");
  word.kind = FeatureKind::kCategorical;
  word.vocabulary = {"2025-01", "2025-02", "2025-05"};
  EXPECT_EQ(RoleOf(word, times, {0, 1, 2, 2}), CalendarRole::kMonth);
}

}  // namespace
}  // namespace roicast

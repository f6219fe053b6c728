#include "model/evaluation/equal_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/testing/stop_after.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(GroupEqualRows, NumbersGroupsByTheirFirstRows) {
  const std::vector<float> rows = {1, 2, 3, 4, 1, 2, 1, 4, 3, 4, 2, 1};
  EXPECT_THAT(*GroupEqualRows(rows, 2), ElementsAre(0, 1, 0, 2, 1, 3));
  EXPECT_THAT(*GroupEqualRows(rows, 12), ElementsAre(0));
  EXPECT_THAT(*GroupEqualRows({}, 3), IsEmpty());
}

TEST(NumberGroups, InTheOrderOfTheirFirstRows) {
  EXPECT_THAT(NumberGroups({7, 2, 7, 9, 2}), ElementsAre(0, 1, 0, 2, 1));
  EXPECT_THAT(NumberGroups({}), IsEmpty());
}

TEST(GroupEqualRows, TakesAllNaNsAndBothZeroesAsOneValue) {
  const float nan = std::nanf("1"), other_nan = -std::nanf("2");
  const std::vector<float> rows = {nan, 0.0f, other_nan, -0.0f, 0.0f, nan, nan, 1e-45f};
  EXPECT_THAT(*GroupEqualRows(rows, 2), ElementsAre(0, 0, 1, 2));
}

TEST(GroupEqualRows, IsStoppedAllAlong) {
  const std::vector<float> rows(100'000, 1.0f);
  testing::ExpectStopsWhereItAsks([&](const StopCheck& stop) { return GroupEqualRows(rows, 1, stop).status(); }, 6);
}

}  // namespace
}  // namespace roicast

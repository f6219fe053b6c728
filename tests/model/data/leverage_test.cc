#include "model/data/leverage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<double> Normal(int n, uint64_t seed = 1) {
  Random random(seed);
  std::vector<double> values;
  for (int i = 0; i < n; ++i) values.push_back(random.Normal());
  return values;
}

TEST(FindLeverage, NamesTheFewValuesThatStandApart) {
  std::vector<double> values = Normal(400);
  values[12] = values[151] = values[301] = 47999.0;
  const Leverage leverage = FindLeverage(values);
  EXPECT_THAT(leverage.positions, ElementsAre(12, 151, 301));
  EXPECT_GT(leverage.share, 0.999);
  EXPECT_TRUE(leverage.stands_apart);
  EXPECT_NEAR(leverage.median, 0.0, 0.2);
  values[12] = values[151] = values[301] = 0.0;
  EXPECT_EQ(leverage.rest_max, *std::max_element(values.begin(), values.end()));
  EXPECT_EQ(leverage.rest_min, *std::min_element(values.begin(), values.end()));
}

TEST(FindLeverage, TakesSmallerValuesThatStandApartAsWell) {
  std::vector<double> values = Normal(400);
  values[7] = -47999.0;
  values[8] = 5000.0;  // carries little beside it
  EXPECT_THAT(FindLeverage(values).positions, ElementsAre(7, 8));
}

TEST(FindLeverage, FindsNothingInOrdinaryTargets) {
  for (const int n : {1, 12, 20, 60, 400, 5000}) EXPECT_THAT(FindLeverage(Normal(n)).positions, IsEmpty()) << n;
  std::vector<double> skewed = Normal(2000);
  for (double& value : skewed) value = std::exp(value);
  EXPECT_THAT(FindLeverage(skewed).positions, IsEmpty());
  EXPECT_THAT(FindLeverage(std::vector<double>(100, 3.0)).positions, IsEmpty());
  EXPECT_THAT(FindLeverage({}).positions, IsEmpty());
}

TEST(FindLeverage, DoesNotTakeTheEndOfAHeavyTailForValuesThatStandApart) {
  int carried_by_few = 0, apart = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    std::vector<double> heavy = Normal(2000, seed), pareto;
    for (double& value : heavy) value = std::exp(3.0 * value) - 1.0;  // ROI over six orders of magnitude
    Random random(seed);
    for (int i = 0; i < 400; ++i) pareto.push_back(1.0 / (1.0 - random.Uniform()) - 1.0);  // without a mean
    for (const std::vector<double>* values : {&heavy, &pareto}) {
      const Leverage leverage = FindLeverage(*values);
      carried_by_few += !leverage.positions.empty();
      apart += leverage.stands_apart;
    }
  }
  EXPECT_GE(carried_by_few, 150);
  EXPECT_LE(apart, 2);
}

TEST(FindLeverage, DoesNotTakeRareSalesForValuesThatStandApart) {
  std::vector<double> values(2000, -1.0);
  for (int i = 0; i < 9; ++i) values[100 * i] = 40.0 + i;
  const Leverage leverage = FindLeverage(values);
  EXPECT_EQ(leverage.positions.size(), 5u);
  EXPECT_FALSE(leverage.stands_apart);
  EXPECT_EQ(leverage.rest_max, 43.0);
}

}  // namespace
}  // namespace roicast

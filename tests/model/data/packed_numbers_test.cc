#include "model/data/packed_numbers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/random.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// To the bit.
void ExpectSame(const PackedNumbers& packed, const std::vector<double>& values) {
  ASSERT_EQ(packed.size(), values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) {
      EXPECT_TRUE(std::isnan(packed[i])) << i;
    } else {
      EXPECT_EQ(std::bit_cast<uint64_t>(packed[i]), std::bit_cast<uint64_t>(values[i])) << i << ": " << values[i];
    }
  }
}

size_t BytesOf(const std::vector<double>& values) { return PackedNumbers(values).memory_bytes(); }

TEST(PackedNumbers, GivesBackWhatWasAdded) {
  const std::vector<std::vector<double>> columns = {
      {},
      {0, 1, -1, 127, -127},
      {127, 128, 40000, -3e9},
      {-128, 5, kNaN},
      {1, 2, -12.8, -1.28},
      {0.1, 0.2, 0.3, 19.99, kNaN, 1234.5},
      {1e-6, 0.000001, 2147.483647, 0.123456},
      {1e-7, 1},
      {2147483647, -2147483647, 2147483648.0, -2147483648.0},
      {0.0, -0.0},
      {-0.0},
      {1.5, kInfinity, -kInfinity},
      {std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::max()},
      {1.0 / 3.0, 2.0},
      {kNaN, kNaN},
  };
  for (const std::vector<double>& values : columns) ExpectSame(PackedNumbers(values), values);
}

TEST(PackedNumbers, GivesBackRandomDecimals) {
  Random random(5);
  for (int decimals = 0; decimals <= 8; ++decimals) {
    std::vector<double> values;
    const double divisor = std::pow(10.0, decimals);
    for (int i = 0; i < 2000; ++i) {
      values.push_back(std::round(random.Uniform(-1.0, 1.0) * std::pow(10.0, random.Uniform(0.0, 9.0))) / divisor);
    }
    ExpectSame(PackedNumbers(values), values);
  }
}

TEST(PackedNumbers, TakesAsFewBytesAsTheNumbersNeed) {
  EXPECT_EQ(BytesOf({0, 1, 100, kNaN}), 4u);
  EXPECT_EQ(BytesOf({0.25, 0.5, 1, kNaN}), 4u);
  EXPECT_EQ(BytesOf({0.25, 0.5, 12.75, 300}), 8u);
  EXPECT_EQ(BytesOf({19.99, 12345.67, 0}), 12u);
  EXPECT_EQ(BytesOf({1715904000, 1715907600}), 8u);
  EXPECT_EQ(BytesOf({1.0 / 3.0, 1}), 16u);
}

TEST(PackedNumbers, AreSetAssignedAndSelected) {
  PackedNumbers numbers{1, 2, 3};
  numbers.set(1, kNaN);
  numbers.set(2, 2.5);
  ExpectSame(numbers, {1, kNaN, 2.5});
  numbers.set(0, 1.0 / 3.0);
  ExpectSame(numbers, {1.0 / 3.0, kNaN, 2.5});
  ExpectSame(numbers.Select({2, 0, 2}), {2.5, 1.0 / 3.0, 2.5});
  numbers.assign(3, kNaN);
  ExpectSame(numbers, {kNaN, kNaN, kNaN});
  numbers.assign(2, 1e100);
  EXPECT_THAT(numbers, ElementsAre(1e100, 1e100));
  PackedNumbers whole{7, 8, 9};
  EXPECT_THAT(whole.Select({1, 1}), ElementsAre(8, 8));
  EXPECT_EQ(whole, (PackedNumbers{7.0, 8.0, 9.0}));
  EXPECT_FALSE(whole == (PackedNumbers{7.0, 8.0, 9.5}));
}

TEST(PackedInts, WidenAsTheyMust) {
  PackedInts ints{1, -1, 127};
  EXPECT_EQ(ints.width(), 1);
  ints.push_back(128);
  EXPECT_EQ(ints.width(), 2);
  EXPECT_THAT(ints, ElementsAre(1, -1, 127, 128));
  ints.set(0, -32769);
  EXPECT_EQ(ints.width(), 4);
  EXPECT_THAT(ints, ElementsAre(-32769, -1, 127, 128));
  EXPECT_THAT(ints.Select({3, 0}), ElementsAre(128, -32769));
  EXPECT_EQ(ints.memory_bytes(), 16u);
  ints.assign(2, -1);
  EXPECT_EQ(ints.width(), 1);
  EXPECT_THAT(ints, ElementsAre(-1, -1));
}

}  // namespace
}  // namespace roicast

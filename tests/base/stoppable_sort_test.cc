#include "base/stoppable_sort.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"
#include "tests/testing/stop_after.h"

namespace roicast {
namespace {

std::vector<double> RandomNumbers(size_t count) {
  Random random(count);
  std::vector<double> values;
  for (size_t i = 0; i < count; ++i) values.push_back(static_cast<double>(random.Below(100'000)));
  return values;
}

TEST(SortOrStop, SortsAsStdSortDoes) {
  for (const size_t count :
       {0ul, 1ul, 1000ul, kSortedBetweenStops, kSortedBetweenStops + 1, 5 * kSortedBetweenStops - 7}) {
    std::vector<double> values = RandomNumbers(count), expected = values;
    std::sort(expected.begin(), expected.end());
    ASSERT_TRUE(SortOrStop(values, nullptr).ok());
    EXPECT_EQ(values, expected) << count;
    std::vector<double> falling = RandomNumbers(count);
    ASSERT_TRUE(SortOrStop(falling, nullptr, std::greater<>()).ok());
    EXPECT_TRUE(std::is_sorted(falling.begin(), falling.end(), std::greater<>())) << count;
  }
}

// A sort of a whole column took seconds during which a training could not be cancelled.
TEST(SortOrStop, AsksAfterEachPieceAndKeepsAllValues) {
  constexpr size_t kPieces = 6;
  const std::vector<double> values = RandomNumbers(kPieces * kSortedBetweenStops);
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  testing::ExpectStopsWhereItAsks(
      [&](const StopCheck& stop) {
        std::vector<double> some = values;
        const absl::Status status = SortOrStop(some, stop);
        std::sort(some.begin(), some.end());
        EXPECT_EQ(some, sorted);
        return status;
      },
      // Each piece is sorted once, and merged three times.
      4 * kPieces);
}

}  // namespace
}  // namespace roicast

#include "bench/numpy_permutation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace roicast::bench {
namespace {

using ::testing::ElementsAre;

// As printed by numpy 1.26.
TEST(NumpyPermutation, GivesNumpysOrder) {
  EXPECT_THAT(NumpyPermutation(42, 10), ElementsAre(5, 6, 0, 7, 3, 2, 4, 9, 1, 8));
  const std::vector<int64_t> many = NumpyPermutation(42, 15'339);
  EXPECT_THAT(std::vector<int64_t>(many.begin(), many.begin() + 4), ElementsAre(7004, 7404, 11523, 11851));
  EXPECT_THAT(std::vector<int64_t>(many.end() - 4, many.end()), ElementsAre(5668, 5729, 15309, 9864));
}

}  // namespace
}  // namespace roicast::bench

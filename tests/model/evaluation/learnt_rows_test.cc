#include "model/evaluation/learnt_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace roicast {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

TEST(HashRow, IsTheSameOnEveryMachineAndInEveryRelease) {
  EXPECT_EQ(HashRow({1.0f, 2.0f}, 3.0), UINT64_C(16306750893446670110));
}

TEST(HashRow, DependsOnEachValueAndItsPlace) {
  const uint64_t hash = HashRow({1.0f, 2.0f}, 3.0);
  EXPECT_NE(hash, HashRow({2.0f, 1.0f}, 3.0));
  EXPECT_NE(hash, HashRow({1.0f, 2.0f}, 3.5));
  EXPECT_NE(hash, HashRow({1.0f, 2.0f, 0.0f}, 3.0));
  EXPECT_NE(hash, HashRow({1.0f, kNaN}, 3.0));
}

TEST(HashRow, DoesNotDependOnHowAValueIsWritten) {
  EXPECT_EQ(HashRow({kNaN, 0.0f}, 0.0), HashRow({-kNaN, -0.0f}, -0.0));
  // Nearer than float32 tells apart.
  EXPECT_EQ(HashRow({1.0f}, 0.1), HashRow({1.0f}, 0.1 + 1e-12));
}

TEST(LearntRows, KnowsAllOfFewRows) {
  const std::vector<float> rows = {1, 2, 3, 4, 1, 2};
  const LearntRows learnt = *SampleLearntRows(rows, 2, {5.0, 6.0, 5.0});
  EXPECT_TRUE(learnt.HasAll());
  EXPECT_EQ(learnt.hashes.size(), 2u);
  EXPECT_EQ(learnt.Contains(HashRow({1, 2}, 5.0)), true);
  EXPECT_EQ(learnt.Contains(HashRow({3, 4}, 6.0)), true);
  EXPECT_EQ(learnt.Contains(HashRow({3, 4}, 5.0)), false);
}

TEST(LearntRows, KnowsASampleOfManyForCertain) {
  std::vector<float> rows;
  std::vector<double> targets;
  for (int i = 0; i < 10'000; ++i) {
    rows.push_back(static_cast<float>(i));
    targets.push_back(i % 7);
  }
  const LearntRows learnt = *SampleLearntRows(rows, 1, targets, 1000);
  EXPECT_FALSE(learnt.HasAll());
  EXPECT_EQ(learnt.hashes.size(), 1000u);
  int known = 0, strangers = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::optional<bool> found = learnt.Contains(HashRow({static_cast<float>(i)}, i % 7));
    if (!found.has_value()) continue;
    EXPECT_EQ(*found, i < 10'000) << i;
    ++(*found ? known : strangers);
  }
  EXPECT_EQ(known, 1000);
  // As many rows that were not learnt from are told as such, but for chance.
  EXPECT_NEAR(strangers, 1000, 150);
}

TEST(LearntRows, TellsNothingIfNothingWasRecorded) {
  EXPECT_TRUE(LearntRows().empty());
  EXPECT_FALSE(LearntRows().Contains(0).has_value());
}

}  // namespace
}  // namespace roicast

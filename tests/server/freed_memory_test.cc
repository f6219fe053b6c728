#include "server/freed_memory.h"

#include <gtest/gtest.h>

namespace roicast {
namespace {

constexpr uint64_t kMegabyte = uint64_t{1} << 20;

TEST(FreedMemory, IsDueWhenMuchStaysAfterABurst) {
  FreedMemory freed;
  EXPECT_FALSE(freed.Due(40 * kMegabyte, 0, 0));
  EXPECT_FALSE(freed.Due(1840 * kMegabyte, 1700 * kMegabyte, 1700 * kMegabyte));
  // The burst ends within this second.
  EXPECT_FALSE(freed.Due(1840 * kMegabyte, 0, 1700 * kMegabyte));
  EXPECT_FALSE(freed.Due(1840 * kMegabyte, 0, 0));
  EXPECT_TRUE(freed.Due(1840 * kMegabyte, 0, 0));
  freed.GaveBack(50 * kMegabyte, 0);
  EXPECT_FALSE(freed.Due(50 * kMegabyte, 0, 0));
  EXPECT_FALSE(freed.Due(50 * kMegabyte, 0, 0));
}

TEST(FreedMemory, IsNotDueForLittle) {
  FreedMemory freed;
  EXPECT_FALSE(freed.Due(40 * kMegabyte, 0, 0));
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(freed.Due(103 * kMegabyte, 0, 0)) << i;
}

TEST(FreedMemory, SteadyLoadKeepsWhatItUses) {
  FreedMemory freed;
  EXPECT_FALSE(freed.Due(40 * kMegabyte, 0, 0));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(freed.Due(340 * kMegabyte, 0, 200 * kMegabyte)) << i;
}

TEST(FreedMemory, LoadDoesNotKeepWhatIsFarMoreThanItUses) {
  FreedMemory freed;
  EXPECT_FALSE(freed.Due(40 * kMegabyte, 0, 0));
  EXPECT_FALSE(freed.Due(1840 * kMegabyte, 0, 200 * kMegabyte));
  EXPECT_TRUE(freed.Due(1840 * kMegabyte, 0, 200 * kMegabyte));
}

TEST(FreedMemory, IsNotAskedForAgainWhatDidNotComeBack) {
  FreedMemory freed;
  EXPECT_FALSE(freed.Due(40 * kMegabyte, 0, 0));
  EXPECT_FALSE(freed.Due(840 * kMegabyte, 0, 0));
  EXPECT_TRUE(freed.Due(840 * kMegabyte, 0, 0));
  freed.GaveBack(830 * kMegabyte, 0);  // A library uses it, and does not say so.
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(freed.Due(840 * kMegabyte, 0, 0)) << i;
  // Later it is freed, and there is a burst again.
  EXPECT_FALSE(freed.Due(40 * kMegabyte, 0, 0));
  EXPECT_FALSE(freed.Due(840 * kMegabyte, 0, 0));
  EXPECT_TRUE(freed.Due(840 * kMegabyte, 0, 0));
}

TEST(FreedMemory, WhatTheBudgetCountsIsInUse) {
  FreedMemory freed;
  EXPECT_FALSE(freed.Due(40 * kMegabyte, 0, 0));
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(freed.Due(1040 * kMegabyte, 1000 * kMegabyte, 1000 * kMegabyte)) << i;
}

}  // namespace
}  // namespace roicast

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
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(freed.Due(55 * kMegabyte, 0, 0)) << i;
}

// What a burst left that was too little to be worth it while the burst went on.
TEST(FreedMemory, IsDueOnceForLessInATimeOfRest) {
  FreedMemory freed;
  EXPECT_FALSE(freed.Due(40 * kMegabyte, 0, 0));
  EXPECT_FALSE(freed.Due(100 * kMegabyte, 0, 50 * kMegabyte));
  EXPECT_FALSE(freed.Due(100 * kMegabyte, 0, kMegabyte));
  EXPECT_FALSE(freed.Due(100 * kMegabyte, 0, kMegabyte));
  EXPECT_TRUE(freed.Due(100 * kMegabyte, 0, kMegabyte));
  freed.GaveBack(90 * kMegabyte, 0);
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(freed.Due(90 * kMegabyte, 0, kMegabyte)) << i;
  EXPECT_FALSE(freed.Due(90 * kMegabyte, 0, 50 * kMegabyte));
  EXPECT_FALSE(freed.Due(90 * kMegabyte, 0, 0));
  EXPECT_FALSE(freed.Due(90 * kMegabyte, 0, 0));
  EXPECT_TRUE(freed.Due(90 * kMegabyte, 0, 0)) << "another burst, another time of rest";
}

TEST(FreedMemory, WhatComesAndGoesAllTheTimeIsNoRest) {
  FreedMemory freed;
  EXPECT_FALSE(freed.Due(40 * kMegabyte, 0, 0));
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(freed.Due(100 * kMegabyte, 0, 10 * kMegabyte)) << i;
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

// How many calls it takes until it is due again.
int CallsUntilDue(FreedMemory& freed, uint64_t resident) {
  for (int calls = 1; calls < 1000; ++calls) {
    if (freed.Due(resident, 0, 0)) return calls;
  }
  return 1000;
}

// A job that the budget does not count uses it, and frees it later: what is resident is the same.
TEST(FreedMemory, IsDueAgainAfterAWhileWhereLittleCameBack) {
  FreedMemory freed;
  EXPECT_FALSE(freed.Due(40 * kMegabyte, 0, 0));
  EXPECT_EQ(CallsUntilDue(freed, 840 * kMegabyte), 2);
  for (const int calls : {11, 16, 16, 16}) {
    freed.GaveBack(830 * kMegabyte, 0);
    EXPECT_EQ(CallsUntilDue(freed, 840 * kMegabyte), calls);
  }
  freed.GaveBack(50 * kMegabyte, 0);
  EXPECT_EQ(CallsUntilDue(freed, 50 * kMegabyte), 1000);
}

TEST(FreedMemory, IsDueAtOnceAfterTheNextBurst) {
  FreedMemory freed;
  EXPECT_FALSE(freed.Due(40 * kMegabyte, 0, 0));
  EXPECT_EQ(CallsUntilDue(freed, 840 * kMegabyte), 2);
  freed.GaveBack(50 * kMegabyte, 0);
  EXPECT_FALSE(freed.Due(50 * kMegabyte, 0, 0));
  EXPECT_EQ(CallsUntilDue(freed, 840 * kMegabyte), 2);
}

TEST(FreedMemory, WhatTheBudgetCountsIsInUse) {
  FreedMemory freed;
  EXPECT_FALSE(freed.Due(40 * kMegabyte, 0, 0));
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(freed.Due(1040 * kMegabyte, 1000 * kMegabyte, 1000 * kMegabyte)) << i;
}

TEST(FreedMemory, IsDueAtOnceWhereMoreIsResidentThanTheBudgetHas) {
  FreedMemory freed(600 * kMegabyte);
  EXPECT_FALSE(freed.Due(40 * kMegabyte, 0, 0));
  EXPECT_FALSE(freed.Due(599 * kMegabyte, 500 * kMegabyte, 590 * kMegabyte));
  EXPECT_TRUE(freed.Due(600 * kMegabyte, 400 * kMegabyte, 590 * kMegabyte));
  freed.GaveBack(420 * kMegabyte, 400 * kMegabyte);
  // All of it is in use.
  EXPECT_FALSE(freed.Due(640 * kMegabyte, 590 * kMegabyte, 590 * kMegabyte));
}

}  // namespace
}  // namespace roicast

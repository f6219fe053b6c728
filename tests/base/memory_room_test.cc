#include "base/memory_room.h"

#include <gtest/gtest.h>

namespace roicast {
namespace {

TEST(MemoryRoom, WhatIsKeptForPredictionsIsNoRoomForOthers) {
  MemoryBudget memory(100, 40);
  EXPECT_TRUE(HasRoomBesidePredictions(memory, 60));
  EXPECT_FALSE(HasRoomBesidePredictions(memory, 61));
  const auto tables = memory.Claim(MemoryUse::kTables, 50);
  EXPECT_TRUE(HasRoomBesidePredictions(memory, 10));
  EXPECT_FALSE(HasRoomBesidePredictions(memory, 11));
  const auto batches = memory.Claim(MemoryUse::kBatches, 40);
  EXPECT_TRUE(HasRoomBesidePredictions(memory, 10)) << "they took what is kept for them";
  const auto more = memory.Claim(MemoryUse::kBatches, 5);
  EXPECT_TRUE(HasRoomBesidePredictions(memory, 5));
  EXPECT_FALSE(HasRoomBesidePredictions(memory, 6));
  EXPECT_TRUE(HasRoomBesidePredictions(*MemoryBudget::Unlimited(), uint64_t{1} << 40));
}

}  // namespace
}  // namespace roicast

#include "base/memory_budget.h"

#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <thread>
#include <vector>

#include "base/status_macros.h"

namespace roicast {
namespace {

constexpr uint64_t kMegabyte = 1000000;

TEST(MemoryBudget, GivesUntilNothingIsLeftAndTakesBack) {
  MemoryBudget budget(100 * kMegabyte, 0);
  absl::StatusOr<MemoryClaim> first = budget.Claim(MemoryUse::kTables, 60 * kMegabyte);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->bytes(), 60 * kMegabyte);
  EXPECT_EQ(budget.held(), 60 * kMegabyte);
  EXPECT_TRUE(absl::IsResourceExhausted(budget.Claim(MemoryUse::kModels, 40 * kMegabyte + 1).status()));
  absl::StatusOr<MemoryClaim> second = budget.Claim(MemoryUse::kModels, 40 * kMegabyte);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(budget.held(MemoryUse::kTables), 60 * kMegabyte);
  EXPECT_EQ(budget.held(MemoryUse::kModels), 40 * kMegabyte);
  *first = MemoryClaim();
  EXPECT_EQ(budget.held(), 40 * kMegabyte);
}

TEST(MemoryBudget, SaysWhatIsNeededWhatIsFreeAndWhatHoldsTheRest) {
  MemoryBudget budget(2000 * kMegabyte, 300 * kMegabyte);
  const auto tables = budget.Claim(MemoryUse::kTables, 700 * kMegabyte);
  const auto models = budget.Claim(MemoryUse::kModels, 300 * kMegabyte);
  EXPECT_EQ(budget.Claim(MemoryUse::kImports, 1200 * kMegabyte).status(),
            absl::ResourceExhaustedError(
                "memory for imports: 1.2 GB more are needed, 700 MB of the budget of 2 GB are free; held: tables 700 "
                "MB, models 300 MB; kept for predictions: 300 MB (the server's --memory_budget)"));
  EXPECT_EQ(budget.Claim(MemoryUse::kBatches, 1200 * kMegabyte).status(),
            absl::ResourceExhaustedError("memory for batches: 1.2 GB more are needed, 1 GB of the budget of 2 GB are "
                                         "free; held: tables 700 MB, models 300 MB (the server's --memory_budget)"));
  EXPECT_EQ(budget.refusals(MemoryUse::kImports), 1);
  EXPECT_EQ(budget.refusals(MemoryUse::kBatches), 1);
  EXPECT_EQ(budget.refusals(MemoryUse::kTables), 0);
}

TEST(MemoryBudget, KnowsItsRefusalsInAnyContext) {
  MemoryBudget budget(1000, 0);
  const absl::Status refusal = budget.Claim(MemoryUse::kTables, 2000).status();
  EXPECT_TRUE(IsMemoryRefusal(refusal));
  EXPECT_TRUE(IsMemoryRefusal(WithContext(refusal, "the network"))) << "a larger request is not what is wrong";
  EXPECT_FALSE(IsMemoryRefusal(absl::ResourceExhaustedError("rows: expected at most 5, got 6")));
  EXPECT_FALSE(IsMemoryRefusal(absl::OkStatus()));
}

TEST(MemoryBudget, OnlyPredictionsTakeTheReserve) {
  MemoryBudget budget(100, 30);
  const auto tables = budget.Claim(MemoryUse::kTables, 70);
  ASSERT_TRUE(tables.ok());
  EXPECT_FALSE(budget.Claim(MemoryUse::kUploads, 1).ok());
  const auto batch = budget.Claim(MemoryUse::kBatches, 30);
  ASSERT_TRUE(batch.ok());
  EXPECT_FALSE(budget.Claim(MemoryUse::kBatches, 1).ok());
}

TEST(MemoryBudget, PredictionsWithinTheReserveLeaveTheRestToOthers) {
  MemoryBudget budget(100, 30);
  const auto batch = budget.Claim(MemoryUse::kBatches, 20);
  EXPECT_TRUE(budget.Claim(MemoryUse::kTables, 70).ok());
  // Beyond the reserve they take of what all share.
  const auto more = budget.Claim(MemoryUse::kBatches, 30);
  EXPECT_FALSE(budget.Claim(MemoryUse::kTables, 51).ok());
  EXPECT_TRUE(budget.Claim(MemoryUse::kTables, 50).ok());
}

// Small requests of the HTTP port are never refused, and enough of them took what is kept for predictions.
TEST(MemoryBudget, WhatIsFollowedForOthersTakesNothingOfTheReserve) {
  MemoryBudget budget(1000, 400);
  std::atomic<int64_t> http{0};
  budget.Follow(MemoryUse::kHttp, &http);
  http = 900;
  EXPECT_EQ(budget.held(), 900u);
  EXPECT_TRUE(budget.HasRoomFor(400));
  EXPECT_FALSE(budget.HasRoomFor(401));
  EXPECT_FALSE(budget.Claim(MemoryUse::kTables, 1).ok());
  const auto batches = budget.Claim(MemoryUse::kBatches, 300);
  ASSERT_TRUE(batches.ok()) << batches.status();
  EXPECT_TRUE(budget.HasRoomFor(100));
  EXPECT_FALSE(budget.HasRoomFor(101));
  http = 500;
  EXPECT_TRUE(budget.HasRoomFor(200));
  EXPECT_FALSE(budget.Claim(MemoryUse::kTables, 101).ok());
  EXPECT_TRUE(budget.Claim(MemoryUse::kTables, 100).ok());
}

TEST(MemoryBudget, CountsWhatItFollows) {
  MemoryBudget budget(1000, 400);
  std::atomic<int64_t> messages{0};
  std::atomic<int64_t> streams{0};
  budget.Follow(MemoryUse::kMessages, &messages);
  budget.Follow(MemoryUse::kStreams, &streams, 100);
  EXPECT_TRUE(budget.Claim(MemoryUse::kTables, 600).ok());
  messages = 300;
  streams = 2;
  EXPECT_EQ(budget.held(MemoryUse::kMessages), 300u);
  EXPECT_EQ(budget.held(MemoryUse::kStreams), 200u);
  EXPECT_EQ(budget.held(), 500u);
  EXPECT_FALSE(budget.Claim(MemoryUse::kTables, 501).ok());
  EXPECT_TRUE(budget.HasRoomFor(500));
  EXPECT_FALSE(budget.HasRoomFor(501));
  messages = -1;  // Counters that are read one after the other may be.
  EXPECT_EQ(budget.held(MemoryUse::kMessages), 0u);
}

TEST(MemoryBudget, ClaimsOfAnySizeDoNotOverflow) {
  MemoryBudget budget(1000, 10);
  const auto some = budget.Claim(MemoryUse::kTables, 500);
  EXPECT_FALSE(budget.Claim(MemoryUse::kTables, std::numeric_limits<uint64_t>::max()).ok());
  EXPECT_FALSE(budget.Claim(MemoryUse::kBatches, std::numeric_limits<uint64_t>::max() - 400).ok());
  EXPECT_EQ(budget.held(), 500u);
  EXPECT_FALSE(budget.HasRoomFor(std::numeric_limits<uint64_t>::max()));
}

TEST(MemoryBudget, UnlimitedRefusesNothing) {
  const auto claim = MemoryBudget::Unlimited()->Claim(MemoryUse::kTables, uint64_t{1} << 60);
  ASSERT_TRUE(claim.ok());
  EXPECT_EQ(claim->bytes(), uint64_t{1} << 60);
}

TEST(MemoryBudget, PeakIsTheMostSinceItWasTaken) {
  MemoryBudget budget(1000, 0);
  { const auto claim = budget.Claim(MemoryUse::kTables, 900); }
  const auto claim = budget.Claim(MemoryUse::kTables, 100);
  EXPECT_EQ(budget.TakePeak(), 900u);
  EXPECT_EQ(budget.TakePeak(), 100u);
}

TEST(MemoryBudget, ThreadsNeverHoldMoreThanItHas) {
  MemoryBudget budget(1000, 0);
  std::atomic<bool> exceeded{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 2000; ++round) {
        const auto claim = budget.Claim(MemoryUse::kTables, 300);
        if (budget.held() > 1000) exceeded = true;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(exceeded);
  EXPECT_EQ(budget.held(), 0u);
}

TEST(MemoryClaim, GrowsAndShrinks) {
  MemoryBudget budget(100, 0);
  absl::StatusOr<MemoryClaim> claim = budget.Claim(MemoryUse::kImports, 10);
  ASSERT_TRUE(claim.ok());
  EXPECT_TRUE(claim->Grow(50).ok());
  EXPECT_EQ(claim->bytes(), 60u);
  EXPECT_FALSE(claim->Grow(41).ok());
  EXPECT_EQ(claim->bytes(), 60u);  // It holds what it held.
  EXPECT_TRUE(claim->SetTo(100).ok());
  EXPECT_EQ(budget.held(), 100u);
  EXPECT_FALSE(claim->SetTo(101).ok());
  EXPECT_TRUE(claim->SetTo(5).ok());
  EXPECT_EQ(budget.held(), 5u);
  claim->Shrink(50);
  EXPECT_EQ(claim->bytes(), 0u);
  EXPECT_EQ(budget.held(), 0u);
}

TEST(MemoryClaim, MayBeginEmpty) {
  MemoryBudget budget(100, 0);
  MemoryClaim claim = budget.EmptyClaim(MemoryUse::kImports);
  EXPECT_EQ(claim.bytes(), 0u);
  EXPECT_TRUE(claim.Grow(70).ok());
  EXPECT_EQ(budget.held(MemoryUse::kImports), 70u);
  EXPECT_FALSE(claim.Grow(31).ok());
}

TEST(MemoryClaim, MovesWithoutCountingTwice) {
  MemoryBudget budget(100, 0);
  MemoryClaim first = *budget.Claim(MemoryUse::kTables, 40);
  MemoryClaim second = std::move(first);
  EXPECT_EQ(first.bytes(), 0u);  // NOLINT: it is empty then.
  EXPECT_EQ(second.bytes(), 40u);
  MemoryClaim third = *budget.Claim(MemoryUse::kModels, 30);
  third = std::move(second);
  EXPECT_EQ(budget.held(MemoryUse::kModels), 0u);
  EXPECT_EQ(budget.held(MemoryUse::kTables), 40u);
  third.Clear();
  EXPECT_EQ(budget.held(), 0u);
}

TEST(MemoryClaim, OfNoBudgetCountsForItself) {
  MemoryClaim claim;
  EXPECT_TRUE(claim.Grow(uint64_t{1} << 40).ok());
  EXPECT_EQ(claim.bytes(), uint64_t{1} << 40);
}

TEST(BytesText, IsShort) {
  EXPECT_EQ(BytesText(0), "0 bytes");
  EXPECT_EQ(BytesText(1), "1 byte");
  EXPECT_EQ(BytesText(999), "999 bytes");
  EXPECT_EQ(BytesText(1000), "1 kB");
  EXPECT_EQ(BytesText(1240), "1.2 kB");
  EXPECT_EQ(BytesText(15600), "16 kB");
  EXPECT_EQ(BytesText(999600), "1 MB");
  EXPECT_EQ(BytesText(2000000000), "2 GB");
  EXPECT_EQ(BytesText(3500000000000), "3.5 TB");
}

TEST(MemoryUse, HasNames) {
  EXPECT_EQ(MemoryUseName(MemoryUse::kMessages), "messages");
  EXPECT_EQ(MemoryUseName(MemoryUse::kHttp), "http");
  EXPECT_EQ(MemoryUseName(MemoryUse::kAnswers), "answers");
  for (size_t i = 0; i < kMemoryUses; ++i) EXPECT_FALSE(MemoryUseName(static_cast<MemoryUse>(i)).empty());
}

}  // namespace
}  // namespace roicast

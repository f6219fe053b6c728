#include "server/transport/grpc/held_bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace roicast {
namespace {

using ::testing::StartsWith;
using Limit = HeldBytes::Limit;

// Two connections of an address, and one of another.
class HeldBytesTest : public ::testing::Test {
 protected:
  Limit Take(const HeldBytes& account, int64_t bytes) const { return account.Take(bytes, true, limits_).exceeded; }

  HeldLimits limits_ = {.max_bytes = 144, .max_bytes_per_connection = 144, .spare_bytes = 64};
  TransportMetrics metrics_;
  PeerUse address_, other_address_;
  std::atomic<int64_t> connections_[3] = {};
  const HeldBytes first_{&metrics_, &address_, &connections_[0]};
  const HeldBytes second_{&metrics_, &address_, &connections_[1]};
  const HeldBytes other_{&metrics_, &other_address_, &connections_[2]};
};

TEST_F(HeldBytesTest, OneAddressMayHoldEverythingAndNoMore) {
  EXPECT_EQ(Take(first_, 100), Limit::kNone);
  EXPECT_EQ(Take(second_, 44), Limit::kNone);
  EXPECT_EQ(Take(second_, 1), Limit::kOfAll);
  EXPECT_EQ(metrics_.bytes_held.load(), 144) << "what is refused does not count";
  first_.GiveBack(1);
  EXPECT_EQ(Take(second_, 1), Limit::kNone);
}

TEST_F(HeldBytesTest, OneConnectionLeavesRoomForOthersOfItsAddress) {
  limits_.max_bytes_per_connection = 100;
  EXPECT_EQ(Take(first_, 100), Limit::kNone);
  EXPECT_EQ(Take(first_, 1), Limit::kOfConnection);
  EXPECT_EQ(Take(second_, 44), Limit::kNone);
  first_.GiveBack(100);
  second_.GiveBack(44);
  EXPECT_EQ(metrics_.bytes_held.load(), 0);
  EXPECT_TRUE(address_.unused());
  for (const auto& of_connection : connections_) EXPECT_EQ(of_connection.load(), 0);
}

// One address that held all of it kept everybody else's batches out.
TEST_F(HeldBytesTest, AnotherAddressHasItsPartWhenEverythingIsHeld) {
  EXPECT_EQ(Take(first_, 144), Limit::kNone);
  EXPECT_EQ(Take(other_, 65), Limit::kOfAll) << "more than its part";
  EXPECT_EQ(Take(other_, 64), Limit::kNone);
  other_.GiveBack(64);
  first_.TakeAnyway(1);
  EXPECT_EQ(Take(other_, 64), Limit::kOfAll) << "others have all the parts";
}

TEST_F(HeldBytesTest, WithoutPartsTheLimitIsForAll) {
  limits_.spare_bytes = 0;
  EXPECT_EQ(Take(first_, 144), Limit::kNone);
  EXPECT_EQ(Take(other_, 1), Limit::kOfAll);
}

TEST_F(HeldBytesTest, TheBudgetIsAskedWhereItMatters) {
  MemoryBudget budget(1000, 0);
  limits_.memory = &budget;
  const auto all = budget.Claim(MemoryUse::kUploads, 1000);
  ASSERT_TRUE(all.ok()) << all.status();
  budget.Follow(MemoryUse::kMessages, &metrics_.bytes_held);
  metrics_.bytes_held = 1;
  EXPECT_EQ(Take(first_, 10), Limit::kOfBudget);
  EXPECT_EQ(first_.Take(10, false, limits_).exceeded, Limit::kNone);
}

TEST_F(HeldBytesTest, RefusalsNameTheirLimitAndAreCountedByCause) {
  first_.TakeAnyway(140);
  const auto refusal = [this](int64_t bytes) {
    return std::string(first_.Refuse(first_.Take(bytes, true, limits_), limits_).message());
  };
  limits_.max_bytes_per_connection = 200;
  EXPECT_THAT(refusal(10), StartsWith("bytes held for clients: limit 144, got 150 (the server's --max_bytes_held)"));
  EXPECT_EQ(metrics_.count(Cut::kBytesHeld), 1);
  limits_.max_bytes_per_connection = 100;
  EXPECT_THAT(
      refusal(10),
      StartsWith("bytes held for a connection: limit 100, got 150 (the server's --max_bytes_held_per_connection)"));
  EXPECT_EQ(metrics_.count(Cut::kConnectionBytes), 1);
  MemoryBudget budget(145, 0);
  budget.Follow(MemoryUse::kMessages, &metrics_.bytes_held);
  limits_ = {.max_bytes = 200, .memory = &budget};
  EXPECT_THAT(refusal(10), StartsWith("bytes of memory: limit 145, got 150 (the server's --memory_budget)"));
  EXPECT_EQ(metrics_.count(Cut::kBytesHeld), 2);
}

}  // namespace
}  // namespace roicast

#include "server/transport/connection/read_size.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace roicast {
namespace {

using std::chrono::microseconds;

TEST(ReadSize, GrowsWhileFullReadsCostLittle) {
  ReadSize size;
  EXPECT_EQ(size.Next(ReadSize::kMax, 1), ReadSize::kFirst);
  size.Took(ReadSize::kFirst, microseconds(100));
  EXPECT_EQ(size.Next(ReadSize::kMax, 1), 2 * ReadSize::kFirst);
  size.Took(ReadSize::kFirst, microseconds(100));
  EXPECT_EQ(size.Next(ReadSize::kMax, 1), 2 * ReadSize::kFirst) << "the read was not full";
  for (int i = 0; i < 10; ++i) size.Took(size.Next(ReadSize::kMax, 1), microseconds(100));
  EXPECT_EQ(size.Next(ReadSize::kMax, 1), ReadSize::kMax);
}

// 1,000 requests with headers of 12 KB, a few bytes each on the wire, kept others waiting for 20 ms.
TEST(ReadSize, ShrinksToWhatMayBeTaken) {
  ReadSize size;
  size.Took(size.Next(ReadSize::kMax, 1), microseconds(1000));
  EXPECT_EQ(size.Next(ReadSize::kMax, 1), ReadSize::kFirst / 2);
  for (int i = 0; i < 10; ++i) size.Took(size.Next(ReadSize::kMax, 1), std::chrono::seconds(1));
  EXPECT_EQ(size.Next(ReadSize::kMax, 1), ReadSize::kMin);
}

// A thread that was interrupted once reads as before soon after.
TEST(ReadSize, ShrinksInSteps) {
  ReadSize size;
  size.Took(size.Next(ReadSize::kMax, 1), std::chrono::seconds(1));
  EXPECT_EQ(size.Next(ReadSize::kMax, 1), ReadSize::kFirst / 4);
}

TEST(ReadSize, IsNoMoreThanTheShare) {
  ReadSize size;
  EXPECT_EQ(size.Next(ReadSize::kFirst / 2, 1), ReadSize::kFirst / 2);
  EXPECT_EQ(size.Next(1, 1), ReadSize::kMin);
}

// 50 connections with such requests took 0.4 ms each, one after the other: turns of 20 ms.
TEST(ReadSize, ManyThatCostMuchShareATurn) {
  constexpr int kReady = 50;
  constexpr microseconds kEach(10);  // for 100 bytes
  std::vector<ReadSize> sizes(kReady);
  std::chrono::nanoseconds turn{};
  for (int i = 0; i < 20; ++i) {
    turn = {};
    for (ReadSize& size : sizes) {
      const size_t bytes = size.Next(ReadSize::kMax, kReady);
      const std::chrono::nanoseconds took = kEach * (bytes / 100);
      size.Took(bytes, took);
      turn += took;
    }
  }
  EXPECT_LE(turn, 2 * ReadSize::kMostPerTurn);
  // Alone, each may read as much as it could before.
  EXPECT_GE(sizes[0].Next(ReadSize::kMax, 1), size_t{4} << 10);
}

}  // namespace
}  // namespace roicast

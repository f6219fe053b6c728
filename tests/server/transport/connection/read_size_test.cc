#include "server/transport/connection/read_size.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace roicast {
namespace {

using std::chrono::microseconds;

TEST(ReadSize, GrowsWhileFullReadsCostLittle) {
  ReadSize size;
  EXPECT_EQ(size.Next(ReadSize::kMax, 1.0F), ReadSize::kFirst);
  size.Took(ReadSize::kFirst, microseconds(100));
  EXPECT_EQ(size.Next(ReadSize::kMax, 1.0F), 2 * ReadSize::kFirst);
  size.Took(ReadSize::kFirst / 2, microseconds(50));
  EXPECT_EQ(size.Next(ReadSize::kMax, 1.0F), 2 * ReadSize::kFirst) << "the read was not full";
  for (int i = 0; i < 10; ++i) size.Took(size.Next(ReadSize::kMax, 1.0F), microseconds(100));
  EXPECT_EQ(size.Next(ReadSize::kMax, 1.0F), ReadSize::kMax);
}

// 1,000 requests with headers of 12 KB, a few bytes each on the wire, kept others waiting for 20 ms.
TEST(ReadSize, ShrinksToWhatMayBeTaken) {
  ReadSize size;
  for (int i = 0; i < 2; ++i) size.Took(size.Next(ReadSize::kMax, 1.0F), microseconds(1000));
  EXPECT_EQ(size.Next(ReadSize::kMax, 1.0F), ReadSize::kFirst / 2);
  for (int i = 0; i < 10; ++i) size.Took(size.Next(ReadSize::kMax, 1.0F), std::chrono::seconds(1));
  EXPECT_EQ(size.Next(ReadSize::kMax, 1.0F), ReadSize::kMin);
}

TEST(ReadSize, StaysAsItIsIfTheThreadWasInterruptedOnce) {
  ReadSize size;
  for (int i = 0; i < 3; ++i) {
    size.Took(size.Next(ReadSize::kMax, 1.0F), std::chrono::seconds(1));
    size.Took(size.Next(ReadSize::kMax, 1.0F) / 4, microseconds(10));
  }
  EXPECT_EQ(size.Next(ReadSize::kMax, 1.0F), ReadSize::kFirst);
}

TEST(ReadSize, ShrinksInSteps) {
  ReadSize size;
  for (int i = 0; i < 2; ++i) size.Took(size.Next(ReadSize::kMax, 1.0F), std::chrono::seconds(1));
  EXPECT_EQ(size.Next(ReadSize::kMax, 1.0F), ReadSize::kFirst / 4);
}

TEST(ReadSize, IsNoMoreThanTheShare) {
  ReadSize size;
  EXPECT_EQ(size.Next(ReadSize::kFirst / 2, 1.0F), ReadSize::kFirst / 2);
  EXPECT_EQ(size.Next(1, 1.0F), ReadSize::kMin);
}

TEST(ReadSize, DoesNotShareATurnsTimeWhileLittleIsSent) {
  ReadSize size;
  EXPECT_EQ(size.Next(ReadSize::kMax, 0.01F), ReadSize::kMin) << "nothing is known of it";
  size.TookSmall();
  EXPECT_EQ(size.Next(ReadSize::kMax, 0.01F), ReadSize::kLight);
  size.Took(ReadSize::kLight / 2 - 1, microseconds(50));
  EXPECT_EQ(size.Next(ReadSize::kMax, 0.01F), ReadSize::kLight);
  size.Took(ReadSize::kLight, microseconds(50));
  EXPECT_EQ(size.Next(ReadSize::kMax, 0.01F), ReadSize::kMin);
}

// Of an encrypted stream a part of what was read is left.
TEST(ReadSize, GrowsWhereMostOfAReadIsLeft) {
  ReadSize size;
  size.Took(size.Next(ReadSize::kMax, 1.0F) * 2 / 3, microseconds(10));
  EXPECT_EQ(size.Next(ReadSize::kMax, 1.0F), 2 * ReadSize::kFirst);
}

// 50 connections with such requests took 0.4 ms each, one after the other: turns of 20 ms.
TEST(TurnTime, ManyThatCostMuchShareATurn) {
  constexpr int kReady = 50;
  constexpr microseconds kEach(10);  // for 100 bytes
  std::vector<ReadSize> sizes(kReady);
  TurnTime turn;
  TurnTime::Clock::time_point now{};
  std::chrono::nanoseconds longest{};
  for (int i = 0; i < 40; ++i) {
    now += std::chrono::milliseconds(1);
    turn.Begin(now);
    std::chrono::nanoseconds all{};
    for (ReadSize& size : sizes) {
      turn.Begin(now);
      const size_t bytes = size.Next(ReadSize::kMax, turn.share());
      const std::chrono::nanoseconds took = kEach * (bytes / 100);
      size.Took(bytes, took);
      turn.Spend(took);
      all += took;
    }
    longest = std::max(longest, all);
  }
  EXPECT_LE(longest, 3 * TurnTime::kMost);
}

// They cost nothing, however many there are: another's requests are read as fast as before.
TEST(TurnTime, ConnectionsThatCostLittleTakeNothingFromOthers) {
  TurnTime turn;
  TurnTime::Clock::time_point now{};
  for (int i = 0; i < 20; ++i) {
    turn.Begin(now += std::chrono::milliseconds(10));
    turn.Spend(microseconds(100));
  }
  EXPECT_EQ(turn.share(), 1.0F);
}

TEST(TurnTime, StaysAsItIsIfTheThreadWasInterruptedOnce) {
  TurnTime turn;
  TurnTime::Clock::time_point now{};
  for (int i = 0; i < 3; ++i) {
    turn.Begin(now += std::chrono::milliseconds(1));
    turn.Spend(20 * TurnTime::kMost);
    turn.Begin(now += std::chrono::milliseconds(1));
    turn.Spend(TurnTime::kMost / 2);
  }
  EXPECT_EQ(turn.share(), 1.0F);
}

TEST(TurnTime, GivesMoreAgainOnceTurnsAreShort) {
  TurnTime turn;
  TurnTime::Clock::time_point now{};
  for (int i = 0; i < 2; ++i) {
    turn.Begin(now += std::chrono::milliseconds(1));
    turn.Spend(20 * TurnTime::kMost);
    EXPECT_LT(turn.share(), 0.01F) << "of what is left of the turn";
  }
  turn.Begin(now += std::chrono::milliseconds(1));
  EXPECT_NEAR(turn.share(), 0.05F, 1e-6);
  for (int i = 0; i < 10; ++i) turn.Begin(now += std::chrono::milliseconds(1));
  EXPECT_EQ(turn.share(), 1.0F);
}

}  // namespace
}  // namespace roicast

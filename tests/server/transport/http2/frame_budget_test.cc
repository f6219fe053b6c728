#include "server/transport/http2/frame_budget.h"

#include <gtest/gtest.h>

#include <chrono>

namespace roicast {
namespace {

constexpr EventLoop::Clock::time_point kBegin{std::chrono::hours(5)};
constexpr int kLimit = 10;

nghttp2_frame_hd Frame(uint8_t type, uint8_t flags = 0, size_t length = 0) {
  nghttp2_frame_hd frame{};
  frame.type = type;
  frame.flags = flags;
  frame.length = length;
  return frame;
}

// How many such frames of one moment are taken, up to 1,000.
int Taken(FrameBudget& budget, const nghttp2_frame_hd& frame, EventLoop::Clock::time_point now = kBegin) {
  for (int i = 0; i < 1000; ++i) {
    if (budget.Received(frame, now).has_value()) return i;
  }
  return 1000;
}

TEST(FrameBudget, EachKindHasItsOwn) {
  FrameBudget budget(kLimit, kBegin);
  EXPECT_EQ(Taken(budget, Frame(NGHTTP2_SETTINGS)), kLimit);
  EXPECT_EQ(Taken(budget, Frame(NGHTTP2_PING)), kLimit);
  EXPECT_EQ(Taken(budget, Frame(NGHTTP2_PRIORITY)), kLimit);
  EXPECT_EQ(Taken(budget, Frame(NGHTTP2_DATA)), kLimit);
  EXPECT_EQ(Taken(budget, Frame(NGHTTP2_WINDOW_UPDATE)), kLimit);
  EXPECT_EQ(Taken(budget, Frame(NGHTTP2_RST_STREAM)), FrameBudget::kResets * kLimit);
}

TEST(FrameBudget, SaysWhatItIsTooManyOf) {
  FrameBudget budget(1, kBegin);
  for (const auto& [type, cut] :
       {std::pair(NGHTTP2_SETTINGS, Cut::kFloodSettings), std::pair(NGHTTP2_PING, Cut::kFloodPing),
        std::pair(NGHTTP2_PRIORITY, Cut::kFloodPriority), std::pair(NGHTTP2_DATA, Cut::kFloodEmptyData),
        std::pair(NGHTTP2_WINDOW_UPDATE, Cut::kFloodWindowUpdate)}) {
    const nghttp2_frame_hd frame = Frame(static_cast<uint8_t>(type));
    EXPECT_EQ(budget.Received(frame, kBegin), std::nullopt);
    EXPECT_EQ(budget.Received(frame, kBegin), cut);
  }
}

TEST(FrameBudget, WhatHasAUseCostsNothing) {
  FrameBudget budget(kLimit, kBegin);
  EXPECT_EQ(Taken(budget, Frame(NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK)), 1000);
  EXPECT_EQ(Taken(budget, Frame(NGHTTP2_PING, NGHTTP2_FLAG_ACK)), 1000);
  EXPECT_EQ(Taken(budget, Frame(NGHTTP2_HEADERS)), 1000);
  EXPECT_EQ(Taken(budget, Frame(NGHTTP2_DATA, 0, 1)), 1000);
  EXPECT_EQ(Taken(budget, Frame(NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM)), 1000);
}

TEST(FrameBudget, WhatWasSentExplainsPingsAndWindowUpdates) {
  FrameBudget budget(kLimit, kBegin);
  for (int i = 0; i < 50; ++i) budget.Sent(0);
  EXPECT_EQ(Taken(budget, Frame(NGHTTP2_SETTINGS)), kLimit);
  EXPECT_EQ(Taken(budget, Frame(NGHTTP2_WINDOW_UPDATE)), kLimit + 100);
  EXPECT_EQ(Taken(budget, Frame(NGHTTP2_PING)), kLimit) << "earned once";
}

// A client of a stream with 64 items in flight was cut off: one frame holds many small messages, and the client gave
// back the window of each.
TEST(FrameBudget, EveryMessageInAFrameExplainsTwo) {
  FrameBudget budget(kLimit, kBegin);
  budget.Sent(100 * 16);
  EXPECT_EQ(Taken(budget, Frame(NGHTTP2_WINDOW_UPDATE)), kLimit + 2 + 2 * 100);
}

TEST(FrameBudget, AClientMayReadLate) {
  FrameBudget budget(kLimit, kBegin);
  budget.Sent(0);
  EXPECT_EQ(Taken(budget, Frame(NGHTTP2_WINDOW_UPDATE), kBegin + std::chrono::seconds(5)), kLimit + 2);
}

TEST(FrameBudget, WhatIsEarnedIsBounded) {
  FrameBudget budget(1, kBegin);
  budget.Sent(size_t{1} << 30);
  EXPECT_EQ(Taken(budget, Frame(NGHTTP2_WINDOW_UPDATE)), 1 + FrameBudget::kMaxEarned);
}

TEST(FrameBudget, EverySecondHasItsOwn) {
  FrameBudget budget(kLimit, kBegin);
  EXPECT_EQ(Taken(budget, Frame(NGHTTP2_SETTINGS)), kLimit);
  EXPECT_EQ(Taken(budget, Frame(NGHTTP2_SETTINGS), kBegin + std::chrono::milliseconds(999)), 0);
  EXPECT_EQ(Taken(budget, Frame(NGHTTP2_SETTINGS), kBegin + std::chrono::seconds(1)), kLimit);
}

}  // namespace
}  // namespace roicast

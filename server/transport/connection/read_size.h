// How many bytes a connection reads at once: many of those that cost little, few of those that cost much, so that no
// clients keep the loop from others for long.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace roicast {

// What the bytes of all connections of a loop may take in one of its turns, and by how much each reads less where they
// took more. Not thread-safe.
class TurnTime {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::nanoseconds kMost = std::chrono::milliseconds(2);

  // turn: when the current turn began, which tells it from the last.
  void Begin(Clock::time_point turn) {
    if (turn == turn_) return;
    turn_ = turn;
    // Once, the thread may have been interrupted.
    const bool was_long = std::exchange(is_long_, spent_ > kMost);
    if (is_long_ && was_long) {
      share_ = std::max(kLeastShare, share_ * static_cast<float>(kMost.count()) / static_cast<float>(spent_.count()));
    } else if (!is_long_) {
      share_ = std::min(1.0F, share_ * kGrowth);
    }
    spent_ = {};
  }
  void Spend(std::chrono::nanoseconds time) { spent_ += time; }
  // Of what a connection reads by itself.
  float share() const { return spent_ > kMost ? kLeastShare : share_; }

 private:
  static constexpr float kLeastShare = 1.0F / 1024;
  static constexpr float kGrowth = 1.5F;

  Clock::time_point turn_;
  std::chrono::nanoseconds spent_{};
  float share_ = 1.0F;
  bool is_long_ = false;
};

// Not thread-safe.
class ReadSize {
 public:
  static constexpr size_t kMin = 512;
  // What a connection may read that has sent less than it could: one call after the other does not wait for floods.
  static constexpr size_t kLight = size_t{2} << 10;
  static constexpr size_t kFirst = size_t{4} << 10;
  static constexpr size_t kMax = size_t{256} << 10;
  // What the bytes of one read may take.
  static constexpr std::chrono::nanoseconds kMost = std::chrono::microseconds(500);

  // most: what the loop would give the connection; turn_share: TurnTime::share().
  size_t Next(size_t most, float turn_share) {
    auto bytes = static_cast<size_t>(static_cast<float>(bytes_) * turn_share);
    if (!full_) bytes = std::max(bytes, std::min(size_t{bytes_}, kLight));
    next_ = static_cast<uint32_t>(std::clamp(std::min(most, bytes), kMin, kMax));
    return next_;
  }

  // Whether so few bytes are not worth a look at the clock.
  static bool IsSmall(size_t count) { return count < kMin / 2; }
  // So few bytes were read.
  void TookSmall() { full_ = false; }

  // `count` bytes of the last read took so long, if only because the thread was interrupted: hence not at once.
  void Took(size_t count, std::chrono::nanoseconds time) {
    constexpr size_t kStep = 4;
    // Encrypted bytes are fewer once they are read.
    full_ = 2 * count >= next_;
    // What would take kMost.
    const auto most = static_cast<size_t>(static_cast<double>(count) * static_cast<double>(kMost.count()) /
                                          static_cast<double>(std::max<int64_t>(time.count(), 1)));
    const bool was_slow = std::exchange(is_slow_, most < bytes_);
    if (is_slow_) {
      if (was_slow) bytes_ = static_cast<uint32_t>(std::max({kMin, most, bytes_ / kStep}));
    } else if (full_) {
      bytes_ = static_cast<uint32_t>(std::min(kMax, size_t{2} * bytes_));
    }
  }

 private:
  uint32_t bytes_ = kFirst;
  uint32_t next_ = kFirst;
  bool full_ = true;
  bool is_slow_ = false;
};

}  // namespace roicast

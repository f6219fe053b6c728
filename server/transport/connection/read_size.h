// How many bytes a connection reads at once: many of those that cost little, few of those that cost much, so that no
// clients keep the loop from others for long.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace roicast {

// Not thread-safe.
class ReadSize {
 public:
  static constexpr size_t kMin = 512;
  static constexpr size_t kFirst = size_t{4} << 10;
  static constexpr size_t kMax = size_t{256} << 10;
  // What the bytes of one read may take, and those of all connections in one turn of the loop, as far as kMin allows.
  static constexpr std::chrono::nanoseconds kMost = std::chrono::microseconds(500);
  static constexpr std::chrono::nanoseconds kMostPerTurn = std::chrono::milliseconds(2);

  // share: what the loop would give the connection; ready: how many take their turns with it, ≥ 1.
  size_t Next(size_t share, int ready) {
    constexpr int kAtOnce = kMostPerTurn / kMost;
    const size_t bytes = ready <= kAtOnce ? bytes_ : size_t{bytes_} * kAtOnce / static_cast<size_t>(ready);
    next_ = static_cast<uint32_t>(std::clamp(std::min(share, bytes), kMin, kMax));
    return next_;
  }

  // Whether so few bytes are not worth a look at the clock.
  static bool IsSmall(size_t count) { return count < kMin; }

  // `count` bytes of the last read took so long, if only because the thread was interrupted: hence in steps.
  void Took(size_t count, std::chrono::nanoseconds time) {
    constexpr size_t kStep = 4;
    // What would take kMost.
    const auto most = static_cast<size_t>(static_cast<double>(count) * static_cast<double>(kMost.count()) /
                                          static_cast<double>(std::max<int64_t>(time.count(), 1)));
    if (most < bytes_) {
      bytes_ = static_cast<uint32_t>(std::max({kMin, most, bytes_ / kStep}));
    } else if (count >= next_) {
      bytes_ = static_cast<uint32_t>(std::min(kMax, size_t{2} * bytes_));
    }
  }

 private:
  uint32_t bytes_ = kFirst;
  uint32_t next_ = kFirst;
};

}  // namespace roicast

// How many bytes a connection reads at once: many of those that cost little, few of those that cost much, so that no
// client keeps the loop from others for long.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace roicast {

// Not thread-safe.
class ReadSize {
 public:
  static constexpr size_t kMin = size_t{4} << 10;
  static constexpr size_t kFirst = size_t{16} << 10;
  static constexpr size_t kMax = size_t{256} << 10;
  // What the bytes of one read may take.
  static constexpr std::chrono::nanoseconds kMost = std::chrono::microseconds(500);

  // share: what the loop would give the connection.
  size_t Next(size_t share) const { return std::clamp(std::min(share, bytes_), kMin, kMax); }

  // Whether so few bytes are not worth a look at the clock.
  static bool IsSmall(size_t count) { return count <= kMin; }

  // `count` bytes that were read took so long.
  void Took(size_t count, std::chrono::nanoseconds time) {
    if (time > kMost) {
      bytes_ = std::max(kMin, count * static_cast<size_t>(kMost.count()) / static_cast<size_t>(time.count()));
    } else if (count >= bytes_) {
      bytes_ = std::min(kMax, 2 * bytes_);
    }
  }

 private:
  size_t bytes_ = kFirst;
};

}  // namespace roicast

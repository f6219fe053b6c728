// How many lines of one kind the log takes in a second.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace roicast {

// Thread-safe, without a lock. Approximate: around the change of a second a few more lines may pass.
class LineLimit {
 public:
  // lines_per_second > 0.
  explicit constexpr LineLimit(int64_t lines_per_second) : lines_per_second_(lines_per_second) {}

  // False: this line is not to be written; it is counted.
  bool Take(int64_t second) {
    int64_t current = second_.load(std::memory_order_relaxed);
    if (current != second && second_.compare_exchange_strong(current, second, std::memory_order_relaxed)) {
      lines_.store(0, std::memory_order_relaxed);
    }
    if (lines_.fetch_add(1, std::memory_order_relaxed) < lines_per_second_) return true;
    suppressed_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  bool Take() {
    return Take(
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now().time_since_epoch()).count());
  }
  // The lines left out since the last call: the field "suppressed" of the next line.
  int64_t TakeSuppressed() { return suppressed_.exchange(0, std::memory_order_relaxed); }

 private:
  const int64_t lines_per_second_;
  std::atomic<int64_t> second_{0};
  std::atomic<int64_t> lines_{0};
  std::atomic<int64_t> suppressed_{0};
};

}  // namespace roicast

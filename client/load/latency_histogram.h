// Counts durations in buckets no wider than 1/128 of their value, from 1 ns to 584 years, so percentiles are accurate
// to 0.8 % over the whole range. The scheme is that of Tene's HdrHistogram.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace roicast::client {

// Not thread-safe: one per thread, merged at the end.
class LatencyHistogram {
 public:
  void Record(int64_t nanoseconds);
  void Merge(const LatencyHistogram& other);

  int64_t count() const { return count_; }
  int64_t max() const { return max_; }
  // Nanoseconds; 0 if nothing was recorded.
  double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
  // The smallest duration in nanoseconds, rounded up to its bucket's end, that a share of at least `quantile` (0 to 1)
  // does not exceed. 0 if nothing was recorded.
  int64_t Quantile(double quantile) const;

 private:
  static constexpr int kSubBits = 7;
  static constexpr size_t kBuckets = (64 - kSubBits + 1) << kSubBits;
  static size_t BucketOf(uint64_t value);
  static uint64_t BucketEnd(size_t bucket);

  std::array<int64_t, kBuckets> counts_{};
  int64_t count_ = 0;
  int64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace roicast::client

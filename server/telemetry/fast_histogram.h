// A histogram for the hot path: observing takes no lock. See docs/adr/0010-lock-free-histograms.md for measurements.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "prometheus/client_metric.h"

namespace roicast {

// Counts how many values are ≤ each upper bound. Each thread adds to one of a few shards, which Collect sums.
// Thread-safe. A Collect concurrent with an Observe may see the count but not yet the sum. NaN is not counted.
class FastHistogram {
 public:
  static constexpr size_t kMaxBounds = 23;

  // Bounds ascend strictly, 1 to kMaxBounds of them; +Inf is implied.
  explicit FastHistogram(absl::Span<const double> upper_bounds);
  FastHistogram(const FastHistogram&) = delete;
  FastHistogram& operator=(const FastHistogram&) = delete;

  void Observe(double value);
  // Equivalent to Observe for each value; takes about a nanosecond each.
  void ObserveMany(absl::Span<const float> values);

  uint64_t Count() const;
  // Cumulative, with the +Inf bucket last.
  prometheus::ClientMetric::Histogram Collect() const;

 private:
  static constexpr size_t kShards = 4;
  struct alignas(64) Shard {
    std::array<std::atomic<uint64_t>, kMaxBounds + 1> counts{};  // Per bucket, not cumulative.
    std::atomic<double> sum{0};
  };
  Shard& MyShard();

  const size_t bound_count_;
  std::array<double, kMaxBounds> bounds_;
  std::array<Shard, kShards> shards_;
};

}  // namespace roicast

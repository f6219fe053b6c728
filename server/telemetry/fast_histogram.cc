#include "server/telemetry/fast_histogram.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "base/check.h"

namespace roicast {
namespace {

size_t NextThreadNumber() {
  static std::atomic<size_t> next{0};
  return next.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

FastHistogram::FastHistogram(absl::Span<const double> upper_bounds) : bound_count_(upper_bounds.size()) {
  ROICAST_CHECK(bound_count_ >= 1 && bound_count_ <= kMaxBounds);
  ROICAST_CHECK(std::is_sorted(upper_bounds.begin(), upper_bounds.end(), std::less_equal<double>()));
  bounds_.fill(std::numeric_limits<double>::infinity());
  std::copy(upper_bounds.begin(), upper_bounds.end(), bounds_.begin());
}

FastHistogram::Shard& FastHistogram::MyShard() {
  thread_local const size_t number = NextThreadNumber();
  return shards_[number % kShards];
}

void FastHistogram::Observe(double value) {
  if (std::isnan(value)) return;
  const double* begin = bounds_.data();
  const size_t bucket = static_cast<size_t>(std::lower_bound(begin, begin + bound_count_, value) - begin);
  Shard& shard = MyShard();
  shard.counts[bucket].fetch_add(1, std::memory_order_relaxed);
  shard.sum.fetch_add(value, std::memory_order_relaxed);
}

void FastHistogram::ObserveMany(absl::Span<const float> values) {
  std::array<uint64_t, kMaxBounds + 1> at_most{};  // Cumulative.
  std::array<double, 8> sums{};                    // Independent chains of additions.
  // In blocks that stay in the first-level cache while each bound passes over them; these loops vectorise.
  constexpr size_t kBlock = 1024;
  for (size_t begin = 0; begin < values.size(); begin += kBlock) {
    const absl::Span<const float> block = values.subspan(begin, kBlock);
    for (size_t bound = 0; bound < bound_count_; ++bound) {
      const double limit = bounds_[bound];
      // The largest float that is ≤ limit: then float ≤ it exactly where float ≤ limit.
      float rounded = static_cast<float>(limit);
      if (static_cast<double>(rounded) > limit)
        rounded = std::nextafter(rounded, -std::numeric_limits<float>::infinity());
      uint32_t count = 0;
      for (const float value : block) count += value <= rounded ? 1 : 0;
      at_most[bound] += count;
    }
    uint32_t numbers = 0;
    for (const float value : block) numbers += value == value ? 1 : 0;
    at_most[bound_count_] += numbers;
    size_t i = 0;
    for (; i + sums.size() <= block.size(); i += sums.size()) {
      for (size_t k = 0; k < sums.size(); ++k) sums[k] += std::isnan(block[i + k]) ? 0.0 : block[i + k];
    }
    for (; i < block.size(); ++i) sums[0] += std::isnan(block[i]) ? 0.0 : block[i];
  }
  if (at_most[bound_count_] == 0) return;
  Shard& shard = MyShard();
  uint64_t below = 0;
  for (size_t bucket = 0; bucket <= bound_count_; ++bucket) {
    if (at_most[bucket] != below) shard.counts[bucket].fetch_add(at_most[bucket] - below, std::memory_order_relaxed);
    below = at_most[bucket];
  }
  shard.sum.fetch_add(std::accumulate(sums.begin(), sums.end(), 0.0), std::memory_order_relaxed);
}

uint64_t FastHistogram::Count() const {
  uint64_t count = 0;
  for (const Shard& shard : shards_) {
    for (size_t bucket = 0; bucket <= bound_count_; ++bucket) {
      count += shard.counts[bucket].load(std::memory_order_relaxed);
    }
  }
  return count;
}

prometheus::ClientMetric::Histogram FastHistogram::Collect() const {
  prometheus::ClientMetric::Histogram histogram;
  uint64_t cumulative = 0;
  for (size_t bucket = 0; bucket <= bound_count_; ++bucket) {
    for (const Shard& shard : shards_) cumulative += shard.counts[bucket].load(std::memory_order_relaxed);
    const double bound = bucket < bound_count_ ? bounds_[bucket] : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({cumulative, bound});
  }
  histogram.sample_count = cumulative;
  for (const Shard& shard : shards_) histogram.sample_sum += shard.sum.load(std::memory_order_relaxed);
  return histogram;
}

}  // namespace roicast

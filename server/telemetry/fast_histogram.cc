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

// x ≤ bound exactly where the float x ≤ it.
float LargestFloatAtMost(double bound) {
  const float rounded = static_cast<float>(bound);
  if (static_cast<double>(rounded) <= bound) return rounded;
  return std::nextafter(rounded, -std::numeric_limits<float>::infinity());
}

struct ValueCounts {
  std::array<uint64_t, FastHistogram::kMaxBounds> at_most{};
  uint64_t numbers = 0;          // Values that are not NaN.
  std::array<double, 8> sums{};  // Independent chains of additions.
};

// These loops vectorise.
[[gnu::always_inline]] inline void CountBlock(absl::Span<const float> block, absl::Span<const float> bounds,
                                              ValueCounts& counts) {
  for (size_t i = 0; i < bounds.size(); ++i) {
    const float bound = bounds[i];
    uint32_t count = 0;
    for (const float value : block) count += value <= bound ? 1 : 0;
    counts.at_most[i] += count;
  }
  uint32_t numbers = 0;
  for (const float value : block) numbers += value == value ? 1 : 0;
  counts.numbers += numbers;
  size_t i = 0;
  for (; i + counts.sums.size() <= block.size(); i += counts.sums.size()) {
    for (size_t k = 0; k < counts.sums.size(); ++k) {
      const float value = block[i + k];
      counts.sums[k] += value == value ? value : 0.0F;
    }
  }
  for (; i < block.size(); ++i) counts.sums[0] += block[i] == block[i] ? block[i] : 0.0F;
}

[[gnu::target("avx2")]] void CountBlockAvx2(absl::Span<const float> block, absl::Span<const float> bounds,
                                            ValueCounts& counts) {
  CountBlock(block, bounds, counts);
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
  std::array<float, kMaxBounds> bounds;
  for (size_t i = 0; i < bound_count_; ++i) bounds[i] = LargestFloatAtMost(bounds_[i]);
  const absl::Span<const float> used = absl::MakeSpan(bounds).subspan(0, bound_count_);
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  ValueCounts counts;
  // In blocks that fit into the L1 cache, because each bound is compared with the whole block.
  constexpr size_t kBlock = 1024;
  for (size_t begin = 0; begin < values.size(); begin += kBlock) {
    const absl::Span<const float> block = values.subspan(begin, kBlock);
    if (has_avx2) {
      CountBlockAvx2(block, used, counts);
    } else {
      CountBlock(block, used, counts);
    }
  }
  if (counts.numbers == 0) return;
  Shard& shard = MyShard();
  uint64_t below = 0;
  for (size_t bucket = 0; bucket <= bound_count_; ++bucket) {
    const uint64_t at_most = bucket < bound_count_ ? counts.at_most[bucket] : counts.numbers;
    if (at_most != below) shard.counts[bucket].fetch_add(at_most - below, std::memory_order_relaxed);
    below = at_most;
  }
  shard.sum.fetch_add(std::accumulate(counts.sums.begin(), counts.sums.end(), 0.0), std::memory_order_relaxed);
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

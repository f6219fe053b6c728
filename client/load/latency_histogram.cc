#include "client/load/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace roicast::client {

// Values below 2^kSubBits have a bucket each; above, each power of two is cut into 2^kSubBits equal buckets.
size_t LatencyHistogram::BucketOf(uint64_t value) {
  if (value < (uint64_t{1} << kSubBits)) return value;
  const int shift = 63 - std::countl_zero(value) - kSubBits;
  return (static_cast<size_t>(shift) << kSubBits) + static_cast<size_t>(value >> shift);
}

uint64_t LatencyHistogram::BucketEnd(size_t bucket) {
  if (bucket < (size_t{2} << kSubBits)) return bucket;
  const size_t shift = (bucket >> kSubBits) - 1;
  const uint64_t sub = (bucket & ((size_t{1} << kSubBits) - 1)) + (uint64_t{1} << kSubBits);
  return ((sub + 1) << shift) - 1;
}

void LatencyHistogram::Record(int64_t nanoseconds) {
  nanoseconds = std::max<int64_t>(nanoseconds, 0);
  ++counts_[BucketOf(static_cast<uint64_t>(nanoseconds))];
  ++count_;
  sum_ += static_cast<double>(nanoseconds);
  max_ = std::max(max_, nanoseconds);
}

void LatencyHistogram::Merge(const LatencyHistogram& other) {
  for (size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

int64_t LatencyHistogram::Quantile(double quantile) const {
  if (count_ == 0) return 0;
  const int64_t rank = std::max<int64_t>(1, static_cast<int64_t>(std::ceil(quantile * static_cast<double>(count_))));
  int64_t seen = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    seen += counts_[i];
    if (seen >= rank) return std::min<int64_t>(static_cast<int64_t>(BucketEnd(i)), max_);
  }
  return max_;
}

}  // namespace roicast::client

// A sample of the rows that a model learnt from, to tell whether other rows are among them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"

namespace roicast {

inline constexpr size_t kMostLearntHashes = 8192;

// The hash of a raw row and the target's value, both as float32: the same on every machine, for all NaNs and for both
// zeros.
uint64_t HashRow(absl::Span<const float> row, double target);

// The smallest hashes of a set (bottom-k sample: Cohen and Kaplan, "Summarizing data using bottom-k sketches", PODC
// 2007). It tells of any hash up to the limit for certain whether it is in the set, and which hashes those are has
// nothing to do with the rows.
struct LearntRows {
  uint64_t limit = 0;            // hashes of the set that are at most this are all known
  std::vector<uint64_t> hashes;  // ascending, without duplicates, at most `limit`

  // No rows were recorded: artifacts of releases that did not.
  bool empty() const { return hashes.empty(); }
  bool HasAll() const { return limit == std::numeric_limits<uint64_t>::max(); }
  // nullopt: the sample does not tell.
  std::optional<bool> Contains(uint64_t hash) const;
};

// rows [n, width], row-major; targets [n]; width, most ≥ 1. Errors: those of `stop`.
absl::StatusOr<LearntRows> SampleLearntRows(absl::Span<const float> rows, int64_t width,
                                            absl::Span<const double> targets, size_t most = kMostLearntHashes,
                                            const StopCheck& stop = nullptr);

}  // namespace roicast

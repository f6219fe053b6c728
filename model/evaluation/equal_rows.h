// Which rows have the same inputs.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"

namespace roicast {

// For each row of `rows` [n, width], row-major, the number of its group: rows are in one group if they are equal in all
// values. NaN equals NaN, and 0.0 equals −0.0. Groups are numbered from 0 in the order of their first rows. width ≥ 1.
// O(n · width) time. Errors: those of `stop`.
absl::StatusOr<std::vector<int64_t>> GroupEqualRows(absl::Span<const float> rows, int64_t width,
                                                    const StopCheck& stop = nullptr);

// The same groups, numbered from 0 in the order of their first rows.
std::vector<int64_t> NumberGroups(absl::Span<const int64_t> groups);

}  // namespace roicast

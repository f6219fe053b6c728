// Rows that are snapshots of one campaign: spend and revenue to date, each with all that the row before it had.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/types/span.h"
#include "model/data/structure/entities.h"
#include "model/data/table.h"

namespace roicast {

struct RunningTotals {
  int64_t entities = 0;     // with at least 3 rows
  int64_t never_fall = 0;   // of these
  double first_time = 0.0;  // of the rows, seconds since 1970; NaN: the table has no time
  double last_time = 0.0;
};

// If within 95 % of at least 20 entities of 3 rows or more neither spend nor revenue ever falls, in the order of times
// or, without a time, of the table; and both rise. Independent rows of n such entities would do so once in (3!)^(2n)
// tables. times: per row of the table; null: there are none. spend, revenue: per row of the table; rows with a NaN are
// left out.
std::optional<RunningTotals> FindRunningTotals(const Entities& entities, absl::Span<const int64_t> rows,
                                               const PackedNumbers* times, absl::Span<const double> spend,
                                               absl::Span<const double> revenue);

}  // namespace roicast

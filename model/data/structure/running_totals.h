// Rows that are snapshots of one campaign: spend and revenue to date, each with all that the row before it had.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/data/structure/entities.h"
#include "model/data/table.h"

namespace roicast {

struct RunningTotals {
  int64_t entities = 0;     // with at least 5 rows
  int64_t never_fall = 0;   // of these
  double first_time = 0.0;  // of the rows, seconds since 1970
  double last_time = 0.0;
};

// If within 95 % of at least 20 entities of 5 rows or more neither spend nor revenue ever falls in time, and both rise;
// and what is added each time does not grow along with what there is, as it does where budgets grow by a share of
// themselves: the slope of ln(added) by ln(before) within the entities is below 0.7. n such entities with independent
// spends would do so once in (5!)ⁿ tables. times: per row of the table; rows of the same time, such as groups of a
// campaign, tell nothing. spend, revenue: per row of the table. Rows with a NaN are left out. Once `stop` says so:
// nullopt.
std::optional<RunningTotals> FindRunningTotals(const Entities& entities, absl::Span<const int64_t> rows,
                                               const PackedNumbers& times, absl::Span<const double> spend,
                                               absl::Span<const double> revenue, const StopCheck& stop = nullptr);

}  // namespace roicast

// Rows that are too late to learn from (--until).
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "model/data/cleaning.h"
#include "model/data/table.h"

namespace roicast {

// Ascending: the rows whose time is after the last that stays. until: names a column. Errors: InvalidArgument, no time
// column of that name, or no such time.
absl::StatusOr<std::vector<int64_t>> RowsAfter(const Table& table, const RowsUntil& until);

}  // namespace roicast

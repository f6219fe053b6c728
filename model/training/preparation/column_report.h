// What cleaning did to each column.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "base/stop_check.h"
#include "model/data/cleaning.h"
#include "model/training/preparation/prepared_data.h"

namespace roicast {

// What the steps of preparing count.
struct ColumnCounts {
  std::vector<int64_t> outlier_rows;    // dropped, per feature, then of the target
  std::vector<int64_t> noise_replaced;  // cells, per feature
  Fences target_fences;
  int64_t target_missing = 0;
  int64_t target_clipped = 0;
};

// Features in schema order, then the target. data: its schema, features, split and limits are final. Asks for each
// feature. Errors: those of `stop`.
absl::StatusOr<std::vector<ColumnCleaning>> ReportColumns(const PreparedData& data, const ColumnCounts& counts,
                                                          const StopCheck& stop);

}  // namespace roicast

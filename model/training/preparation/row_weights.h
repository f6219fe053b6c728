// The weights of rows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/data/csv_table.h"

namespace roicast {

struct RowWeights {
  std::vector<float> weights;    // per row of the table; 0 for rows without a target
  std::vector<int64_t> missing;  // rows with a target and without a weight
};

// column: a numeric column of the table. target: per row; NaN where there is none. Errors: InvalidArgument (no such
// column, a weight below 0).
absl::StatusOr<RowWeights> ReadRowWeights(const CsvTable& data, const std::string& column,
                                          absl::Span<const double> target);

}  // namespace roicast

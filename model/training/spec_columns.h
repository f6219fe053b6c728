// Checks the columns that a spec names against a table's header, before the table is read.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "model/data/target_finder.h"
#include "model/training/training_spec.h"

namespace roicast {

// The columns of a table as it was read, in their kinds.
std::vector<NamedColumn> ColumnsOf(const TableReading& reading);

// Errors: InvalidArgument with the field, the flag and the nearest column (a column that does not exist), or with the
// field (a column that is listed twice), and those of FindTarget. Takes as long as reading the spec. What only the rows
// show is found when training prepares them.
absl::Status CheckColumns(const TrainingSpec& spec, absl::Span<const NamedColumn> columns);

}  // namespace roicast

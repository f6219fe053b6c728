// What a column of a dataset looks like, for previews.
#pragma once

#include "absl/status/statusor.h"
#include "base/stop_check.h"
#include "model/data/table.h"
#include "roicast/v1/training.pb.h"

namespace roicast {

// Name, present and missing cells, distinct values (counted up to 100,000), smallest, mean and largest number,
// examples. Kind and transform are left to the caller, who knows the schema. Errors: those of
// `stop`, which is asked every few milliseconds.
absl::StatusOr<v1::ColumnProfile> ProfileColumn(const Column& column, const StopCheck& stop);

}  // namespace roicast

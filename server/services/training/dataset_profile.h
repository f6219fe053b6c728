// What a column of a dataset looks like, for previews.
#pragma once

#include "model/data/table.h"
#include "roicast/v1/training.pb.h"

namespace roicast {

// Name, present and missing cells, distinct values (counted up to 100,000), smallest, mean and largest number,
// examples. Kind and transform are left to the caller, who knows the schema.
v1::ColumnProfile ProfileColumn(const Column& column);

}  // namespace roicast

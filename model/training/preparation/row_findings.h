// What the rows of a dataset are beside independent campaigns: snapshots, unfinished ones, ones in another unit.
#pragma once

#include <vector>

#include "model/data/data_warning.h"
#include "model/training/preparation/data_warnings.h"

namespace roicast {

// Serious warnings, each with what to do. Of targets that are an ROI alone.
std::vector<DataWarning> RowWarnings(const DataWarningInputs& inputs);

}  // namespace roicast

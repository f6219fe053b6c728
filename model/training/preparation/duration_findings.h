// What is said of rows that run for different times.
#pragma once

#include <vector>

#include "model/data/data_warning.h"
#include "model/training/preparation/data_warnings.h"

namespace roicast {

// A serious warning where the days between two times tell of the ROI and no feature shows them.
std::vector<DataWarning> DurationWarnings(const DataWarningInputs& inputs);

}  // namespace roicast

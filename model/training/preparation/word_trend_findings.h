// What is said of words whose returns go apart in time.
#pragma once

#include <vector>

#include "model/data/data_warning.h"
#include "model/training/preparation/data_warnings.h"

namespace roicast {

// A serious warning, unless the last rows look unfinished: that is said instead. Of targets that are an ROI alone.
std::vector<DataWarning> WordTrendWarnings(const DataWarningInputs& inputs);

}  // namespace roicast

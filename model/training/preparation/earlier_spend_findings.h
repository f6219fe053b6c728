// What is said of revenue that follows the spend of the row before.
#pragma once

#include <vector>

#include "model/data/data_warning.h"
#include "model/training/preparation/data_warnings.h"

namespace roicast {

// A serious warning. Of targets that are an ROI alone.
std::vector<DataWarning> EarlierSpendWarnings(const DataWarningInputs& inputs);

}  // namespace roicast

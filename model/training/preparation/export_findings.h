// What is said of exports of different days one under the other.
#pragma once

#include <cstdint>

#include "model/data/data_warning.h"
#include "model/data/structure/repeated_exports.h"

namespace roicast {

// Serious. rows: all that are used. apart: those that are one are on one side of the split.
DataWarning RepeatedExportsWarning(const RepeatedExports& exports, int64_t rows, bool apart);

}  // namespace roicast

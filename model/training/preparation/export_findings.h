// What is said of exports of different days one under the other.
#pragma once

#include <cstdint>

#include "model/data/data_warning.h"
#include "model/data/structure/repeated_exports.h"

namespace roicast {

// Serious. rows: all that are used.
DataWarning RepeatedExportsWarning(const RepeatedExports& exports, int64_t rows);

}  // namespace roicast

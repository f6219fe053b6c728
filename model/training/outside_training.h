// Which numbers of a table a version has no experience with.
#pragma once

#include <string>

#include "model/data/matrix.h"
#include "model/data/schema.h"

namespace roicast {

// `outside training: "Spend" in 400 of 400 rows (training saw 200 to 15000; another unit? ...)`, at most 4 features.
// raw [n, schema.size()] raw rows. Empty: all numbers are within the ranges of training.
std::string OutsideTrainingText(const Schema& schema, const RowMajorMatrix& raw);

}  // namespace roicast

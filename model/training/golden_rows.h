// The raw rows with which an artifact is verified when it is loaded.
#pragma once

#include <vector>

#include "model/data/matrix.h"
#include "model/data/schema.h"

namespace roicast {

// 16 rows spread evenly over `raw` [n ≥ 1, features] (repeated if there are fewer), and constructed ones: everything
// missing, unseen categories, smallest and largest values, values beyond them. Serving accepts all of them.
RowMajorMatrix ChooseGoldenRows(const RowMajorMatrix& raw, const Schema& schema);

}  // namespace roicast

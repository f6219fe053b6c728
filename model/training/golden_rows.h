// The raw rows that an artifact carries to prove itself where it is loaded.
#pragma once

#include <vector>

#include "model/data/matrix.h"
#include "model/data/schema.h"

namespace roicast {

// 16 rows spread evenly over `raw` [n ≥ 1, features] (repeated where there are fewer), and hand-made ones: everything
// missing, unseen categories, smallest and largest values, values beyond them. None of them is refused.
RowMajorMatrix ChooseGoldenRows(const RowMajorMatrix& raw, const Schema& schema);

}  // namespace roicast

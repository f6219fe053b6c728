// The raw rows with which an artifact is verified when it is loaded.
#pragma once

#include <vector>

#include "absl/types/span.h"
#include "model/data/matrix.h"
#include "model/data/schema.h"
#include "model/features/preprocessor.h"

namespace roicast {

// 16 made-up rows within the ranges that were learnt, and edges: everything missing, unseen categories, smallest and
// largest values, values beyond them. None is a row of the training data: an artifact may leave the house, and its
// training data may not. Serving accepts all of them. The same for the same arguments.
// features: as fitted, in the schema's order.
RowMajorMatrix MakeGoldenRows(const Schema& schema, absl::Span<const FittedFeature> features);

}  // namespace roicast

// Which models predict best together.
#pragma once

#include <vector>

#include "absl/types/span.h"
#include "model/training/capacity/fold_criterion.h"

namespace roicast {

// A share per model, ≥ 0, adding up to 1: begins with the best model, and adds the one that helps the mean of all added
// ones most, with replacement, twenty in all (Caruana et al., "Ensemble Selection from Libraries of Models", 2004).
// Shares below a tenth, and those beyond the `most` largest, are given to the others. out_of_fold: per model a
// prediction per row, ≥ 1 model. Equal ones: the earlier.
std::vector<double> SelectEnsemble(const FoldCriterion& criterion,
                                   const std::vector<absl::Span<const double>>& out_of_fold, int most);

}  // namespace roicast

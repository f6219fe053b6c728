// Parts of the training rows for out-of-fold predictions.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "model/network/loss.h"
#include "model/network/trainer.h"

namespace roicast {

// Per row its part, 0 … folds − 1; rows of one group are in one part, and the groups are dealt in random order. The
// logistic loss deals the groups with each value of their first row out in turn, so that no part lacks the rarer one.
// groups [n]: 0 ≤ group < n.
std::vector<int> AssignFolds(const TrainingRows& rows, absl::Span<const int64_t> groups, int folds, Loss loss,
                             uint64_t seed);

}  // namespace roicast

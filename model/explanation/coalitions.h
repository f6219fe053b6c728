// Sets of players and what they are worth.
#pragma once

#include <vector>

#include "absl/types/span.h"

namespace roicast {

// worth [2^players]: of each set; bit p of the index: player p takes part. Adds the Shapley values to values [players].
// Shapley, "A Value for n-Person Games" (1953): Σ_S |S|! (n − |S| − 1)! / n! · (worth(S ∪ p) − worth(S)).
void AddShapleyValues(const std::vector<double>& worth, absl::Span<double> values);

}  // namespace roicast

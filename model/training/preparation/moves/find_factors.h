// Looks for numbers whose product is the spend, such as clicks and cost per click.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/training/preparation/moves/logarithms.h"

namespace roicast {

// The share of the variance of ln of the spend that up to kFactorsOfProduct numbers explain together, from which on the
// spend follows from them.
inline constexpr double kProductR2 = 0.999;
inline constexpr size_t kFactorsOfProduct = 3;
// With values of all of them; of fewer, anything follows from anything.
inline constexpr size_t kFewestRowsOfProduct = 20;

// Positions, ascending, of candidates that give the spend together. From each one on, the one that explains most of the
// rest is added. Each set is compared in the rows that have all of its values, whatever other candidates lack. spend,
// candidates: of the same rows, less what as many of the categories explain as CountFor(spend); no candidate gives the
// spend alone. Errors: stop's.
absl::StatusOr<std::vector<size_t>> FindFactors(const CategoriesOfRows& categories, const Logarithms& spend,
                                                absl::Span<const Logarithms* const> candidates, const StopCheck& stop);

}  // namespace roicast

// How often rows with similar predictions of a two-valued target had the value that is predicted.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "model/uncertainty/calibration.h"

namespace roicast {

// Fewer rows tell little of a share: ± 0.1 at best.
inline constexpr int64_t kFewestRowsPerBin = 50;
inline constexpr int64_t kMostBins = 50;

// Cuts the rows, by ascending probability, into bins of about the same size, at least kFewestRowsPerBin and at most
// kMostBins of them; rows with the same probability are in one. probability [n]: of models that had not learnt from the
// row. positive [n]: 1 or 0. Fewer than kFewestRowsPerBin rows: no bins.
std::vector<CalibrationBin> MakeBins(absl::Span<const double> probability, absl::Span<const double> positive);

}  // namespace roicast

#include "model/training/calibration/calibration_bins.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "base/check.h"

namespace roicast {

std::vector<CalibrationBin> MakeBins(absl::Span<const double> probability, absl::Span<const double> positive) {
  ROICAST_CHECK(probability.size() == positive.size());
  const auto rows = static_cast<int64_t>(probability.size());
  std::vector<CalibrationBin> bins;
  if (rows < kFewestRowsPerBin) return bins;
  const int64_t count = std::min(kMostBins, rows / kFewestRowsPerBin);
  std::vector<size_t> order(probability.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return probability[a] < probability[b]; });
  for (int64_t i = 0; i < rows; ++i) {
    const double p = probability[order[static_cast<size_t>(i)]];
    const bool same = i > 0 && p == probability[order[static_cast<size_t>(i) - 1]];
    const int64_t left = rows - i;
    const bool full = !bins.empty() && bins.back().rows >= rows / count && left >= kFewestRowsPerBin;
    if (bins.empty() || (full && !same)) bins.emplace_back();
    bins.back().up_to = static_cast<float>(p);
    ++bins.back().rows;
    bins.back().positives += positive[order[static_cast<size_t>(i)]] > 0.5 ? 1 : 0;
  }
  return bins;
}

}  // namespace roicast

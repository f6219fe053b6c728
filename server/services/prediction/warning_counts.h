// Counts the rows with warnings, by kind, for a version's metrics.
#pragma once

#include <array>
#include <cstdint>
#include <iterator>

#include "absl/types/span.h"
#include "model/predictor/predictor.h"
#include "server/telemetry/metrics.h"

namespace roicast {

// Not thread-safe.
class WarningCounts {
 public:
  // A row counts once for a kind, however many of its features have that warning.
  void AddRow(absl::Span<const RowWarning> warnings);

  void WriteTo(ModelMetrics& metrics) const;

 private:
  // In the order of kAllWarningKinds.
  std::array<int64_t, std::size(kAllWarningKinds)> rows_{};
};

}  // namespace roicast

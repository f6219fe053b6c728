// How intervals and probabilities of an artifact fit rows that it has not seen.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "model/artifact/artifact.h"
#include "model/data/csv_table.h"
#include "model/data/target.h"

namespace roicast::bench {

// Sums over the rows of several splits.
struct IntervalQuality {
  int64_t rows = 0;
  int64_t inside = 0;            // of their 90 % interval
  double relative_widths = 0.0;  // Σ over splits of CalibrationReport::relative_width
  int splits = 0;
  std::vector<std::pair<float, bool>> probabilities;  // that the target is above the threshold, and whether it is

  // As serving computes it. Errors: as of Uncertainty::Ask, and those of reading the table.
  absl::Status Add(const Artifact& artifact, const CsvTable& fresh, const TargetSpec& target, double threshold);

  double coverage() const { return static_cast<double>(inside) / static_cast<double>(rows); }
  double relative_width() const { return relative_widths / splits; }
  // Mean of |share − mean probability| over ten parts of the rows by probability.
  double ReliabilityError() const;
  // What it would be on average if the probabilities were right, for as many rows.
  double ReliabilityErrorOfChance() const;
};

}  // namespace roicast::bench

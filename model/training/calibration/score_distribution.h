// How the scores of some calibration rows are distributed, as serving will take it.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/training/calibration/calibration_row.h"
#include "model/uncertainty/calibration.h"
#include "model/uncertainty/score_shapes.h"

namespace roicast {

// With fewer rows a group of similar predictions says little about their distribution.
inline constexpr int kFewestShapeRows = 30;
// Rows whose scores are looked up between two questions whether to stop.
inline constexpr size_t kScoresBetweenStops = 16'384;

class ScoreDistribution {
 public:
  // Of the rows that are wanted and not at rest. shape_count: groups of similar predictions; 1: none. Errors: those of
  // `stop`.
  static absl::StatusOr<ScoreDistribution> Create(absl::Span<const CalibrationRow> rows,
                                                  const CalibrationRowFilter& wanted, int shape_count,
                                                  const StopCheck& stop);

  // Of all rows, and of each category with kFewestGroupRows.
  const std::vector<CalibrationGroup>& groups() const { return groups_; }
  // Of rows with similar predictions; none, or at least two: fewer than asked for where predictions are equal.
  const std::vector<CalibrationGroup>& shapes() const { return shapes_; }
  const CalibrationGroup& GroupOf(const CalibrationRow& row) const;

  // Of a row like this one.
  double DistributionAt(const CalibrationRow& row, double score) const;
  double ScoreAt(const CalibrationRow& row, double share) const;

 private:
  ScoreDistribution() = default;

  std::vector<CalibrationGroup> groups_, shapes_;
  ScoreShapes between_;
};

// Into how many groups of similar predictions to cut the rows: with which the quantiles 0.05 to 0.95 of rows that they
// were not made from have the least pinball loss (Koenker and Bassett, "Regression Quantiles", 1978), in standard
// deviations of the target. 1 unless that is less than without groups by more than a standard error. Errors: those of
// `stop`.
absl::StatusOr<int> ChooseShapeCount(absl::Span<const CalibrationRow> rows, const StopCheck& stop);

// TwoPartLevel at each row's truth, by the distribution of the rows in other folds; of rows at rest, their share of
// ties. Errors: those of `stop`.
absl::StatusOr<std::vector<double>> LevelsOfRows(absl::Span<const CalibrationRow> rows, int shape_count,
                                                 const StopCheck& stop);

// Of the rows that are wanted. level_of: LevelsOfRows of all rows.
CalibrationGroup MakeLevels(absl::Span<const CalibrationRow> rows, absl::Span<const double> level_of,
                            const CalibrationRowFilter& wanted);

}  // namespace roicast

// What intervals are worth on rows that they were not made from.
#pragma once

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/evaluation/calibration_report.h"
#include "model/features/target_transform.h"
#include "model/training/calibration/calibrate.h"
#include "model/training/calibration/calibration_row.h"

namespace roicast {

// Makes intervals and probabilities of profit from four of kScaleFolds folds and compares them with the held-out rows
// of the fifth, each once. Fills in report.coverage, relative_width and profit_reliability_error; they stay as they are
// where there are too few rows, and the width of a zero-heavy target's. shape_count: of ScoreDistribution. Errors:
// those of `stop`.
absl::Status TryIntervals(absl::Span<const CalibrationRow> kept, const CalibrationRows& rows,
                          const FittedTarget& target, double profit_threshold, int shape_count, const StopCheck& stop,
                          CalibrationReport& report);

}  // namespace roicast

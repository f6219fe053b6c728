// What a model's errors on rows that it had not learnt from say about its errors on new ones.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/artifact/artifact.h"
#include "model/data/matrix.h"
#include "model/training/training_spec.h"

namespace roicast {

// With fewer rows there is no calibration: the coverage of 90 % intervals would vary by more than 5 % from one sample
// to the next (Vovk, "Conditional Validity of Inductive Conformal Predictors", 2012).
inline constexpr int64_t kFewestCalibrationRows = 30;
// A category with fewer has the intervals of all rows. Coverage varies by 3 %.
inline constexpr int64_t kFewestGroupRows = 100;
// If the split is by time or by value, and so many rows were held out, they alone are used: what comes later errs more.
inline constexpr int64_t kEnoughLaterRows = 200;

struct CalibrationRows {
  const RowMajorMatrix& raw;     // [n, features], of the artifact's schema
  absl::Span<const double> roi;  // [n]
  // [n]: what a model that had not learnt from the row predicts, on the transformed scale, without smearing. NaN: none.
  absl::Span<const double> predicted;
  // [n], or empty = all 1: how much smaller the served model's errors are than those of the model that predicted the
  // row, in (0, 1]; it learnt from more rows.
  absl::Span<const double> error_ratio;
  // [n], or empty = not zero-heavy: the log odds of another value than the target's `rest`, by a model that had not
  // learnt from the row. `predicted` is then what the row would have if it had another value.
  absl::Span<const double> gate;
  // The rows from here on were held out.
  int64_t holdout_begin = 0;
  // [n], or empty: rows of one number are one. Empty: those of equal inputs are.
  absl::Span<const int64_t> groups = {};
};

// Errors: InvalidArgument (spec.extra.interval_group is no categorical feature). Before training, when the schema is
// known.
absl::Status CheckIntervalGroup(const TrainingSpec& spec, const Schema& schema);

// Fills in artifact.calibration and artifact.report.calibration, or why there is none. Rows that are one are kept
// together where heads and intervals are tried on rows that they were not made from. Deterministic.
// Errors: those of CheckIntervalGroup and of `stop`.
absl::Status Calibrate(const CalibrationRows& rows, const TrainingSpec& spec, Artifact& artifact,
                       const StopCheck& stop = nullptr);

}  // namespace roicast

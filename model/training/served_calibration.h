// Calibrates the served model by the errors of the models that had not learnt from the rows.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/stop_check.h"
#include "model/artifact/artifact.h"
#include "model/data/matrix.h"
#include "model/training/fit/model_fit.h"
#include "model/training/fit/row_part.h"
#include "model/training/training_spec.h"

namespace roicast {

// How fast errors fall with the number of rows that are learnt from: error ∝ rows^−exponent (a learning curve; Viering
// and Loog, "The Shape of Learning Curves", 2023). From the mean absolute errors on the held-out rows, which neither
// saw, of the measured model and of the models of its folds, which learnt from fewer rows. In [0, 1.5]; 0 without a
// comparison or with fewer than 20 rows. Needs holdout.encoded. Errors: those of `stop`.
absl::StatusOr<double> LearningExponent(const ModelFit& measured, const RowPart& holdout, const StopCheck& stop);

// Calibrate for `served`: the measured model itself, or the same settings fitted to report.refit_rows. Rows: those of
// training as predicted out of fold, those that were watched, those that were held out. Their errors are made smaller
// by the learning curve where the served model learnt from more rows than the one that predicted the row; not if the
// rows that were held out differ from the others by time or by value. raw: all of these rows in that order, of the
// served model's schema. Errors: as of Calibrate, and those of `stop`.
absl::Status CalibrateServed(const ModelFit& measured, const RowPart& holdout, double learning_exponent,
                             const RowMajorMatrix& raw, const TrainingSpec& spec, const StopCheck& stop,
                             Artifact& served);

}  // namespace roicast

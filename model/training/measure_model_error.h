// How much the models of the folds differ, as a measure of the served model's own error.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "base/stop_check.h"
#include "model/data/moves_with_spend.h"
#include "model/training/fit/model_fit.h"
#include "model/training/fit/row_part.h"
#include "model/uncertainty/model_error.h"

namespace roicast {

// By the delete-a-group jackknife (Efron, "The Jackknife, the Bootstrap and Other Resampling Plans", 1982; Kott, "The
// Delete-a-Group Jackknife", 2001): with K models, each without one part of the training rows, the variance of the
// model of all of them is (K − 1)/K · Σ (model − mean)². It is brought to `served_rows`, as variances fall with the
// number of rows. On up to 400 of the held-out rows (fewer of wide schemas), which none of them has seen. The slope of
// the spend is the one with what moves along. moves: of the measured schema. nullopt: there are no such models (fixed
// epochs, attention), fewer than 20 held-out rows, or the target is not a number. Errors: those of `stop`.
absl::StatusOr<std::optional<ModelError>> MeasureModelError(const ModelFit& measured, const RowPart& holdout,
                                                            int64_t served_rows, const MovesWithSpend& moves,
                                                            const StopCheck& stop);

}  // namespace roicast

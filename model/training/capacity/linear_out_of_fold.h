// What linear models predict for rows that they have not learnt from: a quick judge of encodings and scales.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/network/loss.h"
#include "model/training/capacity/linear_path.h"
#include "model/training/fit/row_part.h"

namespace roicast {

// FitLinearPath of all folds but a row's own. fold_of: per row, 0 to folds − 1. As the truth is given: standardised, or
// as probabilities. Errors: those of `stop`.
absl::StatusOr<std::vector<double>> PredictOutOfFold(const RowPart& part, const std::vector<int>& fold_of, int folds,
                                                     Loss loss, const StopCheck& stop);

// FitLinearPath of these rows of the part, ≥ 1. Errors: those of `stop`.
absl::StatusOr<LinearModel> FitLinearTo(const RowPart& part, absl::Span<const int64_t> rows, Loss loss,
                                        const StopCheck& stop);

}  // namespace roicast

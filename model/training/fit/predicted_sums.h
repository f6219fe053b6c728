// Whether predictions add up: sums over many rows are what budgets, promises and a year's plan are made of, and neither
// R² nor the coverage of intervals shows that they are too low or too high.
//
// The networks had not seen these rows, but the three numbers of FitMean were fitted to them: what is said here is what
// those three could not mend, and is a little too good.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "base/stop_check.h"
#include "model/data/data_warning.h"
#include "model/features/target_transform.h"
#include "model/training/fit/row_part.h"
#include "model/training/preparation/prepared_data.h"

namespace roicast {

// Rows that were not learnt from, an entry each, in the target's own unit. Rows whose prediction is NaN do not count.
struct UnseenRows {
  std::vector<double> truth, predicted;
  std::vector<double> spend;    // of an ROI whose spend is known, else empty; NaN: not known
  std::vector<int64_t> groups;  // rows with the same inputs have the same number, from 0 up to the number of rows
};

// The rows `part` of the data, as they were predicted. Errors: stop's.
absl::StatusOr<UnseenRows> MakeUnseenRows(const PreparedData& data, const RowPart& part, std::vector<double> predicted,
                                          const StopCheck& stop);

// Whether predictions of the training rows of a fit, one each in the target's own unit, add up: whether JudgeSums has
// nothing to say of them. Errors: those of a StopCheck.
using SumCheck = std::function<absl::StatusOr<bool>(const std::vector<double>& predicted)>;

// A serious warning where predictions differ from the outcomes in sum by more than 2 % and by more than chance
// (two-sided, 1 %; rows with the same inputs count as one): revenue (spend · (1 + ROI)) where spend is known, and 1 +
// ROI in the mean; of another target than an ROI its mean, in relation to the mean amount of outcomes. Nothing of
// probabilities and medians, which do not add up, and of fewer than 100 rows.
std::optional<DataWarning> JudgeSums(const UnseenRows& rows, const FittedTarget& target, bool is_roi);

}  // namespace roicast

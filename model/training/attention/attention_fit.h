// Fits attention over features beside a linear path, if it is shown to be better than the linear path alone.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/features/preprocessor.h"
#include "model/training/fit/fit_journal.h"
#include "model/training/fit/network_fit.h"
#include "model/training/fit/row_part.h"
#include "model/training/train_model.h"
#include "model/training/training_spec.h"

namespace roicast {

// With fewer training rows, a warning names the preset that is likely to be better.
inline constexpr int64_t kFewestAttentionRows = 500;

// What PRESET_ATTENTION, or a version that has attention, cannot do. Errors: InvalidArgument (a warm start).
absl::Status CheckAttentionStart(const TrainingSpec& spec, const TrainModelInputs& inputs);

// Each of three parts of the rows is predicted by a linear path (FitLinearPath) and by attention, trained on what the
// linear path leaves, of the other two; the part's own rows choose the epoch. The share of attention that fits best
// what the linear path leaves of all rows is kept, or none of it unless it is 3 standard deviations above 0. Errors:
// InvalidArgument (too many features), those of FitJournal::FitAttention but FailedPrecondition: a part that diverges
// speaks against attention.
absl::StatusOr<CapacitySelection> ChooseAttention(const RowPart& train, const Preprocessor& preprocessor,
                                                  const TrainingSpec& spec, FitJournal& journal);

// The linear path, and beside it the share of attention that was chosen, fitted to all rows by as much of its schedule
// as the parts took in the mean.
absl::StatusOr<NetworkFit> FitAttention(const RowPart& train, const Preprocessor& preprocessor,
                                        const TrainingSpec& spec, const CapacitySelection& selection,
                                        FitJournal& journal);

// Adds a warning where there are few rows, and where attention is not served.
void WarnOfAttention(const RowPart& train, NetworkFit& fit);

}  // namespace roicast

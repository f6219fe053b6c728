// Whether a two-part model serves instead of one network.
#pragma once

#include "absl/status/status.h"
#include "model/training/fit/fit_journal.h"
#include "model/training/fit/model_fit.h"
#include "model/training/fit/predicted_sums.h"
#include "model/training/fit/two_part_fit.h"
#include "model/training/training_spec.h"

namespace roicast {

// Fits a two-part model beside the network of `fit` where the target may be zero-heavy, and takes it if its squared
// error out of fold, in the unit that is served, is less by more than chance, or is less and its predictions add up
// while the network's do not, or if the spec asks for it. A warning of the network says what was found. Errors:
// InvalidArgument if the spec asks for what the rows or its other settings do not allow; Cancelled.
absl::Status ConsiderTwoParts(const TrainingSpec& spec, const TrainModelInputs& inputs, FitJournal& journal,
                              const SumCheck& adds_up, ModelFit& fit);

// What predicts is the two-part model from now on.
void TakeTwoParts(TwoPartFit two_part, ModelFit& fit);

}  // namespace roicast

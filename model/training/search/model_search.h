// PRESET_AUTO: searches encodings, sizes and regularisation of networks, and combines the best.
//
// Successive halving (Jamieson and Talwalkar, "Non-stochastic Best Arm Identification", 2016): many candidates are
// tried with a short schedule on few rows out of fold, the better ones with a longer schedule on more, and the best
// ones on all rows; from the second round on, neighbours of the best join them. What predicts best together on rows out
// of fold is found by adding one candidate after the other, with replacement (Caruana et al., "Ensemble Selection from
// Libraries of Models", 2004), and served as one network.
//
// The budget is counted in work, not by a clock: the same data, spec and seed compare the same candidates, and give the
// same bytes, on every machine and with any number of threads. docs/adr/0080-search.md.
#pragma once

#include "absl/status/statusor.h"
#include "model/training/fit/fit_journal.h"
#include "model/training/search/search_plan.h"
#include "model/training/search/trial.h"
#include "model/training/training_spec.h"

namespace roicast {

// Errors: InvalidArgument (the budget is too short for one candidate), those of `encode`, Cancelled.
absl::StatusOr<SearchPlan> SearchModels(const RowEncoder& encode, const TrainingSpec& spec, FitJournal& journal);

}  // namespace roicast

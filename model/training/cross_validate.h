// Measures a spec on every row, each predicted by a model that had not seen it.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "model/evaluation/cross_validation.h"
#include "model/training/fit/fit_journal.h"
#include "model/training/preparation/prepared_data.h"
#include "model/training/train_model.h"
#include "model/training/training_spec.h"

namespace roicast {

// The rows of a prepared dataset, cut into spec.extra.folds parts of about the same size; each part ascending. Rows
// with the same inputs are in one part; of a target with two values, each part has its share of both. Those of the
// holdout are among them, unless cleaning treats them as no training row may be (PreparedData::refit_rows). Random by
// split.seed. Errors: InvalidArgument (more parts than rows, or than rows with distinct inputs; too few rows beside the
// largest part).
absl::StatusOr<std::vector<std::vector<int64_t>>> SplitIntoFolds(const PreparedData& data, const TrainingSpec& spec);

// Fits a model to all parts but one, for each, and measures it on that one. Everything is fitted again: vocabularies,
// scales and the target's transform, and what the data choose is chosen again, because choosing by the rows that are
// then measured flatters, too. The observer hears of each part: "fold 2 of 5". Once the time limit has passed, the
// result is empty. Validation rows stay what they are among the rows that a model is fitted to.
// Errors: those of FitModel.
absl::StatusOr<CrossValidation> CrossValidate(const PreparedData& data, const std::vector<std::vector<int64_t>>& folds,
                                              const TrainingSpec& spec, const TrainModelInputs& inputs,
                                              FitJournal& journal);

}  // namespace roicast

// Leaves out the features that a model does not need.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/stop_check.h"
#include "model/training/fit/fit_journal.h"
#include "model/training/fit/model_fit.h"
#include "model/training/preparation/prepared_data.h"
#include "model/training/search_report.h"
#include "model/training/train_model.h"
#include "model/training/training_spec.h"

namespace roicast {

// Permutation importance (Breiman, "Random Forests", 2001, section 10) on rows that were not learnt from: each fold of
// the training rows as its own model predicts it, with the features' values exchanged between the fold's rows. Begins
// with the feature that matters least, and adds one after the other as long as exchanging all of them together adds no
// more than one standard error to the mean squared error (of a two-valued target: to the log loss); so of two features
// that say the same, one stays. In the schema's order; never all. fit: with fold models. kept: the name of a feature
// that stays; may be empty.
std::vector<std::string> FeaturesWithoutCost(const TrainingSpec& spec, const ModelFit& fit, const std::string& kept);

// Without these features of the schema.
PreparedData WithoutFeatures(const PreparedData& data, absl::Span<const std::string> left_out);

// By how much the squared error of each row is higher without some features. Of the held-out rows in the target's unit,
// of those that both models predict; without a holdout, of the training rows out of fold, on the scale that both were
// learnt on, or in the target's unit if each chose one of its own. fewer, without: WithoutFeatures of `data`, and its
// fit. Errors: those of `stop`.
absl::StatusOr<std::vector<double>> ErrorChanges(const PreparedData& data, const ModelFit& with,
                                                 const PreparedData& fewer, const ModelFit& without,
                                                 const StopCheck& stop);

// Fits everything again without FeaturesWithoutCost, and keeps that, as `data` and `fit`, if the mean of ErrorChanges is
// no more than a standard error.
// nullopt, with a warning in fit.network: all features stay. Errors: those of FitModel.
absl::StatusOr<std::optional<ReductionReport>> SelectFeatures(const TrainingSpec& spec, const TrainModelInputs& inputs,
                                                              PreparedData& data, ModelFit& fit, FitJournal& journal);

}  // namespace roicast

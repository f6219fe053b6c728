// How a model does on campaigns that are not in its table, where rows of the same campaigns were held out at random.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/stop_check.h"
#include "model/artifact/artifact.h"
#include "model/data/data_warning.h"
#include "model/data/structure/entities.h"
#include "model/evaluation/metrics.h"
#include "model/training/fit/fit_journal.h"
#include "model/training/fit/model_fit.h"
#include "model/training/preparation/prepared_data.h"
#include "model/training/train_model.h"
#include "model/training/training_spec.h"

namespace roicast {

struct NewEntities {
  int models = 0;        // that were fitted
  int64_t measured = 0;  // entities that were held out of one of them
  // Of the rows of held-out entities; its interval is of other entities.
  MetricsWithBaseline metrics;
  // Per such row: truth − prediction on the transformed scale, in standard deviations of the target.
  std::vector<double> errors;
  // The features whose word was unseen in most of them: as many indices of the schema as have one.
  std::vector<std::string> unseen;
};

// Cuts the entities into three parts and fits the settings of `fit` once more to each two of them, for large tables to
// one pair alone, so that a model predicts rows of campaigns that it has not seen. scale: of the served model.
// nullopt: the capacity is fixed by the spec, too few rows would be left, or there was no time. Errors: those of
// FitModel.
absl::StatusOr<std::optional<NewEntities>> MeasureNewEntities(const PreparedData& data, const Entities& entities,
                                                              const ModelFit& fit, const FittedTarget& scale,
                                                              const TrainingSpec& spec, const TrainModelInputs& inputs,
                                                              FitJournal& journal);

// Sets what an unseen word of these features counts as (FittedFeature::unseen_excess), so that the 90 % intervals of
// the calibrated artifact hold as many of the errors. Nothing for a target that is no plain number.
void WidenForNewEntities(const NewEntities& measured, Artifact& artifact);

// If the model is much worse on entities that it has not seen: a serious warning, and what the conclusion has to add;
// else neither. known: of rows that were held out at random.
struct NewEntitiesFinding {
  DataWarning warning;
  std::string conclusion;  // ", but not for …"
};
std::optional<NewEntitiesFinding> JudgeNewEntities(const NewEntities& measured, const Entities& entities,
                                                   const MetricsWithBaseline& known, const Artifact& artifact);

}  // namespace roicast

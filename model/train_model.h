// The whole road from a table to an artifact: clean, split, fit, train, evaluate, golden rows.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "model/artifact/artifact.h"
#include "model/data/csv_table.h"
#include "model/network/trainer.h"
#include "model/training_spec.h"

namespace roicast {

enum class TrainingPhase { kReading, kPreparing, kTraining, kEvaluating, kPublishing };

struct TrainModelHooks {
  std::function<void(TrainingPhase)> on_phase;
  // After each epoch; false: cancel.
  std::function<bool(const EpochRecord&)> on_epoch;
  // Asked between steps of the other phases; true: cancel.
  std::function<bool()> cancelled;
  std::function<bool()> wants_checkpoint;
  std::function<void(const TrainerCheckpoint&)> on_checkpoint;
  const TrainerCheckpoint* resume_from = nullptr;
  const Artifact* warm_start = nullptr;  // its schema, preprocessing, target and shape are kept
  std::function<absl::Time()> now;
};

// Errors: InvalidArgument (spec or table: names the field or column), FailedPrecondition (all rows dropped, too few
// rows, constant target, diverged), Cancelled.
absl::StatusOr<Artifact> TrainModel(const CsvTable& data, const TrainingSpec& spec, const TrainModelHooks& hooks);

// What training would see: the schema with vocabularies, the cleaning report and the sizes of the parts.
struct DatasetInspection {
  Schema schema;
  std::vector<NumericTransform> transforms;  // per feature, never kAuto
  CleaningReport cleaning;
  int64_t train_rows = 0, validation_rows = 0, holdout_rows = 0;
};
absl::StatusOr<DatasetInspection> InspectDataset(const CsvTable& data, const TrainingSpec& spec);

// An artifact's predictions against the truth of a table.
struct ModelEvaluation {
  MetricsWithBaseline metrics;
  std::vector<DroppedRows> dropped;
  int64_t rows_with_warnings = 0;
};
// Errors: InvalidArgument (the table lacks the target, or every feature).
absl::StatusOr<ModelEvaluation> EvaluateArtifact(const Artifact& artifact, const CsvTable& data,
                                                 const TargetSpec& target, double profit_threshold);

}  // namespace roicast

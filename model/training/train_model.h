// The whole road from a table to an artifact: clean, split, fit, train, evaluate, golden rows.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "model/artifact/artifact.h"
#include "model/data/csv_table.h"
#include "model/network/trainer.h"
#include "model/training/training_spec.h"

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
  // Its schema, preprocessing, target and shape are kept; the target's floor follows the data.
  const Artifact* warm_start = nullptr;
  std::function<absl::Time()> now;
  // Of the rows as the network sees them, which one-hot categories can make far larger than the table. Bytes, > 0.
  int64_t max_encoded_bytes = std::numeric_limits<int64_t>::max();
};

// Fewer training rows, after cleaning and splitting, are refused.
inline constexpr int64_t kMinTrainingRows = 10;

// Read the data with KnownKinds(spec). The steps of cleaning: prepared_data.h. The smearing correction comes from the
// validation rows' residuals, from the training rows' where there is no validation. Predictions below −1 become −1
// where no row that cleaning left is below. kReading and kPublishing are the caller's phases. Same data, spec and warm
// start: the same artifact, to the bit. Errors: InvalidArgument (spec or table: names the field or column),
// FailedPrecondition (all rows dropped, too few rows, constant target, diverged), ResourceExhausted
// (max_encoded_bytes), Cancelled.
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
// What CsvTableOptions::kinds has to know to read a dataset for a model's schema and the target.
std::vector<std::pair<std::string, FeatureKind>> KnownKinds(const Schema& schema, const TargetSpec& target);

// A feature that the table lacks is missing in every row. Rows with a value that serving refuses are dropped and
// counted. Errors: InvalidArgument (the table lacks the target, or every feature).
absl::StatusOr<ModelEvaluation> EvaluateArtifact(const Artifact& artifact, const CsvTable& data,
                                                 const TargetSpec& target, double profit_threshold);

}  // namespace roicast

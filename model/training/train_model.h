// From a table to an artifact: clean, split, fit, train, evaluate, golden rows.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/statusor.h"
#include "base/memory_budget.h"
#include "base/stop_check.h"
#include "model/artifact/artifact.h"
#include "model/data/csv_table.h"
#include "model/network/training_observer.h"
#include "model/training/training_need.h"
#include "model/training/training_spec.h"

namespace roicast {

struct TrainModelInputs {
  // Its schema, preprocessing, target and shape are kept; the target's floor follows the data. nullptr: none.
  const Artifact* warm_start = nullptr;
  // From a run with the same data, spec and warm start. nullptr: training begins with the first epoch.
  const Checkpoint* resume_from = nullptr;
  // Limit of the encoded rows, which one-hot categories can make far larger than the table. Bytes, > 0.
  int64_t max_encoded_bytes = std::numeric_limits<int64_t>::max();
  // Limits of what the network takes beside them (NeedOf), checked once the number of its inputs is known.
  TrainingLimits limits = {};
  // What rows and networks draw from, before they are made.
  MemoryBudget* memory = MemoryBudget::Unlimited();
  // Set by TrainModel for what it calls: its claims of `memory`, which grow as needed. nullptr: nothing is counted.
  MemoryClaim* rows_memory = nullptr;
  MemoryClaim* network_memory = nullptr;
  // Threads that train networks of a search, ≥ 1. The artifact does not depend on it.
  int threads = 1;
};

// Read the data with KnownKinds(spec). The steps of cleaning: prepared_data.h. The smearing correction comes from the
// validation rows' residuals, or from the training rows' if there is no validation. If the validation rows show that
// the network learnt its training rows by heart, predictions are moved towards the mean (LearnShrinkage). Predictions
// below −1 become −1 where no row that cleaning left is below. observer: nullptr = none; kReading and kPublishing are
// the caller's phases. Same data, spec and warm start: the same artifact, to the bit, whatever was interrupted and
// resumed. Errors: InvalidArgument (spec or table: names the field or column), FailedPrecondition (all rows dropped,
// too few rows, constant target, diverged), ResourceExhausted (max_encoded_bytes, limits, memory), Cancelled (the
// observer said so).
absl::StatusOr<Artifact> TrainModel(const CsvTable& data, const TrainingSpec& spec, const TrainModelInputs& inputs = {},
                                    TrainingObserver* observer = nullptr);

// A preview of training: the schema with vocabularies, the cleaning report and the sizes of the parts.
struct DatasetInspection {
  TargetSpec target;  // resolved
  Schema schema;
  std::vector<NumericTransform> transforms;  // per feature, never kAuto
  CleaningReport cleaning;
  int64_t train_rows = 0, validation_rows = 0, holdout_rows = 0;
  // Whether the validation rows would choose the epoch whose weights are kept; otherwise they are only watched.
  bool validation_chooses_epoch = false;
};
// memory: what it draws from. Errors: as of TrainModel, and those of `stop`.
absl::StatusOr<DatasetInspection> InspectDataset(const CsvTable& data, const TrainingSpec& spec,
                                                 const StopCheck& stop = nullptr,
                                                 MemoryBudget* memory = MemoryBudget::Unlimited());

}  // namespace roicast

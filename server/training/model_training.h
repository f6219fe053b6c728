// What a training job does: reads the dataset, trains, and checks that the result can be served.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "model/data/csv_table.h"
#include "model/training/training_spec.h"
#include "roicast/v1/training_spec.pb.h"
#include "server/store/store.h"
#include "server/training/train_function.h"

namespace roicast {

// A dataset as a table. `kinds`: as of CsvTableOptions. Errors: as of ReadCsvFile.
absl::StatusOr<CsvTable> ReadDataset(const DatasetRecord& record,
                                     std::vector<std::pair<std::string, FeatureKind>> kinds);

// Checks a spec and fills in its defaults. InvalidArgument naming the field.
absl::StatusOr<v1::TrainingSpec> NormalizeTrainingSpec(const v1::TrainingSpec& spec);

// Trains a model with model/. Thread-safe; see TrainFunction.
absl::StatusOr<TrainedModel> TrainJob(const TrainRequest& request, TrainingObserver& observer);

}  // namespace roicast

// What a training job does: reads the dataset, trains, and checks that the result can be served.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "model/data/csv_table.h"
#include "server/store/store.h"
#include "server/training/train_function.h"

namespace roicast {

// A dataset as a table. `kinds`: as of CsvTableOptions. Errors: as of ReadCsvFile.
absl::StatusOr<CsvTable> ReadDataset(const DatasetRecord& record,
                                     std::vector<std::pair<std::string, FeatureKind>> kinds);

// Trains a model with model/. Thread-safe; see TrainFunction.
absl::StatusOr<TrainedModel> TrainJob(const TrainRequest& request, TrainingObserver& observer);

}  // namespace roicast

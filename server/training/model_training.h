// What a training job does: reads the dataset, trains, and checks that the result can be served.
#pragma once

#include "absl/status/statusor.h"
#include "server/training/train_function.h"

namespace roicast {

// Trains a model with model/, networks of a search on so many threads at once, ≥ 1. Thread-safe; see TrainFunction.
absl::StatusOr<TrainedModel> TrainJob(const TrainRequest& request, int threads, TrainingObserver& observer);

}  // namespace roicast

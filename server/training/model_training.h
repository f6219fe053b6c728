// What a training job does: reads the dataset, trains, and checks that the result can be served.
#pragma once

#include "absl/status/statusor.h"
#include "server/training/train_function.h"

namespace roicast {

// Trains a model with model/. Thread-safe; see TrainFunction.
absl::StatusOr<TrainedModel> TrainJob(const TrainRequest& request, TrainingObserver& observer);

}  // namespace roicast

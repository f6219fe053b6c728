// What a training job does: reads the dataset, trains, and checks that the result can be served.
#pragma once

#include "absl/status/statusor.h"
#include "base/memory_budget.h"
#include "model/training/training_need.h"
#include "server/training/train_function.h"

namespace roicast {

struct TrainJobOptions {
  int threads = 1;             // That train networks of a search at once, ≥ 1.
  TrainingLimits limits = {};  // Of the network.
  // What the table, its rows and the networks draw from; outlives the job.
  MemoryBudget* memory = MemoryBudget::Unlimited();
};

// Trains a model with model/. Thread-safe; see TrainFunction.
absl::StatusOr<TrainedModel> TrainJob(const TrainRequest& request, const TrainJobOptions& options,
                                      TrainingObserver& observer);

}  // namespace roicast

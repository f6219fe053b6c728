// The function that a training job runs.
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "base/memory_budget.h"
#include "model/network/training_observer.h"
#include "model/training/training_spec.h"
#include "roicast/v1/report.pb.h"
#include "server/store/store.h"

namespace roicast {

struct TrainRequest {
  TrainingSpec spec;
  DatasetRecord dataset;
  std::string warm_start;                 // The artifact to start from; empty: none.
  MemoryClaim warm_start_memory;          // Of its bytes, and of what they are parsed to.
  std::optional<Checkpoint> resume_from;  // From a run with the same spec and dataset.
};

struct TrainedModel {
  std::string artifact;  // Verified: it loads, and its golden rows are reproduced.
  std::string network;
  double holdout_r2 = 0;  // NaN: nothing was held out.
  // As in PublishRequest.
  double first_metric = std::numeric_limits<double>::quiet_NaN();
  std::string first_metric_name;
  v1::TrainingReport report;
};

// The same request gives the same artifact, to the byte, whatever was interrupted and resumed. Thread-safe.
// Errors: InvalidArgument and others for the spec or the data; FailedPrecondition (diverged); Cancelled (the observer
// said so).
using TrainFunction =
    std::function<absl::StatusOr<TrainedModel>(const TrainRequest& request, TrainingObserver& observer)>;

}  // namespace roicast

// What a training job calls to get its work done, and what it is told on the way.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "roicast/v1/report.pb.h"
#include "roicast/v1/training.pb.h"
#include "roicast/v1/training_spec.pb.h"
#include "server/store/store.h"

namespace roicast {

// The state of training after a step; opaque.
struct JobCheckpoint {
  int epoch = 0;
  std::string bytes;
};

struct TrainRequest {
  v1::TrainingSpec spec;  // With the defaults filled in.
  DatasetRecord dataset;
  std::string warm_start;                    // The artifact to start from; empty: none.
  std::optional<JobCheckpoint> resume_from;  // Of a run with the same spec and dataset.
  absl::Duration time_limit;                 // The spec's, or the server's where the spec has none.
};

// Called on the training thread.
class TrainControl {
 public:
  virtual ~TrainControl() = default;
  virtual void OnPhase(v1::JobPhase phase) = 0;
  // Between steps of all phases. True: return Cancelled soon.
  virtual bool StopRequested() = 0;
  // After each epoch, before OnEpoch, and where StopRequested ends one before its time. True: call OnCheckpoint.
  virtual bool WantsCheckpoint() = 0;
  virtual void OnCheckpoint(const JobCheckpoint& checkpoint) = 0;
  // After each epoch. False: return Cancelled.
  virtual bool OnEpoch(const v1::EpochRecord& epoch) = 0;
};

struct TrainedModel {
  std::string artifact;  // Verified: it loads, and its golden rows come back.
  std::string network;
  double holdout_r2 = 0;  // NaN: nothing was held out.
  v1::TrainingReport report;
};

// The same request gives the same artifact, to the byte, whatever was interrupted and resumed. Thread-safe.
// Errors: what is wrong with spec or data; FailedPrecondition (diverged); Cancelled (control said so).
using TrainFunction = std::function<absl::StatusOr<TrainedModel>(const TrainRequest& request, TrainControl& control)>;

}  // namespace roicast

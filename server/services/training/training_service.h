// TrainingService: datasets in, jobs started, watched and cancelled, versions evaluated.
#pragma once

#include "model/training/training_spec.h"
#include "roicast/v1/training.pb.h"
#include "server/serving/in_flight_limit.h"
#include "server/serving/model_registry.h"
#include "server/store/store.h"
#include "server/training/job_manager.h"
#include "server/transport/grpc/blocking_service.h"

namespace roicast {

// Thread-safe. Its calls read files and take their time.
class TrainingService {
 public:
  // Streams of WatchTrainingJob at once: each holds a thread.
  static constexpr int kMaxWatches = 32;

  // Adds its methods to `calls`. All outlive it, and it outlives the calls.
  TrainingService(Store* store, ModelRegistry* registry, JobManager* jobs, BlockingService* calls);
  TrainingService(const TrainingService&) = delete;
  TrainingService& operator=(const TrainingService&) = delete;

 private:
  absl::Status Upload(MessageSource<v1::UploadDatasetRequest>& parts, v1::Dataset* response, CallContext& context);
  absl::StatusOr<v1::TrainingJob> Create(const v1::CreateTrainingJobRequest& request);
  // Errors: those of WithReading and CheckColumns.
  absl::Status CheckAgainstDataset(const TrainingSpec& spec) const;
  absl::Status List(const v1::ListTrainingJobsRequest& request, v1::ListTrainingJobsResponse* response) const;
  absl::Status Inspect(const v1::InspectDatasetRequest& request, v1::InspectDatasetResponse* response) const;
  absl::Status Watch(const std::string& id, MessageSink<v1::TrainingJob>& jobs, const CallContext& context);
  absl::Status Evaluate(const v1::EvaluateModelRequest& request, v1::EvaluateModelResponse* response,
                        CallContext& context) const;

  Store& store_;
  ModelRegistry& registry_;
  JobManager& jobs_;
  BlockingService& calls_;
  InFlightLimit watches_{kMaxWatches, "streams of WatchTrainingJob"};
};

}  // namespace roicast

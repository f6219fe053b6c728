// TrainingService: datasets in, jobs started, watched and cancelled, versions evaluated.
#pragma once

#include <grpcpp/grpcpp.h>

#include "model/training/training_spec.h"
#include "roicast/v1/training.grpc.pb.h"
#include "server/serving/in_flight_limit.h"
#include "server/serving/model_registry.h"
#include "server/store/store.h"
#include "server/training/job_manager.h"
#include "server/transport/synchronous_call.h"

namespace roicast {

// Thread-safe. Synchronous: its calls read files and take their time.
class TrainingService final : public v1::TrainingService::Service {
 public:
  // Streams of WatchTrainingJob at once: each holds a thread.
  static constexpr int kMaxWatches = 32;

  // All outlive it.
  TrainingService(Store* store, ModelRegistry* registry, JobManager* jobs, SynchronousCalls* calls);

  grpc::Status UploadDataset(grpc::ServerContext* context, grpc::ServerReader<v1::UploadDatasetRequest>* reader,
                             v1::Dataset* response) override;
  grpc::Status InspectDataset(grpc::ServerContext* context, const v1::InspectDatasetRequest* request,
                              v1::InspectDatasetResponse* response) override;
  grpc::Status CreateTrainingJob(grpc::ServerContext* context, const v1::CreateTrainingJobRequest* request,
                                 v1::TrainingJob* response) override;
  grpc::Status GetTrainingJob(grpc::ServerContext* context, const v1::GetTrainingJobRequest* request,
                              v1::TrainingJob* response) override;
  grpc::Status ListTrainingJobs(grpc::ServerContext* context, const v1::ListTrainingJobsRequest* request,
                                v1::ListTrainingJobsResponse* response) override;
  grpc::Status CancelTrainingJob(grpc::ServerContext* context, const v1::CancelTrainingJobRequest* request,
                                 v1::TrainingJob* response) override;
  grpc::Status WatchTrainingJob(grpc::ServerContext* context, const v1::WatchTrainingJobRequest* request,
                                grpc::ServerWriter<v1::TrainingJob>* writer) override;
  grpc::Status EvaluateModel(grpc::ServerContext* context, const v1::EvaluateModelRequest* request,
                             v1::EvaluateModelResponse* response) override;

 private:
  absl::StatusOr<v1::TrainingJob> Create(const v1::CreateTrainingJobRequest& request);
  // Errors: those of WithReading and CheckColumns.
  absl::Status CheckAgainstDataset(const TrainingSpec& spec) const;
  absl::Status List(const v1::ListTrainingJobsRequest& request, v1::ListTrainingJobsResponse* response) const;
  absl::Status Inspect(const v1::InspectDatasetRequest& request, v1::InspectDatasetResponse* response) const;
  absl::Status Watch(const grpc::ServerContext& context, const std::string& id,
                     grpc::ServerWriter<v1::TrainingJob>& writer);
  absl::Status Evaluate(const v1::EvaluateModelRequest& request, v1::EvaluateModelResponse* response,
                        CallSubject& subject) const;

  Store& store_;
  ModelRegistry& registry_;
  JobManager& jobs_;
  SynchronousCalls& calls_;
  InFlightLimit watches_{kMaxWatches, "streams of WatchTrainingJob"};
  RpcMetrics& upload_dataset_;
  RpcMetrics& inspect_dataset_;
  RpcMetrics& create_training_job_;
  RpcMetrics& get_training_job_;
  RpcMetrics& list_training_jobs_;
  RpcMetrics& cancel_training_job_;
  RpcMetrics& watch_training_job_;
  RpcMetrics& evaluate_model_;
};

}  // namespace roicast

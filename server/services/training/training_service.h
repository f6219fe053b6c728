// TrainingService: datasets in, jobs started, watched and cancelled, versions evaluated.
#pragma once

#include "base/memory_budget.h"
#include "base/stop_check.h"
#include "model/training/training_spec.h"
#include "roicast/v1/training.pb.h"
#include "server/serving/model_registry.h"
#include "server/serving/peer_limit.h"
#include "server/store/store.h"
#include "server/training/idle_pool.h"
#include "server/training/job_manager.h"
#include "server/transport/grpc/blocking_service.h"

namespace roicast {

// Thread-safe. Its calls read files and take their time.
class TrainingService {
 public:
  // All outlive it, and it outlives the calls.
  struct Parts {
    Store* store;
    ModelRegistry* registry;
    JobManager* jobs;
    BlockingService* calls;
    // For what reads whole tables, which draw from `memory`.
    IdlePool* idle;
    MemoryBudget* memory;
  };

  // Adds its methods to parts.calls.
  explicit TrainingService(const Parts& parts);
  TrainingService(const TrainingService&) = delete;
  TrainingService& operator=(const TrainingService&) = delete;

 private:
  absl::Status Upload(MessageSource<v1::UploadDatasetRequest>& parts, v1::Dataset* response, CallContext& context);
  absl::StatusOr<v1::TrainingJob> Create(const v1::CreateTrainingJobRequest& request, const CallContext& context);
  // With a reading: as it is recorded, else VerifiedDataset, in the idle pool.
  absl::StatusOr<DatasetRecord> FindReading(const DatasetRecord& record, const CallContext& context) const;
  // Errors: those of FindReading and CheckColumns.
  absl::Status CheckAgainstDataset(const TrainingSpec& spec, const CallContext& context) const;
  absl::Status List(const v1::ListTrainingJobsRequest& request, v1::ListTrainingJobsResponse* response) const;
  absl::Status Inspect(const v1::InspectDatasetRequest& request, v1::InspectDatasetResponse* response,
                       const StopCheck& stop) const;
  absl::Status Watch(const std::string& id, MessageSink<v1::TrainingJob>& jobs, const CallContext& context);
  absl::Status Evaluate(const v1::EvaluateModelRequest& request, v1::EvaluateModelResponse* response,
                        CallContext& context, const StopCheck& stop) const;

  Store& store_;
  ModelRegistry& registry_;
  JobManager& jobs_;
  BlockingService& calls_;
  IdlePool& idle_;
  MemoryBudget& memory_;
  // Each holds a thread.
  PeerLimit watches_{{.all = 64, .per_peer = 32}, "streams of WatchTrainingJob"};
};

}  // namespace roicast

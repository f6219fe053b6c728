// A server on 127.0.0.1 at a port of the system's choice, whose answers a test sets.
#pragma once

#include <grpcpp/server.h>
#include <grpcpp/server_context.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "roicast/v1/decision.grpc.pb.h"
#include "roicast/v1/error.pb.h"
#include "roicast/v1/model.grpc.pb.h"
#include "roicast/v1/prediction.grpc.pb.h"
#include "roicast/v1/training.grpc.pb.h"

namespace roicast::testing {

// The answers may be replaced before Start only; they are called on the server's threads.
class FakeServer {
 public:
  FakeServer();
  ~FakeServer();

  // 0: a port of the system's choice.
  void Start(int port = 0);
  // "127.0.0.1:port".
  const std::string& target() const { return target_; }

  // An error with its machine-readable reason, as the server sends it.
  static grpc::Status Error(grpc::StatusCode code, v1::ErrorReason reason, const std::string& message,
                            const std::map<std::string, std::string>& metadata = {});

  // A schema with the numeric features "spend" and "price", the category "channel" (search, social) and the time
  // "start".
  static v1::Model SmallModel();
  // Version 7 of "default" with the typed campaign's features.
  static v1::Model CampaignModel();
  // Row r of a matrix gets its first value as ROI; a first value below zero is refused.
  static grpc::Status EchoFirstValue(const v1::BatchPredictRequest& request, v1::BatchPredictResponse* response);

  std::function<grpc::Status(grpc::ServerContext*, const v1::PredictRequest&, v1::PredictResponse*)> on_predict;
  std::function<grpc::Status(grpc::ServerContext*, const v1::BatchPredictRequest&, v1::BatchPredictResponse*)> on_batch;
  std::function<grpc::Status(const v1::GetModelRequest&, v1::Model*)> on_get_model;
  std::function<grpc::Status(const v1::ListModelsRequest&, v1::ListModelsResponse*)> on_list_models;
  std::function<grpc::Status(const v1::ServeVersionRequest&, v1::Model*)> on_serve;
  std::function<grpc::Status(const v1::CreateTrainingJobRequest&, v1::TrainingJob*)> on_create_job;
  std::function<grpc::Status(const v1::GetTrainingJobRequest&, v1::TrainingJob*)> on_get_job;
  // Answers with the job of on_get_job.
  std::function<grpc::Status(const v1::CancelTrainingJobRequest&, v1::TrainingJob*)> on_cancel_job;
  std::function<grpc::Status(const v1::ListTrainingJobsRequest&, v1::ListTrainingJobsResponse*)> on_list_jobs;
  std::function<grpc::Status(const v1::InspectDatasetRequest&, v1::InspectDatasetResponse*)> on_inspect;
  std::function<grpc::Status(const v1::EvaluateModelRequest&, v1::EvaluateModelResponse*)> on_evaluate;
  std::function<grpc::Status(const v1::WatchTrainingJobRequest&, grpc::ServerContext*,
                             grpc::ServerWriter<v1::TrainingJob>*)>
      on_watch_job;
  // Each has one answer that fits the rows of the request: see fake_server.cc.
  std::function<grpc::Status(const v1::ExplainRequest&, v1::ExplainResponse*)> on_explain;
  std::function<grpc::Status(const v1::AnalyzeModelRequest&, v1::AnalyzeModelResponse*)> on_analyze;
  std::function<grpc::Status(const v1::FindCounterfactualRequest&, v1::FindCounterfactualResponse*)> on_counterfactual;
  std::function<grpc::Status(const v1::ResponseCurveRequest&, v1::ResponseCurveResponse*)> on_curve;
  std::function<grpc::Status(const v1::OptimizeBudgetRequest&, v1::OptimizeBudgetResponse*)> on_optimize;
  std::function<grpc::Status(const v1::PlanBudgetRequest&, v1::PlanBudgetResponse*)> on_plan;
  std::function<grpc::Status(const v1::RankRequest&, v1::RankResponse*)> on_rank;
  // What was uploaded or imported last.
  std::string uploaded() const;
  v1::UploadDatasetHeader upload_header() const;
  // UploadDataset answers with this; the digest is "digest-of-the-upload" unless it has one.
  v1::Dataset dataset;
  // ExportModel sends this; ImportModel stores it.
  std::string artifact;
  // Said by ImportModel.
  std::string import_not_serving;
  // Announced by ExportModel; −1: the true size.
  int64_t announced_size = -1;

 private:
  class Prediction;
  class Training;
  class Models;
  class Decisions;
  class Health;

  mutable absl::Mutex mutex_;
  std::string uploaded_ ABSL_GUARDED_BY(mutex_);
  v1::UploadDatasetHeader upload_header_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<grpc::Server> server_;
  std::string target_;
};

}  // namespace roicast::testing

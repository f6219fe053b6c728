// Shared by the integration tests: a server, its stubs, and a small table to train on.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "roicast/v1/model.grpc.pb.h"
#include "roicast/v1/prediction.grpc.pb.h"
#include "roicast/v1/training.grpc.pb.h"
#include "tests/testing/server_process.h"
#include "tests/testing/temp_dir.h"

namespace roicast::testing {

// A CSV with the columns of the default schema and `revenue`. The ROI is a known function of channel, discount and
// spend, with little noise. The same seed gives the same bytes.
std::string CampaignCsv(int rows, int seed = 1);

// A CSV with another schema: city (categorical), clicks, cost, revenue.
std::string ClicksCsv(int rows, int seed = 1);

// A campaign within the ranges of CampaignCsv.
v1::Campaign SomeCampaign();

// Stubs on one connection. Calls have a deadline of five minutes and return the gRPC code as absl::Status.
class Api {
 public:
  explicit Api(std::shared_ptr<grpc::Channel> channel);

  absl::StatusOr<v1::PredictResponse> Predict(const v1::PredictRequest& request);
  absl::StatusOr<v1::BatchPredictResponse> BatchPredict(const v1::BatchPredictRequest& request);
  // In chunks of 1,000 bytes.
  absl::StatusOr<v1::Dataset> Upload(absl::string_view csv, const v1::CsvOptions& options = {});
  absl::StatusOr<v1::TrainingJob> Create(const v1::CreateTrainingJobRequest& request);
  absl::StatusOr<v1::TrainingJob> GetJob(const std::string& id);
  absl::StatusOr<v1::TrainingJob> Cancel(const std::string& id);
  // Watches the job until it has ended, and returns its last state.
  absl::StatusOr<v1::TrainingJob> WaitForJob(const std::string& id);
  absl::StatusOr<v1::Model> GetModel(const std::string& name = "", int64_t version = 0);
  absl::StatusOr<std::string> Export(const std::string& name = "", int64_t version = 0);
  absl::StatusOr<v1::Model> Import(const std::string& name, absl::string_view bytes);
  absl::StatusOr<v1::Model> Serve(const std::string& name, int64_t version, bool force = false);
  absl::StatusOr<v1::EvaluateModelResponse> Evaluate(const v1::EvaluateModelRequest& request);

  v1::PredictionService::Stub& prediction() { return *prediction_; }
  v1::TrainingService::Stub& training() { return *training_; }
  v1::ModelService::Stub& models() { return *models_; }

 private:
  std::unique_ptr<v1::PredictionService::Stub> prediction_;
  std::unique_ptr<v1::TrainingService::Stub> training_;
  std::unique_ptr<v1::ModelService::Stub> models_;
};

// A spec that trains within a second or two.
v1::TrainingSpec QuickSpec(const std::string& dataset_digest, const std::string& model = "");

// Uploads CampaignCsv, trains and waits. Returns the job if it succeeded, otherwise an error.
absl::StatusOr<v1::TrainingJob> TrainCampaignModel(Api& api, int rows = 600);

// Sets the deadline to five minutes from now.
void SetDeadline(grpc::ClientContext& context);
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace roicast::testing

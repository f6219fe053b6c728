// PredictionService on a real socket, with a store, for tests of what it answers.
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bench/campaign_artifact.h"
#include "prometheus/registry.h"
#include "roicast/v1/prediction.grpc.pb.h"
#include "server/services/prediction/model_binding.h"
#include "server/services/prediction/prediction_service.h"
#include "server/store/sqlite_store.h"
#include "server/telemetry/log.h"
#include "server/transport/transport_server.h"
#include "tests/testing/temp_dir.h"

namespace roicast {

inline constexpr int64_t kMaxRows = 20000;
inline constexpr int64_t kMaxInFlight = 8;

class PredictionServiceTest : public ::testing::Test {
 protected:
  PredictionServiceTest() : artifact_(bench::MakeCampaignArtifact(1)) {
    SqliteStoreOptions options;
    options.folder = folder_.File("store");
    store_ = *OpenSqliteStore(options);
    models_ =
        std::make_unique<ModelRegistry>(ModelRegistry::Options{.attach = ModelBinding::Make}, store_.get(), &metrics_);
    pool_ = std::make_unique<ComputePool>(ComputePool::Options{});
    server_ =
        std::make_unique<TransportServer>(TransportServer::Options{.listen = {"127.0.0.1:0"}}, &transport_metrics_);
    service_ = std::make_unique<PredictionService>(
        PredictionCore::Options{.max_batch_rows = kMaxRows},
        PredictionCore::Parts{models_.get(), pool_.get(), &lifecycle_, &in_flight_, &metrics_, &access_log_},
        CallOptions{.max_request_bytes = 4 << 20}, &server_->grpc(), &server_->loops());
    EXPECT_TRUE(server_->Start().ok());
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    channel_ = grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                         grpc::InsecureChannelCredentials(), arguments);
    stub_ = v1::PredictionService::NewStub(channel_);
    predictor_ = *Predictor::Compile(artifact_);
  }
  ~PredictionServiceTest() override {
    StartDraining();
    server_->Shutdown(absl::Seconds(20));
  }

  void StartDraining() {
    lifecycle_.Enter(Lifecycle::Phase::kDraining);
    service_->EndStreams();
  }
  // Makes the artifact the next version of a model and lets it serve.
  void Publish(const Artifact& artifact, const std::string& model = "default") {
    PublishRequest request;
    request.model = model;
    request.artifact = SerializeArtifact(artifact);
    const absl::StatusOr<ModelVersion> version = store_->Publish(request);
    ASSERT_TRUE(version.ok()) << version.status();
    const auto served = models_->Activate(model, version->version);
    ASSERT_TRUE(served.ok()) << served.status();
  }

  std::vector<float> Rows(int64_t n) const { return bench::MakeCampaignRows(artifact_.schema, n, 7); }
  v1::PredictRequest UsualRequest() const {
    v1::PredictRequest request;
    *request.mutable_campaign() = bench::ToCampaign(artifact_.schema, Rows(1).data());
    return request;
  }
  v1::BatchPredictRequest MatrixRequest(int64_t rows) const {
    v1::BatchPredictRequest request;
    const std::vector<float> values = Rows(rows);
    request.mutable_matrix()->mutable_values()->Add(values.begin(), values.end());
    request.mutable_matrix()->set_rows(rows);
    request.mutable_matrix()->set_schema_digest(artifact_.schema.Digest());
    return request;
  }
  static void AddFloats(v1::BatchPredictRequest& request, const std::string& name, const std::vector<float>& values) {
    v1::Column& column = *request.mutable_columns()->add_columns();
    column.set_name(name);
    column.mutable_floats()->mutable_values()->Add(values.begin(), values.end());
  }

  grpc::Status Predict(const v1::PredictRequest& request, v1::PredictResponse* response) {
    grpc::ClientContext context;
    return stub_->Predict(&context, request, response);
  }
  grpc::Status BatchPredict(const v1::BatchPredictRequest& request, v1::BatchPredictResponse* response) {
    grpc::ClientContext context;
    return stub_->BatchPredict(&context, request, response);
  }
  void ExpectPredictError(const std::function<void(v1::PredictRequest&)>& change, grpc::StatusCode code,
                          const std::string& message) {
    v1::PredictRequest request = UsualRequest();
    change(request);
    v1::PredictResponse response;
    const grpc::Status status = Predict(request, &response);
    EXPECT_EQ(status.error_code(), code) << status.error_message();
    EXPECT_EQ(status.error_message(), message);
  }
  void ExpectBatchError(const v1::BatchPredictRequest& request, grpc::StatusCode code, const std::string& message) {
    v1::BatchPredictResponse response;
    const grpc::Status status = BatchPredict(request, &response);
    EXPECT_EQ(status.error_code(), code) << status.error_message();
    EXPECT_EQ(status.error_message(), message);
  }

  const Artifact artifact_;
  testing::TempDir folder_;
  prometheus::Registry registry_;
  ServerMetrics metrics_{registry_, {}};
  Logger logger_{{}};
  AccessLog access_log_{logger_, {}};
  Lifecycle lifecycle_;
  InFlightLimit in_flight_{kMaxInFlight};
  std::unique_ptr<Store> store_;
  std::unique_ptr<ModelRegistry> models_;
  std::unique_ptr<ComputePool> pool_;
  std::unique_ptr<PredictionService> service_;
  TransportMetrics transport_metrics_;
  std::unique_ptr<TransportServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::PredictionService::Stub> stub_;
  std::unique_ptr<const Predictor> predictor_;
};

}  // namespace roicast

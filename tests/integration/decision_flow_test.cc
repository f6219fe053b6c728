// DecisionService on a real server: what it answers is what PredictionService says, and it stops in time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "client/status.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "roicast/v1/decision.grpc.pb.h"
#include "tests/integration/fixture.h"

namespace roicast::testing {
namespace {

using ::testing::HasSubstr;

constexpr int kDecisionThreads = 2;

class DecisionFlow : public ::testing::Test {
 protected:
  // One server with one model, because training takes its time.
  static void SetUpTestSuite() {
    folder_ = new TempDir();
    auto server =
        ServerProcess::Start(folder_->File("store"), {"--decision_threads", std::to_string(kDecisionThreads)});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = new ServerProcess(*std::move(server));
    EXPECT_EQ(DecisionHealth(), grpc::health::v1::HealthCheckResponse::NOT_SERVING);
    Api api(server_->NewChannel());
    const auto job = TrainCampaignModel(api);
    ASSERT_TRUE(job.ok()) << job.status();
  }
  static void TearDownTestSuite() {
    // Also while a decision was computed for nobody a moment ago.
    const auto code = server_->Stop();
    EXPECT_TRUE(code.ok()) << code.status();
    EXPECT_EQ(code.value_or(-1), 0) << server_->log();
    delete server_;
    delete folder_;
  }
  void SetUp() override {
    const std::shared_ptr<grpc::Channel> channel = server_->NewChannel();
    api_ = std::make_unique<Api>(channel);
    stub_ = v1::DecisionService::NewStub(channel);
  }

  static grpc::health::v1::HealthCheckResponse::ServingStatus DecisionHealth() {
    grpc::ClientContext context;
    SetDeadline(context);
    grpc::health::v1::HealthCheckRequest request;
    request.set_service("roicast.v1.DecisionService");
    grpc::health::v1::HealthCheckResponse response;
    const auto stub = grpc::health::v1::Health::NewStub(server_->NewChannel());
    EXPECT_TRUE(stub->Check(&context, request, &response).ok());
    return response.status();
  }

  // Campaigns that differ in their prices.
  static v1::RowInput Campaigns(int count) {
    v1::RowInput input;
    for (int i = 0; i < count; ++i) {
      v1::Campaign& campaign = *input.mutable_campaigns()->add_campaigns();
      campaign = SomeCampaign();
      campaign.set_price(40 + i);
    }
    return input;
  }
  float Predict(const v1::Campaign& campaign) {
    v1::PredictRequest request;
    *request.mutable_campaign() = campaign;
    const auto response = api_->Predict(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->roi() : std::nanf("");
  }
  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(grpc::Status (v1::DecisionService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                                  Response*),
                                const Request& request) {
    grpc::ClientContext context;
    SetDeadline(context);
    Response response;
    const grpc::Status status = (stub_.get()->*method)(&context, request, &response);
    if (!status.ok()) return FromGrpc(status);
    return response;
  }

  static TempDir* folder_;
  static ServerProcess* server_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<v1::DecisionService::Stub> stub_;
};

TempDir* DecisionFlow::folder_ = nullptr;
ServerProcess* DecisionFlow::server_ = nullptr;

TEST_F(DecisionFlow, HealthFollowsTheModels) {
  EXPECT_EQ(DecisionHealth(), grpc::health::v1::HealthCheckResponse::SERVING);
}

TEST_F(DecisionFlow, ExplainsWhatPredictSaysByTheStoredBackground) {
  v1::ExplainRequest request;
  *request.mutable_rows() = Campaigns(3);
  const auto answer = Call(&v1::DecisionService::Stub::Explain, request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  const int features = answer->features_size();
  ASSERT_EQ(answer->attributions_size(), 3 * features);
  for (int row = 0; row < 3; ++row) {
    EXPECT_EQ(answer->predictions(row), Predict(request.rows().campaigns().campaigns(row)));
    double sum = answer->base_value();
    for (int i = 0; i < features; ++i) sum += answer->attributions(row * features + i);
    EXPECT_NEAR(sum, answer->predictions(row), 1e-4 * std::fabs(answer->predictions(row)));
  }
  EXPECT_EQ(answer->served_by().version(), 1);
}

TEST_F(DecisionFlow, AnalyzesAStoredDatasetAgainstItsTruths) {
  const auto dataset = api_->Upload(CampaignCsv(200));
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  v1::AnalyzeModelRequest request;
  request.set_dataset_digest(dataset->digest());
  request.set_importance(true);
  request.set_tree_depth(2);
  const auto answer = Call(&v1::DecisionService::Stub::AnalyzeModel, request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->dataset_rows(), 200);
  EXPECT_EQ(answer->rows(), 200);
  EXPECT_EQ(answer->no_truths_because(), "");
  EXPECT_TRUE(answer->against_truth());
  EXPECT_GT(answer->importance(0).interval().low(), 0);
  request.set_dataset_digest(std::string(64, '0'));
  EXPECT_EQ(Call(&v1::DecisionService::Stub::AnalyzeModel, request).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(DecisionFlow, CurvesAndSplitsHavePredictsOwnRoiToTheBit) {
  v1::ResponseCurveRequest curve;
  *curve.mutable_rows() = Campaigns(1);
  curve.set_points(5);
  const auto curves = Call(&v1::DecisionService::Stub::ResponseCurve, curve);
  ASSERT_TRUE(curves.ok()) << curves.status();
  EXPECT_EQ(curves->interval_level(), 0.9);
  for (int i = 0; i < 5; ++i) {
    v1::Campaign campaign = curve.rows().campaigns().campaigns(0);
    campaign.set_spend(curves->values(i));
    EXPECT_EQ(curves->curves(0).predictions(i), Predict(campaign));
  }

  v1::OptimizeBudgetRequest optimize;
  *optimize.mutable_problem()->mutable_rows() = Campaigns(3);
  optimize.mutable_problem()->set_budget(3000);
  optimize.mutable_problem()->set_spend_all(true);
  const auto split = Call(&v1::DecisionService::Stub::OptimizeBudget, optimize);
  ASSERT_TRUE(split.ok()) << split.status();
  ASSERT_EQ(split->conflicts_size(), 0) << split->conflicts(0).message();
  int64_t cents = 0;
  for (int i = 0; i < 3; ++i) {
    const v1::Allocation& one = split->optimum().campaigns(i);
    cents += std::llround(100 * one.spend());
    if (one.spend() == 0) continue;
    v1::Campaign campaign = optimize.problem().rows().campaigns().campaigns(i);
    campaign.set_spend(one.spend());
    EXPECT_EQ(static_cast<float>(one.roi()), Predict(campaign));
  }
  EXPECT_EQ(cents, 300000);
}

TEST_F(DecisionFlow, RanksCampaignsAndFindsASmallerChange) {
  v1::RankRequest rank;
  *rank.mutable_rows() = Campaigns(20);
  rank.set_count(3);
  const auto ranking = Call(&v1::DecisionService::Stub::Rank, rank);
  ASSERT_TRUE(ranking.ok()) << ranking.status();
  ASSERT_EQ(ranking->ranked_size(), 3);
  EXPECT_EQ(static_cast<float>(ranking->ranked(0).roi()),
            Predict(rank.rows().campaigns().campaigns(static_cast<int>(ranking->ranked(0).row()))));
  EXPECT_GE(ranking->ranked(0).roi(), ranking->ranked(1).roi());

  v1::FindCounterfactualRequest change;
  *change.mutable_row() = Campaigns(1);
  change.add_changeable()->set_name("discount_rate");
  change.add_changeable()->set_name("channel");
  change.set_at_least(Predict(change.row().campaigns().campaigns(0)) + 0.01);
  const auto found = Call(&v1::DecisionService::Stub::FindCounterfactual, change);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_GE(found->prediction(), found->prediction_before());
}

TEST_F(DecisionFlow, AnalysesTheStoredBackgroundUnlessItGetsRows) {
  v1::AnalyzeModelRequest request;
  request.add_dependence("spend");
  const auto answer = Call(&v1::DecisionService::Stub::AnalyzeModel, request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_GT(answer->rows(), 0);
  EXPECT_GT(answer->dependence(0).mean_size(), 1);
}

TEST_F(DecisionFlow, StopsAtTheDeadlineInTheMiddleOfTheWork) {
  // Hours of work.
  v1::ExplainRequest request;
  *request.mutable_rows() = Campaigns(5000);
  request.set_rounds(10000);
  request.set_exact_features(0);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
  v1::ExplainResponse response;
  EXPECT_EQ(stub_->Explain(&context, request, &response).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  // Others are answered.
  EXPECT_FALSE(std::isnan(Predict(SomeCampaign())));
}

TEST_F(DecisionFlow, MoreDecisionsThanThreadsAreRefusedAtOnce) {
  // Hours of work.
  v1::ExplainRequest request;
  *request.mutable_rows() = Campaigns(5000);
  request.set_rounds(10000);
  request.set_exact_features(0);
  constexpr int kCalls = kDecisionThreads + 1;
  grpc::ClientContext contexts[kCalls];
  absl::Status statuses[kCalls];
  absl::Notification refused;
  std::atomic<int> ended = 0;
  std::vector<std::thread> calls;
  for (int i = 0; i < kCalls; ++i) {
    calls.emplace_back([&, i] {
      v1::ExplainResponse response;
      SetDeadline(contexts[i]);
      statuses[i] = FromGrpc(stub_->Explain(&contexts[i], request, &response));
      if (ended++ == 0) refused.Notify();
    });
  }
  refused.WaitForNotification();
  for (grpc::ClientContext& context : contexts) context.TryCancel();
  for (std::thread& call : calls) call.join();
  int over = 0;
  for (const absl::Status& status : statuses) {
    if (absl::IsCancelled(status)) continue;
    ++over;
    EXPECT_EQ(client::ReasonOf(status), v1::SERVER_OVERLOADED) << status;
    EXPECT_EQ(client::ErrorMetadata(status, "limit"), std::to_string(kDecisionThreads)) << status;
  }
  EXPECT_GE(over, 1);
}

// They were neither counted nor answered: their clients saw a closed connection.
TEST_F(DecisionFlow, CallsThatDoNotFinishWhileTheServerDrainsAreToldSo) {
  const TempDir folder;
  auto server = ServerProcess::Start(folder.File("store"), {"--drain_timeout", "1s"});
  ASSERT_TRUE(server.ok()) << server.status();
  Api api(server->NewChannel());
  const auto job = TrainCampaignModel(api);
  ASSERT_TRUE(job.ok()) << job.status();
  const auto stub = v1::DecisionService::NewStub(server->NewChannel());
  v1::ExplainRequest request;
  // Hours of work.
  *request.mutable_rows() = Campaigns(5000);
  request.set_rounds(10000);
  request.set_exact_features(0);
  absl::Status status;
  std::thread call([&] {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::ExplainResponse response;
    status = FromGrpc(stub->Explain(&context, request, &response));
  });
  // An upload that waits for its client, too.
  grpc::ClientContext context;
  v1::Dataset dataset;
  const auto upload = api.training().UploadDataset(&context, &dataset);
  v1::UploadDatasetRequest header;
  header.mutable_header()->set_display_name("never finished");
  ASSERT_TRUE(upload->Write(header));
  const auto running = [&](absl::string_view method) {
    const auto metrics = server->HttpGet("/metrics");
    return metrics.ok() &&
           absl::StrContains(*metrics, absl::StrCat("roicast_rpc_in_flight{method=\"", method, "\"} 1"));
  };
  while (!running("DecisionService/Explain") || !running("TrainingService/UploadDataset")) {
    ASSERT_TRUE(server->process().running());
    absl::SleepFor(absl::Milliseconds(5));
  }
  const auto code = server->Stop();
  ASSERT_TRUE(code.ok()) << code.status();
  EXPECT_EQ(*code, 0) << server->log();
  call.join();
  EXPECT_EQ(client::ReasonOf(status), v1::SERVER_DRAINING) << status;
  EXPECT_EQ(client::ReasonOf(FromGrpc(upload->Finish())), v1::SERVER_DRAINING);
  EXPECT_THAT(server->log(), HasSubstr("info draining calls=2 "));
  EXPECT_THAT(server->log(), HasSubstr("warning cancelled calls that did not finish in time calls=2"));
}

TEST_F(DecisionFlow, ErrorsNameModelAndMethodIsMeasured) {
  v1::RankRequest request;
  request.mutable_model()->set_name("nowhere");
  *request.mutable_rows() = Campaigns(1);
  const auto answer = Call(&v1::DecisionService::Stub::Rank, request);
  EXPECT_EQ(client::ReasonOf(answer.status()), v1::MODEL_NOT_FOUND);
  const auto metrics = server_->HttpGet("/metrics");
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  EXPECT_THAT(*metrics, HasSubstr("DecisionService/Rank"));
}

}  // namespace
}  // namespace roicast::testing

// Which version serves, on a real server: a wrong training run takes nothing down, and one call goes back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_format.h"
#include "base/random.h"
#include "client/status.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/integration/fixture.h"

namespace roicast::testing {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

class Serving : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = ServerProcess::Start(folder_.File("store"));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = std::make_unique<ServerProcess>(*std::move(server));
    api_ = std::make_unique<Api>(server_->NewChannel());
  }
  void Restart() {
    const auto code = server_->Stop();
    ASSERT_TRUE(code.ok()) << code.status();
    EXPECT_EQ(*code, 0) << server_->log();
    SetUp();
  }
  // Trains the default model on a CSV with columns cost and revenue. Returns the job, which has succeeded.
  v1::TrainingJob TrainOn(const std::string& csv, const v1::TrainingSpec& changes = {}) {
    const auto dataset = api_->Upload(csv);
    EXPECT_TRUE(dataset.ok()) << dataset.status();
    v1::CreateTrainingJobRequest create;
    *create.mutable_spec() = QuickSpec(dataset->digest());
    create.mutable_spec()->mutable_target()->set_revenue_column("revenue");
    create.mutable_spec()->mutable_target()->set_spend_column("cost");
    create.mutable_spec()->MergeFrom(changes);
    const auto created = api_->Create(create);
    EXPECT_TRUE(created.ok()) << created.status();
    const auto job = api_->WaitForJob(created->id());
    EXPECT_TRUE(job.ok()) << job.status();
    EXPECT_EQ(job->state(), v1::JOB_STATE_SUCCEEDED) << job->error().message();
    return *job;
  }
  // The version that answers a campaign, or what it says instead.
  absl::StatusOr<int64_t> Answers(int64_t version = 0) {
    v1::PredictRequest request;
    *request.mutable_campaign() = SomeCampaign();
    request.mutable_model()->set_version(version);
    const auto response = api_->Predict(request);
    if (!response.ok()) return response.status();
    return response->served_by().version();
  }
  grpc::health::v1::HealthCheckResponse::ServingStatus PredictionHealth() {
    grpc::ClientContext context;
    SetDeadline(context);
    grpc::health::v1::HealthCheckRequest request;
    request.set_service("roicast.v1.PredictionService");
    grpc::health::v1::HealthCheckResponse response;
    const auto stub = grpc::health::v1::Health::NewStub(server_->NewChannel());
    EXPECT_TRUE(stub->Check(&context, request, &response).ok());
    return response.status();
  }
  std::string Metrics() {
    const auto metrics = server_->HttpGet("/metrics");
    EXPECT_TRUE(metrics.ok()) << metrics.status();
    return *metrics;
  }

  TempDir folder_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<Api> api_;
};

// ROI that has nothing to do with the inputs; a network that is large for it.
std::string NoiseCsv(int rows) {
  Random random(17);
  std::string csv = "city,clicks,views,visits,cost,revenue\n";
  for (int row = 0; row < rows; ++row) {
    const double cost = random.Uniform(10.0, 60.0);
    absl::StrAppendFormat(&csv, "%s,%.3f,%.3f,%.3f,%.3f,%.3f\n", random.Below(2) == 0 ? "Oslo" : "Rome",
                          random.Uniform(1, 100), random.Uniform(1, 100), random.Uniform(1, 100), cost,
                          cost * (1.0 + random.Uniform(-0.9, 0.9)));
  }
  return csv;
}

v1::TrainingSpec Overfit() {
  v1::TrainingSpec spec;
  spec.mutable_network()->add_hidden(64);
  spec.mutable_training()->set_epochs(300);
  spec.mutable_training()->set_patience(0);
  return spec;
}

TEST_F(Serving, TrainingOnAnotherTableTakesNothingDown) {
  ASSERT_TRUE(TrainCampaignModel(*api_).ok());
  const v1::TrainingJob other = TrainOn(ClicksCsv(600));
  EXPECT_EQ(other.version(), 2);
  EXPECT_THAT(other.not_serving(), AllOf(HasSubstr("requests that version 1 takes would fail: "),
                                         HasSubstr("feature \"page_views_per_user\" is missing"),
                                         HasSubstr("roicast models serve default 2 --force")));
  EXPECT_EQ(*Answers(), 1);
  const auto stored = api_->GetModel("default", 2);
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_FALSE(stored->serving());
  EXPECT_EQ(stored->not_serving(), other.not_serving());
  EXPECT_EQ(api_->GetJob(other.id())->not_serving(), other.not_serving());
  EXPECT_EQ(client::ReasonOf(Answers(2).status()), v1::CAMPAIGNS_NOT_SUPPORTED) << "who names it gets it";
  v1::BatchPredictRequest batch;
  batch.mutable_model()->set_version(2);
  v1::Column& clicks = *batch.mutable_columns()->add_columns();
  clicks.set_name("clicks");
  clicks.mutable_doubles()->add_values(50);
  const auto named = api_->BatchPredict(batch);
  ASSERT_TRUE(named.ok()) << named.status();
  EXPECT_EQ(named->served_by().version(), 2);
  EXPECT_THAT(Metrics(), HasSubstr("roicast_model_not_serving_total{why=\"incompatible\"} 1"));
  EXPECT_THAT(server_->LogWith("not serving model="),
              ContainsRegex("warning version not serving model=default version=2 serving=1 reason="));
  Restart();
  EXPECT_EQ(*Answers(), 1);
}

TEST_F(Serving, AVersionIsMadeToServeByForceAndTakenBackByOneCall) {
  ASSERT_TRUE(TrainCampaignModel(*api_).ok());
  TrainOn(ClicksCsv(600));
  const absl::Status refused = api_->Serve("default", 2).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(client::ReasonOf(refused), v1::VERSION_REFUSED);
  EXPECT_EQ(client::ErrorMetadata(refused, "version"), "2");
  EXPECT_THAT(std::string(refused.message()), HasSubstr("feature \"page_views_per_user\" is missing"));

  const auto forced = api_->Serve("", 2, true);
  ASSERT_TRUE(forced.ok()) << forced.status();
  EXPECT_TRUE(forced->serving());
  EXPECT_EQ(forced->not_serving(), "");
  ASSERT_EQ(forced->serving_steps_size(), 2);
  EXPECT_TRUE(forced->serving_steps(0).forced());
  EXPECT_THAT(forced->serving_steps(0).actor(), ::testing::StartsWith("ipv4:127.0.0.1:"));
  EXPECT_EQ(client::ReasonOf(Answers().status()), v1::CAMPAIGNS_NOT_SUPPORTED);
  EXPECT_THAT(Metrics(), ContainsRegex("roicast_model_served_info\\{[^}]*version=\"2\"[^}]*\\} 1"));

  const auto back = api_->Serve("default", 1);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_THAT(back->serving_objections(), HasSubstr("feature \"clicks\" is missing"));
  EXPECT_EQ(*Answers(), 1);
  Restart();
  EXPECT_EQ(*Answers(), 1);
  const auto retrained = TrainCampaignModel(*api_, 700);
  ASSERT_TRUE(retrained.ok()) << retrained.status();
  EXPECT_THAT(retrained->not_serving(), HasSubstr("version 1 was made to serve by hand and holds its place"));
  EXPECT_EQ(*Answers(), 1);
  ASSERT_TRUE(api_->Serve("default", 3).ok());
  EXPECT_EQ(*Answers(), 3);
  EXPECT_THAT(server_->LogWith("from=1 to=3"),
              ContainsRegex("info version served by hand peer=ipv4:127.0.0.1:[0-9]+ model=default "
                            "from=1 to=3 forced=false holds=false objections="));
}

TEST_F(Serving, PureNoiseDoesNotServe) {
  const v1::TrainingJob noise = TrainOn(NoiseCsv(800), Overfit());
  EXPECT_THAT(noise.not_serving(), ContainsRegex("(no better|worse) than a constant: R² "));
  EXPECT_GE(noise.report().holdout().verdict(), v1::CONSTANT_VERDICT_NO_BETTER);
  EXPECT_GT(noise.report().holdout().r2_standard_error(), 0);
  EXPECT_EQ(PredictionHealth(), grpc::health::v1::HealthCheckResponse::NOT_SERVING);
  const absl::Status none = Answers().status();
  EXPECT_EQ(client::ReasonOf(none), v1::NO_VERSION_READY);
  EXPECT_THAT(std::string(none.message()),
              AllOf(HasSubstr("no version of model \"default\" is ready: version 1 is stored but does not serve: "),
                    HasSubstr("than a constant: R² "), HasSubstr("roicast models serve default 1 --force")));
  EXPECT_THAT(Metrics(), HasSubstr("roicast_model_not_serving_total{why=\"quality\"} 1"));

  ASSERT_TRUE(api_->Serve("default", 1, true).ok());
  EXPECT_EQ(PredictionHealth(), grpc::health::v1::HealthCheckResponse::SERVING);
  EXPECT_EQ(client::ReasonOf(Answers().status()), v1::CAMPAIGNS_NOT_SUPPORTED);
}

TEST_F(Serving, AnImportObeysTheSameRule) {
  ASSERT_TRUE(TrainCampaignModel(*api_).ok());
  const auto campaign = api_->Export("default", 1);
  const v1::TrainingJob noise = TrainOn(NoiseCsv(800), Overfit());
  const auto bytes = api_->Export("default", noise.version());
  ASSERT_TRUE(bytes.ok() && campaign.ok()) << bytes.status() << campaign.status();
  const auto refused = api_->Import("copy", *bytes);
  ASSERT_TRUE(refused.ok()) << refused.status();
  EXPECT_FALSE(refused->serving());
  EXPECT_THAT(refused->not_serving(), HasSubstr("than a constant"));
  const auto good = api_->Import("copy", *campaign);
  ASSERT_TRUE(good.ok()) << good.status();
  EXPECT_TRUE(good->serving());
  EXPECT_EQ(good->not_serving(), "");
  EXPECT_EQ(good->serving_steps(0).from_version(), 0);
}

TEST_F(Serving, TheErrorsOfServeVersion) {
  EXPECT_EQ(client::ReasonOf(api_->Serve("default", 1).status()), v1::VERSION_NOT_FOUND);
  EXPECT_EQ(api_->Serve("default", 0).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(api_->Serve("default", -1).status().message(), "model.version: expected ≥ 1, got -1");
}

}  // namespace
}  // namespace roicast::testing

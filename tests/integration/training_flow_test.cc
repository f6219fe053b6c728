// The main workflow on a real server: upload, train, watch, predict, evaluate, export, import.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "tests/integration/fixture.h"

namespace roicast::testing {
namespace {

using ::testing::HasSubstr;

class TrainingFlow : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = ServerProcess::Start(folder_.File("store"));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = std::make_unique<ServerProcess>(*std::move(server));
    api_ = std::make_unique<Api>(server_->NewChannel());
  }

  v1::CreateTrainingJobRequest LongJob() {
    auto dataset = api_->Upload(CampaignCsv(2000));
    EXPECT_TRUE(dataset.ok()) << dataset.status();
    v1::CreateTrainingJobRequest request;
    *request.mutable_spec() = QuickSpec(dataset->digest());
    request.mutable_spec()->mutable_training()->set_epochs(100000);
    request.mutable_spec()->mutable_training()->set_patience(0);
    return request;
  }

  TempDir folder_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<Api> api_;
};

TEST_F(TrainingFlow, TrainsOnACsvAndPredictsTheKnownRoi) {
  const auto job = TrainCampaignModel(*api_, 2000);
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->version(), 1);
  EXPECT_EQ(job->report().cleaning().rows_in(), 2000);
  EXPECT_GT(job->report().holdout().model().transformed().r2(), 0.9);
  EXPECT_LT(job->report().holdout().baseline().transformed().r2(), 0.05);

  v1::PredictRequest request;
  *request.mutable_campaign() = SomeCampaign();
  const auto response = api_->Predict(request);
  ASSERT_TRUE(response.ok()) << response.status();
  // 0.5 + 0.8 − 1.5 · 0.1 + 0.1 · ln(1000 / 700)
  EXPECT_NEAR(response->roi(), 1.186, 0.15);
  EXPECT_EQ(response->served_by().model(), "default");
  EXPECT_EQ(response->served_by().version(), 1);
  EXPECT_EQ(response->served_by().artifact_digest(), job->artifact_digest());
  EXPECT_EQ(response->warnings_size(), 0);
}

TEST_F(TrainingFlow, TheSameSpecOnTheSameDataGivesTheSameBytes) {
  const auto first = TrainCampaignModel(*api_);
  const auto second = TrainCampaignModel(*api_);
  ASSERT_TRUE(first.ok() && second.ok()) << first.status() << second.status();
  EXPECT_EQ(second->version(), 2);
  EXPECT_EQ(first->artifact_digest(), second->artifact_digest());
}

TEST_F(TrainingFlow, AnImportedExportPredictsTheSame) {
  ASSERT_TRUE(TrainCampaignModel(*api_).ok());
  const auto bytes = api_->Export();
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const auto imported = api_->Import("copy", *bytes);
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->version(), 1);
  v1::PredictRequest request;
  *request.mutable_campaign() = SomeCampaign();
  const auto original = api_->Predict(request);
  request.mutable_model()->set_name("copy");
  const auto copy = api_->Predict(request);
  ASSERT_TRUE(original.ok() && copy.ok()) << original.status() << copy.status();
  EXPECT_EQ(original->roi(), copy->roi());
  EXPECT_EQ(original->served_by().artifact_digest(), copy->served_by().artifact_digest());
}

TEST_F(TrainingFlow, AnOlderVersionCanBeRequested) {
  ASSERT_TRUE(TrainCampaignModel(*api_, 600).ok());
  ASSERT_TRUE(TrainCampaignModel(*api_, 700).ok());
  v1::PredictRequest request;
  *request.mutable_campaign() = SomeCampaign();
  const auto newest = api_->Predict(request);
  request.mutable_model()->set_version(1);
  const auto older = api_->Predict(request);
  ASSERT_TRUE(newest.ok() && older.ok()) << newest.status() << older.status();
  EXPECT_EQ(newest->served_by().version(), 2);
  EXPECT_EQ(older->served_by().version(), 1);
}

TEST_F(TrainingFlow, AnySchemaIsServedWithColumns) {
  const auto dataset = api_->Upload(ClicksCsv(800));
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  v1::CreateTrainingJobRequest create;
  *create.mutable_spec() = QuickSpec(dataset->digest(), "clicks");
  create.mutable_spec()->mutable_target()->set_revenue_column("revenue");
  create.mutable_spec()->mutable_target()->set_spend_column("cost");
  const auto created = api_->Create(create);
  ASSERT_TRUE(created.ok()) << created.status();
  const auto job = api_->WaitForJob(created->id());
  ASSERT_TRUE(job.ok()) << job.status();
  ASSERT_EQ(job->state(), v1::JOB_STATE_SUCCEEDED) << job->error().message();

  const auto model = api_->GetModel("clicks");
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->spend_feature(), "cost");
  EXPECT_TRUE(model->report().target().is_roi());
  EXPECT_FALSE(model->report().target().is_revenue());

  v1::BatchPredictRequest request;
  request.mutable_model()->set_name("clicks");
  v1::Column& city = *request.mutable_columns()->add_columns();
  city.set_name("city");
  city.mutable_categories()->add_dictionary("Rome");
  city.mutable_categories()->add_dictionary("Oslo");
  city.mutable_categories()->add_dictionary("Atlantis");
  for (int code : {1, 0, 2}) city.mutable_categories()->add_codes(code);
  v1::Column& clicks = *request.mutable_columns()->add_columns();
  clicks.set_name("clicks");
  for (double value : {50.0, 50.0, 50.0}) clicks.mutable_doubles()->add_values(value);
  v1::Column& cost = *request.mutable_columns()->add_columns();
  cost.set_name("cost");
  for (double value : {30.0, 30.0, -1.0}) cost.mutable_doubles()->add_values(value);
  const auto response = api_->BatchPredict(request);
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_EQ(response->roi_size(), 3);
  EXPECT_NEAR(response->roi(0), 0.4, 0.15);
  EXPECT_NEAR(response->roi(1), -0.1, 0.15);
  EXPECT_TRUE(std::isnan(response->roi(2)));
  EXPECT_EQ(response->rows_refused(), 1);
  ASSERT_EQ(response->issues_size(), 1);
  EXPECT_EQ(response->issues(0).row(), 2);
  EXPECT_EQ(response->issues(0).status().code(), 3);
  EXPECT_THAT(response->issues(0).status().message(), HasSubstr("cost"));
  EXPECT_THAT(response->issues(0).status().message(), HasSubstr("-1"));

  v1::EvaluateModelRequest evaluate;
  evaluate.mutable_model()->set_name("clicks");
  evaluate.set_dataset_digest(dataset->digest());
  const auto evaluation = api_->Evaluate(evaluate);
  ASSERT_TRUE(evaluation.ok()) << evaluation.status();
  EXPECT_EQ(evaluation->metrics().model().rows(), 800);
  EXPECT_GT(evaluation->metrics().model().transformed().r2(), 0.9);
}

TEST_F(TrainingFlow, ARunningJobCanBeWatchedByManyClientsAndCancelled) {
  const auto created = api_->Create(LongJob());
  ASSERT_TRUE(created.ok()) << created.status();
  std::vector<std::thread> watchers;
  for (int i = 0; i < 3; ++i) {
    watchers.emplace_back([this, &created] {
      Api own(server_->NewChannel());
      const auto last = own.WaitForJob(created->id());
      ASSERT_TRUE(last.ok()) << last.status();
      EXPECT_EQ(last->state(), v1::JOB_STATE_CANCELLED);
    });
  }
  grpc::ClientContext context;
  SetDeadline(context);
  v1::WatchTrainingJobRequest request;
  request.set_id(created->id());
  auto reader = api_->training().WatchTrainingJob(&context, request);
  v1::TrainingJob job;
  while (job.progress().last_epoch().epoch() < 2) ASSERT_TRUE(reader->Read(&job));
  context.TryCancel();
  const auto cancelled = api_->Cancel(created->id());
  EXPECT_TRUE(cancelled.ok()) << cancelled.status();
  for (std::thread& watcher : watchers) watcher.join();
  EXPECT_FALSE(api_->GetModel().ok());
}

TEST_F(TrainingFlow, TheSameRequestIdGivesTheSameJob) {
  v1::CreateTrainingJobRequest request = LongJob();
  request.set_request_id("monday");
  const auto first = api_->Create(request);
  const auto second = api_->Create(request);
  ASSERT_TRUE(first.ok() && second.ok()) << first.status() << second.status();
  EXPECT_EQ(first->id(), second->id());
  EXPECT_TRUE(api_->Cancel(first->id()).ok());
}

TEST_F(TrainingFlow, ListsJobsInPagesNewestFirst) {
  const v1::CreateTrainingJobRequest create = LongJob();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(api_->Create(create).ok());
  const auto list = [&](int page_size, const std::string& token) {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::ListTrainingJobsRequest request;
    request.set_page_size(page_size);
    request.set_page_token(token);
    v1::ListTrainingJobsResponse response;
    const grpc::Status status = api_->training().ListTrainingJobs(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  };
  const v1::ListTrainingJobsResponse first = list(2, "");
  ASSERT_EQ(first.jobs_size(), 2);
  EXPECT_EQ(first.jobs(0).id(), "job-000003");
  EXPECT_EQ(first.jobs(1).id(), "job-000002");
  const v1::ListTrainingJobsResponse second = list(2, first.next_page_token());
  ASSERT_EQ(second.jobs_size(), 1);
  EXPECT_EQ(second.jobs(0).id(), "job-000001");
  EXPECT_EQ(second.next_page_token(), "");
  for (const char* id : {"job-000003", "job-000002", "job-000001"}) EXPECT_TRUE(api_->Cancel(id).ok());
}

TEST_F(TrainingFlow, AnInterruptedJobResumesToTheSameBytes) {
  const auto dataset = api_->Upload(CampaignCsv(1500));
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  v1::CreateTrainingJobRequest create;
  *create.mutable_spec() = QuickSpec(dataset->digest());
  create.mutable_spec()->mutable_training()->set_epochs(3000);
  create.mutable_spec()->mutable_training()->set_patience(0);
  const auto job = api_->Create(create);
  ASSERT_TRUE(job.ok()) << job.status();
  {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::WatchTrainingJobRequest request;
    request.set_id(job->id());
    auto reader = api_->training().WatchTrainingJob(&context, request);
    v1::TrainingJob state;
    while (state.progress().last_epoch().epoch() < 3) ASSERT_TRUE(reader->Read(&state));
  }
  const auto code = server_->Stop();
  ASSERT_TRUE(code.ok()) << code.status();
  EXPECT_EQ(*code, 0) << server_->log();

  SetUp();
  const auto interrupted = api_->GetJob(job->id());
  ASSERT_TRUE(interrupted.ok()) << interrupted.status();
  ASSERT_EQ(interrupted->state(), v1::JOB_STATE_INTERRUPTED);
  ASSERT_TRUE(interrupted->resumable());
  v1::CreateTrainingJobRequest resume;
  resume.set_resume_job(job->id());
  const auto resumed = api_->Create(resume);
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  const auto finished = api_->WaitForJob(resumed->id());
  ASSERT_TRUE(finished.ok()) << finished.status();
  ASSERT_EQ(finished->state(), v1::JOB_STATE_SUCCEEDED) << finished->error().message();
  const auto again = api_->Create(create);
  ASSERT_TRUE(again.ok()) << again.status();
  const auto uninterrupted = api_->WaitForJob(again->id());
  ASSERT_TRUE(uninterrupted.ok()) << uninterrupted.status();
  EXPECT_EQ(finished->artifact_digest(), uninterrupted->artifact_digest());
}

}  // namespace
}  // namespace roicast::testing

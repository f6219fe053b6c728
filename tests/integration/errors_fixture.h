// A server for the tests of errors, and the form in which they check one.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/integration/fixture.h"

namespace roicast::testing {

// One server with one small model for the tests of every documented error; none of them changes the model "default".
class Errors : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TempDir;
    auto server = ServerProcess::Start(folder_->File("store"), {"--max_batch_rows", "5000", "--max_dataset_bytes",
                                                                "1000000", "--max_queued_jobs", "1"});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = new ServerProcess(*std::move(server));
    Api api(server_->NewChannel());
    const auto without_model = api.Predict(CampaignRequest());
    EXPECT_EQ(without_model.status().code(), absl::StatusCode::kFailedPrecondition) << without_model.status();
    EXPECT_THAT(std::string(without_model.status().message()), ::testing::HasSubstr("default"));
    const auto job = TrainCampaignModel(api);
    ASSERT_TRUE(job.ok()) << job.status();
    digest_ = new std::string(job->spec().dataset_digest());
  }
  static void TearDownTestSuite() {
    delete server_;
    delete folder_;
    delete digest_;
    server_ = nullptr;
  }
  void SetUp() override {
    ASSERT_NE(server_, nullptr);
    api_ = std::make_unique<Api>(server_->NewChannel());
  }
  void TearDown() override { EXPECT_TRUE(server_->process().running()) << server_->log(); }

  static v1::PredictRequest CampaignRequest() {
    v1::PredictRequest request;
    *request.mutable_campaign() = SomeCampaign();
    return request;
  }
  static v1::BatchPredictRequest TwoColumns(int first, int second) {
    v1::BatchPredictRequest request;
    v1::Column& spend = *request.mutable_columns()->add_columns();
    spend.set_name("spend");
    for (int i = 0; i < first; ++i) spend.mutable_doubles()->add_values(100);
    v1::Column& price = *request.mutable_columns()->add_columns();
    price.set_name("price");
    for (int i = 0; i < second; ++i) price.mutable_doubles()->add_values(10);
    return request;
  }
  // The error of creating a job on these rows.
  absl::Status Refuse(const std::string& csv, const v1::TrainingSpec& spec = {}) {
    const auto dataset = api_->Upload(csv);
    EXPECT_TRUE(dataset.ok()) << dataset.status();
    if (!dataset.ok()) return dataset.status();
    v1::CreateTrainingJobRequest request;
    *request.mutable_spec() = QuickSpec(dataset->digest(), "broken");
    request.mutable_spec()->MergeFrom(spec);
    return api_->Create(request).status();
  }

  // The job's final state, for errors that only the data reveals.
  v1::TrainingJob Fail(const std::string& csv, v1::TrainingSpec spec = {}) {
    const auto dataset = api_->Upload(csv);
    EXPECT_TRUE(dataset.ok()) << dataset.status();
    v1::CreateTrainingJobRequest request;
    *request.mutable_spec() = QuickSpec(dataset->digest(), "broken");
    request.mutable_spec()->MergeFrom(spec);
    const auto created = api_->Create(request);
    EXPECT_TRUE(created.ok()) << created.status();
    if (!created.ok()) return {};
    const auto job = api_->WaitForJob(created->id());
    EXPECT_TRUE(job.ok()) << job.status();
    EXPECT_EQ(job->state(), v1::JOB_STATE_FAILED);
    EXPECT_EQ(job->error().message().find('\n'), std::string::npos);
    return *job;
  }

  static inline TempDir* folder_ = nullptr;
  static inline ServerProcess* server_ = nullptr;
  static inline std::string* digest_ = nullptr;
  std::unique_ptr<Api> api_;
};

template <typename T>
void ExpectError(const absl::StatusOr<T>& result, absl::StatusCode code, const std::vector<std::string>& parts) {
  EXPECT_EQ(result.status().code(), code) << result.status();
  for (const std::string& part : parts) EXPECT_THAT(std::string(result.status().message()), ::testing::HasSubstr(part));
}

}  // namespace roicast::testing

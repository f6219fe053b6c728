// The server's limits with their defaults, as a client with gRPC's defaults meets them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/flag_defaults.h"
#include "tests/integration/fixture.h"

namespace roicast::testing {
namespace {

using ::testing::HasSubstr;

class DefaultLimits : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TempDir;
    auto server = ServerProcess::Start(folder_->File("store"), {});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = new ServerProcess(*std::move(server));
    Api api(server_->NewChannel());
    const auto job = TrainCampaignModel(api);
    ASSERT_TRUE(job.ok()) << job.status();
  }
  static void TearDownTestSuite() {
    delete server_;
    delete folder_;
    server_ = nullptr;
  }
  void SetUp() override {
    ASSERT_NE(server_, nullptr);
    // No argument: what other languages' clients get as well. Receives 4 MiB, sends any size.
    api_ = std::make_unique<Api>(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->grpc_port()), grpc::InsecureChannelCredentials()));
  }

  // Rows of 20 values, all of which have warnings: far out of range.
  v1::BatchPredictRequest Matrix(int64_t rows) {
    const auto model = api_->GetModel();
    EXPECT_TRUE(model.ok()) << model.status();
    v1::BatchPredictRequest request;
    const int features = model->schema().features_size();
    EXPECT_EQ(features, 20);
    request.mutable_matrix()->set_schema_digest(model->schema().digest());
    request.mutable_matrix()->set_rows(rows);
    request.mutable_matrix()->mutable_values()->Resize(static_cast<int>(rows * features),
                                                       std::numeric_limits<float>::quiet_NaN());
    return request;
  }

  static inline TempDir* folder_ = nullptr;
  static inline ServerProcess* server_ = nullptr;
  std::unique_ptr<Api> api_;
};

TEST_F(DefaultLimits, TheLargestBatchIsAnsweredWithIssuesInWhatClientsReceive) {
  const auto response = api_->BatchPredict(Matrix(defaults::kMaxBatchRows));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->roi_size(), defaults::kMaxBatchRows);
  EXPECT_EQ(response->rows_with_issues(), defaults::kMaxBatchRows);
  EXPECT_GT(response->issues_size(), 0);
  EXPECT_LE(response->ByteSizeLong(), size_t{4} << 20);
}

// Each row's warnings name 300 features of 60 characters.
TEST_F(DefaultLimits, TheUsualListOfIssuesIsCutToWhatClientsReceive) {
  constexpr int kColumns = 300, kRows = 1000;
  std::string csv;
  for (int c = 0; c < kColumns; ++c) absl::StrAppend(&csv, std::string(56, 'f'), c + 1000, ",");
  csv += "roi\n";
  for (int r = 0; r < 300; ++r) {
    for (int c = 0; c < kColumns; ++c) absl::StrAppend(&csv, (r * (c + 7)) % 101, ".5,");
    absl::StrAppend(&csv, r % 13, "\n");
  }
  const auto dataset = api_->Upload(csv);
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  v1::CreateTrainingJobRequest create;
  *create.mutable_spec() = QuickSpec(dataset->digest(), "wide");
  create.mutable_spec()->mutable_training()->set_epochs(1);
  const auto job = api_->Create(create);
  ASSERT_TRUE(job.ok()) << job.status();
  ASSERT_TRUE(api_->WaitForJob(job->id()).ok());
  const auto model = api_->GetModel("wide", 1);
  ASSERT_TRUE(model.ok()) << model.status();
  // A few columns are constant, and left out.
  const int features = model->schema().features_size();
  ASSERT_GT(features, 290);
  v1::BatchPredictRequest request;
  request.mutable_model()->set_name("wide");
  request.mutable_model()->set_version(1);
  request.mutable_matrix()->set_schema_digest(model->schema().digest());
  request.mutable_matrix()->set_rows(kRows);
  request.mutable_matrix()->mutable_values()->Resize(kRows * features, std::numeric_limits<float>::quiet_NaN());
  const auto response = api_->BatchPredict(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->rows_with_issues(), kRows);
  EXPECT_LE(response->ByteSizeLong(), size_t{4} << 20);
  // As many as fit, from the first row on and without gaps.
  EXPECT_GT(response->issues_size(), 100);
  EXPECT_LT(response->issues_size(), kRows);
  const size_t one = response->issues(1).ByteSizeLong() + 8;
  EXPECT_GT(response->ByteSizeLong() + one, size_t{4} << 20);
  for (int i = 0; i < response->issues_size(); ++i) ASSERT_EQ(response->issues(i).row(), i);
  // Who asks for more gets more, and has to receive it.
  request.set_max_issues(kRows);
  EXPECT_EQ(api_->BatchPredict(request).status().code(), absl::StatusCode::kResourceExhausted);
  const auto all = Api(server_->NewChannel()).BatchPredict(request);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->issues_size(), kRows);
}

TEST_F(DefaultLimits, TooManyRowsAreRefusedWithTheFlag) {
  const absl::Status status = api_->BatchPredict(Matrix(defaults::kMaxBatchRows + 1)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "rows: limit 500000, got 500001 (the server's --max_batch_rows)");
}

// gRPC's own refusal names no flag.
TEST_F(DefaultLimits, ABatchOfAMillionRowsIsRefusedWithTheFlagOfItsSize) {
  const v1::BatchPredictRequest request = Matrix(1000000);
  const absl::Status status = api_->BatchPredict(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), absl::StrCat("request bytes: limit 67108864, got ", request.ByteSizeLong(),
                                           " (the server's --max_message_bytes)"));
}

TEST_F(DefaultLimits, AnItemOfAStreamThatIsTooLargeIsRefusedByItself) {
  grpc::ClientContext context;
  SetDeadline(context);
  auto stream = api_->prediction().StreamPredict(&context);
  v1::StreamPredictRequest large, small;
  *large.mutable_batch_predict() = Matrix(1000000);
  *small.mutable_batch_predict() = Matrix(1);
  ASSERT_TRUE(stream->Write(large));
  ASSERT_TRUE(stream->Write(small));
  stream->WritesDone();
  v1::StreamPredictResponse first, second;
  ASSERT_TRUE(stream->Read(&first));
  EXPECT_EQ(first.status().code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(first.status().reason(), v1::REQUEST_TOO_LARGE);
  EXPECT_THAT(first.status().message(), HasSubstr("--max_message_bytes"));
  ASSERT_TRUE(stream->Read(&second));
  EXPECT_EQ(second.status().code(), 0);
  EXPECT_EQ(second.batch_predict().roi_size(), 1);
  EXPECT_TRUE(stream->Finish().ok());
}

}  // namespace
}  // namespace roicast::testing

// What a batch holds in memory, and how its list of issues is cut.
#include "server/services/prediction/batch_prediction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <limits>
#include <memory>
#include <string>

#include "absl/synchronization/notification.h"
#include "bench/campaign_artifact.h"
#include "prometheus/registry.h"
#include "server/errors/errors.h"
#include "server/services/prediction/model_binding.h"
#include "server/serving/compute_pool.h"

namespace roicast {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kRows = 20000;
constexpr int64_t kResponseBytes = 300000;
// Of a rejected row there are 24 bytes, in an array that doubles.
constexpr uint64_t kRefusalBytes = 32768 * 24;

class BatchPredictionTest : public ::testing::Test {
 protected:
  BatchPredictionTest()
      : model_(*ServedModel::Load("default", 1, SerializeArtifact(bench::MakeCampaignArtifact(1)), ModelBinding::Make,
                                  metrics_)) {}

  // Campaigns without a spend are rejected.
  static v1::BatchPredictRequest BadCampaigns(int64_t rows) {
    v1::BatchPredictRequest request;
    for (int64_t i = 0; i < rows; ++i) request.mutable_campaigns()->add_campaigns()->set_spend(-1);
    return request;
  }
  BatchPrediction::Options Options() {
    return {.max_rows = kRows,
            .stop = [] { return absl::OkStatus(); },
            .max_response_bytes = kResponseBytes,
            .memory = &memory_};
  }
  // With another budget, which prediction_ draws from until the test is over.
  BatchPrediction::Options OptionsWithin(uint64_t bytes) {
    BatchPrediction::Options options = Options();
    options.memory = &budgets_.emplace_back(bytes, 0);
    return options;
  }
  absl::Status Run(const v1::BatchPredictRequest& request, const BatchPrediction::Options& options) {
    request_.Take(request);
    response_.clear();
    const absl::Status status = prediction_.Run(request_, *model_, options, &response_);
    if (status.ok()) {
      EXPECT_TRUE(answer_.ParseFromString(response_));
    }
    return status;
  }
  // The same on the threads of a pool, as the service does it.
  void RunOn(ComputePool& pool, const v1::BatchPredictRequest& request) {
    request_.Take(request);
    response_.clear();
    ASSERT_EQ(prediction_.Begin(request_, *model_, Options()), absl::OkStatus());
    absl::Notification done;
    ASSERT_EQ(pool.StartParallelFor(
                  "", prediction_.rows(), BatchPrediction::kRowsPerRange, 0,
                  [&](int64_t begin, int64_t end) { prediction_.PredictRange(begin, end); }, [&] { done.Notify(); }),
              absl::OkStatus());
    done.WaitForNotification();
    ASSERT_EQ(prediction_.End(&response_), absl::OkStatus());
  }

  prometheus::Registry registry_;
  ServerMetrics metrics_{registry_, {}};
  std::shared_ptr<const ServedModel> model_;
  MemoryBudget memory_{uint64_t{1} << 30, 0};
  std::deque<MemoryBudget> budgets_;
  BatchRequest request_;
  BatchPrediction prediction_;
  std::string response_;
  v1::BatchPredictResponse answer_;
};

// Each row was compared with the names of all features, listed or not: 50 µs of a row with a long unknown name.
TEST_F(BatchPredictionTest, TheFirstIssuesSayWhichNameMayBeMeant) {
  v1::BatchPredictRequest request;
  for (int i = 0; i < 2 * BatchRows::kHinted; ++i) {
    v1::NamedValue& value = *request.mutable_rows()->add_rows()->add_values();
    value.set_name("pirce");
    value.set_number(1.0);
  }
  ASSERT_TRUE(Run(request, Options()).ok());
  ASSERT_EQ(answer_.issues_size(), 2 * BatchRows::kHinted);
  const std::string unknown = "values[0].name: model \"default\" version 1 has no feature \"pirce\"";
  for (int i = 0; i < answer_.issues_size(); ++i) {
    EXPECT_EQ(answer_.issues(i).status().message(),
              i < BatchRows::kHinted ? unknown + "; did you mean \"price\"?" : unknown);
  }
}

// A million rows and a max_issues of 2^31 built 1.2 GB of issues, of which none could be sent.
TEST_F(BatchPredictionTest, IssuesAreListedAsFarAsTheAnswerHasRoomHoweverManyAreAskedFor) {
  v1::BatchPredictRequest request = BadCampaigns(kRows);
  request.set_max_issues(std::numeric_limits<int32_t>::max());
  ASSERT_EQ(Run(request, Options()), absl::OkStatus());
  EXPECT_LE(response_.size(), static_cast<size_t>(kResponseBytes));
  EXPECT_GT(response_.size(), static_cast<size_t>(kResponseBytes) - 200);
  EXPECT_EQ(answer_.rows_with_issues(), kRows);
  EXPECT_EQ(answer_.rows_refused(), kRows);
  ASSERT_GT(answer_.issues_size(), 1000);
  for (int i = 0; i < answer_.issues_size(); ++i) ASSERT_EQ(answer_.issues(i).row(), i);
  EXPECT_EQ(answer_.issues(7).status().message(), "spend: expected > 0, got -1");
}

TEST_F(BatchPredictionTest, IssuesThatDoNotFitAreNotMade) {
  v1::BatchPredictRequest request = BadCampaigns(kRows);
  request.set_max_issues(std::numeric_limits<int32_t>::max());
  ASSERT_EQ(Run(request, Options()), absl::OkStatus());
  // For each row its values, prediction and flag; and twice the issues, with a range more than fits.
  const uint64_t row_bytes = static_cast<uint64_t>(model_->schema().size()) * 4 + 9;
  EXPECT_GT(memory_.TakePeak(), kRows * row_bytes);
  EXPECT_LT(memory_.held(), kRows * row_bytes + kRefusalBytes + 3 * kResponseBytes);
  prediction_.Trim();
  EXPECT_EQ(memory_.held(), 0u);
}

TEST_F(BatchPredictionTest, ThreadsListTheSameIssues) {
  ComputePool pool{ComputePool::Options{.threads = 3}};
  v1::BatchPredictRequest request = BadCampaigns(kRows);
  request.set_max_issues(std::numeric_limits<int32_t>::max());
  ASSERT_EQ(Run(request, Options()), absl::OkStatus());
  const std::string expected = response_;
  for (int i = 0; i < 20; ++i) {
    ASSERT_NO_FATAL_FAILURE(RunOn(pool, request));
    // Not printed: they are large.
    ASSERT_TRUE(response_ == expected) << i;
  }
}

TEST_F(BatchPredictionTest, ABatchThatThereIsNoMemoryForIsRefusedBeforeItIsPredicted) {
  v1::BatchPredictRequest request;
  request.mutable_columns()->add_columns()->set_name("price");
  request.mutable_columns()->mutable_columns(0)->mutable_floats()->mutable_values()->Resize(kRows, 1);
  const absl::Status refused = Run(request, OptionsWithin(kRows * 9 - 1));
  EXPECT_TRUE(absl::IsResourceExhausted(refused));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("memory for batches: 180 kB more are needed"));
  EXPECT_EQ(ReasonOf(refused), v1::SERVER_OVERLOADED);
  EXPECT_EQ(Run(request, OptionsWithin(kRows * 9)), absl::OkStatus());
}

TEST_F(BatchPredictionTest, WithoutMemoryForIssuesTheListIsCutAndThePredictionsAreThere) {
  const uint64_t row_bytes = static_cast<uint64_t>(model_->schema().size()) * 4 + 9;
  v1::BatchPredictRequest request = BadCampaigns(kRows);
  request.set_max_issues(std::numeric_limits<int32_t>::max());
  ASSERT_EQ(Run(request, OptionsWithin(kRows * row_bytes + kRefusalBytes + 100000)), absl::OkStatus());
  EXPECT_EQ(answer_.roi_size(), kRows);
  EXPECT_EQ(answer_.rows_with_issues(), kRows);
  EXPECT_GT(answer_.issues_size(), 100);
  EXPECT_LT(response_.size(), static_cast<size_t>(kResponseBytes) - 1000);
}

TEST_F(BatchPredictionTest, SmallBatchesDoNotTouchTheBudget) {
  EXPECT_EQ(Run(BadCampaigns(100), OptionsWithin(0)), absl::OkStatus());
  EXPECT_EQ(answer_.issues_size(), 100);
}

// Their reasons were texts of a hundred bytes for every cell.
TEST_F(BatchPredictionTest, ARowRejectedInSeveralColumnsHasTheReasonOfTheFirst) {
  v1::BatchPredictRequest request;
  v1::Column& time = *request.mutable_columns()->add_columns();
  time.set_name("start_time");
  for (const int64_t second : {int64_t{1} << 50, int64_t{0}, int64_t{1} << 50}) {
    time.mutable_times()->add_unix_seconds(second);
  }
  v1::Column& channel = *request.mutable_columns()->add_columns();
  channel.set_name("channel");
  for (const int code : {5, 6, -1}) channel.mutable_categories()->add_codes(code);
  ASSERT_EQ(Run(request, Options()), absl::OkStatus());
  ASSERT_EQ(answer_.issues_size(), 3);
  EXPECT_THAT(answer_.issues(0).status().message(), HasSubstr("start_time: expected "));
  EXPECT_THAT(answer_.issues(0).status().message(), HasSubstr(", got 1125899906842624 s since 1970"));
  EXPECT_EQ(answer_.issues(1).status().message(), "channel: expected a code from -1 to -1, got 6");
  EXPECT_THAT(answer_.issues(2).status().message(), HasSubstr("start_time: "));
  EXPECT_EQ(answer_.rows_refused(), 3);
}

}  // namespace
}  // namespace roicast

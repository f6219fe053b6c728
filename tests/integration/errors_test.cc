// Every documented error of predictions and models, through a real socket: the code, and a message that says where,
// what was expected, what came.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "client/status.h"
#include "tests/integration/errors_fixture.h"

namespace roicast::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST_F(Errors, NegativeSpendIsRejectedWithFieldAndValue) {
  auto request = CampaignRequest();
  request.mutable_campaign()->set_spend(-5);
  ExpectError(api_->Predict(request), absl::StatusCode::kInvalidArgument, {"spend", "> 0", "-5"});
}

TEST_F(Errors, NanAndInfinityInACampaignAreRejected) {
  auto request = CampaignRequest();
  request.mutable_campaign()->set_price(std::numeric_limits<double>::quiet_NaN());
  ExpectError(api_->Predict(request), absl::StatusCode::kInvalidArgument, {"price", "nan"});
  request.mutable_campaign()->set_price(std::numeric_limits<double>::infinity());
  ExpectError(api_->Predict(request), absl::StatusCode::kInvalidArgument, {"price", "inf"});
}

TEST_F(Errors, ARequestWithoutCampaignIsRejected) {
  ExpectError(api_->Predict({}), absl::StatusCode::kInvalidArgument, {"campaign"});
}

TEST_F(Errors, AMisspeltCategoryIsAWarningNotAnError) {
  auto request = CampaignRequest();
  request.mutable_campaign()->set_channel("serch");
  const auto response = api_->Predict(request);
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_EQ(response->warnings_size(), 1);
  EXPECT_EQ(response->warnings(0).kind(), v1::WARNING_KIND_CATEGORY_UNSEEN);
  EXPECT_EQ(response->warnings(0).feature(), "channel");
}

TEST_F(Errors, MissingAndExtremeValuesAreWarnings) {
  auto request = CampaignRequest();
  request.mutable_campaign()->clear_price();
  request.mutable_campaign()->set_review_count(1e9);
  const auto response = api_->Predict(request);
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_EQ(response->warnings_size(), 2);
  EXPECT_EQ(response->warnings(0).kind(), v1::WARNING_KIND_VALUE_IMPUTED);
  EXPECT_EQ(response->warnings(0).feature(), "price");
  EXPECT_EQ(response->warnings(1).kind(), v1::WARNING_KIND_VALUE_OUT_OF_RANGE);
  EXPECT_EQ(response->warnings(1).feature(), "review_count");
}

TEST_F(Errors, UnknownModelAndVersionAreNotFound) {
  auto request = CampaignRequest();
  request.mutable_model()->set_name("nowhere");
  ExpectError(api_->Predict(request), absl::StatusCode::kNotFound, {"nowhere"});
  request.mutable_model()->set_name("default");
  request.mutable_model()->set_version(99);
  ExpectError(api_->Predict(request), absl::StatusCode::kNotFound, {"default", "99"});
  ExpectError(api_->GetModel("nowhere"), absl::StatusCode::kNotFound, {"nowhere"});
  ExpectError(api_->Export("nowhere"), absl::StatusCode::kNotFound, {"nowhere"});
}

// On the wire of all three kinds of methods: asynchronous unary, streaming, synchronous.
TEST_F(Errors, ReasonsTravelWithUnaryCalls) {
  auto request = CampaignRequest();
  request.mutable_model()->set_name("nowhere");
  const absl::Status no_model = api_->Predict(request).status();
  EXPECT_EQ(client::ReasonOf(no_model), v1::MODEL_NOT_FOUND);
  EXPECT_EQ(client::ErrorMetadata(no_model, "model"), "nowhere");
  request.mutable_model()->set_name("default");
  request.mutable_model()->set_version(99);
  const absl::Status no_version = api_->Predict(request).status();
  EXPECT_EQ(client::ReasonOf(no_version), v1::VERSION_NOT_FOUND);
  EXPECT_EQ(client::ErrorMetadata(no_version, "model"), "default");
  EXPECT_EQ(client::ErrorMetadata(no_version, "version"), "99");
  request.Clear();
  EXPECT_EQ(client::ReasonOf(api_->Predict(request).status()), v1::ERROR_REASON_UNSPECIFIED);
}

TEST_F(Errors, ReasonsTravelWithTheItemsOfAStream) {
  grpc::ClientContext context;
  SetDeadline(context);
  auto stream = api_->prediction().StreamPredict(&context);
  v1::StreamPredictRequest no_model, bad;
  *no_model.mutable_predict() = CampaignRequest();
  no_model.mutable_predict()->mutable_model()->set_name("nowhere");
  *bad.mutable_predict() = CampaignRequest();
  bad.mutable_predict()->mutable_campaign()->set_spend(0);
  for (const auto* item : {&no_model, &bad}) ASSERT_TRUE(stream->Write(*item));
  stream->WritesDone();
  std::vector<v1::ErrorReason> reasons;
  v1::StreamPredictResponse answer;
  while (stream->Read(&answer)) reasons.push_back(answer.status().reason());
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_THAT(reasons, ::testing::ElementsAre(v1::MODEL_NOT_FOUND, v1::ERROR_REASON_UNSPECIFIED));
}

TEST_F(Errors, ReasonsTravelWithSynchronousCalls) {
  const absl::Status no_version = api_->GetModel("default", 99).status();
  EXPECT_EQ(client::ReasonOf(no_version), v1::VERSION_NOT_FOUND);
  EXPECT_EQ(client::ErrorMetadata(no_version, "version"), "99");
  EXPECT_EQ(client::ReasonOf(api_->Export("nowhere").status()), v1::MODEL_NOT_FOUND);
  const absl::Status no_job = api_->GetJob("job-999999").status();
  EXPECT_EQ(client::ReasonOf(no_job), v1::JOB_NOT_FOUND);
  EXPECT_EQ(client::ErrorMetadata(no_job, "job"), "job-999999");
  v1::CreateTrainingJobRequest create;
  *create.mutable_spec() = QuickSpec(std::string(64, 'a'));
  EXPECT_EQ(client::ReasonOf(api_->Create(create).status()), v1::DATASET_NOT_FOUND);
}

TEST_F(Errors, ANegativeVersionIsRejected) {
  auto request = CampaignRequest();
  request.mutable_model()->set_version(-1);
  ExpectError(api_->Predict(request), absl::StatusCode::kInvalidArgument, {"version", "-1"});
}

TEST_F(Errors, AnUnknownColumnIsRejectedByName) {
  auto request = TwoColumns(2, 2);
  request.mutable_columns()->mutable_columns(1)->set_name("prise");
  ExpectError(api_->BatchPredict(request), absl::StatusCode::kInvalidArgument, {"columns[1]", "prise", "price"});
}

TEST_F(Errors, ColumnsOfUnequalLengthAreRejected) {
  ExpectError(api_->BatchPredict(TwoColumns(1000, 998)), absl::StatusCode::kInvalidArgument,
              {"columns[1]", "price", "1000", "998"});
}

TEST_F(Errors, ADuplicateColumnIsRejected) {
  auto request = TwoColumns(2, 2);
  request.mutable_columns()->mutable_columns(1)->set_name("spend");
  ExpectError(api_->BatchPredict(request), absl::StatusCode::kInvalidArgument, {"columns[1]", "spend"});
}

TEST_F(Errors, AColumnOfTheWrongKindIsRejected) {
  auto request = TwoColumns(2, 2);
  request.mutable_columns()->mutable_columns(1)->set_name("channel");
  ExpectError(api_->BatchPredict(request), absl::StatusCode::kInvalidArgument, {"columns[1]", "channel", "categor"});
}

TEST_F(Errors, ACodeOutsideTheDictionaryRejectsItsRow) {
  auto request = TwoColumns(1, 1);
  v1::Column& channel = *request.mutable_columns()->add_columns();
  channel.set_name("channel");
  channel.mutable_categories()->add_dictionary("search");
  channel.mutable_categories()->add_codes(7);
  const auto response = api_->BatchPredict(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_TRUE(std::isnan(response->roi(0)));
  ASSERT_EQ(response->issues_size(), 1);
  EXPECT_EQ(response->issues(0).status().code(), 3);
  EXPECT_THAT(response->issues(0).status().message(), AllOf(HasSubstr("channel"), HasSubstr("7")));
}

TEST_F(Errors, AnEmptyBatchIsRejected) {
  ExpectError(api_->BatchPredict({}), absl::StatusCode::kInvalidArgument, {"columns", "matrix", "campaigns"});
  v1::BatchPredictRequest request;
  request.mutable_campaigns();
  ExpectError(api_->BatchPredict(request), absl::StatusCode::kInvalidArgument, {"campaigns"});
  auto no_rows = TwoColumns(0, 0);
  for (v1::Column& column : *no_rows.mutable_columns()->mutable_columns()) column.mutable_doubles();
  ExpectError(api_->BatchPredict(no_rows), absl::StatusCode::kInvalidArgument, {"row"});
}

TEST_F(Errors, ABatchOverTheLimitIsRejectedWithLimitAndValue) {
  ExpectError(api_->BatchPredict(TwoColumns(5001, 5001)), absl::StatusCode::kResourceExhausted, {"5000", "5001"});
}

TEST_F(Errors, AMatrixForAnotherSchemaIsRejected) {
  v1::BatchPredictRequest request;
  request.mutable_matrix()->set_rows(1);
  for (int i = 0; i < 20; ++i) request.mutable_matrix()->add_values(1);
  ExpectError(api_->BatchPredict(request), absl::StatusCode::kInvalidArgument, {"schema_digest"});
  request.mutable_matrix()->set_schema_digest(std::string(64, 'a'));
  ExpectError(api_->BatchPredict(request), absl::StatusCode::kFailedPrecondition, {"schema_digest", "aaaa"});
}

TEST_F(Errors, AMatrixOfTheWrongShapeIsRejected) {
  const auto model = api_->GetModel();
  ASSERT_TRUE(model.ok()) << model.status();
  v1::BatchPredictRequest request;
  request.mutable_matrix()->set_schema_digest(model->schema().digest());
  request.mutable_matrix()->set_rows(2);
  for (int i = 0; i < 39; ++i) request.mutable_matrix()->add_values(1);
  ExpectError(api_->BatchPredict(request), absl::StatusCode::kInvalidArgument, {"40", "39"});
  request.mutable_matrix()->set_rows(-1);
  ExpectError(api_->BatchPredict(request), absl::StatusCode::kInvalidArgument, {"rows", "-1"});
  request.mutable_matrix()->set_rows(int64_t{1} << 62);
  EXPECT_FALSE(api_->BatchPredict(request).ok());
}

TEST_F(Errors, ABadRowDoesNotAffectOtherRows) {
  v1::BatchPredictRequest request;
  for (double spend : {1000.0, -1.0, 1000.0}) {
    v1::Campaign& campaign = *request.mutable_campaigns()->add_campaigns();
    campaign = SomeCampaign();
    campaign.set_spend(spend);
  }
  const auto batch = api_->BatchPredict(request);
  const auto single = api_->Predict(CampaignRequest());
  ASSERT_TRUE(batch.ok() && single.ok()) << batch.status() << single.status();
  ASSERT_EQ(batch->roi_size(), 3);
  EXPECT_EQ(batch->roi(0), single->roi());
  EXPECT_TRUE(std::isnan(batch->roi(1)));
  EXPECT_EQ(batch->roi(2), single->roi());
  ASSERT_EQ(batch->issues_size(), 1);
  EXPECT_EQ(batch->issues(0).row(), 1);
  EXPECT_THAT(batch->issues(0).status().message(), AllOf(HasSubstr("spend"), HasSubstr("-1")));
}

TEST_F(Errors, AnExpiredDeadlineIsDeadlineExceeded) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() - std::chrono::seconds(1));
  v1::PredictResponse response;
  const grpc::Status status = api_->prediction().Predict(&context, CampaignRequest(), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(Errors, AStreamAnswersEachItemWithAStatusAndContinues) {
  grpc::ClientContext context;
  SetDeadline(context);
  auto stream = api_->prediction().StreamPredict(&context);
  v1::StreamPredictRequest good, bad, empty;
  *good.mutable_predict() = CampaignRequest();
  *bad.mutable_predict() = CampaignRequest();
  bad.mutable_predict()->mutable_campaign()->set_spend(0);
  for (const auto* item : {&good, &bad, &empty, &good}) ASSERT_TRUE(stream->Write(*item));
  stream->WritesDone();
  std::vector<int> codes;
  v1::StreamPredictResponse answer;
  while (stream->Read(&answer)) {
    codes.push_back(answer.status().code());
    EXPECT_EQ(answer.has_predict(), answer.status().code() == 0);
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_THAT(codes, ::testing::ElementsAre(0, 3, 3, 0));
}

// Regression: the whole name was part of the status, which the transport then rejected as too long.
TEST_F(Errors, AHugeNameIsCutInTheMessage) {
  // More does not fit into requests that have names only.
  const std::string huge(10000, 'm');
  auto request = CampaignRequest();
  request.mutable_model()->set_name(std::string(100000, 'm'));
  request.mutable_model()->set_version(3);
  ExpectError(api_->Predict(request), absl::StatusCode::kNotFound, {"mmmm"});
  ExpectError(api_->GetModel(huge), absl::StatusCode::kNotFound, {"mmmm", "bytes more"});
  ExpectError(api_->GetJob(huge), absl::StatusCode::kNotFound, {"mmmm", "bytes more"});
  v1::CreateTrainingJobRequest create;
  *create.mutable_spec() = QuickSpec(huge);
  ExpectError(api_->Create(create), absl::StatusCode::kNotFound, {"dataset", "bytes more"});
}

TEST_F(Errors, LineBreaksInAMessageAreRemoved) {
  const auto job = api_->GetJob("job\n1");
  ExpectError(job, absl::StatusCode::kNotFound, {"job 1"});
}

}  // namespace
}  // namespace roicast::testing

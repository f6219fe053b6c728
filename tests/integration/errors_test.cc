// Every documented error, through a real socket: the code, and a message that says where, what was expected, what came.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>

#include "client/status.h"
#include "tests/integration/fixture.h"

namespace roicast::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// One server with one small model for all tests in this file; none of them changes the model "default".
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
    EXPECT_THAT(std::string(without_model.status().message()), HasSubstr("default"));
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

  static TempDir* folder_;
  static ServerProcess* server_;
  static std::string* digest_;
  std::unique_ptr<Api> api_;
};

TempDir* Errors::folder_ = nullptr;
ServerProcess* Errors::server_ = nullptr;
std::string* Errors::digest_ = nullptr;

template <typename T>
void ExpectError(const absl::StatusOr<T>& result, absl::StatusCode code, const std::vector<std::string>& parts) {
  EXPECT_EQ(result.status().code(), code) << result.status();
  for (const std::string& part : parts) EXPECT_THAT(std::string(result.status().message()), HasSubstr(part));
}

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
  const std::string huge(100000, 'm');
  auto request = CampaignRequest();
  request.mutable_model()->set_name(huge);
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

TEST_F(Errors, WatchesOverTheLimitAreToldToPoll) {
  v1::CreateTrainingJobRequest request;
  *request.mutable_spec() = QuickSpec(*digest_, "watched");
  request.mutable_spec()->mutable_training()->set_epochs(100000);
  request.mutable_spec()->mutable_training()->set_patience(0);
  const auto job = api_->Create(request);
  ASSERT_TRUE(job.ok()) << job.status();
  v1::WatchTrainingJobRequest watch;
  watch.set_id(job->id());
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<v1::TrainingJob>>> readers;
  v1::TrainingJob state;
  for (int i = 0; i < 32; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    SetDeadline(*contexts.back());
    readers.push_back(api_->training().WatchTrainingJob(contexts.back().get(), watch));
    ASSERT_TRUE(readers.back()->Read(&state)) << i;
  }
  ExpectError(api_->WaitForJob(job->id()), absl::StatusCode::kResourceExhausted, {"32", "33", "GetTrainingJob"});
  EXPECT_TRUE(api_->GetJob(job->id()).ok());
  for (auto& context : contexts) context->TryCancel();
  for (auto& reader : readers) EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(api_->Cancel(job->id()).ok());
}

TEST_F(Errors, IdleUploadsLeaveThreadsForOthers) {
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<v1::Dataset>> answers;
  std::vector<std::unique_ptr<grpc::ClientWriter<v1::UploadDatasetRequest>>> writers;
  v1::UploadDatasetRequest header;
  header.mutable_header()->set_display_name("idle");
  int refused = 0;
  for (int i = 0; i < 80; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    SetDeadline(*contexts.back());
    answers.push_back(std::make_unique<v1::Dataset>());
    writers.push_back(api_->training().UploadDataset(contexts.back().get(), answers.back().get()));
    writers.back()->Write(header);
  }
  EXPECT_TRUE(api_->GetModel().ok());
  EXPECT_EQ(api_->Upload("a,b\n").status().code(), absl::StatusCode::kResourceExhausted);
  for (auto& context : contexts) context->TryCancel();
  for (auto& writer : writers) {
    const grpc::Status status = writer->Finish();
    if (status.error_code() != grpc::StatusCode::RESOURCE_EXHAUSTED) continue;
    ++refused;
    EXPECT_THAT(status.error_message(), AllOf(HasSubstr("uploads: limit 16"), HasSubstr("got ")));
  }
  EXPECT_LE(refused, 64);
}

TEST_F(Errors, AJobThatCannotReadItsDatasetUsesTheClientsNameForIt) {
  const auto job = Fail("x,x,roi\n1,2,3\n");
  EXPECT_EQ(job.error().code(), 3);
  EXPECT_THAT(job.error().message(), AllOf(HasSubstr("dataset \"test.csv\": line 1, column 2"), Not(HasSubstr("/"))));
}

TEST_F(Errors, AnUploadOverTheLimitIsRejectedWithLimitAndValue) {
  ExpectError(api_->Upload(std::string(1000001, 'x')), absl::StatusCode::kResourceExhausted, {"1000000"});
}

TEST_F(Errors, AnUploadWithoutHeaderIsRejected) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::Dataset dataset;
  auto writer = api_->training().UploadDataset(&context, &dataset);
  v1::UploadDatasetRequest part;
  part.set_csv("a,b\n");
  writer->Write(part);
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << status.error_message();
  EXPECT_THAT(status.error_message(), HasSubstr("header"));
}

TEST_F(Errors, ATrainingSpecIsCheckedFieldByField) {
  v1::CreateTrainingJobRequest request;
  *request.mutable_spec() = QuickSpec(*digest_);
  request.mutable_spec()->mutable_training()->set_learning_rate(-1);
  ExpectError(api_->Create(request), absl::StatusCode::kInvalidArgument, {"learning_rate", "-1"});
  *request.mutable_spec() = QuickSpec(*digest_);
  request.mutable_spec()->mutable_network()->set_dropout(1.5);
  ExpectError(api_->Create(request), absl::StatusCode::kInvalidArgument, {"dropout", "1.5"});
  *request.mutable_spec() = QuickSpec(*digest_, "No Such Name!");
  ExpectError(api_->Create(request), absl::StatusCode::kInvalidArgument, {"model", "No Such Name!"});
  *request.mutable_spec() = QuickSpec(std::string(64, '0'));
  ExpectError(api_->Create(request), absl::StatusCode::kNotFound, {"dataset"});
  *request.mutable_spec() = QuickSpec(*digest_);
  request.mutable_spec()->mutable_training()->set_warm_start_version(77);
  ExpectError(api_->Create(request), absl::StatusCode::kNotFound, {"77"});
  ExpectError(api_->GetJob("job-999999"), absl::StatusCode::kNotFound, {"job-999999"});
  ExpectError(api_->Cancel("job-999999"), absl::StatusCode::kNotFound, {"job-999999"});
  ExpectError(api_->WaitForJob("job-999999"), absl::StatusCode::kNotFound, {"job-999999"});
}

TEST_F(Errors, ACsvWithoutTargetFailsTheJobAndNamesTheColumns) {
  const auto job = Fail("a,b\n1,2\n3,4\n5,6\n");
  EXPECT_EQ(job.error().code(), 3);
  EXPECT_THAT(job.error().message(), AllOf(HasSubstr("roi"), HasSubstr("revenue"), HasSubstr("spend")));
}

TEST_F(Errors, ThreeRowsAreTooFew) {
  const auto job = Fail("x,roi\n1,0.5\n2,0.7\n3,0.1\n");
  EXPECT_EQ(job.error().code(), 9);
  EXPECT_THAT(job.error().message(), HasSubstr("3"));
}

TEST_F(Errors, AConstantTargetIsRejected) {
  std::string csv = "x,roi\n";
  for (int i = 0; i < 100; ++i) csv += std::to_string(i * 0.37) + ",0.5\n";
  const auto job = Fail(csv);
  EXPECT_EQ(job.error().code(), 9);
  EXPECT_THAT(job.error().message(), AllOf(HasSubstr("differ"), HasSubstr("0.5")));
}

TEST_F(Errors, DroppingAllRowsSaysWhy) {
  std::string csv = "x,revenue,spend\n";
  for (int i = 0; i < 50; ++i) csv += std::to_string(i * 0.7) + ",5,0\n";
  const auto job = Fail(csv);
  EXPECT_EQ(job.error().code(), 9);
  EXPECT_THAT(job.error().message(), AllOf(HasSubstr("50"), HasSubstr("spend")));
}

TEST_F(Errors, ADivergingJobFailsAndPublishesNothing) {
  v1::TrainingSpec spec;
  spec.mutable_training()->set_learning_rate(1e30);
  spec.mutable_training()->set_optimizer(v1::OPTIMIZER_SGD);
  const auto job = Fail(CampaignCsv(300, 9), spec);
  EXPECT_THAT(job.error().message(), HasSubstr("diverged"));
  ExpectError(api_->GetModel("broken"), absl::StatusCode::kNotFound, {"broken"});
}

TEST_F(Errors, AFullQueueIsReported) {
  v1::CreateTrainingJobRequest request;
  *request.mutable_spec() = QuickSpec(*digest_, "queue");
  request.mutable_spec()->mutable_training()->set_epochs(100000);
  request.mutable_spec()->mutable_training()->set_patience(0);
  const auto running = api_->Create(request);
  ASSERT_TRUE(running.ok()) << running.status();
  grpc::ClientContext context;
  SetDeadline(context);
  v1::WatchTrainingJobRequest watch;
  watch.set_id(running->id());
  auto reader = api_->training().WatchTrainingJob(&context, watch);
  v1::TrainingJob state;
  while (state.state() != v1::JOB_STATE_RUNNING) ASSERT_TRUE(reader->Read(&state));
  context.TryCancel();
  request.mutable_spec()->mutable_training()->set_seed(2);
  const auto queued = api_->Create(request);
  ASSERT_TRUE(queued.ok()) << queued.status();
  EXPECT_EQ(queued->state(), v1::JOB_STATE_QUEUED);
  request.mutable_spec()->mutable_training()->set_seed(3);
  ExpectError(api_->Create(request), absl::StatusCode::kResourceExhausted, {"1"});
  EXPECT_TRUE(api_->Cancel(queued->id()).ok());
  EXPECT_TRUE(api_->Cancel(running->id()).ok());
  EXPECT_EQ(api_->WaitForJob(running->id())->state(), v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(api_->WaitForJob(queued->id())->state(), v1::JOB_STATE_CANCELLED);
}

TEST_F(Errors, ForeignAndTruncatedArtifactsAreRejected) {
  ExpectError(api_->Import("foreign", "PK\x03\x04 this is something else entirely, but long enough to have a header"),
              absl::StatusCode::kInvalidArgument, {"artifact"});
  const auto bytes = api_->Export();
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  ExpectError(api_->Import("torn", bytes->substr(0, bytes->size() / 2)), absl::StatusCode::kDataLoss, {});
  std::string flipped = *bytes;
  flipped[flipped.size() - 100] ^= 1;
  ExpectError(api_->Import("flipped", flipped), absl::StatusCode::kDataLoss, {});
  ExpectError(api_->Import("empty", ""), absl::StatusCode::kDataLoss, {"got 0"});
  ExpectError(api_->GetModel("torn"), absl::StatusCode::kNotFound, {"torn"});
}

TEST_F(Errors, EvaluationNeedsAModelADatasetAndATarget) {
  v1::EvaluateModelRequest request;
  request.set_dataset_digest(std::string(64, '0'));
  ExpectError(api_->Evaluate(request), absl::StatusCode::kNotFound, {"dataset"});
  const auto dataset = api_->Upload("a,b\n1,2\n3,4\n");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  request.set_dataset_digest(dataset->digest());
  ExpectError(api_->Evaluate(request), absl::StatusCode::kInvalidArgument, {});
  request.mutable_model()->set_name("nowhere");
  ExpectError(api_->Evaluate(request), absl::StatusCode::kNotFound, {"nowhere"});
}

TEST_F(Errors, AnInvalidPageTokenIsRejected) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::ListTrainingJobsRequest request;
  request.set_page_token("nonsense");
  v1::ListTrainingJobsResponse response;
  const grpc::Status status = api_->training().ListTrainingJobs(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << status.error_message();
  EXPECT_THAT(status.error_message(), HasSubstr("page_token"));
}

}  // namespace
}  // namespace roicast::testing

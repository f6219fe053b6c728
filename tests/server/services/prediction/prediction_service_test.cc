// PredictionService through a real socket, with a real artifact: what it answers, and every error that it promises.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/sha256.h"
#include "bench/campaign_artifact.h"
#include "tests/server/services/prediction/prediction_service_fixture.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(PredictionServiceTest, PredictReturnsThePredictorsBitsAndTheServingVersion) {
  Publish(artifact_);
  v1::PredictResponse response;
  const grpc::Status status = Predict(UsualRequest(), &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  float expected = 0;
  predictor_->Predict(Rows(1).data(), 1, absl::MakeSpan(&expected, 1), {});
  EXPECT_EQ(response.roi(), expected);
  EXPECT_EQ(response.served_by().model(), "default");
  EXPECT_EQ(response.served_by().version(), 1);
  EXPECT_EQ(response.served_by().artifact_digest(), Sha256Hex(SerializeArtifact(artifact_)));
  EXPECT_EQ(response.warnings_size(), 0);
}

TEST_F(PredictionServiceTest, PredictWarnsOfMissingValuesMisspeltCategoriesAndUnusualNumbers) {
  Publish(artifact_);
  v1::PredictRequest request = UsualRequest();
  request.mutable_campaign()->clear_price();
  request.mutable_campaign()->set_channel("serach");
  request.mutable_campaign()->set_units_sold_30d(1e9);
  v1::PredictResponse response;
  ASSERT_TRUE(Predict(request, &response).ok());
  std::vector<std::string> warnings;
  for (const v1::Warning& warning : response.warnings()) {
    warnings.push_back(absl::StrCat(v1::WarningKind_Name(warning.kind()), " ", warning.feature()));
  }
  EXPECT_THAT(warnings,
              ElementsAre("WARNING_KIND_VALUE_IMPUTED price", "WARNING_KIND_VALUE_OUT_OF_RANGE units_sold_30d",
                          "WARNING_KIND_CATEGORY_UNSEEN channel"));
  EXPECT_TRUE(std::isfinite(response.roi()));
}

TEST_F(PredictionServiceTest, PredictNamesTheFieldThatIsWrong) {
  Publish(artifact_);
  const auto invalid = grpc::StatusCode::INVALID_ARGUMENT;
  ExpectPredictError([](auto& r) { r.mutable_campaign()->set_spend(-5); }, invalid,
                     "campaign.spend: expected > 0, got -5");
  ExpectPredictError([](auto& r) { r.mutable_campaign()->set_discount_rate(1.5); }, invalid,
                     "campaign.discount_rate: expected 0 to 1, got 1.5");
  ExpectPredictError([](auto& r) { r.mutable_campaign()->set_price(std::nan("")); }, invalid,
                     "campaign.price: expected a finite number (omit the field if it is unknown), got nan");
  ExpectPredictError([](auto& r) { r.mutable_campaign()->mutable_start_time()->set_seconds(99999999999); }, invalid,
                     "campaign.start_time: expected a time in the years 1900 to 2199, got 99999999999 s and 0 ns since "
                     "1970");
  ExpectPredictError([](auto& r) { r.clear_campaign(); }, invalid,
                     "input: expected row, dense_row or campaign, got none");
  ExpectPredictError([](auto& r) { r.mutable_model()->set_version(-1); }, invalid,
                     "model.version: expected ≥ 0, got -1");
}

TEST_F(PredictionServiceTest, UnknownModelsAndVersionsAreNotFound) {
  Publish(artifact_);
  ExpectPredictError([](auto& r) { r.mutable_model()->set_name("shop"); }, grpc::StatusCode::NOT_FOUND,
                     "no model \"shop\"; existing models: \"default\"");
  ExpectPredictError([](auto& r) { r.mutable_model()->set_version(9); }, grpc::StatusCode::NOT_FOUND,
                     "model \"default\" has no version 9");
}

TEST_F(PredictionServiceTest, WithoutAModelTheCallFailsAPrecondition) {
  ExpectPredictError([](auto&) {}, grpc::StatusCode::FAILED_PRECONDITION,
                     "no version of model \"default\" is ready: train or import one first");
}

TEST_F(PredictionServiceTest, BytesThatAreNotAMessageAreRefused) {
  Publish(artifact_);
  grpc::GenericStub stub(channel_);
  for (const std::string method : {"Predict", "BatchPredict"}) {
    const grpc::Slice slice("\xff\xff\xff\xff not a message");
    grpc::ByteBuffer response;
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    const auto call = stub.PrepareUnaryCall(&context, absl::StrCat("/roicast.v1.PredictionService/", method),
                                            grpc::ByteBuffer(&slice, 1), &queue);
    call->StartCall();
    grpc::Status status;
    call->Finish(&response, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    ASSERT_TRUE(queue.Next(&tag, &ok));
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(status.error_message(), absl::StrCat("the bytes are not a roicast.v1.", method, "Request"));
    queue.Shutdown();
  }
}

TEST_F(PredictionServiceTest, AnOlderVersionIsLoadedWhenARequestNamesIt) {
  Publish(artifact_);
  Publish(bench::MakeCampaignArtifact(2));
  v1::PredictRequest request = UsualRequest();
  v1::PredictResponse response;
  ASSERT_TRUE(Predict(request, &response).ok());
  EXPECT_EQ(response.served_by().version(), 2);
  request.mutable_model()->set_version(1);
  for (int i = 0; i < 2; ++i) {
    const grpc::Status status = Predict(request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.served_by().version(), 1);
    float expected = 0;
    predictor_->Predict(Rows(1).data(), 1, absl::MakeSpan(&expected, 1), {});
    EXPECT_EQ(response.roi(), expected);
  }
}

TEST_F(PredictionServiceTest, MatricesSmallAndLargeGiveThePredictorsBits) {
  Publish(artifact_);
  for (const int64_t rows : {int64_t{1}, int64_t{50}, kMaxRows}) {
    v1::BatchPredictResponse response;
    const grpc::Status status = BatchPredict(MatrixRequest(rows), &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    std::vector<float> expected(static_cast<size_t>(rows));
    predictor_->Predict(Rows(rows).data(), rows, absl::MakeSpan(expected), {});
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), response.roi().begin(), response.roi().end()));
    EXPECT_EQ(response.rows_with_issues(), 0);
    EXPECT_EQ(response.served_by().version(), 1);
  }
}

TEST_F(PredictionServiceTest, AMatrixForAnotherSchemaOrSizeIsRefused) {
  Publish(artifact_);
  const std::string digest = artifact_.schema.Digest();
  v1::BatchPredictRequest request = MatrixRequest(2);
  request.mutable_matrix()->set_schema_digest("abc");
  ExpectBatchError(
      request, grpc::StatusCode::FAILED_PRECONDITION,
      absl::StrCat("matrix.schema_digest: expected \"", digest,
                   "\" (model \"default\" version 1), got \"abc\": the rows were built for another schema"));
  request.mutable_matrix()->clear_schema_digest();
  ExpectBatchError(
      request, grpc::StatusCode::INVALID_ARGUMENT,
      absl::StrCat("matrix.schema_digest: expected \"", digest, "\" (model \"default\" version 1), got none"));
  request = MatrixRequest(2);
  request.mutable_matrix()->mutable_values()->RemoveLast();
  ExpectBatchError(request, grpc::StatusCode::INVALID_ARGUMENT,
                   "matrix.values: expected 2 rows × 20 features = 40 values, got 39");
  request.mutable_matrix()->set_rows(0);
  ExpectBatchError(request, grpc::StatusCode::INVALID_ARGUMENT, "matrix.rows: expected at least 1, got 0");
}

TEST_F(PredictionServiceTest, ColumnsAreCheckedAgainstTheSchema) {
  Publish(artifact_);
  const auto invalid = grpc::StatusCode::INVALID_ARGUMENT;
  v1::BatchPredictRequest request;
  ExpectBatchError(request, invalid, "input: expected columns, matrix, rows or campaigns, got none");
  request.mutable_columns();
  ExpectBatchError(request, invalid, "columns: expected at least one column, got none");
  AddFloats(request, "price", {});
  ExpectBatchError(request, invalid, "columns[0] \"price\": expected at least 1 row, got 0");
  request.Clear();
  AddFloats(request, "spend", {1, 2, 3});
  AddFloats(request, "price", {1, 2});
  ExpectBatchError(request, invalid, "columns[1] \"price\": expected 3 values, got 2");
  request.Clear();
  AddFloats(request, "pirce", {1});
  ExpectBatchError(request, invalid,
                   "columns[0].name: model \"default\" version 1 has no feature \"pirce\"; did you mean \"price\"?");
  request.Clear();
  AddFloats(request, "price", {1});
  AddFloats(request, "price", {1});
  ExpectBatchError(request, invalid, "columns[1] \"price\": expected each feature once, got it in columns[0] too");
  request.Clear();
  AddFloats(request, "channel", {1});
  ExpectBatchError(request, invalid, "columns[0] \"channel\": expected categories (it is categorical), got floats");
  request.Clear();
  request.mutable_campaigns();
  ExpectBatchError(request, invalid, "campaigns: expected at least one campaign, got none");
}

TEST_F(PredictionServiceTest, ABadRowGetsNanAndItsNeighboursAreAsWithoutIt) {
  Publish(artifact_);
  const float inf = std::numeric_limits<float>::infinity();
  v1::BatchPredictRequest request;
  AddFloats(request, "spend", {100, -5, 300, 400});
  AddFloats(request, "price", {10, 20, inf, 40});
  v1::Column& channel = *request.mutable_columns()->add_columns();
  channel.set_name("channel");
  channel.mutable_categories()->add_dictionary("channel-1");
  for (const int code : {0, 0, 0, 7}) channel.mutable_categories()->add_codes(code);
  v1::BatchPredictResponse response;
  const grpc::Status status = BatchPredict(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.roi_size(), 4);
  EXPECT_EQ(response.rows_refused(), 3);
  EXPECT_EQ(response.rows_with_issues(), 4);
  std::vector<std::string> reasons;
  for (const v1::RowIssue& issue : response.issues()) {
    if (issue.status().code() != 0) reasons.push_back(absl::StrCat(issue.row(), ": ", issue.status().message()));
  }
  EXPECT_THAT(reasons, ElementsAre(StartsWith("1: spend: expected > 0, got -5"), StartsWith("2: price: "),
                                   "3: channel: expected a code from -1 to 0, got 7"));
  v1::BatchPredictRequest alone;
  AddFloats(alone, "spend", {100});
  AddFloats(alone, "price", {10});
  v1::Column& only = *alone.mutable_columns()->add_columns();
  only.set_name("channel");
  only.mutable_categories()->add_dictionary("channel-1");
  only.mutable_categories()->add_codes(0);
  v1::BatchPredictResponse expected;
  ASSERT_TRUE(BatchPredict(alone, &expected).ok());
  EXPECT_EQ(response.roi(0), expected.roi(0));
  for (const int row : {1, 2, 3}) EXPECT_TRUE(std::isnan(response.roi(row)));
}

TEST_F(PredictionServiceTest, CampaignListsAnswerLikeSingleCampaigns) {
  Publish(artifact_);
  v1::BatchPredictRequest request;
  *request.mutable_campaigns()->add_campaigns() = UsualRequest().campaign();
  *request.mutable_campaigns()->add_campaigns() = UsualRequest().campaign();
  request.mutable_campaigns()->mutable_campaigns(1)->set_spend(0);
  v1::BatchPredictResponse response;
  ASSERT_TRUE(BatchPredict(request, &response).ok());
  v1::PredictResponse single;
  ASSERT_TRUE(Predict(UsualRequest(), &single).ok());
  EXPECT_EQ(response.roi(0), single.roi());
  EXPECT_TRUE(std::isnan(response.roi(1)));
  ASSERT_EQ(response.issues_size(), 1);
  EXPECT_EQ(response.issues(0).row(), 1);
  EXPECT_EQ(response.issues(0).status().message(), "spend: expected > 0, got 0");
}

// On the loop or on the pool, whatever a request carries beside its row.
TEST_F(PredictionServiceTest, RequestsThatTakeLongToReadAreAnsweredAsOthers) {
  Publish(artifact_);
  v1::PredictResponse expected;
  ASSERT_TRUE(Predict(UsualRequest(), &expected).ok());
  const auto add_unknown = [](google::protobuf::Message& message, int fields, int groups) {
    google::protobuf::UnknownFieldSet& unknown = *message.GetReflection()->MutableUnknownFields(&message);
    for (int i = 0; i < fields; ++i) unknown.AddLengthDelimited(999, "");
    for (int i = 0; i < groups; ++i) unknown.AddGroup(999);
  };
  grpc::ClientContext context;
  const auto stream = stub_->StreamPredict(&context);
  for (const auto& [fields, groups] : {std::pair(10, 0), {10000, 0}, {0, 10}, {0, 1500}, {0, 10000}}) {
    v1::PredictRequest request = UsualRequest();
    add_unknown(request, fields, groups);
    v1::PredictResponse response;
    ASSERT_TRUE(Predict(request, &response).ok());
    EXPECT_EQ(response.roi(), expected.roi());
    v1::StreamPredictRequest item;
    *item.mutable_predict() = request;
    v1::StreamPredictResponse answer;
    ASSERT_TRUE(stream->Write(item));
    ASSERT_TRUE(stream->Read(&answer));
    EXPECT_EQ(answer.predict().roi(), expected.roi()) << fields << " " << groups;
    v1::BatchPredictRequest batch;
    *batch.mutable_campaigns()->add_campaigns() = UsualRequest().campaign();
    add_unknown(batch, fields, groups);
    v1::BatchPredictResponse answers;
    ASSERT_TRUE(BatchPredict(batch, &answers).ok());
    EXPECT_EQ(answers.roi(0), expected.roi());
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(PredictionServiceTest, LimitsAnswerWithLimitAndValue) {
  Publish(artifact_);
  v1::BatchPredictRequest request;
  AddFloats(request, "price", std::vector<float>(kMaxRows + 1, 1));
  ExpectBatchError(request, grpc::StatusCode::RESOURCE_EXHAUSTED,
                   "rows: limit 20000, got 20001 (the server's --max_batch_rows)");
  AddFloats(request, "spend", std::vector<float>(2000000, 1));
  ExpectBatchError(request, grpc::StatusCode::RESOURCE_EXHAUSTED,
                   absl::StrCat("request bytes: limit 4194304, got ", request.ByteSizeLong(),
                                " (the server's --max_message_bytes)"));
}

TEST_F(PredictionServiceTest, CallsAndItemsBeyondTheInFlightLimitAreRefusedAndLaterOnesAreNot) {
  Publish(artifact_);
  const std::string refused = "calls in flight: limit 8, got 9 (the server's --max_in_flight); try again later";
  grpc::ClientContext context;
  const auto stream = stub_->StreamPredict(&context);
  v1::StreamPredictRequest item;
  *item.mutable_predict() = UsualRequest();
  v1::StreamPredictResponse answer;
  for (int64_t i = 0; i < kMaxInFlight; ++i) ASSERT_TRUE(in_flight_.Enter().ok());
  ExpectPredictError([](auto&) {}, grpc::StatusCode::RESOURCE_EXHAUSTED, refused);
  ASSERT_TRUE(stream->Write(item));
  ASSERT_TRUE(stream->Read(&answer));
  EXPECT_EQ(answer.status().code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(answer.status().message(), refused);
  for (int64_t i = 0; i < kMaxInFlight; ++i) in_flight_.Leave();
  v1::PredictResponse response;
  EXPECT_TRUE(Predict(UsualRequest(), &response).ok());
  ASSERT_TRUE(stream->Write(item));
  ASSERT_TRUE(stream->Read(&answer));
  EXPECT_TRUE(answer.has_predict());
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  // An answer counts until it is written.
  while (in_flight_.in_flight() > 0) std::this_thread::yield();
}

// 4,200 idle streams denied all predictions.
TEST_F(PredictionServiceTest, IdleStreamsAreNotInFlight) {
  Publish(artifact_);
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReaderWriter<v1::StreamPredictRequest, v1::StreamPredictResponse>>> streams;
  v1::StreamPredictRequest item;
  *item.mutable_predict() = UsualRequest();
  for (int i = 0; i < 3 * kMaxInFlight; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    streams.push_back(stub_->StreamPredict(contexts.back().get()));
    v1::StreamPredictResponse answer;
    ASSERT_TRUE(streams.back()->Write(item));
    ASSERT_TRUE(streams.back()->Read(&answer));
    EXPECT_TRUE(answer.has_predict());
  }
  EXPECT_EQ(in_flight_.in_flight(), 0);
  v1::PredictResponse response;
  EXPECT_TRUE(Predict(UsualRequest(), &response).ok());
  for (auto& stream : streams) {
    stream->WritesDone();
    EXPECT_TRUE(stream->Finish().ok());
  }
}

TEST_F(PredictionServiceTest, AStreamAnswersGoodAndBadItemsInOrder) {
  Publish(artifact_);
  grpc::ClientContext context;
  const auto stream = stub_->StreamPredict(&context);
  std::vector<v1::StreamPredictRequest> items(5);
  *items[0].mutable_predict() = UsualRequest();
  *items[1].mutable_batch_predict() = MatrixRequest(kMaxRows / 2);  // On the compute pool.
  *items[2].mutable_predict() = UsualRequest();
  items[2].mutable_predict()->mutable_campaign()->set_spend(-1);
  // items[3] is empty.
  *items[4].mutable_batch_predict() = MatrixRequest(3);
  for (const auto& item : items) ASSERT_TRUE(stream->Write(item));
  stream->WritesDone();
  std::vector<v1::StreamPredictResponse> answers(5);
  for (auto& answer : answers) ASSERT_TRUE(stream->Read(&answer));
  v1::StreamPredictResponse none;
  EXPECT_FALSE(stream->Read(&none));
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_TRUE(answers[0].has_predict());
  EXPECT_EQ(answers[1].batch_predict().roi_size(), kMaxRows / 2);
  EXPECT_EQ(answers[2].status().code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(answers[2].status().message(), "campaign.spend: expected > 0, got -1");
  EXPECT_EQ(answers[3].status().message(), "item: expected predict or batch_predict, got none");
  EXPECT_EQ(answers[4].batch_predict().roi_size(), 3);
}

TEST_F(PredictionServiceTest, DrainingRefusesNewCallsAndEndsStreamsAfterTheirAnswers) {
  Publish(artifact_);
  grpc::ClientContext context;
  const auto stream = stub_->StreamPredict(&context);
  v1::StreamPredictRequest item;
  *item.mutable_predict() = UsualRequest();
  v1::StreamPredictResponse answer;
  ASSERT_TRUE(stream->Write(item));
  ASSERT_TRUE(stream->Read(&answer));
  StartDraining();
  EXPECT_FALSE(stream->Read(&answer));
  const grpc::Status end = stream->Finish();
  EXPECT_EQ(end.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(end.error_details(), HasSubstr("SERVER_DRAINING"));
  ExpectPredictError([](auto&) {}, grpc::StatusCode::UNAVAILABLE,
                     "the server is shutting down; retry elsewhere or later");
}

TEST_F(PredictionServiceTest, AnswersStayConsistentWhileVersionsAreSwapped) {
  std::vector<Artifact> artifacts;
  std::vector<std::string> digests;
  std::vector<float> expected;
  const std::vector<float> row = Rows(1);
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    artifacts.push_back(bench::MakeCampaignArtifact(seed));
    digests.push_back(Sha256Hex(SerializeArtifact(artifacts.back())));
    const auto predictor = *Predictor::Compile(artifacts.back());
    float roi = 0;
    predictor->Predict(row.data(), 1, absl::MakeSpan(&roi, 1), {});
    expected.push_back(roi);
  }
  Publish(artifacts[0]);
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 2; ++i) {
    clients.emplace_back([&] {
      const v1::PredictRequest request = UsualRequest();
      int64_t last = 1;
      while (!done) {
        v1::PredictResponse response;
        if (!Predict(request, &response).ok()) {
          ++wrong;
          continue;
        }
        const int64_t version = response.served_by().version();
        const size_t index = static_cast<size_t>(version - 1);
        if (version < last || response.served_by().artifact_digest() != digests[index] ||
            response.roi() != expected[index]) {
          ++wrong;
        }
        last = version;
      }
    });
  }
  for (size_t i = 1; i < artifacts.size(); ++i) Publish(artifacts[i]);
  done = true;
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(wrong, 0);
  v1::PredictResponse response;
  ASSERT_TRUE(Predict(UsualRequest(), &response).ok());
  EXPECT_EQ(response.served_by().version(), 5);
}

}  // namespace
}  // namespace roicast

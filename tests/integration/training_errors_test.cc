// Every documented error of uploads, training jobs and imports, through a real socket: the code, and a message that
// says where, what was expected, what came.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/integration/errors_fixture.h"

namespace roicast::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

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
  ExpectError(api_->WaitForJob(job->id()), absl::StatusCode::kResourceExhausted,
              {"of one client", "32", "33", "GetTrainingJob"});
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
  // The uploads over the limit hold threads until they have been refused, which takes a moment.
  const absl::Time until = absl::Now() + absl::Seconds(60);
  auto model = api_->GetModel();
  while (!model.ok() && absl::Now() < until) model = api_->GetModel();
  EXPECT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(api_->Upload("a,b\n").status().code(), absl::StatusCode::kResourceExhausted);
  for (auto& context : contexts) context->TryCancel();
  for (auto& writer : writers) {
    const grpc::Status status = writer->Finish();
    if (status.error_code() != grpc::StatusCode::RESOURCE_EXHAUSTED) continue;
    ++refused;
    EXPECT_THAT(status.error_message(), AllOf(HasSubstr("open uploads of one client: limit 16"), HasSubstr("got ")));
  }
  EXPECT_LE(refused, 64);
}

TEST_F(Errors, OneClientHasEightUploadsAtOnce) {
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<v1::Dataset>> answers;
  std::vector<std::unique_ptr<grpc::ClientWriter<v1::UploadDatasetRequest>>> writers;
  v1::UploadDatasetRequest header, part;
  header.mutable_header()->set_display_name("slow");
  part.set_csv("a,b\n");
  for (int i = 0; i < 9; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    SetDeadline(*contexts.back());
    answers.push_back(std::make_unique<v1::Dataset>());
    writers.push_back(api_->training().UploadDataset(contexts.back().get(), answers.back().get()));
    writers.back()->Write(header);
    writers.back()->Write(part);
  }
  // One of them, whichever came last, is refused.
  size_t refused = writers.size();
  for (int i = 0; refused == writers.size(); ++i) {
    const size_t one = static_cast<size_t>(i) % writers.size();
    if (!writers[one]->Write(part)) refused = one;
  }
  EXPECT_EQ(writers[refused]->Finish().error_message(), "uploads of one client: limit 8, got 9; try again later");
  for (size_t i = 0; i < writers.size(); ++i) {
    if (i == refused) continue;
    writers[i]->WritesDone();
    EXPECT_TRUE(writers[i]->Finish().ok()) << i;
  }
}

TEST_F(Errors, WhatIsNoTableIsToldWithTheClientsNameForIt) {
  const absl::Status status = Refuse("a,b\n1,\"open\n");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr("dataset \"test.csv\": line 2"), Not(HasSubstr("/"))));
}

// It was once a failed job, after a whole upload.
TEST_F(Errors, AMisspeltColumnIsRefusedBeforeAJobIsQueued) {
  v1::TrainingSpec spec;
  spec.mutable_target()->set_column("conversion");
  EXPECT_EQ(Refuse("Conversion,Spend\n1,2\n3,4\n", spec).message(),
            "target.column (--target): no column \"conversion\", the nearest is \"Conversion\"; the columns are "
            "Conversion, Spend");
  v1::TrainingSpec excluded;
  excluded.add_columns()->set_name("Spent");
  excluded.mutable_columns(0)->set_exclude(true);
  EXPECT_EQ(Refuse("ROI,Spend\n1,2\n3,4\n", excluded).message(),
            "columns[0] (--exclude): no column \"Spent\", the nearest is \"Spend\"; the columns are ROI, Spend");
}

TEST_F(Errors, AnUploadTellsHowItIsRead) {
  const auto dataset = api_->Upload("Kosten;Umsatz;Tag\n1.234,50;2.000,00;17.05.2024\n12,00;30,25;18.05.2024\n");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->reading().file().delimiter(), ";");
  EXPECT_EQ(dataset->reading().file().rows(), 2);
  ASSERT_EQ(dataset->reading().columns_size(), 3);
  EXPECT_EQ(dataset->reading().columns(0).decimal_mark(), v1::DECIMAL_MARK_COMMA);
  EXPECT_EQ(dataset->reading().columns(2).times(), v1::TIME_FORMAT_DAY_FIRST);
  // The same bytes are read just so again.
  const auto again = api_->Upload("Kosten;Umsatz;Tag\n1.234,50;2.000,00;17.05.2024\n12,00;30,25;18.05.2024\n");
  EXPECT_EQ(again->digest(), dataset->digest());
  EXPECT_EQ(again->reading().SerializeAsString(), dataset->reading().SerializeAsString());
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

TEST_F(Errors, ACsvWithoutTargetIsRefusedWithACommandToCopy) {
  const absl::Status status = Refuse("a,b\n1,2\n3,4\n5,6\n");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("the numeric columns are a, b; name them: roicast train FILE --revenue COLUMN --spend COLUMN"));
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
  EXPECT_THAT(status.error_message(), HasSubstr("page_token: expected the next_page_token of the last response"));
}

// Any text was taken for the name after which the list goes on, and jobs and versions took " 7" and "+7".
TEST_F(Errors, InvalidPageTokensOfModelsAndVersionsAreRejected) {
  for (const auto& [model, token] : {std::pair<std::string, std::string>{"", "Not a name"},
                                     {"", std::string("a\0b", 3)},
                                     {"default", "default"},
                                     {"default", "+7"},
                                     {"default", " 7"},
                                     {"default", "0"}}) {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::ListModelsRequest request;
    request.set_name(model);
    request.set_page_token(token);
    v1::ListModelsResponse response;
    const grpc::Status status = api_->models().ListModels(&context, request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << token;
    EXPECT_THAT(status.error_message(), HasSubstr("page_token: expected the next_page_token of the last response"));
  }
}

TEST_F(Errors, ADamagedDatasetIsDataLossForWhoeverReadsItAndMendedByUploadingItAgain) {
  const std::string csv = CampaignCsv(200, 77);
  const auto dataset = api_->Upload(csv);
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  const std::string path = absl::StrCat(folder_->File("store"), "/datasets/", dataset->digest(), ".csv");
  std::fstream(path, std::ios::in | std::ios::out).seekp(static_cast<std::streamoff>(csv.size() / 2)) << "9";
  const auto inspect = [&]() -> absl::StatusOr<v1::InspectDatasetResponse> {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::InspectDatasetRequest request;
    *request.mutable_spec() = QuickSpec(dataset->digest());
    v1::InspectDatasetResponse response;
    const absl::Status status = FromGrpc(api_->training().InspectDataset(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  };
  v1::EvaluateModelRequest evaluate;
  evaluate.set_dataset_digest(dataset->digest());
  ExpectError(inspect(), absl::StatusCode::kDataLoss, {"the content of its file has digest "});
  ExpectError(api_->Evaluate(evaluate), absl::StatusCode::kDataLoss, {"the content of its file has digest "});
  ASSERT_TRUE(api_->Upload(csv).ok());
  EXPECT_TRUE(inspect().ok());
  EXPECT_TRUE(api_->Evaluate(evaluate).ok());
}

}  // namespace
}  // namespace roicast::testing

// train and jobs, against a fake server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "tests/client/cli/run_command.h"
#include "tests/client/fake_server.h"
#include "tests/testing/temp_dir.h"

namespace roicast::client {
namespace {

using roicast::testing::FakeServer;
using roicast::testing::ProcessResult;
using roicast::testing::TempDir;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::Roicast;
using ::testing::StartsWith;
using testing::WriteFile;

TEST(TrainingCommands, TrainUploadsAndExitsWithSixIfTheJobFails) {
  FakeServer server;
  v1::TrainingSpec spec;
  server.on_create_job = [&](const v1::CreateTrainingJobRequest& request, v1::TrainingJob* job) {
    spec = request.spec();
    job->set_id("job-000042");
    return grpc::Status::OK;
  };
  server.on_watch_job = [](const v1::WatchTrainingJobRequest&, grpc::ServerContext*,
                           grpc::ServerWriter<v1::TrainingJob>* writer) {
    v1::TrainingJob job;
    job.set_id("job-000042");
    job.set_state(v1::JOB_STATE_FAILED);
    job.mutable_error()->set_code(9);
    job.mutable_error()->set_message("loss: NaN in epoch 3");
    writer->Write(job);
    return grpc::Status::OK;
  };
  server.Start();
  const TempDir dir;
  WriteFile(dir.File("in.csv"), "a,roi,x,y,month\n1,2,3,4,June\n");
  const ProcessResult result =
      Roicast({"train", "--preset", "classic", "--hidden", "64,32", "--holdout-where", "month=June", "--epochs", "7",
               "-s", server.target(), "--exclude", "x,y", dir.File("in.csv")});
  EXPECT_EQ(result.exit_code, 6) << result.errors;
  EXPECT_THAT(result.output, AllOf(HasSubstr("job-000042: failed"), HasSubstr("loss: NaN in epoch 3")));
  EXPECT_EQ(server.uploaded(), "a,roi,x,y,month\n1,2,3,4,June\n");
  EXPECT_EQ(spec.dataset_digest(), "digest-of-the-upload");
  EXPECT_EQ(spec.preset(), v1::PRESET_CLASSIC);
  EXPECT_THAT(spec.network().hidden(), ::testing::ElementsAre(64, 32));
  EXPECT_EQ(spec.columns_size(), 2);
  EXPECT_TRUE(spec.columns(1).exclude());
  EXPECT_EQ(spec.split().by_value().column(), "month");
  EXPECT_EQ(spec.split().by_value().value(), "June");
  EXPECT_EQ(spec.training().epochs(), 7);
  EXPECT_FALSE(spec.training().has_learning_rate());

  Roicast({"train", "--holdout-group", "a", "--until", "month=2024-11-30", "-s", server.target(), dir.File("in.csv")});
  EXPECT_EQ(spec.split().by_group().column(), "a");
  EXPECT_EQ(spec.cleaning().until().column(), "month");
  EXPECT_EQ(spec.cleaning().until().time(), "2024-11-30");

  EXPECT_EQ(Roicast({"train", "-s", server.target()}).exit_code, 2);
  const ProcessResult detached = Roicast({"train", "--dataset", "d", "--detach", "-s", server.target()});
  EXPECT_EQ(detached.exit_code, 0);
  EXPECT_THAT(detached.output, HasSubstr("roicast jobs watch job-000042"));
}

TEST(TrainingCommands, CtrlCLeavesTheJobRunningAndSaysHowToWatchIt) {
  FakeServer server;
  absl::Notification watched;
  server.on_watch_job = [&](const v1::WatchTrainingJobRequest&, grpc::ServerContext* context,
                            grpc::ServerWriter<v1::TrainingJob>* writer) {
    v1::TrainingJob job;
    job.set_id("job-000001");
    job.set_state(v1::JOB_STATE_RUNNING);
    writer->Write(job);
    watched.Notify();
    while (!context->IsCancelled()) absl::SleepFor(absl::Milliseconds(1));
    return grpc::Status::CANCELLED;
  };
  server.Start();
  const TempDir dir;
  absl::StatusOr<roicast::testing::Process> process = roicast::testing::Process::Start(
      {ROICAST_COMMAND, "jobs", "watch", "job-000001", "--server", server.target()}, "", dir.File("errors"));
  ASSERT_TRUE(process.ok()) << process.status();
  watched.WaitForNotification();
  process->Signal(SIGINT);
  const absl::StatusOr<int> exit_code = process->Wait(absl::Seconds(60));
  ASSERT_TRUE(exit_code.ok()) << exit_code.status();
  EXPECT_EQ(*exit_code, 130);
  EXPECT_THAT(roicast::testing::ReadFileOrEmpty(dir.File("errors")),
              AllOf(HasSubstr("roicast jobs watch job-000001"), HasSubstr("roicast jobs cancel job-000001")));
}

// It ended without a word, while the server read the table.
TEST(TrainingCommands, CtrlCBeforeTheJobSaysThatThereIsNone) {
  FakeServer server;
  absl::Notification asked, ended;
  server.on_inspect = [&](const v1::InspectDatasetRequest&, v1::InspectDatasetResponse*) {
    asked.Notify();
    ended.WaitForNotification();
    return grpc::Status::OK;
  };
  server.on_create_job = [](const v1::CreateTrainingJobRequest&, v1::TrainingJob*) {
    ADD_FAILURE() << "no job is wanted";
    return grpc::Status::OK;
  };
  server.Start();
  const TempDir dir;
  absl::StatusOr<roicast::testing::Process> process = roicast::testing::Process::Start(
      {ROICAST_COMMAND, "train", "--dataset", "d", "--server", server.target()}, "", dir.File("errors"));
  ASSERT_TRUE(process.ok()) << process.status();
  asked.WaitForNotification();
  process->Signal(SIGINT);
  const absl::StatusOr<int> exit_code = process->Wait(absl::Seconds(60));
  ended.Notify();
  ASSERT_TRUE(exit_code.ok()) << exit_code.status();
  EXPECT_EQ(*exit_code, 130);
  EXPECT_EQ(roicast::testing::ReadFileOrEmpty(dir.File("errors")),
            "roicast: train: cancelled before a job was made\n"
            "  train on what was uploaded: roicast train --dataset d\n");
}

// The whole report came, as if something had been done.
TEST(TrainingCommands, CancelOfAJobThatHasEndedSaysThatNothingWasCancelled) {
  FakeServer server;
  v1::JobState state = v1::JOB_STATE_SUCCEEDED;
  server.on_get_job = [&](const v1::GetTrainingJobRequest& request, v1::TrainingJob* job) {
    job->set_id(request.id());
    job->set_state(state);
    return grpc::Status::OK;
  };
  server.Start();
  const std::vector<std::string> line = {"jobs", "cancel", "job-000002", "-s", server.target()};
  const ProcessResult ended = Roicast(line);
  EXPECT_EQ(ended.exit_code, 5);
  EXPECT_EQ(ended.output, "");
  EXPECT_EQ(ended.errors,
            "roicast: job-000002: nothing was cancelled: the job has ended (succeeded)\n"
            "  roicast jobs show job-000002 shows how\n");
  state = v1::JOB_STATE_RUNNING;
  const ProcessResult running = Roicast(line);
  EXPECT_EQ(running.exit_code, 0);
  EXPECT_EQ(running.output, "job-000002: cancelling\n");
  state = v1::JOB_STATE_CANCELLED;
  EXPECT_EQ(Roicast(line).exit_code, 0);
}

TEST(TrainingCommands, AJobSaysThatItsVersionDoesNotServe) {
  FakeServer server;
  server.on_get_job = [](const v1::GetTrainingJobRequest& request, v1::TrainingJob* job) {
    job->set_id(request.id());
    job->set_state(v1::JOB_STATE_SUCCEEDED);
    job->set_version(2);
    job->set_not_serving("no better than a constant");
    v1::TrainingReport& report = *job->mutable_report();
    report.mutable_cleaning()->mutable_reading()->mutable_file()->set_header_line(1);
    report.set_epochs_run(7);
    report.set_best_epoch(5);
    report.set_stop_reason("all epochs");
    return grpc::Status::OK;
  };
  server.on_list_jobs = [](const v1::ListTrainingJobsRequest& request, v1::ListTrainingJobsResponse* response) {
    v1::TrainingJob& job = *response->add_jobs();
    job.set_id("job-000002");
    job.set_state(v1::JOB_STATE_SUCCEEDED);
    job.set_version(2);
    job.mutable_spec()->set_model(request.model());
    job.set_not_serving("no better than a constant");
    return grpc::Status::OK;
  };
  server.import_not_serving = "no better than a constant";
  server.Start();
  for (const std::vector<std::string>& id : {std::vector<std::string>{"job-000002"}, {"--job", "job-000002"}}) {
    std::vector<std::string> command = {"jobs", "show", "-s", server.target()};
    command.insert(command.end(), id.begin(), id.end());
    const ProcessResult show = Roicast(command);
    EXPECT_EQ(show.exit_code, 0) << show.errors;
    EXPECT_THAT(show.output, StartsWith("job-000002: succeeded, model default version 2"));
    EXPECT_THAT(show.output, HasSubstr("\n  not serving: no better than a constant\n"));
    // Below the metrics; it stood at the end, as if it belonged to how the file was read.
    EXPECT_THAT(show.output,
                HasSubstr("\n  epochs: 7 run (all epochs), weights of epoch 5; 0 parameters\n\nCleaning\n"));
  }
  for (const std::vector<std::string>& model : {std::vector<std::string>{"shop"}, {"--model", "shop"}}) {
    std::vector<std::string> command = {"jobs", "list", "-s", server.target()};
    command.insert(command.end(), model.begin(), model.end());
    EXPECT_THAT(Roicast(command).output, AllOf(HasSubstr("shop"), HasSubstr("version 2, not serving")));
  }
  const TempDir dir;
  WriteFile(dir.File("m.roicast"), "bytes");
  const ProcessResult in = Roicast({"models", "import", dir.File("m.roicast"), "other", "-s", server.target()});
  EXPECT_EQ(in.exit_code, 0) << in.errors;
  EXPECT_THAT(in.output, StartsWith("other version 8"));
  EXPECT_THAT(in.output, HasSubstr("\n  not serving: no better than a constant\n"));
}

}  // namespace
}  // namespace roicast::client

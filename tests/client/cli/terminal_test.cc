// The commands on a terminal of 80 columns, and with output that is not a terminal.
#include "client/cli/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/cli/display_width.h"
#include "client/cli/job_view.h"
#include "client/cli/progress_line.h"
#include "tests/client/fake_server.h"
#include "tests/testing/process.h"
#include "tests/testing/pseudo_terminal.h"

namespace roicast::client {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using testing::FakeServer;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TerminalResult;

constexpr char kRed[] = "\x1b[31m";

MATCHER(FitsEightyColumns, "") { return DisplayWidth(arg) <= 80; }

TerminalResult OnTerminal(std::vector<std::string> arguments, std::vector<std::string> environment = {}) {
  arguments.insert(arguments.begin(), ROICAST_COMMAND);
  absl::StatusOr<TerminalResult> result = testing::RunInTerminal(arguments, 80, std::move(environment));
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *result : TerminalResult();
}

std::string Piped(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), ROICAST_COMMAND);
  return testing::RunProcess(arguments)->output;
}

v1::TrainingReport Report() {
  v1::TrainingReport report;
  report.mutable_holdout()->mutable_model()->mutable_roi()->set_r2(-0.25);
  for (auto* part : {report.mutable_train(), report.mutable_validation(), report.mutable_holdout()}) {
    part->mutable_model()->set_rows(1'234'567);
    part->mutable_baseline()->set_rows(1'234'567);
  }
  v1::CleaningReport& cleaning = *report.mutable_cleaning();
  cleaning.set_rows_in(20'000);
  cleaning.set_rows_used(8'000);
  v1::DroppedRows& dropped = *cleaning.add_dropped();
  dropped.set_reason("duplicate");
  dropped.set_rows(12'000);
  v1::ColumnCleaning& column = *cleaning.add_columns();
  column.set_column("days_since_last_purchase");
  column.set_missing(12'345);
  column.set_filled(12'345);
  column.set_fill_value("2024-01-01T09:00:00Z");
  column.set_clipped(1'000);
  column.set_lower_fence(26.58);
  column.set_upper_fence(37'900);
  v1::LeftOutColumn& left_out = *cleaning.add_left_out();
  left_out.set_column("a_column_with_quite_a_long_name");
  left_out.set_reason("identifier-like: nearly every row has a value of its own");
  return report;
}

v1::TrainingJob FailedJob() {
  v1::TrainingJob job;
  job.set_id("job-000042");
  job.set_state(v1::JOB_STATE_FAILED);
  job.mutable_spec()->set_model("default");
  job.mutable_create_time()->set_seconds(1'740'787'200);
  job.mutable_error()->set_code(3);
  job.mutable_error()->set_message(
      "target \"roi\": expected at least two different values among the rows that are left, got the same one in all");
  *job.mutable_report() = Report();
  return job;
}

v1::Model BrokenModel() {
  v1::Model model = FakeServer::CampaignModel();
  model.set_load_error("golden row 3: expected a prediction of 0.251934, got 0.251101");
  model.set_network("67 → 64 SiLU → 32 SiLU → 16 SiLU → 1");
  model.set_size_bytes(123'456);
  model.set_holdout_r2(0.25);
  model.set_first_metric(-0.25);
  model.set_first_metric_name("R²");
  model.mutable_publish_time()->set_seconds(1'740'787'200);
  model.set_artifact_digest(std::string(64, 'a'));
  *model.mutable_report() = Report();
  return model;
}

class TerminalTest : public ::testing::Test {
 protected:
  TerminalTest() {
    server_.on_list_models = [](const v1::ListModelsRequest&, v1::ListModelsResponse* response) {
      *response->add_models() = BrokenModel();
      return grpc::Status::OK;
    };
    server_.on_get_model = [](const v1::GetModelRequest&, v1::Model* response) {
      *response = BrokenModel();
      return grpc::Status::OK;
    };
    server_.on_list_jobs = [](const v1::ListTrainingJobsRequest&, v1::ListTrainingJobsResponse* response) {
      *response->add_jobs() = FailedJob();
      return grpc::Status::OK;
    };
    server_.on_get_job = [](const v1::GetTrainingJobRequest&, v1::TrainingJob* response) {
      *response = FailedJob();
      return grpc::Status::OK;
    };
    server_.on_inspect = [](const v1::InspectDatasetRequest&, v1::InspectDatasetResponse* response) {
      *response->mutable_cleaning() = Report().cleaning();
      v1::ColumnProfile& column = *response->add_columns();
      column.set_name("days_since_last_purchase");
      column.set_kind(v1::FEATURE_KIND_CATEGORICAL);
      column.set_missing(12'345);
      column.set_present(7'655);
      for (int i = 0; i < 5; ++i) column.add_examples("電子機器とオフィス用品");
      return grpc::Status::OK;
    };
    server_.Start();
  }

  std::vector<std::string> With(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--server", server_.target()});
    return arguments;
  }

  FakeServer server_;
};

TEST_F(TerminalTest, NoLineIsWiderThanEightyColumns) {
  const std::string digest(64, 'd');
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"models", "list"},
           {"models", "show"},
           {"jobs", "list"},
           {"jobs", "show", "job-000042"},
           {"inspect", "--dataset", digest},
           {"predict", "spend=1", "channel=a_word_that_nobody_knows", "-m", "default"},
           {"health"},
           {"health", "unknown"},
       }) {
    const TerminalResult result = OnTerminal(With(command));
    const std::vector<std::string> lines = testing::VisibleLines(result.screen);
    EXPECT_FALSE(lines.empty());
    EXPECT_THAT(lines, Each(FitsEightyColumns())) << command[0];
  }
}

TEST_F(TerminalTest, NoLineOfHelpIsWiderThanEightyColumns) {
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"--help"},
           {"generate", "--help"},
           {"inspect", "--help"},
           {"train", "--help"},
           {"jobs", "--help"},
           {"jobs", "list", "--help"},
           {"predict", "--help"},
           {"score", "--help"},
           {"evaluate", "--help"},
           {"models", "--help"},
           {"health", "--help"},
           {"loadtest", "--help"},
       }) {
    EXPECT_THAT(testing::VisibleLines(OnTerminal(command).screen), Each(FitsEightyColumns())) << command[0];
  }
}

TEST_F(TerminalTest, NarrowTablesKeepWhatMattersAndNameTheRest) {
  const std::string screen = OnTerminal(With({"models", "list"}), {"NO_COLOR=1"}).screen;
  EXPECT_THAT(screen, AllOf(HasSubstr("model    version  state"), HasSubstr("broken: golden"), HasSubstr("R² -0.2500"),
                            HasSubstr("network)\n"), Not(HasSubstr("SiLU"))));
  EXPECT_THAT(OnTerminal(With({"models", "list", "--wide"})).screen,
              AllOf(HasSubstr("got 0.251101"), HasSubstr("67 → 64 SiLU → 32 SiLU → 16 SiLU → 1")));
}

TEST_F(TerminalTest, OutputThatIsNotATerminalIsWholeAndPlain) {
  EXPECT_EQ(Piped(With({"models", "list"})),
            "model    version  state                                                                  on new rows  "
            "published                  size  network\n"
            "default        7  broken: golden row 3: expected a prediction of 0.251934, got 0.251101  R² -0.2500   "
            "2025-03-01T00:00:00Z  120.6 KiB  67 → 64 SiLU → 32 SiLU → 16 SiLU → 1\n");
  EXPECT_THAT(Piped(With({"jobs", "show", "job-000042"})), Not(HasSubstr("\x1b")));
}

TEST_F(TerminalTest, BadNumbersAndStatesAreRed) {
  EXPECT_THAT(OnTerminal(With({"models", "list"})).screen,
              AllOf(HasSubstr(std::string(kRed) + "broken"), HasSubstr(std::string(kRed) + "R² -0.2500")));
  EXPECT_THAT(
      OnTerminal(With({"jobs", "show", "job-000042"})).screen,
      AllOf(HasSubstr(std::string(kRed) + "failed"), HasSubstr(std::string(kRed) + "  target \"roi\""),
            HasSubstr(std::string(kRed) + "  rows: 20,000 read, 8,000 used"), HasSubstr(std::string(kRed) + "12,345")));
  EXPECT_THAT(OnTerminal(With({"health", "draining"})).screen, HasSubstr(std::string(kRed) + "not_serving"));
  EXPECT_THAT(OnTerminal(With({"health", "unknown"})).screen, HasSubstr(std::string(kRed) + "roicast:"));
}

TEST_F(TerminalTest, NoColorAndDumbTerminalsAreHonoured) {
  EXPECT_THAT(OnTerminal(With({"models", "list"}), {"NO_COLOR=1"}).screen, Not(HasSubstr("\x1b")));
  EXPECT_THAT(OnTerminal(With({"models", "list"}), {"TERM=dumb"}).screen, Not(HasSubstr("\x1b")));
  EXPECT_THAT(OnTerminal(With({"models", "list"})).screen, HasSubstr("\x1b"));
}

v1::TrainingJob RunningJob() {
  v1::TrainingJob job;
  job.set_id("job-000042");
  job.set_state(v1::JOB_STATE_RUNNING);
  v1::JobProgress& progress = *job.mutable_progress();
  progress.set_phase(v1::JOB_PHASE_TRAINING);
  progress.set_total_epochs(1000);
  progress.mutable_last_epoch()->set_epoch(123);
  progress.mutable_last_epoch()->set_train_loss(0.1234);
  progress.mutable_last_epoch()->set_validation_loss(0.2345);
  progress.mutable_last_epoch()->set_validation_r2(-0.75);
  progress.mutable_time_left()->set_seconds(3725);
  return job;
}

TEST(ProgressText, CountsTheSettingsThatWereCompared) {
  v1::TrainingJob job = RunningJob();
  job.mutable_progress()->clear_last_epoch();
  job.mutable_progress()->set_compared(7);
  EXPECT_EQ(ProgressText(JobProgress(job), Terminal()), "job-000042: training, 7 settings compared");
}

// R² and the time left were cut off.
TEST(ProgressText, ShowsR2AndTheTimeLeftFirst) {
  Terminal terminal;
  terminal.width = 80;
  EXPECT_EQ(ProgressText(JobProgress(RunningJob()), terminal),
            "job-000042: epoch 123/1000 [#.........], R² -0.7500, 1:02:05 left, loss 0.1234");
  terminal.width = 60;
  EXPECT_EQ(ProgressText(JobProgress(RunningJob()), terminal), "job-000042: epoch 123/1000 [#.........], R² -0.7500");
  terminal.width = 20;
  EXPECT_EQ(ProgressText(JobProgress(RunningJob()), terminal), "job-000042: epoch …");
  EXPECT_EQ(ProgressText(JobProgress(RunningJob()), Terminal()),
            "job-000042: epoch 123/1000 [#.........], R² -0.7500, 1:02:05 left, loss 0.1234, validation 0.2345");
}

TEST(ProgressText, NamesTheScaleOfR2IfItIsNotTheTargetsOwn) {
  v1::TrainingJob job = RunningJob();
  job.mutable_progress()->set_target_scale("asinh(target)");
  Terminal terminal;
  terminal.width = 80;
  EXPECT_EQ(ProgressText(JobProgress(job), terminal),
            "job-000042: epoch 123/1000 [#.....], R² of asinh(target) -0.7500, 1:02:05 left");
}

TEST_F(TerminalTest, TheProgressOfAJobFitsTheTerminal) {
  FakeServer server;
  server.on_watch_job = [](const v1::WatchTrainingJobRequest&, grpc::ServerContext*,
                           grpc::ServerWriter<v1::TrainingJob>* writer) {
    writer->Write(RunningJob());
    writer->Write(FailedJob());
    return grpc::Status::OK;
  };
  server.Start();
  const TerminalResult result = OnTerminal({"jobs", "watch", "job-000042", "-s", server.target()});
  EXPECT_EQ(result.exit_code, 6);
  const std::vector<std::string> lines = testing::VisibleLines(result.screen);
  EXPECT_THAT(lines, Each(FitsEightyColumns()));
  EXPECT_EQ(lines[0], "job-000042: epoch 123/1000 [#.........], R² -0.7500, 1:02:05 left, loss 0.1234");
  EXPECT_THAT(result.screen, HasSubstr(std::string(kRed) + "R² -0.7500"));
}

}  // namespace
}  // namespace roicast::client

// The program as its users run it, against a fake server.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "tests/client/fake_server.h"
#include "tests/testing/process.h"
#include "tests/testing/temp_dir.h"

namespace roicast::client {
namespace {

using ::testing::AllOf;
using testing::FakeServer;
using ::testing::HasSubstr;
using testing::ProcessResult;
using ::testing::StartsWith;
using testing::TempDir;

ProcessResult Roicast(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), ROICAST_COMMAND);
  absl::StatusOr<ProcessResult> result = testing::RunProcess(arguments);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *result : ProcessResult();
}

void WriteFile(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

std::vector<std::string> FilesIn(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().filename());
  return names;
}

TEST(Command, HelpShowsFirstStepsAndUsageErrorsExitWithTwo) {
  const ProcessResult help = Roicast({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.output, AllOf(HasSubstr("roicast train campaigns.csv"), HasSubstr("Exit codes:")));
  for (const char* command :
       {"generate", "inspect", "train", "jobs", "predict", "score", "evaluate", "models", "health", "loadtest"}) {
    EXPECT_THAT(help.output, HasSubstr(command));
    EXPECT_EQ(Roicast({command, "--help"}).exit_code, 0) << command;
  }
  EXPECT_EQ(Roicast({}).exit_code, 2);
  const ProcessResult typo = Roicast({"trian"});
  EXPECT_EQ(typo.exit_code, 2);
  EXPECT_THAT(typo.errors, HasSubstr("unknown command \"trian\"; did you mean \"train\"?"));
  EXPECT_EQ(Roicast({"score"}).exit_code, 2);
}

TEST(Command, UsageErrorsNameTheCommandAndSayWhatWasExpected) {
  const auto told = [](const std::vector<std::string>& arguments, const std::string& errors) {
    const ProcessResult result = Roicast(arguments);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.errors, errors);
  };
  told({"models", "lsit"},
       "roicast models: unknown command \"lsit\"; did you mean \"list\"?\n"
       "  roicast models --help lists them\n");
  told({"--json"}, "roicast: expected a command\n  roicast --help lists them\n");
  told({"--jsn"}, "roicast: unknown flag --jsn; did you mean \"--json\"?\n  roicast --help lists them\n");
  told({"predict", "--modle", "x"},
       "roicast predict: unknown flag --modle; did you mean \"--model\"?\n"
       "  roicast predict --help shows the usage\n");
  told({"jobs", "show", "job-1", "job-2"},
       "roicast jobs show: unexpected argument job-2\n"
       "  roicast jobs show --help shows the usage\n");
  told({"health", "--timeout", "-3"},
       "roicast health: --timeout: expected more than 0, got -3\n"
       "  roicast health --help shows the usage\n");
  told({"generate", "--missing", "much"},
       "roicast generate: --missing: expected 0 to 0.9, got much\n"
       "  roicast generate --help shows the usage\n");
}

TEST(Command, HelpOfACommandIsAboutThatCommand) {
  const ProcessResult help = Roicast({"jobs", "list", "--help"});
  EXPECT_THAT(help.output, AllOf(HasSubstr("--limit"), HasSubstr("All commands take --server HOST:PORT"),
                                 ::testing::Not(HasSubstr("First steps"))));
}

TEST(Command, OutputThatCannotBeWrittenIsAnError) {
  FakeServer server;
  server.Start();
  const TempDir dir;
  const auto run = [&](const std::string& arguments, const std::string& to) {
    const ProcessResult result = *testing::RunProcess(
        {"/bin/bash", "-c", std::string(ROICAST_COMMAND) + " " + arguments + " -s " + server.target() + to});
    return std::pair(result.exit_code, result.errors);
  };
  const std::string full =
      "roicast: standard output: No space left on device\n"
      "  free some space, or choose a file on another disk\n";
  for (const char* command : {"health", "models list", "--help", "generate --rows 9", "generate --rows 99999"}) {
    EXPECT_EQ(run(command, " >/dev/full"), std::pair(5, full)) << command;
  }
  EXPECT_EQ(run("generate --rows 99999 -o /dev/full", "").first, 5);
  // Like other tools, the command ends without a message when its reader has seen enough.
  EXPECT_EQ(run("generate --rows 99999", " | head -1 >/dev/null; exit ${PIPESTATUS[0]}"),
            std::pair(141, std::string()));
}

TEST(Command, GenerateWritesACompleteFile) {
  const TempDir dir;
  const ProcessResult result = Roicast({"generate", "--rows", "500", "--true-roi", "-o", dir.File("a.csv")});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, StartsWith("500 campaigns in "));
  const std::string text = testing::ReadFileOrEmpty(dir.File("a.csv"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 501);
  EXPECT_EQ(FilesIn(dir.path()), std::vector<std::string>{"a.csv"});
  EXPECT_EQ(Roicast({"generate", "--rows", "500", "--true-roi"}).output, text);
  EXPECT_EQ(Roicast({"generate", "--noise", "9"}).exit_code, 2);
  const ProcessResult unwritable = Roicast({"generate", "-o", dir.File("no/such/folder.csv")});
  EXPECT_EQ(unwritable.exit_code, 3);
  EXPECT_EQ(unwritable.errors, "roicast: " + dir.File("no/such/folder.csv") +
                                   ": No such file or directory\n"
                                   "  check the path; relative paths start at the current directory\n");
}

TEST(Command, NoServerExitsWithFourAndSaysWhatToDo) {
  std::string target;
  {
    FakeServer gone;
    gone.Start();
    target = gone.target();
  }
  const ProcessResult result = Roicast({"health", "--server", target});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.errors, AllOf(HasSubstr("cannot connect to " + target), HasSubstr("roicast-server")));
  EXPECT_THAT(Roicast({"health", "--server", "no.such.host.invalid:1"}).errors,
              StartsWith("roicast: cannot find the address of no.such.host.invalid:1\n"));
}

TEST(Command, HealthReportsByExitCode) {
  FakeServer server;
  server.Start();
  EXPECT_EQ(Roicast({"health", "-s", server.target()}).exit_code, 0);
  const ProcessResult draining = Roicast({"health", "draining", "--json", "-s", server.target()});
  EXPECT_EQ(draining.exit_code, 4);
  EXPECT_EQ(nlohmann::json::parse(draining.output)["status"], "not_serving");
  EXPECT_EQ(Roicast({"health", "unknown", "-s", server.target()}).exit_code, 3);
}

TEST(Command, PredictSendsNamedValuesAndPrintsWarnings) {
  FakeServer server;
  server.on_get_model = [](const v1::GetModelRequest&, v1::Model* model) {
    *model = FakeServer::CampaignModel();
    return grpc::Status::OK;
  };
  v1::PredictRequest seen;
  server.on_predict = [&](grpc::ServerContext*, const v1::PredictRequest& request, v1::PredictResponse* response) {
    seen = request;
    response->set_roi(0.25f);
    v1::Warning& imputed = *response->add_warnings();
    imputed.set_kind(v1::WARNING_KIND_VALUE_IMPUTED);
    imputed.set_feature("price");
    v1::Warning& unseen = *response->add_warnings();
    unseen.set_kind(v1::WARNING_KIND_CATEGORY_UNSEEN);
    unseen.set_feature("channel");
    return grpc::Status::OK;
  };
  server.Start();
  const ProcessResult result =
      Roicast({"predict", "spend=1000", "channel=serch", "start_time=2025-03-01", "--server", server.target()});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(result.output,
            "ROI 0.2500: 1.00 spent brings 1.25 back (default version 7)\n"
            "  warning: channel=serch was not seen in training; did you mean \"search\"?\n"
            "  not given, typical values used: price\n");
  ASSERT_EQ(seen.row().values_size(), 3);
  EXPECT_EQ(seen.row().values(0).name(), "spend");
  EXPECT_EQ(seen.row().values(0).number(), 1000);
  EXPECT_EQ(seen.row().values(1).word(), "serch");
  EXPECT_EQ(seen.row().values(2).time().seconds(), 1740787200);
  EXPECT_EQ(seen.model().version(), 7);

  const ProcessResult json =
      Roicast({"--json", "predict", "{\"spend\": 1000, \"channel\": \"serch\"}", "--server", server.target()});
  const nlohmann::json answer = nlohmann::json::parse(json.output);
  EXPECT_EQ(answer["roi"], 0.25);
  EXPECT_EQ(answer["version"], 7);
  EXPECT_EQ(answer["warnings"][1]["kind"], "category_unseen");
}

TEST(Command, PredictNamesWhatIsWrongWithTheInput) {
  FakeServer server;
  server.Start();
  const auto predict = [&](const std::string& cell) { return Roicast({"predict", cell, "-s", server.target()}); };
  EXPECT_EQ(predict("spendd=1").exit_code, 5);
  EXPECT_THAT(predict("spendd=1").errors, HasSubstr("no feature \"spendd\"; did you mean \"spend\"?"));
  EXPECT_THAT(predict("spend=much").errors, HasSubstr("\"spend\": expected a number, got \"much\""));
  EXPECT_THAT(predict("spend").errors, HasSubstr("expected name=value, got \"spend\""));
  EXPECT_THAT(predict("{\"spend\": [1]}").errors, HasSubstr("JSON: \"spend\": expected a number or a string"));
  EXPECT_THAT(predict("{spend").errors, HasSubstr("got an error at byte 2 of 6"));
  EXPECT_THAT(predict("{\"spend\": 1").errors, HasSubstr("got an unexpected end"));
  EXPECT_EQ(Roicast({"predict", "-f", "/", "-s", server.target()}).errors,
            "roicast: /: expected a file, got a directory\n");
  EXPECT_EQ(Roicast({"predict", "[{\"spend\": 1}, {\"spend\": \"x\"}]", "-s", server.target()}).errors,
            "roicast: campaign 2: \"spend\": expected a number, got \"x\"\n");
}

TEST(Command, HintsFollowTheReasonOfAnErrorNotItsWords) {
  FakeServer server;
  v1::ErrorReason reason = v1::NO_VERSION_READY;
  // Words that once decided.
  server.on_get_model = [&](const v1::GetModelRequest&, v1::Model*) {
    return FakeServer::Error(grpc::StatusCode::FAILED_PRECONDITION, reason,
                             "no job, no dataset, interrupted checkpoint");
  };
  server.Start();
  const auto errors = [&] { return Roicast({"models", "show", "-s", server.target()}).errors; };
  EXPECT_THAT(errors(), HasSubstr("\n  roicast models list NAME shows which versions can serve"));
  reason = v1::JOB_NOT_RESUMABLE;
  EXPECT_THAT(errors(), HasSubstr("\n  start a new job: roicast train FILE\n"));
  EXPECT_THAT(Roicast({"jobs", "show", "job-7", "-s", server.target()}).errors,
              HasSubstr("\n  roicast jobs list shows all jobs\n"));
  EXPECT_THAT(Roicast({"health", "unknown", "-s", server.target()}).errors,
              HasSubstr("\n  omit the name to check the whole server"));
}

TEST(Command, PredictTakesAListOfCampaigns) {
  FakeServer server;
  server.on_batch = [](grpc::ServerContext*, const v1::BatchPredictRequest& request,
                       v1::BatchPredictResponse* response) {
    EXPECT_EQ(request.model().version(), 3);
    for (const v1::Row& row : request.rows().rows()) {
      EXPECT_EQ(row.values(0).name(), "spend");
      response->add_roi(static_cast<float>(row.values(0).number()));
    }
    return grpc::Status::OK;
  };
  server.Start();
  const std::string first = "{\"spend\": 5, \"channel\": \"search\"}", second = "{\"spend\": 2}";
  for (const std::vector<std::string>& campaigns :
       {std::vector<std::string>{"[" + first + "," + second + "]"}, std::vector<std::string>{first, second}}) {
    std::vector<std::string> arguments = {"predict", "--json", "-s", server.target()};
    arguments.insert(arguments.end(), campaigns.begin(), campaigns.end());
    const ProcessResult result = Roicast(arguments);
    ASSERT_EQ(result.exit_code, 0) << result.errors;
    const nlohmann::json answers = nlohmann::json::parse(result.output);
    ASSERT_EQ(answers.size(), 2u);
    EXPECT_EQ(answers[0]["roi"], 5);
    EXPECT_EQ(answers[1]["roi"], 2);
  }
}

TEST(Command, ScoreLeavesACompleteFileOrNone) {
  FakeServer server;
  server.Start();
  const TempDir dir;
  WriteFile(dir.File("in.csv"), "spend,note\n1,a\nmuch,b\n3,c\n");
  const ProcessResult result = Roicast({"score", dir.File("in.csv"), "-o", dir.File("out.csv"), "-s", server.target()});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(testing::ReadFileOrEmpty(dir.File("out.csv")), "spend,note,roi\n1,a,1\nmuch,b,\n3,c,3\n");
  EXPECT_THAT(result.errors, AllOf(HasSubstr("line 3: column 1 \"spend\": expected a number, got \"much\""),
                                   HasSubstr("3 rows scored"), HasSubstr("1 rows got no prediction")));
  EXPECT_EQ(
      Roicast({"score", "--strict", dir.File("in.csv"), "-o", dir.File("out.csv"), "-s", server.target()}).exit_code,
      5);
  EXPECT_EQ(Roicast({"score", dir.File("in.csv"), "-s", server.target()}).output,
            "spend,note,roi\n1,a,1\nmuch,b,\n3,c,3\n");

  WriteFile(dir.File("torn.csv"), "spend\n1\n\"2\n");
  const ProcessResult torn =
      Roicast({"score", dir.File("torn.csv"), "-o", dir.File("none.csv"), "-s", server.target()});
  EXPECT_EQ(torn.exit_code, 5);
  EXPECT_THAT(torn.errors, HasSubstr("line 3, column 1: expected a closing quote, got the end of the file"));
  EXPECT_EQ(FilesIn(dir.path()).size(), 3u);
  EXPECT_EQ(Roicast({"score", dir.File("absent.csv"), "-s", server.target()}).exit_code, 3);
}

TEST(Command, ScoreOfAFileWithTheColumnSaysHowToNameAnother) {
  FakeServer server;
  server.Start();
  const TempDir dir;
  WriteFile(dir.File("in.csv"), "spend,roi\n1,5\n");
  const ProcessResult refused = Roicast({"score", dir.File("in.csv"), "-s", server.target()});
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_EQ(refused.output, "");
  EXPECT_THAT(refused.errors, HasSubstr("already has a column \"roi\"\n  choose another name for the predictions: "
                                        "--column predicted_roi\n"));
  EXPECT_EQ(Roicast({"score", dir.File("in.csv"), "--column", "predicted_roi", "-s", server.target()}).output,
            "spend,roi,predicted_roi\n1,5,1\n");
}

// Ctrl-C did nothing while standard input was silent, and a second one left a part of the output behind.
TEST(Command, CtrlCEndsScoreThatWaitsForItsInput) {
  FakeServer server;
  server.Start();
  const TempDir dir;
  const std::string pipe = dir.File("pipe"), output = dir.File("out.csv");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  absl::StatusOr<testing::Process> process = testing::Process::Start(
      {ROICAST_COMMAND, "score", pipe, "-o", output, "-s", server.target()}, "", dir.File("err"));
  ASSERT_TRUE(process.ok()) << process.status();
  // Blocks until the command has opened the pipe, which is empty once the command has read it.
  const int rows = open(pipe.c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_GE(rows, 0);
  ASSERT_EQ(write(rows, "spend\n1\n", 8), 8);
  const absl::Time until = absl::Now() + absl::Seconds(60);
  for (int unread = 1; unread > 0 && absl::Now() < until;) {
    ASSERT_EQ(ioctl(rows, FIONREAD, &unread), 0);
    absl::SleepFor(absl::Milliseconds(1));
  }
  process->Signal(SIGINT);
  const absl::StatusOr<int> exit_code = process->Wait(absl::Seconds(60));
  ASSERT_TRUE(exit_code.ok()) << exit_code.status();
  EXPECT_EQ(*exit_code, 130);
  EXPECT_THAT(testing::ReadFileOrEmpty(dir.File("err")), HasSubstr("score: cancelled; no output was written"));
  EXPECT_THAT(FilesIn(dir.path()), ::testing::UnorderedElementsAre("pipe", "err"));
  close(rows);
}

TEST(Command, TrainUploadsAndExitsWithSixIfTheJobFails) {
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

  EXPECT_EQ(Roicast({"train", "--dataset", "d", "--kind", "a=numbers", "-s", server.target()}).exit_code, 5);
  EXPECT_EQ(Roicast({"train", "-s", server.target()}).exit_code, 5);
  const ProcessResult detached = Roicast({"train", "--dataset", "d", "--detach", "-s", server.target()});
  EXPECT_EQ(detached.exit_code, 0);
  EXPECT_THAT(detached.output, HasSubstr("roicast jobs watch job-000042"));
}

TEST(Command, CtrlCLeavesTheJobRunningAndSaysHowToWatchIt) {
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
  absl::StatusOr<testing::Process> process = testing::Process::Start(
      {ROICAST_COMMAND, "jobs", "watch", "job-000001", "--server", server.target()}, "", dir.File("errors"));
  ASSERT_TRUE(process.ok()) << process.status();
  watched.WaitForNotification();
  process->Signal(SIGINT);
  const absl::StatusOr<int> exit_code = process->Wait(absl::Seconds(60));
  ASSERT_TRUE(exit_code.ok()) << exit_code.status();
  EXPECT_EQ(*exit_code, 130);
  EXPECT_THAT(testing::ReadFileOrEmpty(dir.File("errors")),
              AllOf(HasSubstr("roicast jobs watch job-000001"), HasSubstr("roicast jobs cancel job-000001")));
}

TEST(Command, ModelsExportAndImport) {
  FakeServer server;
  server.artifact = "bytes of an artifact";
  server.Start();
  const TempDir dir;
  const ProcessResult out = Roicast({"models", "export", dir.File("m.roicast"), "-s", server.target()});
  EXPECT_EQ(out.exit_code, 0) << out.errors;
  EXPECT_EQ(testing::ReadFileOrEmpty(dir.File("m.roicast")), "bytes of an artifact");
  const ProcessResult in =
      Roicast({"models", "import", dir.File("m.roicast"), "--model", "other", "-s", server.target()});
  EXPECT_EQ(in.exit_code, 0) << in.errors;
  EXPECT_THAT(in.output, StartsWith("other version 8"));
  EXPECT_EQ(server.uploaded(), "bytes of an artifact");
  EXPECT_THAT(Roicast({"models", "list", "-s", server.target()}).output, HasSubstr("No models yet"));
  EXPECT_EQ(Roicast({"jobs", "show", "job-7", "-s", server.target()}).exit_code, 3);
  const ProcessResult absent = Roicast({"models", "import", dir.File("no.roicast"), "-s", server.target()});
  EXPECT_EQ(absent.exit_code, 3);
  EXPECT_THAT(absent.errors, HasSubstr("check the path"));
}

TEST(Command, ModelsServeSaysWhatServesNow) {
  FakeServer server;
  v1::ServeVersionRequest seen;
  server.on_serve = [&](const v1::ServeVersionRequest& request, v1::Model* model) {
    seen = request;
    if (!request.force()) {
      return FakeServer::Error(grpc::StatusCode::FAILED_PRECONDITION, v1::VERSION_REFUSED,
                               "model \"shop\" version 2 is refused: feature \"city\" is missing");
    }
    model->set_name("shop");
    model->set_version(2);
    v1::ServingStep& step = *model->add_serving_steps();
    step.set_version(2);
    step.set_from_version(3);
    step.set_holds(!request.follow());
    if (!request.follow()) model->set_serving_objections("feature \"city\" is missing");
    return grpc::Status::OK;
  };
  server.Start();
  const ProcessResult refused = Roicast({"models", "serve", "shop", "2", "-s", server.target()});
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_EQ(refused.errors,
            "roicast: model \"shop\" version 2 is refused: feature \"city\" is missing\n"
            "  roicast models show NAME VERSION shows a version's features and metrics\n");
  const ProcessResult forced = Roicast(
      {"models", "serve", "--model", "shop", "--version", "2", "--force", "--reason", "why", "-s", server.target()});
  EXPECT_EQ(forced.exit_code, 0) << forced.errors;
  EXPECT_EQ(
      forced.output,
      "shop version 2 serves, instead of version 3\n"
      "  note: feature \"city\" is missing\n"
      "  It holds its place: newer versions do not take over until another version is served by hand, or this one "
      "with --follow\n");
  EXPECT_EQ(seen.model().name(), "shop");
  EXPECT_EQ(seen.model().version(), 2);
  EXPECT_EQ(seen.reason(), "why");
  const ProcessResult follow = Roicast({"models", "serve", "shop", "2", "--force", "--follow", "-s", server.target()});
  EXPECT_EQ(follow.output, "shop version 2 serves, instead of version 3\n");
  EXPECT_EQ(Roicast({"models", "serve", "shop", "-s", server.target()}).exit_code, 2) << "the version is required";
}

TEST(Command, ModelsShowAndListSayWhatDoesNotServeAndWhy) {
  FakeServer server;
  v1::GetModelRequest asked;
  server.on_get_model = [&](const v1::GetModelRequest& request, v1::Model* model) {
    asked = request;
    model->set_name("shop");
    model->set_version(2);
    model->set_not_serving("worse than a constant");
    v1::ServingStep& back = *model->add_serving_steps();
    back.mutable_time()->set_seconds(1700000000);
    back.set_version(1);
    back.set_from_version(3);
    back.set_cause(v1::SERVING_CAUSE_HAND);
    back.set_forced(true);
    back.set_holds(true);
    back.set_actor("ipv4:10.0.0.7:41022");
    back.set_reason("odd answers");
    v1::ServingStep& first = *model->add_serving_steps();
    first.mutable_time()->set_seconds(1600000000);
    first.set_version(3);
    first.set_cause(v1::SERVING_CAUSE_RULE);
    first.set_actor("job-000003");
    v1::MetricsWithBaseline& holdout = *model->mutable_report()->mutable_holdout();
    holdout.mutable_model()->mutable_transformed()->set_mse(1.45);
    holdout.mutable_baseline()->mutable_transformed()->set_mse(1);
    holdout.set_r2_standard_error(0.1);
    holdout.set_verdict(v1::CONSTANT_VERDICT_WORSE);
    return grpc::Status::OK;
  };
  server.on_list_models = [&](const v1::ListModelsRequest& request, v1::ListModelsResponse* response) {
    v1::Model& model = *response->add_models();
    model.set_name("shop");
    model.set_version(1);
    model.set_serving(request.name().empty());
    if (request.name().empty()) {
      model.set_newest_version(3);
    } else {
      model.set_not_serving("worse than a constant");
    }
    return grpc::Status::OK;
  };
  server.Start();
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"models", "show", "shop", "2"},
                                             {"models", "show", "--version", "2", "shop"},
                                             {"models", "show", "--model", "shop", "2"},
                                             {"models", "show", "-m", "shop", "--version", "2"}}) {
    std::vector<std::string> command = arguments;
    command.insert(command.end(), {"-s", server.target()});
    const ProcessResult show = Roicast(command);
    EXPECT_EQ(show.exit_code, 0) << show.errors;
    EXPECT_EQ(asked.model().name(), "shop");
    EXPECT_EQ(asked.model().version(), 2);
    EXPECT_THAT(show.output, HasSubstr("  not serving: worse than a constant\n"));
    EXPECT_THAT(show.output,
                HasSubstr("\nWhich version serves, newest first\n"
                          "  2023-11-14T22:13:20Z  version 1 instead of 3, by hand, forced, ipv4:10.0.0.7:41022; holds "
                          "its place: odd answers\n"
                          "  2020-09-13T12:26:40Z  version 3, by itself, job-000003\n"));
    EXPECT_THAT(show.output, HasSubstr("  holdout: worse than a constant (R² -0.4500 ± 0.1645, transformed, beside the "
                                       "constant)\n"));
  }
  EXPECT_THAT(Roicast({"models", "list", "-s", server.target()}).output,
              HasSubstr("serving; version 3 is newer and does not serve"));
  for (const char* flag : {"", "--model"}) {
    std::vector<std::string> command = {"models", "list", "shop", "-s", server.target()};
    if (*flag != '\0') command.insert(command.begin() + 2, flag);
    EXPECT_THAT(Roicast(command).output, HasSubstr("not serving: worse than a constant"));
  }
}

// predict asked for the schema, got that of the newest version, and predicted with it by its number.
TEST(Command, AModelThatDoesNotServeDoesNotPredict) {
  FakeServer server;
  server.on_get_model = [](const v1::GetModelRequest&, v1::Model* model) {
    *model = FakeServer::SmallModel();
    model->set_name("noise");
    model->set_version(1);
    model->set_not_serving("no better than a constant");
    return grpc::Status::OK;
  };
  server.Start();
  const ProcessResult refused = Roicast({"predict", "--model", "noise", "spend=5", "-s", server.target()});
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_EQ(refused.errors,
            "roicast: no version of model \"noise\" is ready: version 1 is stored but does not serve: no better than a "
            "constant\n");
  const ProcessResult named =
      Roicast({"predict", "--model", "noise", "--version", "1", "spend=5", "-s", server.target()});
  EXPECT_EQ(named.exit_code, 0) << named.errors;
}

TEST(Command, AJobSaysThatItsVersionDoesNotServe) {
  FakeServer server;
  server.on_get_job = [](const v1::GetTrainingJobRequest& request, v1::TrainingJob* job) {
    job->set_id(request.id());
    job->set_state(v1::JOB_STATE_SUCCEEDED);
    job->set_version(2);
    job->set_not_serving("no better than a constant");
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

TEST(Command, LoadtestPrintsPercentilesAsJson) {
  FakeServer server;
  // Only rows of the model's own schema get an answer.
  server.on_predict = [](grpc::ServerContext*, const v1::PredictRequest& request, v1::PredictResponse*) {
    const bool good = request.row().values_size() == 4 || request.dense_row().values_size() == 4;
    return good ? grpc::Status::OK : grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no row of the schema");
  };
  server.Start();
  for (const auto& [mode, form] : std::vector<std::pair<std::string, std::string>>{
           {"predict", "named"}, {"predict", "dense"}, {"stream", "named"}, {"stream", "dense"}, {"batch", "dense"}}) {
    const ProcessResult result =
        Roicast({"loadtest", "--mode", mode, "--form", form, "--duration", "0.2", "--warm-up", "0", "--in-flight", "2",
                 "--batch-rows", "10", "--json", "-s", server.target()});
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    const nlohmann::json json = nlohmann::json::parse(result.output);
    EXPECT_EQ(json["mode"], mode);
    EXPECT_EQ(json["form"], form);
    EXPECT_GT(json["calls"], 0);
    EXPECT_EQ(json["failed"], 0) << result.output;
    EXPECT_GT(json["latency_us"]["p99.9"], 0);
  }
}

}  // namespace
}  // namespace roicast::client

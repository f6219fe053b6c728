// What does not depend on one command: usage, output, the server that is not there; and the small commands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/client/cli/run_command.h"
#include "tests/client/fake_server.h"
#include "tests/testing/temp_dir.h"

namespace roicast::client {
namespace {

using roicast::testing::FakeServer;
using roicast::testing::ProcessResult;
using roicast::testing::TempDir;
using ::testing::AllOf;
using testing::FilesIn;
using ::testing::HasSubstr;
using testing::Roicast;
using ::testing::StartsWith;

TEST(Command, HelpShowsFirstStepsAndUsageErrorsExitWithTwo) {
  const ProcessResult help = Roicast({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.output, AllOf(HasSubstr("roicast train campaigns.csv"), HasSubstr("Exit codes:")));
  for (const char* command : {"generate", "inspect", "train", "jobs", "predict", "score", "evaluate", "report",
                              "models", "health", "loadtest"}) {
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

// "send less at a time", of a store that has as many models as it may.
TEST(Command, AStoreAtItsLimitIsNoMatterOfSendingLess) {
  FakeServer server;
  std::string resource;
  server.on_list_models = [&](const v1::ListModelsRequest&, v1::ListModelsResponse*) {
    return FakeServer::Error(grpc::StatusCode::RESOURCE_EXHAUSTED, v1::REQUEST_TOO_LARGE, resource + ": limit 2, got 3",
                             {{"resource", resource}});
  };
  server.Start();
  for (const char* of_the_store : {"models", "versions of a model", "stored bytes"}) {
    resource = of_the_store;
    const ProcessResult result = Roicast({"models", "list", "--server", server.target()});
    EXPECT_EQ(result.exit_code, 5);
    EXPECT_EQ(result.errors, "roicast: " + resource +
                                 ": limit 2, got 3\n  the store is full: have the server's operator make room in it, "
                                 "or raise the limit\n");
  }
  resource = "rows";
  EXPECT_THAT(Roicast({"models", "list", "--server", server.target()}).errors, HasSubstr("send less at a time"));
}

// "retry later", of a disk that only its owner can empty.
TEST(Command, AFullDiskOfTheServerIsNoMatterOfWaiting) {
  FakeServer server;
  server.on_list_models = [&](const v1::ListModelsRequest&, v1::ListModelsResponse*) {
    return FakeServer::Error(grpc::StatusCode::RESOURCE_EXHAUSTED, v1::STORE_FULL, "the disk is full", {});
  };
  server.Start();
  const ProcessResult result = Roicast({"models", "list", "--server", server.target()});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_EQ(
      result.errors,
      "roicast: the disk is full\n  the server's store has no room: have its operator make some; waiting does not "
      "help\n");
}

TEST(Command, OutputThatCannotBeWrittenIsAnError) {
  FakeServer server;
  server.Start();
  const TempDir dir;
  const auto run = [&](const std::string& arguments, const std::string& to) {
    const ProcessResult result = *roicast::testing::RunProcess(
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
  const std::string text = roicast::testing::ReadFileOrEmpty(dir.File("a.csv"));
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

// What all commands have in common: usage errors, and an output that nobody reads any more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/client/cli/commands.h"
#include "tests/client/cli/run_command.h"
#include "tests/client/fake_server.h"
#include "tests/testing/temp_dir.h"

namespace roicast::client {
namespace {

using roicast::testing::FakeServer;
using roicast::testing::ProcessResult;
using roicast::testing::TempDir;
using testing::AllCommands;
using testing::AllInvocations;
using testing::Command;
using ::testing::HasSubstr;
using testing::Invocation;
using ::testing::Not;
using testing::RunLine;
using ::testing::StartsWith;

// The program with the command's path and more arguments.
std::vector<std::string> Line(const Command& command, const std::vector<std::string>& more) {
  std::vector<std::string> line = {ROICAST_COMMAND};
  line.insert(line.end(), command.path.begin(), command.path.end());
  line.insert(line.end(), more.begin(), more.end());
  return line;
}

// What errors call the command: "roicast models show".
std::string Called(const Command& command) {
  return command.path.empty() ? "roicast" : absl::StrCat("roicast ", command.Name());
}

// They were an unknown flag and an unknown command.
TEST(AllCommands, TheReleaseIsPrintedAsOtherProgramsDo) {
  const ProcessResult release = RunLine({ROICAST_COMMAND, "--release"});
  EXPECT_THAT(release.output, ::testing::MatchesRegex("roicast [0-9]+\\.[0-9]+\\.[0-9]+.*\n"));
  for (const char* asked : {"--version", "version"}) {
    const ProcessResult result = RunLine({ROICAST_COMMAND, asked});
    EXPECT_EQ(result.exit_code, 0) << asked;
    EXPECT_EQ(result.output, release.output) << asked;
  }
}

// "--epoch 3" ended with an error about the argument 3.
TEST(AllCommands, NameAnUnknownFlagAndTheNearestOne) {
  for (const Command& command : AllCommands()) {
    for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
             {"--jsn", "3"}, {"--jsn=3"}, {"word", "--jsn", "3", "--other"}, {"--json", "--jsn"}}) {
      if (wrong[0] == "word" && command.has_subcommands) continue;
      const ProcessResult result = RunLine(Line(command, wrong));
      EXPECT_EQ(result.exit_code, 2) << command.Name();
      EXPECT_THAT(result.errors,
                  StartsWith(absl::StrCat(Called(command), ": unknown flag --jsn; did you mean \"--json\"?\n  ")));
      EXPECT_EQ(result.output, "");
    }
  }
}

TEST(AllCommands, NameAnUnknownCommandAndTheNearestOne) {
  for (const Command& command : AllCommands()) {
    if (command.path.empty()) continue;
    std::string mistyped = command.path.back();
    std::swap(mistyped[1], mistyped[2]);
    std::vector<std::string> line = {ROICAST_COMMAND};
    line.insert(line.end(), command.path.begin(), command.path.end() - 1);
    line.insert(line.end(), {mistyped, "--server", "127.0.0.1:1"});
    const std::string above = command.path.size() == 1 ? "roicast" : absl::StrCat("roicast ", command.path[0]);
    EXPECT_EQ(RunLine(line).errors, absl::StrCat(above, ": unknown command \"", mistyped, "\"; did you mean \"",
                                                 command.path.back(), "\"?\n  ", above, " --help lists them\n"));
  }
}

TEST(AllCommands, SayWhatAFlagExpectsAndWhatItGot) {
  for (const Command& command : AllCommands()) {
    for (size_t i = 0; i < command.flags.size(); ++i) {
      const std::string& flag = command.flags[i];
      if (command.types[i].empty()) continue;
      const ProcessResult nothing = RunLine(Line(command, {flag}));
      EXPECT_EQ(nothing.exit_code, 2);
      EXPECT_THAT(nothing.errors, StartsWith(absl::StrCat(Called(command), ": ")));
      EXPECT_THAT(nothing.errors, HasSubstr(absl::StrCat(flag, ": expected "))) << command.Name();
      EXPECT_THAT(nothing.errors, HasSubstr(", got nothing\n"));
      // A flag that takes any text is followed by an error about the next one.
      const ProcessResult bad = RunLine(Line(command, {flag, "abc", "--jsn"}));
      EXPECT_EQ(bad.exit_code, 2);
      if (absl::StrContains(bad.errors, "unknown flag --jsn")) continue;
      EXPECT_THAT(bad.errors, HasSubstr(absl::StrCat(flag, ": expected "))) << command.Name();
      EXPECT_THAT(bad.errors, HasSubstr(", got abc")) << command.Name();
    }
  }
}

TEST(AllCommands, FlagsOfNumbersTakeNoWords) {
  int numbers = 0;
  for (const Command& command : AllCommands()) {
    for (size_t i = 0; i < command.flags.size(); ++i) {
      const std::string type = command.types[i].substr(0, command.types[i].find_first_of(":="));
      bool is_number = false;
      for (const char* known : {"N", "INT", "UINT", "FLOAT", "X", "RATE", "SHARE", "ROI", "SECONDS", "VERSION"}) {
        is_number = is_number || type == known;
      }
      if (!is_number) continue;
      ++numbers;
      for (const char* wrong : {"1,2", "nan", ""}) {
        EXPECT_THAT(RunLine(Line(command, {absl::StrCat(command.flags[i], "=", wrong), "--jsn"})).errors,
                    HasSubstr(absl::StrCat(command.flags[i], ": expected ")))
            << wrong;
      }
    }
  }
  EXPECT_GT(numbers, 20);
}

class ReaderGone : public ::testing::Test {
 protected:
  ReaderGone() {
    server_.artifact = "bytes of an artifact";
    const auto job = [](v1::TrainingJob* response) {
      response->set_id("job-000001");
      response->set_state(v1::JOB_STATE_SUCCEEDED);
      return grpc::Status::OK;
    };
    server_.on_batch = [](grpc::ServerContext*, const v1::BatchPredictRequest& request,
                          v1::BatchPredictResponse* response) {
      if (request.has_matrix()) return FakeServer::EchoFirstValue(request, response);
      response->add_roi(1);
      return grpc::Status::OK;
    };
    server_.on_list_models = [](const v1::ListModelsRequest&, v1::ListModelsResponse* response) {
      for (int i = 0; i < 1000; ++i) *response->add_models() = FakeServer::SmallModel();
      return grpc::Status::OK;
    };
    server_.on_get_job = [job](const v1::GetTrainingJobRequest&, v1::TrainingJob* response) { return job(response); };
    server_.on_cancel_job = [](const v1::CancelTrainingJobRequest& request, v1::TrainingJob* response) {
      response->set_id(request.id());
      response->set_state(v1::JOB_STATE_CANCELLED);
      return grpc::Status::OK;
    };
    server_.on_watch_job = [job](const v1::WatchTrainingJobRequest&, grpc::ServerContext*,
                                 grpc::ServerWriter<v1::TrainingJob>* writer) {
      v1::TrainingJob ended;
      job(&ended);
      writer->Write(ended);
      return grpc::Status::OK;
    };
    server_.Start();
    std::ofstream(folder_.File("table.csv")) << "spend,price,channel,start,revenue\n"
                                                "1,2,search,2024-01-01,3\n"
                                                "2,3,social,2024-01-02,4\n";
  }

  // Runs the program with a pipe as its output whose reader has gone before it starts.
  ProcessResult RunUnread(const std::vector<std::string>& line) {
    std::vector<std::string> arguments = {
        "/bin/bash", "-c",
        "mkfifo \"$1\" && exec 4<>\"$1\" 3>\"$1\" 4>&- && rm \"$1\" && shift && exec \"$@\" >&3 3>&-", "bash",
        folder_.File("pipe")};
    arguments.insert(arguments.end(), line.begin(), line.end());
    return RunLine(arguments);
  }

  FakeServer server_;
  const TempDir folder_;
};

// models show --json | head -c 1 ended with "standard output: Input/output error" and 1.
TEST_F(ReaderGone, EveryCommandEndsInSilenceWith141) {
  for (const Invocation& invocation : AllInvocations(folder_.File("table.csv"))) {
    for (const char* form : {"--wide", "--json"}) {
      std::vector<std::string> arguments = invocation.arguments;
      arguments.insert(arguments.end(), {form, "--server", server_.target()});
      const ProcessResult result = RunUnread(Line(invocation.command, arguments));
      EXPECT_EQ(result.exit_code, 141) << invocation.command.Name() << " " << form;
      // score and train say how they read the table before they write anything.
      if (result.errors.rfind("read as ", 0) != 0 && result.errors.rfind("File: ", 0) != 0) {
        EXPECT_EQ(result.errors, "") << invocation.command.Name() << " " << form;
      }
      EXPECT_THAT(result.errors, Not(HasSubstr("roicast:"))) << invocation.command.Name() << " " << form;
    }
  }
}

TEST_F(ReaderGone, HelpEndsInSilenceWith141) {
  for (const Command& command : AllCommands()) {
    const ProcessResult result = RunUnread(Line(command, {"--help"}));
    EXPECT_EQ(result.exit_code, 141) << command.Name();
    EXPECT_EQ(result.errors, "") << command.Name();
  }
}

TEST_F(ReaderGone, AFailureKeepsItsCodeAndItsMessage) {
  const ProcessResult result = RunUnread({ROICAST_COMMAND, "health", "unknown", "--server", server_.target()});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.errors, StartsWith("roicast: no service \"unknown\"\n"));
}

// Output that is longer than the buffer fails before the end, in a call whose errno is lost by then.
TEST_F(ReaderGone, ALongOutputToAFullDiskSaysSo) {
  for (const char* form : {"--wide", "--json"}) {
    const ProcessResult result = RunLine({"/bin/bash", "-c", "exec \"$@\" >/dev/full", "bash", ROICAST_COMMAND,
                                          "models", "list", form, "--server", server_.target()});
    EXPECT_EQ(result.exit_code, 5);
    EXPECT_EQ(result.errors,
              "roicast: standard output: No space left on device\n"
              "  free some space, or choose a file on another disk\n");
  }
}

}  // namespace
}  // namespace roicast::client

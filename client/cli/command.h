// What the commands of `roicast` share: global options, exit codes, error reporting.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/channel.h"
#include "client/cli/terminal.h"
#include "client/retry.h"
#include "roicast/v1/common.pb.h"

namespace CLI {
class App;
}

namespace roicast::client {

// docs/cli.md and `roicast --help` list them.
enum ExitCode : int {
  kOk = 0,
  kInternalError = 1,
  kUsage = 2,
  kNotFound = 3,
  kServerUnavailable = 4,
  kRefused = 5,
  kJobFailed = 6,
  kInterrupted = 130,
  // What shells report for a process killed by SIGPIPE.
  kReaderGone = 141,
};

ExitCode ExitCodeOf(const absl::Status& status);

// Filled by the parser, read by the selected command.
struct CommandContext {
  std::string server = "localhost:8500";
  // TLS, with the system's roots or those of a file.
  bool tls = false;
  std::string tls_ca;
  double timeout_seconds = 10;
  bool json = false;
  // Tables and lines are not fitted to the terminal.
  bool wide = false;
  // Set by the selected command's callback; its result is the exit code.
  std::function<int()> run;

  absl::StatusOr<std::shared_ptr<ChannelPool>> Connect(int connections = 1) const;
  CallOptions Calls() const;
  // Where results are printed.
  Terminal Output() const;
  // Prints the error and what to do next on stderr; returns the exit code.
  int Fail(const absl::Status& status) const;
};

// Adds --model and --version to a command.
struct ModelFlags {
  std::string name;
  int64_t version = 0;
  void AddTo(CLI::App& command);
  // The same, and both as positional arguments NAME and VERSION behind those that the command has already.
  void AddPositionalTo(CLI::App& command);
  v1::ModelRef ref() const;
};

// Runs `body` as the command and prints the error it returns.
void SetCommand(CLI::App& command, CommandContext& context, std::function<absl::StatusOr<int>()> body);

// One per file. `context` must outlive the run of `app`.
void AddGenerateCommand(CLI::App& app, CommandContext& context);
void AddInspectCommand(CLI::App& app, CommandContext& context);
void AddTrainCommand(CLI::App& app, CommandContext& context);
void AddJobsCommand(CLI::App& app, CommandContext& context);
void AddPredictCommand(CLI::App& app, CommandContext& context);
void AddScoreCommand(CLI::App& app, CommandContext& context);
void AddEvaluateCommand(CLI::App& app, CommandContext& context);
void AddReportCommand(CLI::App& app, CommandContext& context);
void AddExplainCommand(CLI::App& app, CommandContext& context);
void AddAnalyzeCommand(CLI::App& app, CommandContext& context);
void AddReachCommand(CLI::App& app, CommandContext& context);
void AddCurveCommand(CLI::App& app, CommandContext& context);
void AddOptimizeCommand(CLI::App& app, CommandContext& context);
void AddPlanCommand(CLI::App& app, CommandContext& context);
void AddRankCommand(CLI::App& app, CommandContext& context);
void AddModelsCommand(CLI::App& app, CommandContext& context);
void AddHealthCommand(CLI::App& app, CommandContext& context);
void AddLoadtestCommand(CLI::App& app, CommandContext& context);

}  // namespace roicast::client

// The command `roicast`: made-up data, training, prediction and load, against a roicast server.
#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "client/cli/command.h"
#include "client/cli/file_error.h"
#include "client/cli/usage.h"

namespace roicast::client {
namespace {

// A result that did not reach its file was no success.
int CloseStandardOutput(const CommandContext& context, int exit_code) {
  errno = 0;
  std::cout.flush();
  if ((std::fflush(stdout) == 0 && std::ferror(stdout) == 0) || exit_code != kOk) return exit_code;
  return context.Fail(FileError(errno == 0 ? EIO : errno, "standard output"));
}

int Run(int argc, char** argv) {
  // gRPC reports connection errors by itself, too; roicast says them once, in its own words.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  std::signal(SIGPIPE, SIG_IGN);

  CommandContext context;
  CLI::App app(
      "Predicts the return on investment of marketing campaigns, ROI = (revenue - spend) / spend, "
      "with a roicast server.",
      "roicast");
  app.set_version_flag("--release", std::string("roicast ") + ROICAST_VERSION, "Print the release and exit");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("-s,--server", context.server, "Where the server listens")
      ->envname("ROICAST_SERVER")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_option("--timeout", context.timeout_seconds, "Longest wait for one answer")
      ->type_name("SECONDS")
      ->check(Above(0))
      ->capture_default_str();
  app.add_flag("--json", context.json, "Print results as JSON");
  app.add_flag("--wide", context.wide, "Print tables whole, not fitted to the width of the terminal");
  AddGenerateCommand(app, context);
  AddInspectCommand(app, context);
  AddTrainCommand(app, context);
  AddJobsCommand(app, context);
  AddPredictCommand(app, context);
  AddScoreCommand(app, context);
  AddEvaluateCommand(app, context);
  AddModelsCommand(app, context);
  AddHealthCommand(app, context);
  AddLoadtestCommand(app, context);

  AddFooters(app);
  app.footer(
      "A first round, with a server running (roicast-server):\n"
      "  roicast generate --rows 20000 --output campaigns.csv\n"
      "  roicast train campaigns.csv\n"
      "  roicast predict channel=search product_category=books spend=2500 audience_size=80000\n"
      "  roicast score campaigns.csv --output scored.csv\n"
      "\n"
      "Exit codes: 0 done; 1 internal error; 2 wrong usage; 3 not found; 4 no answer from the server;\n"
      "  5 refused or invalid; 6 the training job failed, or was cancelled or interrupted; 130 stopped by Ctrl-C;\n"
      "  141 whoever read the output has gone.\n"
      "More: docs/cli.md");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return CloseStandardOutput(context, TellParseError(app, error, argc, argv));
  }
  return CloseStandardOutput(context, context.run ? context.run() : kUsage);
}

}  // namespace
}  // namespace roicast::client

int main(int argc, char** argv) { return roicast::client::Run(argc, argv); }

// The command `roicast`: synthetic data, training, prediction and load tests with a roicast server.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "base/standard_descriptors.h"
#include "client/cli/command.h"
#include "client/cli/output_file.h"
#include "client/cli/usage.h"

namespace roicast::client {
namespace {

// A result that could not be written is not a success.
int CloseStandardOutput(const CommandContext& context, int exit_code) {
  std::cout.flush();
  const absl::Status closed = CloseOutput(stdout, "standard output");
  return closed.ok() || exit_code != kOk ? exit_code : context.Fail(closed);
}

int Run(int argc, char** argv) {
  OccupyStandardDescriptors();
  // gRPC logs connection errors too; roicast reports them once, in its own words.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  std::signal(SIGPIPE, SIG_IGN);

  CommandContext context;
  CLI::App app(
      "Predicts the return on investment of marketing campaigns,\n"
      "ROI = (revenue - spend) / spend, with a roicast server.",
      "roicast");
  const std::string release = std::string("roicast ") + ROICAST_VERSION;
  app.set_version_flag("--release", release, "Print the release and exit");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("-s,--server", context.server, "Address of the server, or unix:/PATH")
      ->envname("ROICAST_SERVER")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_flag("--tls", context.tls, "Encrypt; trust the system's certificate authorities");
  app.add_option("--tls-ca", context.tls_ca, "Encrypt; trust the certificates of this file, in PEM")
      ->envname("ROICAST_TLS_CA")
      ->type_name("FILE");
  app.add_option("--timeout", context.timeout_seconds, "Timeout of one call")
      ->type_name("SECONDS")
      ->check(Above(0))
      ->capture_default_str();
  app.add_flag("--json", context.json, "Print results as JSON");
  app.add_flag("--wide", context.wide, "Print whole tables, not fitted to the terminal");
  AddGenerateCommand(app, context);
  AddInspectCommand(app, context);
  AddTrainCommand(app, context);
  AddJobsCommand(app, context);
  AddPredictCommand(app, context);
  AddScoreCommand(app, context);
  AddEvaluateCommand(app, context);
  AddReportCommand(app, context);
  AddExplainCommand(app, context);
  AddAnalyzeCommand(app, context);
  AddReachCommand(app, context);
  AddCurveCommand(app, context);
  AddOptimizeCommand(app, context);
  AddPlanCommand(app, context);
  AddRankCommand(app, context);
  AddModelsCommand(app, context);
  AddHealthCommand(app, context);
  AddLoadtestCommand(app, context);

  FinishCommands(app);
  app.footer(
      "First steps, with a server running (roicast-server):\n"
      "  roicast generate --rows 20000 --output campaigns.csv\n"
      "  roicast train campaigns.csv\n"
      "  roicast predict channel=search spend=2500 audience_size=80000\n"
      "  roicast score campaigns.csv --output scored.csv\n"
      "  roicast explain campaigns.csv\n"
      "  roicast generate --rows 12 --seed 2 --output next.csv\n"
      "  roicast plan next.csv --budget 50000 --max 8000\n"
      "\n"
      "Exit codes: 0 success; 1 internal error; 2 wrong usage; 3 not found;\n"
      "  4 no answer from the server; 5 rejected or invalid; 6 the training job failed,\n"
      "  was cancelled or was interrupted; 130 interrupted by Ctrl-C; 141 the output\n"
      "  was closed by its reader.\n"
      "More: docs/cli.md");

  // As people ask other programs; behind a command, --version is that of a model.
  if (argc == 2 && (std::string(argv[1]) == "--version" || std::string(argv[1]) == "version")) {
    std::cout << release << "\n";
    return CloseStandardOutput(context, kOk);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return CloseStandardOutput(context, ReportParseError(app, error, argc, argv));
  }
  return CloseStandardOutput(context, context.run ? context.run() : kUsage);
}

}  // namespace
}  // namespace roicast::client

int main(int argc, char** argv) { return roicast::client::Run(argc, argv); }

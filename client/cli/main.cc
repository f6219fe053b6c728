// The command `roicast`: made-up data, training, prediction and load, against a roicast server.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "client/cli/command.h"
#include "client/cli/suggest.h"

int main(int argc, char** argv) {
  using namespace roicast::client;
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
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("--json", context.json, "Print results as JSON");
  app.footer(
      "A first round, with a server running (roicast-server):\n"
      "  roicast generate --rows 20000 --output campaigns.csv\n"
      "  roicast train campaigns.csv\n"
      "  roicast predict channel=search product_category=books spend=2500 audience_size=80000\n"
      "  roicast score campaigns.csv --output scored.csv\n"
      "\n"
      "Exit codes: 0 done; 1 internal error; 2 wrong usage; 3 not found; 4 no answer from the server;\n"
      "  5 refused or invalid; 6 the training job failed, or was cancelled or interrupted; 130 stopped by Ctrl-C.\n"
      "More: docs/cli.md");

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

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
    if (argc > 1 && argv[1][0] != '-' && std::find(names.begin(), names.end(), argv[1]) == names.end()) {
      std::fprintf(stderr, "roicast: there is no command \"%s\"%s\n  roicast --help lists them\n", argv[1],
                   DidYouMean(argv[1], names).c_str());
      return kUsage;
    }
    return app.exit(error) == 0 ? kOk : kUsage;
  }
  return context.run ? context.run() : kUsage;
}

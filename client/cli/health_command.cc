// roicast health: checks whether the server is serving, for people and probes.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/printable.h"
#include "base/status_macros.h"
#include "client/cli/command.h"
#include "client/cli/json_output.h"
#include "client/model_client.h"

namespace roicast::client {
namespace {

using Status = grpc::health::v1::HealthCheckResponse;

absl::StatusOr<int> Health(const CommandContext& context, const std::string& service) {
  ROICAST_ASSIGN_OR_RETURN(const auto channels, context.Connect());
  ROICAST_ASSIGN_OR_RETURN(const Status::ServingStatus status,
                           ModelClient(channels, context.Calls()).CheckHealth(service));
  const std::string word = absl::AsciiStrToLower(Status::ServingStatus_Name(status));
  if (context.json) {
    PrintJson({{"server", context.server}, {"service", service}, {"status", word}});
  } else {
    const std::string state = context.Output().Paint(word, status == Status::SERVING ? Tone::kGood : Tone::kBad);
    std::printf("%s%s%s: %s\n", Printable(context.server).c_str(), service.empty() ? "" : " ",
                Printable(service).c_str(), state.c_str());
  }
  return status == Status::SERVING ? kOk : kServerUnavailable;
}

}  // namespace

void AddHealthCommand(CLI::App& app, CommandContext& context) {
  CLI::App& command =
      *app.add_subcommand("health", "Check whether the server is serving; exit code 0 if it is, otherwise 4");
  const auto service = std::make_shared<std::string>();
  command.add_option("service", *service, "Service such as roicast.v1.PredictionService; default: the whole server")
      ->type_name("SERVICE");
  SetCommand(command, context, [&context, service] { return Health(context, *service); });
}

}  // namespace roicast::client

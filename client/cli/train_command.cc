// roicast train: uploads a dataset, trains on it and watches the job.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "base/printable.h"
#include "base/status_macros.h"
#include "client/cli/command.h"
#include "client/cli/csv_flags.h"
#include "client/cli/job_view.h"
#include "client/cli/json_output.h"
#include "client/cli/spec_flags.h"

namespace roicast::client {
namespace {

struct TrainFlags {
  DatasetFlags dataset;
  SpecFlags spec;
  bool detach = false;
};

absl::StatusOr<int> Train(const CommandContext& context, const TrainFlags& flags) {
  ROICAST_ASSIGN_OR_RETURN(v1::TrainingSpec spec, flags.spec.Build());
  ROICAST_ASSIGN_OR_RETURN(const auto channels, context.Connect());
  const TrainingClient client(channels, context.Calls());
  ROICAST_ASSIGN_OR_RETURN(*spec.mutable_dataset_digest(), flags.dataset.Resolve(context, client));
  v1::CreateTrainingJobRequest request;
  *request.mutable_spec() = spec;
  ROICAST_ASSIGN_OR_RETURN(const v1::TrainingJob job, client.CreateJob(request));
  if (!flags.detach) return WatchJobToEnd(context, client, job.id());
  if (context.json) {
    PrintJson(ToJson(job));
  } else {
    const std::string id = Printable(job.id());
    std::printf("%s\nWatch it: roicast jobs watch %s\n", id.c_str(), id.c_str());
  }
  return kOk;
}

}  // namespace

void AddTrainCommand(CLI::App& app, CommandContext& context) {
  CLI::App& command = *app.add_subcommand("train", "Train a model on a CSV of past campaigns and publish it");
  command.footer(
      "The target is the column \"roi\", or is computed from \"revenue\" and \"spend\",\n"
      "unless flags say otherwise. Ctrl-C leaves the job running.");
  const auto flags = std::make_shared<TrainFlags>();
  flags->dataset.AddTo(command);
  command.add_flag("--detach", flags->detach, "Print the job's id and do not wait");
  flags->spec.AddDataTo(command);
  flags->spec.AddTrainingTo(command);
  SetCommand(command, context, [&context, flags] { return Train(context, *flags); });
}

}  // namespace roicast::client

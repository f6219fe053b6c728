// roicast inspect: what training would make of a table.
#include <cstdio>
#include <memory>

#include "base/status_macros.h"
#include "client/cli/command.h"
#include "client/cli/csv_flags.h"
#include "client/cli/format.h"
#include "client/cli/json_output.h"
#include "client/cli/report_view.h"
#include "client/cli/spec_flags.h"

namespace roicast::client {
namespace {

struct Flags {
  DatasetFlags dataset;
  SpecFlags spec;
};

absl::StatusOr<int> Inspect(const CommandContext& context, const Flags& flags) {
  ROICAST_ASSIGN_OR_RETURN(v1::TrainingSpec spec, flags.spec.Build());
  ROICAST_ASSIGN_OR_RETURN(const auto channels, context.Connect());
  const TrainingClient client(channels, context.Calls());
  ROICAST_ASSIGN_OR_RETURN(*spec.mutable_dataset_digest(), flags.dataset.Resolve(context, client));
  ROICAST_ASSIGN_OR_RETURN(const v1::InspectDatasetResponse inspection, client.InspectDataset(spec));
  if (context.json) {
    nlohmann::ordered_json json = ToJson(inspection);
    json["dataset_digest"] = spec.dataset_digest();
    PrintJson(json);
    return kOk;
  }
  std::printf("Dataset %s\n\nColumns\n%s\nCleaning\n%s\nRows: %s to learn from, %s to choose the epoch, %s held out\n",
              spec.dataset_digest().c_str(), ColumnsText(inspection).c_str(),
              CleaningText(inspection.cleaning()).c_str(), FormatCount(inspection.train_rows()).c_str(),
              FormatCount(inspection.validation_rows()).c_str(), FormatCount(inspection.holdout_rows()).c_str());
  std::printf("Train on it: roicast train --dataset %s\n", spec.dataset_digest().c_str());
  return kOk;
}

}  // namespace

void AddInspectCommand(CLI::App& app, CommandContext& context) {
  CLI::App& command =
      *app.add_subcommand("inspect", "Show the schema and the cleaning that training would use on a CSV");
  const auto flags = std::make_shared<Flags>();
  flags->dataset.AddTo(command);
  flags->spec.AddDataTo(command);
  SetCommand(command, context, [&context, flags] { return Inspect(context, *flags); });
}

}  // namespace roicast::client

// roicast inspect: shows how training would read a dataset.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "base/printable.h"
#include "base/status_macros.h"
#include "client/cli/command.h"
#include "client/cli/csv_flags.h"
#include "client/cli/format.h"
#include "client/cli/json_output.h"
#include "client/cli/report_view.h"
#include "client/cli/spec_flags.h"

namespace roicast::client {
namespace {

struct InspectFlags {
  DatasetFlags dataset;
  SpecFlags spec;
};

absl::StatusOr<int> Inspect(const CommandContext& context, const InspectFlags& flags) {
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
  const Terminal terminal = context.Output();
  std::printf("Dataset %s\n\n%s\n%s\n%s\n%s\n", Printable(spec.dataset_digest()).c_str(),
              terminal.Paint("Columns", Tone::kHeading).c_str(), ColumnsText(inspection, terminal).c_str(),
              terminal.Paint("Cleaning", Tone::kHeading).c_str(),
              CleaningText(inspection.cleaning(), terminal).c_str());
  std::printf("Rows: %s for training, %s, %s held out\n", FormatCount(inspection.train_rows()).c_str(),
              FormatValidation(inspection.validation_rows(), inspection.validation_chooses_epoch()).c_str(),
              FormatCount(inspection.holdout_rows()).c_str());
  // The digest is long; a shell takes the two lines as one.
  std::printf("Train on it: roicast train --dataset%s%s\n", terminal.width < 101 ? " \\\n  " : " ",
              Printable(spec.dataset_digest()).c_str());
  return kOk;
}

}  // namespace

void AddInspectCommand(CLI::App& app, CommandContext& context) {
  CLI::App& command =
      *app.add_subcommand("inspect", "Show the columns of a CSV and the cleaning that training would apply");
  const auto flags = std::make_shared<InspectFlags>();
  flags->dataset.AddTo(command);
  flags->spec.AddDataTo(command);
  SetCommand(command, context, [&context, flags] { return Inspect(context, *flags); });
}

}  // namespace roicast::client

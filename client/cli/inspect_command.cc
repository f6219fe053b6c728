// roicast inspect: shows how training would read a dataset.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/printable.h"
#include "base/status_macros.h"
#include "client/cli/command.h"
#include "client/cli/csv_flags.h"
#include "client/cli/dataset_flags.h"
#include "client/cli/format.h"
#include "client/cli/given_flags.h"
#include "client/cli/inspection.h"
#include "client/cli/json_output.h"
#include "client/cli/reading_view.h"
#include "client/cli/report_view.h"
#include "client/cli/spec_flags.h"
#include "client/cli/warning_view.h"

namespace roicast::client {
namespace {

struct InspectFlags {
  DatasetFlags dataset;
  SpecFlags spec;
};

// Trains on what was shown. How the file is read is kept with the dataset.
std::vector<std::string> TrainWords(const CLI::App& command, const std::string& digest) {
  std::vector<std::string> words = {"roicast train", absl::StrCat("--dataset ", digest)};
  for (std::string& flag : GivenFlags(command, CsvFlags::kGroup)) words.push_back(std::move(flag));
  return words;
}

std::string InspectionText(const v1::InspectDatasetResponse& inspection, const std::string& digest,
                           const std::vector<std::string>& train_words, const Terminal& terminal) {
  const auto heading = [&](const char* title) {
    return absl::StrCat("\n", terminal.Paint(title, Tone::kHeading), "\n");
  };
  std::string text = absl::StrCat("Dataset ", Printable(digest), "\n");
  if (inspection.has_file()) text += FileText(inspection.file(), terminal);
  absl::StrAppend(&text, heading("Columns"), ColumnsText(inspection, terminal));
  const std::string target = TargetText(inspection.target());
  if (!target.empty()) absl::StrAppend(&text, target, "\n");
  v1::CleaningReport cleaning = inspection.cleaning();
  // Their role says why.
  if (inspection.columns_size() > 0 && !inspection.columns(0).role().empty()) cleaning.clear_left_out();
  absl::StrAppend(&text, heading("Cleaning"), CleaningText(cleaning, terminal));
  absl::StrAppend(&text, "  rows: ", FormatCount(inspection.train_rows()), " for training, ",
                  FormatValidation(inspection.validation_rows(), inspection.validation_chooses_epoch()), ", ",
                  FormatCount(inspection.holdout_rows()), " held out\n");
  if (!inspection.warnings().empty()) {
    absl::StrAppend(&text, heading("Warnings"), WarningsText(inspection.warnings(), terminal));
  }
  const size_t room = terminal.width < 2 ? 0 : terminal.width - 2;
  absl::StrAppend(&text, "\nTrain on it:\n  ", PrintableLines(ShellLines(train_words, room)), "\n");
  return text;
}

absl::StatusOr<int> Inspect(const CommandContext& context, const CLI::App& command, const InspectFlags& flags) {
  ROICAST_ASSIGN_OR_RETURN(DatasetSource source, flags.dataset.Open());
  ROICAST_ASSIGN_OR_RETURN(const auto channels, context.Connect());
  const TrainingClient client(channels, context.Calls());
  if (flags.spec.NeedsColumns() && !source.columns().known()) source.AskColumns(client, flags.spec.Target());
  ROICAST_ASSIGN_OR_RETURN(v1::TrainingSpec spec, flags.spec.Build(source.columns()));
  ROICAST_ASSIGN_OR_RETURN(const v1::Dataset dataset, source.Resolve(context, client));
  spec.set_dataset_digest(dataset.digest());
  ROICAST_ASSIGN_OR_RETURN(const v1::InspectDatasetResponse inspection,
                           InspectSpec(context, client, source, flags.spec, spec));
  const std::vector<std::string> train_words = TrainWords(command, dataset.digest());
  if (context.json) {
    nlohmann::ordered_json json = ToJson(inspection);
    json["dataset_digest"] = dataset.digest();
    json["train_command"] = absl::StrJoin(train_words, " ");
    PrintJson(json);
    return kOk;
  }
  std::fputs(InspectionText(inspection, dataset.digest(), train_words, context.Output()).c_str(), stdout);
  return kOk;
}

}  // namespace

void AddInspectCommand(CLI::App& app, CommandContext& context) {
  CLI::App& command =
      *app.add_subcommand("inspect", "Show how a table is read, and the cleaning that training would apply");
  const auto flags = std::make_shared<InspectFlags>();
  flags->dataset.AddTo(command);
  flags->spec.AddDataTo(command);
  SetCommand(command, context, [&context, &command, flags] { return Inspect(context, command, *flags); });
}

}  // namespace roicast::client

// roicast train: uploads a dataset, trains on it and watches the job.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/printable.h"
#include "base/status_macros.h"
#include "client/cli/command.h"
#include "client/cli/dataset_flags.h"
#include "client/cli/file_error.h"
#include "client/cli/format.h"
#include "client/cli/inspection.h"
#include "client/cli/interrupts.h"
#include "client/cli/job_view.h"
#include "client/cli/json_output.h"
#include "client/cli/progress_line.h"
#include "client/cli/reading_view.h"
#include "client/cli/spec_flags.h"
#include "client/cli/warning_view.h"

namespace roicast::client {
namespace {

struct TrainFlags {
  DatasetFlags dataset;
  SpecFlags spec;
  bool detach = false;
};

// What a person should see before the training: the file, the target, the rows, and what may be wrong.
std::string PreviewText(const v1::InspectDatasetResponse& inspection, const Terminal& terminal) {
  std::string text;
  if (inspection.has_file()) text += FileText(inspection.file(), terminal);
  const std::string target = TargetText(inspection.target());
  if (!target.empty()) absl::StrAppend(&text, target, "\n");
  const v1::CleaningReport& cleaning = inspection.cleaning();
  if (cleaning.rows_in() > 0) {
    absl::StrAppend(&text, "Rows: ", FormatCount(cleaning.rows_used()), " of ", FormatCount(cleaning.rows_in()),
                    " used; ", FormatCount(inspection.train_rows()), " for training, ",
                    FormatValidation(inspection.validation_rows(), inspection.validation_chooses_epoch()), ", ",
                    FormatCount(inspection.holdout_rows()), " held out\n");
  }
  text += SeriousWarningsText(inspection.warnings(), terminal);
  return text.empty() ? "" : text + "\n";
}

// An error of the data ends the command before a job is queued that would fail of it. Other errors are no reason not to
// train, and a warm start keeps the schema of its version, which a preview does not know.
absl::Status ShowPreview(const CommandContext& context, const TrainingClient& client, DatasetSource& source,
                         const SpecFlags& flags, const v1::TrainingSpec& spec) {
  const absl::StatusOr<v1::InspectDatasetResponse> inspection = [&] {
    // The call cannot be ended early, and nothing has to be undone.
    const Interrupts interrupts([&context, digest = spec.dataset_digest()] {
      if (Terminal::Of(stderr).redraws) std::fputs("\n", stderr);
      std::_Exit(context.Fail(WithHint(absl::CancelledError("train: cancelled before a job was made"),
                                       absl::StrCat("train on what was uploaded: roicast train --dataset ", digest))));
    });
    return InspectSpec(context, client, source, flags, spec);
  }();
  if (!inspection.ok()) {
    const bool of_data = absl::IsInvalidArgument(inspection.status()) || absl::IsNotFound(inspection.status()) ||
                         absl::IsFailedPrecondition(inspection.status());
    if (of_data && spec.training().warm_start_version() == 0) return inspection.status();
    ProgressLine().Note(absl::StrCat("no preview: ", Printable(inspection.status().message())));
    return absl::OkStatus();
  }
  // The result alone goes to standard output.
  Terminal terminal = Terminal::Of(stderr);
  if (context.wide) terminal.width = Terminal::kUnlimited;
  std::fputs(PreviewText(*inspection, terminal).c_str(), stderr);
  return absl::OkStatus();
}

absl::StatusOr<int> Train(const CommandContext& context, const TrainFlags& flags) {
  ROICAST_ASSIGN_OR_RETURN(DatasetSource source, flags.dataset.Open());
  ROICAST_ASSIGN_OR_RETURN(const auto channels, context.Connect());
  const TrainingClient client(channels, context.Calls());
  if (flags.spec.NeedsColumns() && !source.columns().known()) source.AskColumns(client, flags.spec.Target());
  ROICAST_ASSIGN_OR_RETURN(v1::TrainingSpec spec, flags.spec.Build(source.columns()));
  ROICAST_ASSIGN_OR_RETURN(const v1::Dataset dataset, source.Resolve(context, client));
  spec.set_dataset_digest(dataset.digest());
  ROICAST_RETURN_IF_ERROR(ShowPreview(context, client, source, flags.spec, spec));
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
      "The target is found by the usual names of ROI, ROAS, revenue and spend, unless flags\n"
      "say otherwise; roicast inspect FILE shows which. Ctrl-C leaves the job running.");
  const auto flags = std::make_shared<TrainFlags>();
  flags->dataset.AddTo(command);
  command.add_flag("--detach", flags->detach, "Print the job's id and do not wait");
  flags->spec.AddDataTo(command);
  flags->spec.AddTrainingTo(command);
  SetCommand(command, context, [&context, flags] { return Train(context, *flags); });
}

}  // namespace roicast::client

// roicast models: list, show, serve, export, import.
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <memory>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/model_name.h"
#include "base/printable.h"
#include "base/status_macros.h"
#include "client/cli/command.h"
#include "client/cli/display_width.h"
#include "client/cli/format.h"
#include "client/cli/input_file.h"
#include "client/cli/interrupts.h"
#include "client/cli/json_output.h"
#include "client/cli/output_file.h"
#include "client/cli/report_view.h"
#include "client/cli/text_table.h"
#include "client/cli/usage.h"
#include "client/cli/usage_error.h"
#include "client/cli/verdict.h"
#include "client/model_client.h"

namespace roicast::client {
namespace {

struct ModelsFlags {
  std::string file;
  ModelFlags model;
  bool force = false;
  bool follow = false;
  std::string reason;
};

using WhenNarrow = TextTable::WhenNarrow;

Toned StateOf(const v1::Model& model) {
  if (!model.load_error().empty()) return {absl::StrCat("broken: ", model.load_error()), Tone::kBad};
  if (!model.serving()) {
    return model.not_serving().empty() ? Toned("")
                                       : Toned(absl::StrCat("not serving: ", model.not_serving()), Tone::kWarning);
  }
  // Only lists of all models name it.
  if (model.newest_version() <= model.version()) return {"serving", Tone::kGood};
  return {absl::StrCat("serving; version ", model.newest_version(), " is newer and does not serve"), Tone::kWarning};
}

std::string StepText(const v1::ServingStep& step) {
  const std::string by = step.actor().empty() ? "" : absl::StrCat(", ", step.actor());
  const std::string from = step.from_version() == 0 ? "" : absl::StrCat(" instead of ", step.from_version());
  std::string text = absl::StrCat(FormatTimestamp(step.time()), "  version ", step.version(), from);
  switch (step.cause()) {
    case v1::SERVING_CAUSE_RULE:
      absl::StrAppend(&text, ", by itself", by);
      break;
    case v1::SERVING_CAUSE_HAND:
      absl::StrAppend(&text, step.forced() ? ", by hand, forced" : ", by hand", by,
                      step.holds() ? "; holds its place" : "");
      break;
    default:
      absl::StrAppend(&text, ", served before this was recorded");
      break;
  }
  if (!step.reason().empty()) absl::StrAppend(&text, ": ", step.reason());
  return text;
}

// "R² 0.9134" in the target's own unit, or "AUC 0.8461"; on rows that were not learnt from.
Toned FirstMetric(const v1::Model& model) {
  if (model.has_first_metric()) {
    const bool auc = model.first_metric_name() == "AUC";
    return {absl::StrFormat("%s %.4f", model.first_metric_name(), model.first_metric()),
            auc ? ToneOfR2(2 * model.first_metric() - 1) : ToneOfR2(model.first_metric())};
  }
  // Published before the first metric was recorded.
  if (model.first_metric_name().empty() && !std::isnan(model.holdout_r2())) {
    return {absl::StrFormat("R² %.4f (transformed)", model.holdout_r2()), Tone::kQuiet};
  }
  return {"not known", Tone::kWarning};
}

using ModelsSubcommand = absl::StatusOr<int> (*)(const CommandContext&, const ModelClient&, const ModelsFlags&);

absl::StatusOr<int> ListModels(const CommandContext& context, const ModelClient& client, const ModelsFlags& flags) {
  ROICAST_ASSIGN_OR_RETURN(const std::vector<v1::Model> models, client.ListModels(flags.model.name));
  if (context.json) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const v1::Model& model : models) json.push_back(ToJson(model));
    PrintJson(json);
    return kOk;
  }
  if (models.empty()) {
    std::printf("No models yet. Train one: roicast train FILE\n");
    return kOk;
  }
  TextTable table({"model",
                   "version",
                   {"state", WhenNarrow::kCut},
                   "on new rows",
                   {"published", WhenNarrow::kDrop},
                   {"size", WhenNarrow::kDrop},
                   {"network", WhenNarrow::kDrop}});
  for (const v1::Model& model : models) {
    table.AddRow({model.name(), absl::StrCat(model.version()), StateOf(model), FirstMetric(model),
                  FormatTimestamp(model.publish_time()), FormatBytes(model.size_bytes()), model.network()});
  }
  std::fputs(table.ToString(context.Output()).c_str(), stdout);
  return kOk;
}

void PrintModel(const v1::Model& model, const Terminal& terminal) {
  std::printf("%s%s\n  digest     %s\n  size       %s\n  published  %s\n  network    %s\n",
              FormatVersion(model).c_str(), model.serving() ? " (serving)" : "",
              Printable(model.artifact_digest()).c_str(), FormatBytes(model.size_bytes()).c_str(),
              FormatTimestamp(model.publish_time()).c_str(), Printable(model.network()).c_str());
  if (!model.job_id().empty()) std::printf("  job        %s\n", Printable(model.job_id()).c_str());
  if (!model.load_error().empty()) {
    const std::string line = WrapToWidth("  cannot be served: " + Printable(model.load_error()), terminal.width, 4);
    std::printf("%s\n", terminal.Paint(line, Tone::kBad).c_str());
  }
  if (!model.not_serving().empty()) {
    const std::string line = WrapToWidth("  not serving: " + Printable(model.not_serving()), terminal.width, 4);
    std::printf("%s\n", terminal.Paint(line, Tone::kWarning).c_str());
  }
  if (model.serving_steps_size() > 0) {
    std::printf("\n%s\n", terminal.Paint("Which version serves, newest first", Tone::kHeading).c_str());
    for (const v1::ServingStep& step : model.serving_steps()) {
      std::printf("%s\n", WrapToWidth("  " + Printable(StepText(step)), terminal.width, 4).c_str());
    }
  }
  if (model.has_schema()) {
    const std::string title = absl::StrCat("Features (schema ", FormatDigest(model.schema().digest()), ")");
    std::printf("\n%s\n%s", terminal.Paint(title, Tone::kHeading).c_str(),
                SchemaText(model.schema(), terminal).c_str());
  }
  if (model.has_report()) std::printf("\n%s", ReportText(model.report(), terminal).c_str());
}

int PrintModel(const CommandContext& context, const v1::Model& model) {
  if (context.json) {
    PrintJson(ToJson(model));
  } else {
    PrintModel(model, context.Output());
  }
  return kOk;
}

absl::StatusOr<int> ShowModel(const CommandContext& context, const ModelClient& client, const ModelsFlags& flags) {
  ROICAST_ASSIGN_OR_RETURN(const v1::Model model, client.GetModel(flags.model.ref()));
  return PrintModel(context, model);
}

// Whether the version that a person chose is the one that serves; false if nothing tells.
bool ServesAlready(const ModelClient& client, const v1::ModelRef& chosen) {
  v1::ModelRef model;
  model.set_name(chosen.name());
  const absl::StatusOr<v1::Model> serving = client.GetModel(model);
  return serving.ok() && serving->serving() && serving->version() == chosen.version();
}

absl::StatusOr<int> Serve(const CommandContext& context, const ModelClient& client, const ModelsFlags& flags) {
  v1::ServeVersionRequest request;
  *request.mutable_model() = flags.model.ref();
  request.set_force(flags.force);
  request.set_follow(flags.follow);
  request.set_reason(flags.reason);
  const bool already = ServesAlready(client, request.model());
  ROICAST_ASSIGN_OR_RETURN(const v1::Model model, client.ServeVersion(request));
  if (context.json) {
    PrintJson(ToJson(model));
    return kOk;
  }
  const v1::ServingStep last = model.serving_steps_size() > 0 ? model.serving_steps(0) : v1::ServingStep();
  // The last step is not of now if nothing changed.
  const bool instead = !already && last.from_version() > 0 && last.from_version() != model.version();
  std::printf("%s serves%s\n", FormatVersion(model).c_str(),
              already   ? " already"
              : instead ? absl::StrCat(", instead of version ", last.from_version()).c_str()
                        : "");
  if (!model.serving_objections().empty()) {
    const Terminal terminal = context.Output();
    const std::string line = WrapToWidth("  note: " + Printable(model.serving_objections()), terminal.width, 2);
    std::printf("%s\n", terminal.Paint(line, Tone::kWarning).c_str());
  }
  if (last.holds()) {
    std::printf("%s\n", WrapToWidth("  It holds its place: newer versions do not take over until another version is "
                                    "served by hand, or this one with --follow",
                                    context.Output().width, 2)
                            .c_str());
  }
  return kOk;
}

// A stream buffer that writes to an OutputFile and keeps the first error.
class FileBuffer : public std::stringbuf {
 public:
  explicit FileBuffer(OutputFile& file) : file_(file) {}
  const absl::Status& status() const { return status_; }

 protected:
  std::streamsize xsputn(const char* bytes, std::streamsize size) override {
    if (status_.ok()) status_ = file_.Write(absl::string_view(bytes, static_cast<size_t>(size)));
    return status_.ok() ? size : 0;
  }

 private:
  OutputFile& file_;
  absl::Status status_;
};

absl::StatusOr<int> Export(const CommandContext& context, const ModelClient& client, const ModelsFlags& flags) {
  ROICAST_ASSIGN_OR_RETURN(const std::unique_ptr<OutputFile> file, OutputFile::Create(flags.file));
  FileBuffer buffer(*file);
  std::ostream stream(&buffer);
  const absl::StatusOr<v1::ServedBy> received = client.ExportModel(flags.model.ref(), stream);
  // The cause of what the client says about its stream.
  ROICAST_RETURN_IF_ERROR(buffer.status());
  ROICAST_ASSIGN_OR_RETURN(const v1::ServedBy exported, received);
  ROICAST_RETURN_IF_ERROR(file->Commit());
  if (flags.file == "-") return kOk;
  if (context.json) {
    PrintJson(ToJson(exported));
  } else {
    std::printf("%s in %s (%s)\n", FormatVersion(exported).c_str(), Printable(flags.file).c_str(),
                FormatDigest(exported.artifact_digest()).c_str());
  }
  return kOk;
}

absl::StatusOr<int> Import(const CommandContext& context, const ModelClient& client, const ModelsFlags& flags) {
  // Not by the parser: it would take the value of a misspelt flag for the name.
  if (!flags.model.name.empty() && !IsModelName(flags.model.name)) {
    return UnexpectedValue("--model", kModelNameRule, flags.model.name);
  }
  ROICAST_ASSIGN_OR_RETURN(const std::unique_ptr<InputFile> file, InputFile::Open(flags.file));
  const Interrupts interrupts(nullptr);
  InputStream stream(*file, interrupts.flag());
  const absl::StatusOr<v1::Model> imported = client.ImportModel(flags.model.name, stream);
  ROICAST_RETURN_IF_ERROR(stream.status());
  ROICAST_ASSIGN_OR_RETURN(const v1::Model model, imported);
  if (context.json) {
    PrintJson(ToJson(model));
  } else {
    std::printf("%s (%s)%s\n", FormatVersion(model).c_str(), FormatDigest(model.artifact_digest()).c_str(),
                model.serving() ? ", serving" : "");
    if (!model.not_serving().empty()) {
      const Terminal terminal = context.Output();
      const std::string line = WrapToWidth("  not serving: " + Printable(model.not_serving()), terminal.width, 2);
      std::printf("%s\n", terminal.Paint(line, Tone::kWarning).c_str());
    }
  }
  return kOk;
}

}  // namespace

void AddModelsCommand(CLI::App& app, CommandContext& context) {
  CLI::App& models = *app.add_subcommand("models", "List, show, serve, export and import models");
  models.require_subcommand(1);
  models.fallthrough();
  const auto flags = std::make_shared<ModelsFlags>();
  const auto add = [&](const std::string& name, const std::string& help, ModelsSubcommand body) -> CLI::App& {
    CLI::App& command = *models.add_subcommand(name, help);
    SetCommand(command, context, [&context, flags, body]() -> absl::StatusOr<int> {
      ROICAST_ASSIGN_OR_RETURN(const auto channels, context.Connect());
      return body(context, ModelClient(channels, context.Calls()), *flags);
    });
    return command;
  };
  add("list", "List the serving version of each model, or all versions of one", &ListModels)
      .add_option("-m,--model,name", flags->model.name, "List all versions of this model")
      ->type_name("NAME");
  flags->model.AddPositionalTo(
      add("show", "Show a version: features, metrics, cleaning, and which versions served", &ShowModel));
  CLI::App& serve = add("serve", "Make a version serve: a newer one, or an older one to go back to", &Serve);
  serve.add_option("-m,--model,name", flags->model.name, "Model")->required()->type_name("NAME");
  serve.add_option("--version,version", flags->model.version, "Version that is to serve")
      ->required()
      ->type_name("N")
      ->check(Above(0));
  serve.add_flag("--force", flags->force, "Even if requests that are valid now would fail, or its holdout is bad");
  serve.add_flag("--follow", flags->follow, "Let newer versions take over by themselves, even behind an older one");
  serve.add_option("--reason", flags->reason, "Why, for the server's log and record; up to 200 bytes")
      ->type_name("TEXT");
  CLI::App& out = add("export", "Export a version as an artifact file", &Export);
  out.add_option("file", flags->file, "File to write; - for standard output")->required()->type_name("FILE");
  flags->model.AddPositionalTo(out);
  CLI::App& in = add("import", "Publish an artifact file as the next version", &Import);
  in.add_option("file", flags->file, "Artifact file; - for standard input")->required()->type_name("FILE");
  in.add_option("-m,--model,name", flags->model.name, "Model to publish under; default: the server's default model")
      ->type_name("NAME");
}

}  // namespace roicast::client

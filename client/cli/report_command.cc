// roicast report: what a model is worth and what it has learnt, as one HTML file for people.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "base/printable.h"
#include "base/status_macros.h"
#include "base/utf8.h"
#include "client/cli/command.h"
#include "client/cli/csv_flags.h"
#include "client/cli/file_error.h"
#include "client/cli/findings_view.h"
#include "client/cli/format.h"
#include "client/cli/input_file.h"
#include "client/cli/interrupts.h"
#include "client/cli/json_output.h"
#include "client/cli/output_file.h"
#include "client/cli/progress_line.h"
#include "client/cli/table_header.h"
#include "client/cli/target_flags.h"
#include "client/cli/terminal.h"
#include "client/cli/usage.h"
#include "client/model_client.h"
#include "client/report/model_answers.h"
#include "client/report/report.h"
#include "client/report/report_input.h"
#include "client/report/row_collector.h"
#include "client/report/target_words.h"
#include "client/scoring/column_options.h"
#include "client/scoring/feature_columns.h"
#include "client/scoring/table_findings.h"
#include "client/training_client.h"

namespace roicast::client {
namespace {

constexpr size_t kReportReadBytes = size_t{1} << 18;
constexpr NumberRange kReportRows{100, 100000};
constexpr size_t kMostDisplayName = 200;
constexpr int64_t kMostCheckedBytes = int64_t{64} << 20;
constexpr absl::Duration kEvaluationTimeout = absl::Minutes(10);

struct ReportFlags {
  std::string input;
  std::string output = "report.html";
  int64_t rows = 20000;
  CsvFlags csv;
  ModelFlags model;
  TargetFlags target;
};

std::string FileName(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

// The input as a source that detection reads.
class ReportSource : public ByteSource {
 public:
  ReportSource(InputFile* file, const std::atomic<bool>* stop) : file_(*file), stop_(*stop) {}
  absl::StatusOr<size_t> Read(char* to, size_t size) override { return file_.Read(to, size, stop_); }
  absl::Status Rewind() override { return file_.Rewind(); }

 private:
  InputFile& file_;
  const std::atomic<bool>& stop_;
};

class Reporting {
 public:
  Reporting(const CommandContext& context, const ReportFlags& flags)
      : context_(context), flags_(flags), line_(context.json) {}

  absl::StatusOr<int> Run() {
    absl::StatusOr<int> exit_code = RunToEnd();
    if (exit_code.ok() || !interrupts_.interrupted()) return exit_code;
    return absl::CancelledError("report: cancelled; no output was written");
  }

 private:
  absl::StatusOr<int> RunToEnd() {
    ROICAST_ASSIGN_OR_RETURN(channels_, context_.Connect());
    const ModelClient models(channels_, context_.Calls());
    ROICAST_ASSIGN_OR_RETURN(input_.model, models.GetModel(flags_.model.ref()));
    ROICAST_RETURN_IF_ERROR(FindOther(models));
    std::optional<CollectedRows> rows;
    if (!flags_.input.empty()) {
      ROICAST_ASSIGN_OR_RETURN(rows, ReadTable());
    }
    const ModelAnswers answers(channels_, context_.Calls(), input_.model, [this] { return Stopped(); });
    if (!input_.model.load_error().empty()) {
      input_.no_analysis = absl::StrCat("the version cannot be loaded: ", input_.model.load_error());
      input_.no_curves = input_.no_analysis;
      if (rows.has_value()) input_.table->no_outcome = input_.no_analysis;
    } else {
      if (rows.has_value()) {
        Say("predicting ...");
        ROICAST_RETURN_IF_ERROR(answers.Predict(*rows, *input_.table));
        ROICAST_RETURN_IF_ERROR(PredictByOther(*rows));
      }
      Say("asking what drives the predictions ...");
      const CollectedRows* const given = rows.has_value() && rows->size() > 0 ? &*rows : nullptr;
      const std::string file = input_.table.has_value() ? input_.table->file : "";
      ROICAST_RETURN_IF_ERROR(answers.Analyze(given, file, input_));
      Say("asking for response curves ...");
      ROICAST_RETURN_IF_ERROR(answers.AskCurves(given, file, input_));
    }
    line_.Clear();
    input_.made = absl::FormatTime("%e %B %Y, %H:%M UTC", absl::Now(), absl::UTCTimeZone());
    const std::string html = ReportHtml(input_);
    ROICAST_ASSIGN_OR_RETURN(const std::unique_ptr<OutputFile> output, OutputFile::Create(flags_.output));
    ROICAST_RETURN_IF_ERROR(output->Write(html));
    ROICAST_RETURN_IF_ERROR(output->Commit());
    Finish(static_cast<int64_t>(html.size()));
    return kOk;
  }

  void Say(const char* what) {
    if (line_.terminal()) line_.Update({what}, true);
  }
  absl::Status Stopped() const {
    return interrupts_.interrupted() ? absl::CancelledError("report: cancelled") : absl::OkStatus();
  }

  // The serving version or, of the serving version, the one that served before it.
  absl::Status FindOther(const ModelClient& models) {
    const v1::Model& model = input_.model;
    v1::ModelRef ref;
    ref.set_name(model.name());
    if (model.serving()) {
      for (const v1::ServingStep& step : model.serving_steps()) {
        if (step.version() != model.version() || step.from_version() == model.version()) continue;
        ref.set_version(step.from_version());
        break;
      }
      if (ref.version() == 0) {
        input_.no_other = "this version serves now, and no other one served before it.";
        return absl::OkStatus();
      }
    }
    absl::StatusOr<v1::Model> other = models.GetModel(ref);
    if (!other.ok() && !absl::IsNotFound(other.status())) return other.status();
    if (!other.ok() || (!model.serving() && !other->serving())) {
      input_.no_other = "no other version serves.";
      return absl::OkStatus();
    }
    input_.other = *std::move(other);
    return absl::OkStatus();
  }

  absl::StatusOr<CollectedRows> ReadTable() {
    Say("reading the table ...");
    ROICAST_ASSIGN_OR_RETURN(const std::unique_ptr<InputFile> file, InputFile::Open(flags_.input));
    if (file->size() == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(flags_.input, ": expected a file with rows, which is read twice, got a pipe or an empty file"));
    }
    ROICAST_ASSIGN_OR_RETURN(const FileOptions file_options, flags_.csv.ToFileOptions());
    ROICAST_ASSIGN_OR_RETURN(const ColumnNames names, ReadTableHeader(*file, file_options, interrupts_.flag()));
    ROICAST_RETURN_IF_ERROR(flags_.target.Check(names));
    ROICAST_ASSIGN_OR_RETURN(TableOptions options, flags_.csv.ToTableOptions(names));
    options.missing = MissingOf(input_.model, flags_.csv.MissingValues());
    ReportSource source(file.get(), &interrupts_.flag());
    ROICAST_ASSIGN_OR_RETURN(const TableReading table, DetectTable(source, options));
    ROICAST_RETURN_IF_ERROR(file->Rewind());
    ROICAST_ASSIGN_OR_RETURN(const FeatureColumns columns, BindFeatures(input_.model, table, options.columns));
    input_.table.emplace();
    ReportTable& about = *input_.table;
    about.file = flags_.input == "-" ? "standard input" : FileName(flags_.input);
    about.absent = columns.absent;
    v1::TargetSpec target = input_.model.provenance().spec().target();
    flags_.target.MergeInto(&target);
    absl::StatusOr<OutcomeColumns> bound = OutcomeColumns::Bind(target, table);
    std::optional<OutcomeColumns> outcome;
    if (bound.ok()) {
      about.outcome = bound->words();
      outcome = *std::move(bound);
    } else {
      about.no_outcome = absl::StrCat(bound.status().message(), ".");
    }
    RowCollector collector(input_.model, table, options, columns, std::move(outcome), flags_.rows);
    std::string chunk(kReportReadBytes, '\0');
    while (true) {
      ROICAST_ASSIGN_OR_RETURN(const size_t got, file->Read(chunk.data(), chunk.size(), interrupts_.flag()));
      if (got == 0) break;
      ROICAST_RETURN_IF_ERROR(collector.Feed(absl::string_view(chunk.data(), got)));
    }
    ROICAST_ASSIGN_OR_RETURN(CollectedRows rows, collector.Finish());
    if (about.no_outcome.empty()) ROICAST_RETURN_IF_ERROR(CheckLearntRows(*file, names, about));
    about.rows_read = rows.rows_read;
    about.rows_unread = rows.rows_unread;
    about.first_unread = rows.first_unread;
    about.rows_kept = rows.size();
    findings_ = rows.findings;
    about.findings = absl::StrSplit(FindingsText(findings_, Terminal()), '\n', absl::SkipEmpty());
    return rows;
  }

  // Whether the model has learnt from the rows: pictures of such rows flatter it. Only the server knows, so the table
  // is uploaded, as by `evaluate`. Errors: of the file alone.
  absl::Status CheckLearntRows(InputFile& file, const ColumnNames& names, ReportTable& about) {
    if (file.size() > kMostCheckedBytes) {
      about.learnt_unknown = absl::StrCat("the file is larger than ", FormatBytes(kMostCheckedBytes));
      return absl::OkStatus();
    }
    Say("asking whether the model has learnt from these rows ...");
    ROICAST_RETURN_IF_ERROR(file.Rewind());
    v1::UploadDatasetHeader header;
    header.set_display_name(std::string(Utf8Start(about.file, kMostDisplayName)));
    ROICAST_ASSIGN_OR_RETURN(*header.mutable_csv(), flags_.csv.ToProto(names));
    const TrainingClient client(channels_, context_.Calls());
    InputStream stream(file, interrupts_.flag());
    const absl::StatusOr<v1::Dataset> dataset =
        client.UploadCsv(stream, header, [this](int64_t) { return !interrupts_.interrupted(); });
    ROICAST_RETURN_IF_ERROR(Stopped());
    ROICAST_RETURN_IF_ERROR(stream.status());
    const absl::StatusOr<v1::EvaluateModelResponse> response =
        dataset.ok() ? Evaluate(client, dataset->digest()) : dataset.status();
    ROICAST_RETURN_IF_ERROR(Stopped());
    if (!response.ok()) {
      about.learnt_unknown = std::string(response.status().message());
      return absl::OkStatus();
    }
    about.rows_checked = response->learnt_rows().rows_checked();
    about.rows_learnt = response->learnt_rows().rows_learnt();
    about.learnt_unknown = response->learnt_rows().unknown_because();
    if (about.rows_checked > 0 && !about.learnt_from()) about.metrics = response->metrics();
    return absl::OkStatus();
  }

  absl::StatusOr<v1::EvaluateModelResponse> Evaluate(const TrainingClient& client, const std::string& dataset) const {
    v1::EvaluateModelRequest request;
    request.mutable_model()->set_name(input_.model.name());
    request.mutable_model()->set_version(input_.model.version());
    request.set_dataset_digest(dataset);
    if (!flags_.target.empty()) flags_.target.MergeInto(request.mutable_target());
    return client.Evaluate(request, kEvaluationTimeout);
  }

  // The other version's predictions for the rows with an outcome, if it knows all it needs of them.
  absl::Status PredictByOther(const CollectedRows& rows) {
    if (!input_.other.has_value() || !input_.other->load_error().empty()) return absl::OkStatus();
    const std::optional<std::vector<float>> values =
        TranslateRows(input_.model.schema(), input_.other->schema(), rows.values);
    if (!values.has_value() || WordsOfTarget(*input_.other).name != WordsOfTarget(input_.model).name) {
      return absl::OkStatus();
    }
    CollectedRows translated = rows;
    translated.values = *values;
    ReportTable table;
    const ModelAnswers answers(channels_, context_.Calls(), *input_.other, [this] { return Stopped(); });
    const absl::StatusOr<std::vector<float>> here =
        ModelAnswers(channels_, context_.Calls(), input_.model).Predictions(rows.values);
    ROICAST_RETURN_IF_ERROR(here.status());
    const absl::StatusOr<std::vector<float>> there = answers.Predictions(translated.values);
    // A version that cannot be asked is left out of the comparison of rows.
    if (!there.ok()) return Stopped();
    for (size_t i = 0; i < here->size(); ++i) {
      if (!std::isfinite((*here)[i]) || !std::isfinite(rows.truths[i])) continue;
      if (!std::isfinite((*there)[i])) {
        input_.other_predicted.clear();
        return absl::OkStatus();
      }
      input_.other_predicted.push_back(static_cast<double>((*there)[i]));
    }
    return absl::OkStatus();
  }

  void Finish(int64_t bytes) const {
    std::vector<std::string> left_out;
    const bool held_out = HeldOutRows(input_.model.report()).size() > 0;
    const char* const pictures = held_out ? "pictures of rows of your own: " : "predicted against actual: ";
    if (!input_.table.has_value()) left_out.push_back(absl::StrCat(pictures, "no file was given"));
    if (input_.table.has_value() && !input_.table->no_outcome.empty()) {
      left_out.push_back(absl::StrCat(pictures, input_.table->no_outcome));
    }
    if (input_.table.has_value() && !input_.table->no_intervals.empty()) {
      left_out.push_back(absl::StrCat("ranges: ", input_.table->no_intervals));
    }
    if (!input_.no_analysis.empty())
      left_out.push_back(absl::StrCat("what drives the predictions: ", input_.no_analysis));
    if (!input_.no_curves.empty()) left_out.push_back(absl::StrCat("response curves: ", input_.no_curves));
    if (!input_.no_other.empty()) left_out.push_back(absl::StrCat("comparison: ", input_.no_other));
    if (context_.json) {
      nlohmann::ordered_json json;
      json["file"] = flags_.output;
      json["bytes"] = bytes;
      json["model"] = input_.model.name();
      json["version"] = input_.model.version();
      json["rows"] = input_.table.has_value() ? input_.table->rows_read : 0;
      json["rows_with_outcome"] = input_.table.has_value() ? input_.table->outcomes.size() : 0;
      json["left_out"] = left_out;
      if (input_.table.has_value()) AddFindings(findings_, json);
      if (flags_.output == "-") {
        std::fprintf(stderr, "%s\n", JsonLine(json).c_str());
      } else {
        PrintJson(json);
      }
      return;
    }
    std::fprintf(stderr, "%s: report of %s, %s\n",
                 Printable(flags_.output == "-" ? "standard output" : flags_.output).c_str(),
                 FormatVersion(input_.model).c_str(), FormatBytes(bytes).c_str());
    std::fputs(FindingsText(findings_, Terminal::Of(stderr)).c_str(), stderr);
    for (const std::string& what : left_out) std::fprintf(stderr, "  left out, %s\n", Printable(what).c_str());
  }

  const CommandContext& context_;
  const ReportFlags& flags_;
  ProgressLine line_;
  const Interrupts interrupts_{nullptr};
  std::shared_ptr<ChannelPool> channels_;
  TableFindings findings_;
  ReportInput input_;
};

}  // namespace

void AddReportCommand(CLI::App& app, CommandContext& context) {
  CLI::App& command = *app.add_subcommand("report", "Write a report of a model as one HTML file");
  command.footer(
      "The file needs no network and no other file. With a table of campaigns whose outcome\n"
      "is known, it also shows predictions beside what came true; the outcome's column is\n"
      "that of training unless flags say otherwise. Campaigns that the model has not learnt\n"
      "from show more than those it has.");
  const auto flags = std::make_shared<ReportFlags>();
  command.add_option("input", flags->input, "Table with known outcomes")->type_name("FILE");
  command.add_option("-o,--output", flags->output, "File to write; - for standard output")
      ->type_name("FILE")
      ->capture_default_str();
  command.add_option("--rows", flags->rows, "Most rows of the table to look at; of more, they are drawn at random")
      ->check(Within(kReportRows))
      ->capture_default_str();
  flags->target.AddTo(command);
  flags->csv.AddTo(command);
  flags->model.AddTo(command);
  SetCommand(command, context, [&context, flags] { return Reporting(context, *flags).Run(); });
}

}  // namespace roicast::client

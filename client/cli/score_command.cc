// roicast score: adds predictions to a CSV of any size.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/nearest_name.h"
#include "base/printable.h"
#include "base/status_macros.h"
#include "client/cli/column_names.h"
#include "client/cli/command.h"
#include "client/cli/csv_flags.h"
#include "client/cli/file_error.h"
#include "client/cli/format.h"
#include "client/cli/input_file.h"
#include "client/cli/interrupts.h"
#include "client/cli/json_output.h"
#include "client/cli/output_file.h"
#include "client/cli/progress_line.h"
#include "client/cli/report_view.h"
#include "client/cli/score_report.h"
#include "client/cli/table_header.h"
#include "client/cli/target_view.h"
#include "client/cli/uncertainty_flags.h"
#include "client/cli/usage.h"
#include "client/cli/usage_error.h"
#include "client/model_client.h"
#include "client/scoring/column_options.h"
#include "client/scoring/feature_columns.h"
#include "client/scoring/table_scorer.h"
#include "client/serving_model.h"

namespace roicast::client {
namespace {

// Enough to tell how the columns of a pipe are written.
constexpr size_t kSampleBytes = size_t{1} << 20;
constexpr size_t kReadBytes = size_t{1} << 18;
constexpr int64_t kMostBadRowsShown = 20;
// Several batches meet the same outage.
constexpr absl::Duration kRetryNoteInterval = absl::Seconds(20);

struct ScoreFlags {
  std::string input;
  std::string output = "-";
  CsvFlags csv;
  ModelFlags model;
  int64_t batch_rows = 8192;
  int in_flight = 4;
  int connections = 1;
  std::string column;  // empty: by what the model predicts
  bool warnings = false;
  bool strict = false;
  bool with_revenue = false;
  std::string spend;
  UncertaintyFlags uncertainty;
};

bool HasCompressedName(const std::string& path) {
  return absl::EndsWithIgnoreCase(path, ".gz") || absl::EndsWithIgnoreCase(path, ".zst");
}

// The input as a source that detection reads.
class InputSource : public ByteSource {
 public:
  InputSource(InputFile* file, const std::atomic<bool>* stop) : file_(*file), stop_(*stop) {}
  absl::StatusOr<size_t> Read(char* to, size_t size) override { return file_.Read(to, size, stop_); }
  absl::Status Rewind() override { return file_.Rewind(); }

 private:
  InputFile& file_;
  const std::atomic<bool>& stop_;
};

class Scoring {
 public:
  Scoring(const CommandContext& context, const ScoreFlags& flags)
      : context_(context), flags_(flags), line_(context.json) {}

  absl::StatusOr<int> Run() {
    absl::StatusOr<int> exit_code = RunToEnd();
    if (exit_code.ok() || !interrupts_.interrupted()) return exit_code;
    return absl::CancelledError("score: cancelled; no output was written");
  }

 private:
  absl::StatusOr<int> RunToEnd() {
    ScoreOptions options;
    options.batch_rows = flags_.batch_rows;
    options.in_flight = flags_.in_flight;
    options.warnings_column = flags_.warnings;
    options.uncertainty = flags_.uncertainty.ToProto();
    ROICAST_ASSIGN_OR_RETURN(const std::unique_ptr<InputFile> input, InputFile::Open(flags_.input));
    size_ = input->size();
    ROICAST_RETURN_IF_ERROR(ReadOptions(*input, options));
    ROICAST_ASSIGN_OR_RETURN(const auto channels, context_.Connect(flags_.connections));
    ROICAST_ASSIGN_OR_RETURN(const v1::Model model,
                             ModelClient(channels, context_.Calls()).GetModel(flags_.model.ref()));
    ROICAST_RETURN_IF_ERROR(CheckServes(flags_.model.ref(), model));
    options.roi_column = column_ = flags_.column.empty() ? PredictionColumn(model) : flags_.column;
    options.table.missing = MissingOf(model, flags_.csv.MissingValues());
    begin_ = absl::Now();
    ROICAST_ASSIGN_OR_RETURN(const TableReading table, Detect(*input, options.table));
    std::map<std::string, std::string> spend_feature;
    if (flags_.with_revenue) {
      ROICAST_RETURN_IF_ERROR(CheckPredictsMoney(model));
      options.predicts_revenue = PredictsRevenue(model);
      ROICAST_ASSIGN_OR_RETURN(options.spend_column, SpendColumn(model, table));
      ROICAST_ASSIGN_OR_RETURN(spend_feature, SpendFeature(model));
    }
    ROICAST_ASSIGN_OR_RETURN(FeatureColumns columns, BindFeatures(model, table, options.table.columns, spend_feature));
    std::erase(columns.unused, options.spend_column);
    if (flags_.strict && !columns.absent.empty()) {
      return WithHint(absl::InvalidArgumentError(absl::StrCat(flags_.input, ": ", AbsentText(columns.absent))),
                      "--strict wants a column for each feature; without it, typical values are used");
    }
    if (!context_.json) {
      line_.Clear();
      std::fputs(ScoreStartText(table, columns, Terminal::Of(stderr)).c_str(), stderr);
      if (HasCompressedName(flags_.output)) line_.Note("note: the output is not compressed, whatever its name says");
    }
    ROICAST_ASSIGN_OR_RETURN(output_, OutputFile::Create(flags_.output));
    const auto client = std::make_shared<PredictionClient>(channels, context_.Calls());
    TableScorer scorer(client, model, table, columns, options, Events());
    absl::StatusOr<ScoreSummary> scored = FeedAll(*input, scorer);
    if (scored.ok()) scored = scorer.Finish();
    // Do not wait for the calls in flight: the server may hang.
    if (!scored.ok()) client->CancelInFlight();
    if (absl::IsAlreadyExists(scored.status())) {
      return WithHint(scored.status(), TakenNameHint(scored.status().message()));
    }
    ROICAST_ASSIGN_OR_RETURN(const ScoreSummary summary, scored);
    ROICAST_RETURN_IF_ERROR(output_->Commit());
    line_.Clear();
    Report({model, table, columns, summary, absl::Now() - begin_, flags_.warnings, column_});
    return flags_.strict && summary.rows_refused + summary.rows_left_out > 0 ? kRefused : kOk;
  }

  absl::Status ReadOptions(InputFile& input, ScoreOptions& options) const {
    ROICAST_ASSIGN_OR_RETURN(const FileOptions file, flags_.csv.ToFileOptions());
    ROICAST_ASSIGN_OR_RETURN(const ColumnNames names, ReadTableHeader(input, file, interrupts_.flag()));
    ROICAST_ASSIGN_OR_RETURN(options.table, flags_.csv.ToTableOptions(names));
    return absl::OkStatus();
  }

  // A file is read once in full, because late cells may tell how early ones are written; of a pipe, the beginning has
  // to do.
  absl::StatusOr<TableReading> Detect(InputFile& input, const TableOptions& options) {
    if (input.size() > 0) {
      if (line_.terminal()) line_.Update({"reading how the table is written ..."}, true);
      InputSource source(&input, &interrupts_.flag());
      ROICAST_ASSIGN_OR_RETURN(TableReading table, DetectTable(source, options));
      ROICAST_RETURN_IF_ERROR(input.Rewind());
      return table;
    }
    std::string sample(kSampleBytes, '\0');
    size_t size = 0;
    bool more = true;
    while (more && size < kSampleBytes) {
      ROICAST_ASSIGN_OR_RETURN(const size_t got,
                               input.Read(sample.data() + size, kSampleBytes - size, interrupts_.flag()));
      more = got > 0;
      size += got;
    }
    sample.resize(size);
    absl::StatusOr<TableReading> table = DetectSample(sample, more, options);
    input.PutBack(std::move(sample));
    return table;
  }

  // What to do where the file already has a column that would be added.
  std::string TakenNameHint(absl::string_view message) const {
    const auto taken = [&](absl::string_view name) {
      return column_ != name && absl::StrContains(message, absl::StrCat("\"", name, "\""));
    };
    for (const absl::string_view name : {kRevenueColumn, kProfitColumn}) {
      if (taken(name)) return "rename the file's column, or leave --with-revenue out";
    }
    if (taken(kProbabilityColumn)) return "rename the file's column, or leave --profit-probability out";
    return absl::StrCat("choose another name for the predictions: --column ",
                        column_ == result_columns::kRoi ? "predicted_roi" : "NAME");
  }

  // Of other numbers than an ROI or a revenue nothing follows about money.
  static absl::Status CheckPredictsMoney(const v1::Model& model) {
    if (PredictsProbability(model)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--with-revenue: the model predicts ", ProbabilityName(model), ", and no return on a spend"));
    }
    const v1::TargetDescription& target = model.report().target();
    if (IsRoi(target) || PredictsRevenue(model)) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("--with-revenue: the model predicts \"", target.name(), "\", and neither an ROI nor a revenue"));
  }

  // The column of the spend that training computed the ROI with; else the feature that holds the spend.
  static const std::string& LearntSpend(const v1::Model& model) {
    const std::string& learnt = model.provenance().spec().target().spend_column();
    return learnt.empty() ? model.spend_feature() : learnt;
  }

  // Named by --spend; else the model's own.
  absl::StatusOr<std::string> SpendColumn(const v1::Model& model, const TableReading& table) const {
    const std::string& name = flags_.spend.empty() ? LearntSpend(model) : flags_.spend;
    if (name.empty()) {
      return absl::InvalidArgumentError(
          "--with-revenue: the model was trained without a spend; name its column: --spend COLUMN");
    }
    if (ColumnIndex(table, name).has_value()) return name;
    if (!flags_.spend.empty()) return ColumnNames(table.names).Check(GivenFlag("--spend", name), name);
    return absl::InvalidArgumentError(absl::StrCat("--with-revenue: the model's spend is \"", name,
                                                   "\", and the file has no such column", DidYouMean(name, table.names),
                                                   "; name the column with the spend: --spend COLUMN"));
  }

  // The feature that is the spend is read from the column that --spend names: what is predicted is the return on that
  // spend, and not on another one. A column that is another feature stays that alone.
  absl::StatusOr<std::map<std::string, std::string>> SpendFeature(const v1::Model& model) const {
    const std::string& learnt = LearntSpend(model);
    if (learnt.empty() || flags_.spend.empty() || flags_.spend == learnt) return std::map<std::string, std::string>();
    const auto& features = model.schema().features();
    const auto is_feature = [&](const std::string& name) {
      return std::any_of(features.begin(), features.end(), [&](const v1::Feature& one) { return one.name() == name; });
    };
    if (!is_feature(flags_.spend)) return std::map<std::string, std::string>{{learnt, flags_.spend}};
    if (PredictsRevenue(model) || !is_feature(learnt)) return std::map<std::string, std::string>();
    return UsageError(absl::StrCat(GivenFlag("--spend", flags_.spend), ": the ROI is predicted at the spend in \"",
                                   learnt, "\", and \"", flags_.spend,
                                   "\" is another feature of the model; leave --spend out"));
  }

  TableScorer::Events Events() {
    TableScorer::Events events;
    events.on_output = [this](absl::string_view bytes) { return output_->Write(bytes); };
    events.on_bad_row = [this](int64_t line, absl::string_view message) {
      if (++bad_rows_ <= kMostBadRowsShown) line_.Note(absl::StrCat("line ", line, ": ", Printable(message)));
      if (bad_rows_ == kMostBadRowsShown) line_.Note("... further bad rows are only counted");
    };
    events.on_progress = [this](const ScoreSummary& summary) {
      const absl::Duration took = absl::Now() - begin_;
      const std::string bar = size_ > 0 ? FormatBar(double(summary.bytes_in) / double(size_), 20) + " " : "";
      std::vector<Toned> parts = {absl::StrCat("score ", bar, FormatCount(summary.rows), " rows")};
      if (size_ > 0 && summary.bytes_in > 0) {
        const absl::Duration left = took * (double(size_) / double(summary.bytes_in) - 1);
        parts.emplace_back(FormatClock(left) + " left");
      }
      parts.emplace_back(FormatRate(summary.rows, took) + " rows/s");
      line_.Update(parts);
      return absl::OkStatus();
    };
    events.on_retry = [this](const absl::Status& status) {
      if (absl::Now() - last_retry_note_ < kRetryNoteInterval) return;
      last_retry_note_ = absl::Now();
      line_.Note(absl::IsUnavailable(status) ? "the server is unavailable; retrying ..."
                                             : "the server is overloaded; retrying ...");
    };
    events.stopped = [this] { return interrupts_.interrupted(); };
    return events;
  }

  // Returns an empty summary; Finish returns the real one.
  absl::StatusOr<ScoreSummary> FeedAll(InputFile& input, TableScorer& scorer) {
    std::string chunk(kReadBytes, '\0');
    while (true) {
      ROICAST_ASSIGN_OR_RETURN(const size_t got, input.Read(chunk.data(), chunk.size(), interrupts_.flag()));
      if (got == 0) return ScoreSummary();
      ROICAST_RETURN_IF_ERROR(scorer.Feed(absl::string_view(chunk.data(), got)));
    }
  }

  void Report(const ScoreResult& result) const {
    if (!context_.json) {
      std::fputs(ScoreResultText(result, Terminal::Of(stderr)).c_str(), stderr);
    } else if (flags_.output != "-") {
      PrintJson(ScoreResultJson(result));
    } else {
      std::fprintf(stderr, "%s\n", JsonLine(ScoreResultJson(result)).c_str());
    }
  }

  const CommandContext& context_;
  const ScoreFlags& flags_;
  ProgressLine line_;
  const Interrupts interrupts_{nullptr};
  std::unique_ptr<OutputFile> output_;
  std::string column_;  // of the predictions
  absl::Time begin_;
  int64_t size_ = 0;
  int64_t bad_rows_ = 0;
  absl::Time last_retry_note_ = absl::InfinitePast();
};

}  // namespace

void AddScoreCommand(CLI::App& app, CommandContext& context) {
  CLI::App& command = *app.add_subcommand("score", "Predict the ROI of every row of a table of any size");
  command.footer(
      "The output is the input with a column roi, in the same encoding, with the same\n"
      "delimiter and line ends; the output file appears only once it is complete. Of models\n"
      "of other targets the column is predicted_revenue, predicted_NAME or P(NAME = VALUE).\n"
      "Rows without a prediction have an empty cell there. Titles, totals, footers and\n"
      "malformed rows are counted and left out. How the file was read is said first.\n"
      "--interval adds columns with its name and _low and _high, --profit-probability a column\n"
      "profit_probability.");
  const auto flags = std::make_shared<ScoreFlags>();
  command.add_option("input", flags->input, "Table to read; - for standard input")->required()->type_name("FILE");
  command.add_option("-o,--output", flags->output, "File to write; - for standard output")
      ->type_name("FILE")
      ->capture_default_str();
  command.add_option("--column", flags->column, "Name of the prediction column; default: roi, or as below")
      ->type_name("NAME");
  command.add_flag("--warnings", flags->warnings, "Also add a column with its name and _warnings");
  command.add_flag("--strict", flags->strict,
                   "Fail if a feature has no column; exit with code 5 if a row got no prediction");
  CLI::Option* const with_revenue = command.add_flag(
      "--with-revenue", flags->with_revenue, "Also add columns predicted_revenue and predicted_profit, and their sums");
  command.add_option("--spend", flags->spend, "Column with the spend, for --with-revenue; default: the model's")
      ->type_name("COLUMN")
      ->needs(with_revenue);
  flags->uncertainty.AddTo(command);
  flags->csv.AddTo(command);
  flags->model.AddTo(command);
  command.add_option("--batch-rows", flags->batch_rows, "Rows per call")
      ->check(Within(ScoreOptions::kBatchRows))
      ->capture_default_str();
  command.add_option("--in-flight", flags->in_flight, "Calls in flight")
      ->check(Within(ScoreOptions::kInFlight))
      ->capture_default_str();
  command.add_option("--connections", flags->connections, "TCP connections")
      ->check(Within(ChannelOptions::kConnections))
      ->capture_default_str();
  SetCommand(command, context, [&context, flags] { return Scoring(context, *flags).Run(); });
}

}  // namespace roicast::client

// roicast score: adds predictions to a CSV of any size.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/printable.h"
#include "base/status_macros.h"
#include "client/cli/command.h"
#include "client/cli/csv_flags.h"
#include "client/cli/file_error.h"
#include "client/cli/format.h"
#include "client/cli/input_file.h"
#include "client/cli/interrupts.h"
#include "client/cli/json_output.h"
#include "client/cli/output_file.h"
#include "client/cli/progress_line.h"
#include "client/cli/usage.h"
#include "client/cli/verdict.h"
#include "client/csv_scorer.h"
#include "client/model_client.h"

namespace roicast::client {
namespace {

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
  std::string column = "roi";
  bool warnings = false;
  bool strict = false;
};

class Scoring {
 public:
  Scoring(const CommandContext& context, const ScoreFlags& flags)
      : context_(context), flags_(flags), line_(context.json) {}

  absl::StatusOr<int> Run() {
    ScoreOptions options;
    ROICAST_ASSIGN_OR_RETURN(const FileOptions file, flags_.csv.ToFileOptions());
    options.delimiter = file.delimiter.value_or(',');
    options.has_header = !flags_.csv.no_header();
    options.missing = MissingSpellings(flags_.csv.MissingValues());
    options.batch_rows = flags_.batch_rows;
    options.in_flight = flags_.in_flight;
    options.roi_column = flags_.column;
    options.warnings_column = flags_.warnings;
    ROICAST_ASSIGN_OR_RETURN(const std::unique_ptr<InputFile> input, InputFile::Open(flags_.input));
    size_ = input->size();
    ROICAST_ASSIGN_OR_RETURN(const auto channels, context_.Connect(flags_.connections));
    ROICAST_ASSIGN_OR_RETURN(const v1::Model model,
                             ModelClient(channels, context_.Calls()).GetModel(flags_.model.ref()));
    ROICAST_ASSIGN_OR_RETURN(output_, OutputFile::Create(flags_.output));
    begin_ = absl::Now();
    const auto client = std::make_shared<PredictionClient>(channels, context_.Calls());
    CsvScorer scorer(client, model, options, Events());
    absl::StatusOr<ScoreSummary> scored = FeedAll(*input, scorer);
    if (scored.ok()) scored = scorer.Finish();
    // Do not wait for the calls in flight: the server may hang.
    if (!scored.ok()) client->CancelInFlight();
    if (interrupts_.interrupted()) return absl::CancelledError("score: cancelled; no output was written");
    if (absl::IsAlreadyExists(scored.status())) {
      return WithHint(scored.status(), "choose another name for the predictions: --column predicted_roi");
    }
    ROICAST_ASSIGN_OR_RETURN(const ScoreSummary summary, scored);
    ROICAST_RETURN_IF_ERROR(output_->Commit());
    line_.Clear();
    Report(summary, model);
    return flags_.strict && summary.rows_refused + summary.rows_left_out > 0 ? kRefused : kOk;
  }

 private:
  CsvScorer::Events Events() {
    CsvScorer::Events events;
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
    events.on_header = [this](const std::vector<std::string>& absent) {
      if (!absent.empty()) {
        line_.Note(absl::StrCat("no column for ", Printable(absl::StrJoin(absent, ", ")), ": typical values are used"));
      }
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
  absl::StatusOr<ScoreSummary> FeedAll(InputFile& input, CsvScorer& scorer) {
    std::string chunk(kReadBytes, '\0');
    while (true) {
      ROICAST_ASSIGN_OR_RETURN(const size_t got, input.Read(chunk.data(), chunk.size(), interrupts_.flag()));
      if (got == 0) return ScoreSummary();
      ROICAST_RETURN_IF_ERROR(scorer.Feed(absl::string_view(chunk.data(), got)));
    }
  }

  void Report(const ScoreSummary& summary, const v1::Model& model) {
    const double seconds = std::max(1e-9, absl::ToDoubleSeconds(absl::Now() - begin_));
    if (context_.json) {
      nlohmann::ordered_json json = {{"rows", summary.rows},
                                     {"rows_with_warnings", summary.rows_with_warnings},
                                     {"rows_refused", summary.rows_refused},
                                     {"rows_left_out", summary.rows_left_out},
                                     {"seconds", seconds},
                                     {"rows_per_second", double(summary.rows) / seconds},
                                     {"model", model.name()},
                                     {"version", model.version()},
                                     {"artifact_digest", model.artifact_digest()}};
      if (flags_.output != "-") {
        PrintJson(json);
      } else {
        std::fprintf(stderr, "%s\n", JsonLine(json).c_str());
      }
      return;
    }
    std::fprintf(stderr, "%s rows scored by %s in %.1f s (%s rows/s)\n", FormatCount(summary.rows).c_str(),
                 FormatVersion(model).c_str(), seconds, FormatRate(summary.rows, absl::Seconds(seconds)).c_str());
    if (summary.rows_with_warnings > 0) {
      std::fprintf(stderr, "%s rows with warnings%s\n", FormatCount(summary.rows_with_warnings).c_str(),
                   flags_.warnings ? "" : " (--warnings lists them)");
    }
    const auto note = [&, all = summary.rows + summary.rows_left_out](int64_t rows, absl::string_view what) {
      if (rows == 0) return;
      const std::string text = absl::StrCat(FormatCount(rows), what);
      std::fprintf(stderr, "%s\n", Terminal::Of(stderr).Paint(text, ToneOfShare(rows, all)).c_str());
    };
    note(summary.rows_refused, " rows got no prediction: their roi is empty");
    note(summary.rows_left_out, " malformed rows were left out");
  }

  const CommandContext& context_;
  const ScoreFlags& flags_;
  ProgressLine line_;
  const Interrupts interrupts_{nullptr};
  std::unique_ptr<OutputFile> output_;
  absl::Time begin_;
  int64_t size_ = 0;
  int64_t bad_rows_ = 0;
  absl::Time last_retry_note_ = absl::InfinitePast();
};

}  // namespace

void AddScoreCommand(CLI::App& app, CommandContext& context) {
  CLI::App& command = *app.add_subcommand("score", "Predict the ROI of every row of a CSV of any size");
  command.footer(
      "The output is the input with a column roi; the output file appears only once it\n"
      "is complete. Rows without a prediction have an empty roi; malformed rows are\n"
      "reported and left out.");
  const auto flags = std::make_shared<ScoreFlags>();
  command.add_option("input", flags->input, "CSV; - for standard input")->required()->type_name("FILE");
  command.add_option("-o,--output", flags->output, "File to write; - for standard output")
      ->type_name("FILE")
      ->capture_default_str();
  command.add_option("--column", flags->column, "Name of the prediction column")
      ->type_name("NAME")
      ->capture_default_str();
  command.add_flag("--warnings", flags->warnings, "Also add a column roi_warnings");
  command.add_flag("--strict", flags->strict, "Exit with code 5 if a row got no prediction");
  flags->csv.AddPlainTo(command);
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

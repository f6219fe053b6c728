#include "client/cli/score_report.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/one_line.h"
#include "client/cli/findings_view.h"
#include "client/cli/format.h"
#include "client/cli/json_output.h"
#include "client/cli/report_view.h"
#include "client/cli/verdict.h"

namespace roicast::client {
namespace {

constexpr size_t kMostNames = 10;
constexpr size_t kMostBytes = 2000;

// The first names, and how many there are besides.
std::string Names(const std::vector<std::string>& names) {
  const size_t shown = std::min(names.size(), kMostNames);
  std::string text = absl::StrJoin(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", ");
  if (shown < names.size()) absl::StrAppend(&text, " and ", names.size() - shown, " more");
  return OneLine(text, kMostBytes);
}

std::string RowsText(int64_t rows) { return absl::StrCat(FormatCount(rows), rows == 1 ? " row" : " rows"); }

std::string FormText(const FileForm& form) {
  std::string text = absl::StrCat("read as ", EncodingName(form.encoding));
  if (form.compression != Compression::kNone) absl::StrAppend(&text, " in ", CompressionName(form.compression));
  absl::StrAppend(&text, ", cells divided by ", DelimiterName(form.delimiter));
  absl::StrAppend(&text, form.header_line == 0 ? ", no header" : absl::StrCat(", header on line ", form.header_line));
  return text;
}

void AppendNote(const TableNote& note, const Terminal& terminal, std::string* text) {
  std::string line = absl::StrCat(
      note.warning ? "warning: " : "note: ", note.column.empty() ? "" : absl::StrCat(OneLine(note.column, 100), ": "),
      OneLine(note.message, kMostBytes));
  absl::StrAppend(text, note.warning ? terminal.Paint(line, Tone::kWarning) : line, "\n");
  for (size_t i = 0; i < note.flags.size(); ++i) {
    absl::StrAppend(text, i == 0 ? "  to change it: " : "            or: ", OneLine(note.flags[i], kMostBytes), "\n");
  }
}

// Whether a note is about how the file is read. Those which propose another kind for a column are about training: here
// the model knows the kind, and cells that it cannot take are told row by row.
bool MattersHere(const TableNote& note) {
  constexpr absl::string_view kFlags[] = {"--encoding",    "--delimiter",   "--no-header",
                                          "--header-line", "--keep-totals", "--decimal",
                                          "--dates",       "--scale",       "--missing-values"};
  return note.flags.empty() || std::any_of(note.flags.begin(), note.flags.end(), [&](const std::string& flag) {
           return std::any_of(std::begin(kFlags), std::end(kFlags),
                              [&](absl::string_view known) { return absl::StartsWith(flag, known); });
         });
}

// Where training settles what the cells leave open, its note, with the same flag, replaces theirs.
bool IsSettled(const TableNote& note, const std::string& column, const std::vector<TableNote>& settling) {
  const auto flag_of = [](const std::string& flag) { return flag.substr(0, flag.find(' ')); };
  return std::any_of(settling.begin(), settling.end(), [&](const TableNote& other) {
    return other.column == column && !note.flags.empty() && !other.flags.empty() &&
           flag_of(note.flags[0]) == flag_of(other.flags[0]);
  });
}

// Notes on columns that hold no feature do not matter either.
template <typename OnNote>
void ForEachNote(const TableReading& table, const FeatureColumns& columns, const OnNote& on_note) {
  for (const TableNote& note : table.notes) on_note(note);
  for (const FeatureColumn& feature : columns.found) {
    const std::vector<TableNote>& own = table.columns[feature.column].notes;
    for (const TableNote& note : own) {
      if (MattersHere(note) && !IsSettled(note, table.names[feature.column], columns.notes)) on_note(note);
    }
  }
  for (const TableNote& note : columns.notes) on_note(note);
}

nlohmann::ordered_json FileJson(const FileForm& form) {
  return {{"compression", std::string(CompressionName(form.compression))},
          {"encoding", std::string(EncodingName(form.encoding))},
          {"delimiter", std::string(1, form.delimiter)},
          {"line_end", std::string(LineEndName(form.line_end))},
          {"header_line", form.header_line}};
}

nlohmann::ordered_json LeftOutJson(const std::vector<LeftOutCount>& left_out) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const LeftOutCount& count : left_out) {
    json.push_back({{"reason", std::string(LeftOutName(count.reason))},
                    {"rows", count.rows},
                    {"lines", count.lines},
                    {"example", count.example}});
  }
  return json;
}

nlohmann::ordered_json NotesJson(const TableReading& table, const FeatureColumns& columns) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  ForEachNote(table, columns, [&](const TableNote& note) {
    json.push_back({{"serious", note.warning},
                    {"column", note.column},
                    {"lines", note.lines},
                    {"message", note.message},
                    {"flags", note.flags}});
  });
  return json;
}

}  // namespace

std::string ScoreStartText(const TableReading& table, const FeatureColumns& columns, const Terminal& terminal) {
  std::string text = absl::StrCat(FormText(table.file), "\n");
  if (!columns.absent.empty()) {
    absl::StrAppend(
        &text,
        terminal.Paint(OneLine(absl::StrCat(AbsentText(columns.absent), ": typical values are used"), kMostBytes),
                       Tone::kWarning),
        "\n");
  }
  if (!columns.unused.empty()) absl::StrAppend(&text, "not used: ", Names(columns.unused), "\n");
  ForEachNote(table, columns, [&](const TableNote& note) { AppendNote(note, terminal, &text); });
  return text;
}

std::string ScoreResultText(const ScoreResult& result, const Terminal& terminal) {
  const ScoreSummary& summary = result.summary;
  std::string text = absl::StrCat(RowsText(summary.rows), " scored by ", FormatVersion(result.model), " in ",
                                  absl::StrFormat("%.1f", absl::ToDoubleSeconds(result.took)), " s (",
                                  FormatRate(summary.rows, result.took), " rows/s)\n");
  if (summary.rows_with_warnings > 0) {
    absl::StrAppend(&text, RowsText(summary.rows_with_warnings), " with warnings",
                    result.warnings_column ? "" : " (--warnings lists them)", "\n");
  }
  text += FindingsText(summary.findings, terminal);
  const auto note = [&, all = summary.rows + summary.rows_left_out](int64_t rows, absl::string_view what) {
    if (rows == 0) return;
    absl::StrAppend(&text, terminal.Paint(absl::StrCat(FormatCount(rows), what), ToneOfShare(rows, all)), "\n");
  };
  note(summary.rows_refused,
       absl::StrCat(summary.rows_refused == 1 ? " row got no prediction: its " : " rows got no prediction: their ",
                    OneLine(result.column, kMostBytes), " is empty"));
  for (const LeftOutCount& count : summary.left_out) {
    if (count.reason == LeftOut::kBlank) continue;
    note(count.rows, absl::StrCat(count.rows == 1 ? " row was left out: " : " rows were left out: ",
                                  LeftOutName(count.reason), " (line ", count.lines.empty() ? 0 : count.lines.front(),
                                  count.rows == 1 ? ")" : " and others)"));
  }
  if (summary.unencodable > 0) {
    const std::string line =
        absl::StrCat(FormatCount(summary.unencodable), " characters of the added columns do not exist in ",
                     EncodingName(result.table.file.encoding), ": they are written as \\u{…}");
    absl::StrAppend(&text, terminal.Paint(line, Tone::kWarning), "\n");
  }
  if (summary.rows_with_spend > 0) {
    absl::StrAppend(&text, "in all, spend ", FormatNumber(summary.spend), " brings back ",
                    FormatNumber(summary.revenue), ": profit ", FormatNumber(summary.profit), " (",
                    RowsText(summary.rows_with_spend), " with a prediction and a spend)\n");
  }
  return text;
}

nlohmann::ordered_json ScoreResultJson(const ScoreResult& result) {
  const ScoreSummary& summary = result.summary;
  const double seconds = std::max(1e-9, absl::ToDoubleSeconds(result.took));
  nlohmann::ordered_json json = {{"rows", summary.rows},
                                 {"rows_with_warnings", summary.rows_with_warnings},
                                 {"rows_refused", summary.rows_refused},
                                 {"rows_left_out", summary.rows_left_out},
                                 {"seconds", seconds},
                                 {"rows_per_second", double(summary.rows) / seconds},
                                 {"model", result.model.name()},
                                 {"version", result.model.version()},
                                 {"artifact_digest", result.model.artifact_digest()}};
  json["file"] = FileJson(result.table.file);
  json["left_out"] = LeftOutJson(summary.left_out);
  json["features_without_column"] = nlohmann::ordered_json::array();
  for (const AbsentFeature& absent : result.columns.absent) {
    json["features_without_column"].push_back({{"feature", absent.name}, {"near_column", absent.near_column}});
  }
  json["unused_columns"] = result.columns.unused;
  AddFindings(summary.findings, json);
  json["unencodable_characters"] = summary.unencodable;
  json["notes"] = NotesJson(result.table, result.columns);
  if (summary.rows_with_spend > 0) {
    json["totals"] = {{"rows", summary.rows_with_spend},
                      {"spend", summary.spend},
                      {"predicted_revenue", summary.revenue},
                      {"predicted_profit", summary.profit}};
  }
  return json;
}

}  // namespace roicast::client

// How the file was read, and what cleaning did to it.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/report/number_words.h"
#include "client/report/reading_words.h"
#include "client/report/sections.h"
#include "client/report/svg_chart.h"
#include "client/report/target_words.h"

namespace roicast::client {
namespace {

constexpr int kMostIssues = 12;
constexpr int kMostLines = 5;

std::string LinesOf(const google::protobuf::RepeatedField<int64_t>& lines) {
  if (lines.empty()) return "";
  const int shown = std::min(lines.size(), kMostLines);
  std::vector<std::string> words;
  for (int i = 0; i < shown; ++i) words.push_back(absl::StrCat(lines[i]));
  return absl::StrCat(lines.size() == 1 ? "line " : "lines ", absl::StrJoin(words, ", "),
                      lines.size() > shown ? " …" : "");
}

Markup WarningsList(const v1::CleaningReport& cleaning) {
  Markup list;
  for (const bool serious : {true, false}) {
    for (const v1::DataWarning& warning : cleaning.warnings()) {
      if (warning.serious() != serious) continue;
      const bool named = warning.column().empty() || absl::StrContains(warning.message(), warning.column());
      const std::string lines = LinesOf(warning.lines());
      Markup item = Element("p", {named ? Markup() : Element("strong", {warning.column(), ": "}), warning.message(),
                                  lines.empty() ? Markup() : Markup(absl::StrCat(" (", lines, ")"))});
      for (int i = 0; i < warning.flags_size(); ++i) {
        item.Add(Element("p", {i == 0 ? "To change it: " : "or: ", Element("code", {warning.flags(i)})}));
      }
      list.Add(Element("div", serious ? "class=\"warning serious\"" : "class=\"warning\"", {item}));
    }
  }
  if (list.empty()) return Markup();
  return Join({Element("h3", {"What to know about it"}), list});
}

// Where the rows of the file went.
Markup RowsFigure(const v1::CleaningReport& cleaning, const TargetWords& target) {
  std::vector<BarRow> bars;
  const auto all = static_cast<double>(std::max<int64_t>(cleaning.rows_in(), 1));
  const auto add = [&](const std::string& name, int64_t rows, const char* colour) {
    BarRow bar;
    bar.name = name;
    bar.value = static_cast<double>(rows);
    bar.low = bar.high = bar.value;
    bar.text = absl::StrCat(CountWords(rows), " (", PercentWords(static_cast<double>(rows) / all), ")");
    bar.colour = colour;
    bars.push_back(std::move(bar));
  };
  add("in the file", cleaning.rows_in(), "quiet");
  for (const v1::DroppedRows& dropped : cleaning.dropped()) {
    if (dropped.rows() > 0) add(absl::StrCat("left out: ", dropped.reason()), dropped.rows(), "two");
  }
  add("used", cleaning.rows_used(), "one");
  return Join({Element("h3", {absl::StrCat("Where the ", target.rows, " went")}), BarList(bars, "Rows of the file")});
}

const v1::ColumnCleaning* CleaningOf(const v1::CleaningReport& cleaning, const std::string& column) {
  for (const v1::ColumnCleaning& candidate : cleaning.columns()) {
    if (candidate.column() == column) return &candidate;
  }
  return nullptr;
}

std::string UseOf(const v1::Model& model, const std::string& column) {
  const v1::TargetSpec& target = model.provenance().spec().target();
  std::string use;
  const auto add = [&](const char* word) { absl::StrAppend(&use, use.empty() ? "" : ", ", word); };
  for (const v1::LeftOutColumn& left_out : model.report().cleaning().left_out()) {
    if (left_out.column() == column && left_out.reason() != "target")
      return absl::StrCat("left out: ", left_out.reason());
  }
  if (column == target.column()) add("outcome");
  if (column == target.revenue_column()) add("revenue");
  if (column == target.roas_column()) add("return on ad spend");
  if (column == target.spend_column()) add("spend");
  for (const v1::Feature& feature : model.schema().features()) {
    if (feature.name() == column) add("feature");
  }
  return use;
}

// Columns of the table that would be empty are left out.
Markup ColumnsTable(const v1::Model& model) {
  const v1::CleaningReport& cleaning = model.report().cleaning();
  bool any_filled = false, any_moved = false;
  for (const v1::ColumnCleaning& column : cleaning.columns()) {
    any_filled |= column.filled() > 0;
    any_moved |= column.clipped() > 0;
  }
  TableOfMarkup table;
  const bool read = !cleaning.reading().columns().empty();
  table.head = {"column"};
  if (read) table.head.insert(table.head.end(), {"read as", "used as", "examples"});
  table.text_columns = table.head.size();
  table.head.push_back("missing");
  if (any_filled) table.head.push_back("filled with");
  if (any_moved) table.head.push_back("moved to fences");
  const auto add = [&](std::vector<Markup> row, const v1::ColumnCleaning* cleaned, int64_t missing) {
    row.push_back(missing > 0 ? CountWords(missing) : "");
    const bool filled = cleaned != nullptr && cleaned->filled() > 0;
    if (any_filled) row.push_back(filled ? cleaned->fill_value() : "");
    const bool moved = cleaned != nullptr && cleaned->clipped() > 0;
    if (any_moved) {
      row.push_back(moved ? absl::StrCat(CountWords(cleaned->clipped()), " (", ValueWords(cleaned->lower_fence()),
                                         " to ", ValueWords(cleaned->upper_fence()), ")")
                          : "");
    }
    table.rows.push_back(std::move(row));
  };
  for (const v1::ColumnReading& column : cleaning.reading().columns()) {
    const v1::ColumnCleaning* const cleaned = CleaningOf(cleaning, column.name());
    add({column.name(), ColumnWords(column), UseOf(model, column.name()), absl::StrJoin(column.examples(), "; ")},
        cleaned, cleaned == nullptr ? column.missing() : cleaned->missing());
  }
  // Rows that came without a file, and versions of older releases.
  for (const v1::ColumnCleaning& column : cleaning.columns()) {
    if (!read) add({column.column()}, &column, column.missing());
  }
  return table.rows.empty() ? Markup() : Join({Element("h3", {"Its columns"}), table.ToMarkup()});
}

Markup IssuesList(const v1::CleaningReport& cleaning) {
  if (cleaning.csv_issues().empty()) return Markup();
  Markup list;
  for (int i = 0; i < cleaning.csv_issues_size() && i < kMostIssues; ++i) {
    const v1::CsvIssue& issue = cleaning.csv_issues(i);
    list.Add(Element(
        "li", {absl::StrCat("line ", issue.line(), issue.column() > 0 ? absl::StrCat(", column ", issue.column()) : "",
                            ": ", issue.message())}));
  }
  if (cleaning.csv_issue_count() > kMostIssues) {
    list.Add(Element("li", {absl::StrCat("… ", CountWords(cleaning.csv_issue_count()), " in all")}));
  }
  return Join({Element("h3", {"Cells and rows that could not be read"}), Element("ul", "class=\"plain\"", {list})});
}

Markup LeftOutRowsList(const v1::FileReading& file) {
  Markup list;
  for (const v1::LeftOutRows& rows : file.left_out()) {
    const std::string lines = LinesOf(rows.lines());
    list.Add(Element("li", {absl::StrCat(rows.reason(), ": ", Counted(rows.rows(), "row", "rows"),
                                         lines.empty() ? "" : ", ", lines, rows.example().empty() ? "" : ", such as “",
                                         rows.example(), rows.example().empty() ? "" : "”")}));
  }
  if (list.empty()) return Markup();
  return Join(
      {Element("p", {"These rows of the file are no rows of the table:"}), Element("ul", "class=\"plain\"", {list})});
}

}  // namespace

Markup DataSection(const ReportInput& input) {
  const v1::CleaningReport& cleaning = input.model.report().cleaning();
  Markup section;
  if (cleaning.reading().has_file()) {
    section.Add(Element("p", {FileWords(cleaning.reading().file())}));
    section.Add(LeftOutRowsList(cleaning.reading().file()));
  } else {
    section.Add(
        LeftOutNote("How the file was read is not recorded: the version was trained by an older release, or on rows "
                    "that came without a file."));
  }
  section.Add(WarningsList(cleaning));
  section.Add(RowsFigure(cleaning, WordsOfTarget(input.model)));
  section.Add(ColumnsTable(input.model));
  section.Add(IssuesList(cleaning));
  return section;
}

}  // namespace roicast::client

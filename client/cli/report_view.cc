#include "client/cli/report_view.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/cli/format.h"
#include "client/cli/text_table.h"

namespace roicast::client {
namespace {

constexpr int kMostIssues = 5;

std::string Short(double value) { return absl::StrFormat("%.4g", value); }

using Part = std::pair<std::string, const v1::MetricsWithBaseline*>;

std::string MetricsTable(const std::vector<Part>& parts) {
  std::vector<std::string> header = {""};
  for (const Part& part : parts) {
    header.push_back(part.first);
    header.push_back("(constant)");
  }
  TextTable table(header);
  const auto row = [&](const std::string& name, auto value) {
    std::vector<std::string> cells = {name};
    for (const Part& part : parts) {
      cells.push_back(value(part.second->model()));
      cells.push_back(value(part.second->baseline()));
    }
    table.AddRow(std::move(cells));
  };
  row("rows", [](const v1::Metrics& m) { return FormatCount(m.rows()); });
  row("R²", [](const v1::Metrics& m) { return absl::StrFormat("%.4f", m.roi().r2()); });
  row("RMSE", [](const v1::Metrics& m) { return Short(m.roi().rmse()); });
  row("MAE", [](const v1::Metrics& m) { return Short(m.roi().mae()); });
  row("R², transformed", [](const v1::Metrics& m) { return absl::StrFormat("%.4f", m.transformed().r2()); });
  row("profitable: accuracy", [](const v1::Metrics& m) { return absl::StrFormat("%.4f", m.profitable().accuracy()); });
  row("profitable: F1", [](const v1::Metrics& m) { return absl::StrFormat("%.4f", m.profitable().f1()); });
  row("profitable: AUC", [](const v1::Metrics& m) { return absl::StrFormat("%.4f", m.profitable().auc()); });
  return table.ToString("  ");
}

std::string RangeText(const v1::Feature& feature) {
  if (feature.kind() == v1::FEATURE_KIND_CATEGORICAL) {
    std::vector<std::string> words(feature.vocabulary().begin(), feature.vocabulary().end());
    const size_t known = words.size();
    if (known > 8) words.resize(8);
    return absl::StrCat(absl::StrJoin(words, ", "), known > 8 ? absl::StrCat(" ... (", known, ")") : "");
  }
  if (feature.kind() == v1::FEATURE_KIND_NUMERIC) {
    return absl::StrCat(Short(feature.seen_min()), " to ", Short(feature.seen_max()), feature.unit().empty() ? "" : " ",
                        feature.unit());
  }
  return "";
}

}  // namespace

std::string CleaningText(const v1::CleaningReport& report) {
  std::string text =
      absl::StrCat("  rows: ", FormatCount(report.rows_in()), " read, ", FormatCount(report.rows_used()), " used\n");
  for (const v1::DroppedRows& dropped : report.dropped()) {
    if (dropped.rows() > 0)
      absl::StrAppend(&text, "  dropped, ", dropped.reason(), ": ", FormatCount(dropped.rows()), "\n");
  }
  TextTable columns({"column", "missing", "filled", "with", "clipped", "to"});
  int shown = 0;
  for (const v1::ColumnCleaning& column : report.columns()) {
    if (column.missing() == 0 && column.clipped() == 0) continue;
    ++shown;
    columns.AddRow(
        {column.column(), FormatCount(column.missing()), FormatCount(column.filled()),
         column.filled() > 0 ? column.fill_value() : "", FormatCount(column.clipped()),
         column.clipped() > 0 ? absl::StrCat(Short(column.lower_fence()), " .. ", Short(column.upper_fence())) : ""});
  }
  if (shown > 0) text += columns.ToString("  ");
  for (const v1::LeftOutColumn& column : report.left_out()) {
    absl::StrAppend(&text, "  left out: ", column.column(), " (", column.reason(), ")\n");
  }
  for (int i = 0; i < report.csv_issues_size() && i < kMostIssues; ++i) {
    const v1::CsvIssue& issue = report.csv_issues(i);
    absl::StrAppend(&text, "  line ", issue.line(), issue.column() > 0 ? absl::StrCat(", column ", issue.column()) : "",
                    ": ", issue.message(), "\n");
  }
  if (report.csv_issue_count() > kMostIssues) {
    absl::StrAppend(&text, "  ... ", FormatCount(report.csv_issue_count()), " cells or rows could not be read\n");
  }
  return text;
}

std::string MetricsText(const v1::TrainingReport& report) {
  std::vector<Part> parts;
  if (report.has_train()) parts.emplace_back("train", &report.train());
  if (report.has_validation()) parts.emplace_back("validation", &report.validation());
  if (report.has_holdout()) parts.emplace_back("holdout", &report.holdout());
  return parts.empty() ? "" : MetricsTable(parts);
}

std::string MetricsText(const v1::MetricsWithBaseline& metrics, const std::string& title) {
  return MetricsTable({{title, &metrics}});
}

std::string SchemaText(const v1::Schema& schema) {
  TextTable table({"feature", "kind", "seen in training"});
  for (const v1::Feature& feature : schema.features()) {
    table.AddRow({feature.name(), FormatKind(feature.kind()), RangeText(feature)});
  }
  return table.ToString("  ");
}

std::string ColumnsText(const v1::InspectDatasetResponse& inspection) {
  TextTable table({"column", "kind", "present", "missing", "distinct", "min", "mean", "max", "transform", "examples"});
  for (const v1::ColumnProfile& column : inspection.columns()) {
    const bool numeric = column.kind() == v1::FEATURE_KIND_NUMERIC;
    const bool transformed = column.transform() > v1::NUMERIC_TRANSFORM_NONE;
    std::vector<std::string> examples(column.examples().begin(), column.examples().end());
    if (examples.size() > 3) examples.resize(3);
    table.AddRow({column.name(), FormatKind(column.kind()), FormatCount(column.present()),
                  FormatCount(column.missing()), FormatCount(column.distinct()), numeric ? Short(column.min()) : "",
                  numeric ? Short(column.mean()) : "", numeric ? Short(column.max()) : "",
                  transformed ? absl::AsciiStrToLower(v1::NumericTransform_Name(column.transform()).substr(18)) : "",
                  absl::StrJoin(examples, ", ")});
  }
  return table.ToString("  ");
}

}  // namespace roicast::client

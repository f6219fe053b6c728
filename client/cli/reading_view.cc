#include "client/cli/reading_view.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/one_line.h"
#include "base/printable.h"
#include "base/tables/time_form.h"
#include "client/cli/display_width.h"
#include "client/cli/enum_words.h"
#include "client/cli/format.h"
#include "client/cli/text_table.h"
#include "client/cli/verdict.h"
#include "client/cli/warning_view.h"

namespace roicast::client {
namespace {

using WhenNarrow = TextTable::WhenNarrow;

constexpr size_t kMostExampleBytes = 60;
constexpr size_t kMostShownNameBytes = 100;

std::string Shown(absl::string_view text, size_t most_bytes) { return OneLine(Printable(text), most_bytes); }

std::string EncodingText(const v1::FileReading& file) {
  std::string text;
  switch (file.encoding()) {
    case v1::TEXT_ENCODING_UTF_16LE:
      text = "UTF-16 LE";
      break;
    case v1::TEXT_ENCODING_UTF_16BE:
      text = "UTF-16 BE";
      break;
    case v1::TEXT_ENCODING_WINDOWS_1252:
      text = "Windows-1252";
      break;
    case v1::TEXT_ENCODING_LATIN_1:
      text = "Latin-1";
      break;
    default:
      text = "UTF-8";
  }
  return file.byte_order_mark() ? text + " with a byte order mark" : text;
}

std::string DelimiterText(const std::string& delimiter) {
  if (delimiter.empty() || delimiter == ",") return "commas";
  if (delimiter == ";") return "semicolons";
  if (delimiter == "\t") return "tabs";
  if (delimiter == "|") return "vertical bars";
  return absl::StrCat("delimiter \"", Shown(delimiter, kMostExampleBytes), "\"");
}

// 0 stands for 1.
bool IsScaled(double scale) { return scale != 0 && scale != 1; }

// A thousand and some, as this column would write it.
std::string NumberSample(const v1::ColumnReading& reading) {
  const bool comma = reading.decimal_mark() == v1::DECIMAL_MARK_COMMA;
  if (!comma && reading.thousands_separator().empty()) return "";
  return absl::StrCat(" 1", Shown(reading.thousands_separator(), kMostExampleBytes), "234", comma ? ",50" : ".50");
}

std::string NameQuoted(const std::string& name) { return absl::StrCat("\"", Shown(name, kMostShownNameBytes), "\""); }

Toned RoleCell(const v1::ColumnProfile& column) {
  const std::string& role = column.role();
  if (role.empty()) {
    return column.kind() == v1::FEATURE_KIND_UNSPECIFIED ? Toned("left out", Tone::kQuiet) : Toned("feature");
  }
  for (const char* used : {"feature", "target", "revenue", "spend", "roas", "weight"}) {
    if (role == used) return Toned(role);
  }
  return Toned(absl::StrCat("left out: ", role), Tone::kQuiet);
}

// Numbers and times: the range.
std::string RangeCell(const v1::ColumnProfile& column) {
  if (column.present() == 0) return "";
  if (column.kind() == v1::FEATURE_KIND_NUMERIC) {
    return absl::StrCat(FormatNumber(column.min()), " to ", FormatNumber(column.max()));
  }
  if (column.kind() == v1::FEATURE_KIND_TIME) {
    const auto date = [](double seconds) { return FormatTime(static_cast<int64_t>(seconds)).substr(0, 10); };
    return absl::StrCat(date(column.min()), " to ", date(column.max()));
  }
  return "";
}

std::string ExamplesCell(const v1::ColumnProfile& column) {
  const auto& cells = column.reading().examples().empty() ? column.examples() : column.reading().examples();
  return absl::StrJoin(cells, "; ", [](std::string* out, const std::string& cell) {
    absl::StrAppend(out, Shown(cell, kMostExampleBytes));
  });
}

}  // namespace

std::string FileText(const v1::FileReading& file, const Terminal& terminal) {
  std::vector<std::string> parts;
  if (file.compression() != v1::COMPRESSION_UNSPECIFIED) parts.push_back(EnumWord(file.compression(), ' '));
  parts.push_back(EncodingText(file));
  parts.push_back(DelimiterText(file.delimiter()));
  if (file.separator_line()) parts.push_back("a first line that names the delimiter");
  if (file.trailing_delimiter()) parts.push_back("a delimiter at the end of rows");
  if (file.line_end() == v1::LINE_END_CRLF) parts.push_back("CRLF line ends");
  if (file.line_end() == v1::LINE_END_CR) parts.push_back("CR line ends");
  parts.push_back(file.header_line() == 0 ? "no header" : absl::StrCat("header on line ", file.header_line()));
  parts.push_back(absl::StrCat(FormatCount(file.rows()), file.rows() == 1 ? " row" : " rows"));
  std::string text = WrapToWidth(absl::StrCat("File: ", absl::StrJoin(parts, ", ")), terminal.width, 2) + "\n";
  for (const v1::LeftOutRows& rows : file.left_out()) {
    std::string line = absl::StrCat("  left out, ", Shown(rows.reason(), kMostShownNameBytes), ": ",
                                    FormatCount(rows.rows()), rows.rows() == 1 ? " row" : " rows");
    const std::string lines = LinesText(rows.lines(), rows.rows());
    if (!lines.empty()) absl::StrAppend(&line, ", ", lines);
    if (!rows.example().empty()) absl::StrAppend(&line, ": ", Shown(rows.example(), kMostShownNameBytes));
    absl::StrAppend(&text, terminal.Paint(WrapToWidth(line, terminal.width, 4), ToneOfShare(rows.rows(), file.rows())),
                    "\n");
  }
  return text;
}

std::string TargetText(const v1::TargetSpec& target) {
  std::string text;
  if (!target.column().empty()) {
    text = absl::StrCat("column ", NameQuoted(target.column()));
  } else if (!target.roas_column().empty()) {
    text = absl::StrCat("ROI from return on ad spend ", NameQuoted(target.roas_column()), ", ROI = ROAS - 1");
  } else if (!target.revenue_column().empty()) {
    text = absl::StrCat("ROI from revenue ", NameQuoted(target.revenue_column()), " and spend ",
                        NameQuoted(target.spend_column()));
  } else {
    return "";
  }
  if (target.blank_revenue() == v1::BLANK_REVENUE_ZERO) text += "; a blank revenue is 0";
  return "Target: " + text;
}

std::string ReadAsText(const v1::ColumnReading& reading, v1::FeatureKind kind) {
  std::string text;
  if (kind == v1::FEATURE_KIND_NUMERIC) {
    text = "number" + NumberSample(reading);
    if (IsScaled(reading.scale())) absl::StrAppend(&text, " × ", FormatNumber(reading.scale()));
  } else if (kind == v1::FEATURE_KIND_TIME) {
    text = "time";
    if (reading.times() > v1::TIME_FORMAT_ISO) absl::StrAppend(&text, ", ", EnumWord(reading.times(), ' '));
  } else if (kind == v1::FEATURE_KIND_CATEGORICAL) {
    text = "words";
  }
  if (reading.ambiguous()) text += text.empty() ? "ambiguous" : ", ambiguous";
  return text;
}

std::string ColumnsText(const v1::InspectDatasetResponse& inspection, const Terminal& terminal) {
  const auto& columns = inspection.columns();
  const bool units = std::any_of(columns.begin(), columns.end(),
                                 [](const v1::ColumnProfile& column) { return !column.reading().unit().empty(); });
  const bool unread = std::any_of(columns.begin(), columns.end(),
                                  [](const v1::ColumnProfile& column) { return column.reading().unread() > 0; });
  std::vector<TextTable::Column> titles = {{"column", WhenNarrow::kCut}, "read as"};
  if (units) titles.emplace_back("unit");
  titles.emplace_back("role", WhenNarrow::kCut);
  titles.emplace_back("missing");
  if (unread) titles.emplace_back("unread");
  titles.emplace_back("examples", WhenNarrow::kCut);
  for (const char* title : {"range", "distinct", "mean", "transform"}) titles.emplace_back(title, WhenNarrow::kDrop);
  TextTable table(titles);
  for (const v1::ColumnProfile& column : columns) {
    const v1::ColumnReading& reading = column.reading();
    const v1::FeatureKind kind = column.kind() == v1::FEATURE_KIND_UNSPECIFIED ? reading.kind() : column.kind();
    const int64_t cells = column.missing() + column.present();
    std::vector<Toned> row = {column.name(),
                              {ReadAsText(reading, kind), reading.ambiguous() ? Tone::kWarning : Tone::kPlain}};
    if (units) row.emplace_back(reading.unit());
    row.push_back(RoleCell(column));
    row.emplace_back(FormatCount(column.missing()), ToneOfShare(column.missing(), cells));
    if (unread) row.emplace_back(FormatCount(reading.unread()), reading.unread() > 0 ? Tone::kWarning : Tone::kPlain);
    row.emplace_back(ExamplesCell(column));
    row.emplace_back(RangeCell(column));
    row.emplace_back(FormatCount(column.distinct()));
    row.emplace_back(column.kind() == v1::FEATURE_KIND_NUMERIC ? FormatNumber(column.mean()) : "");
    row.emplace_back(FormatTransform(column.transform()));
    table.AddRow(std::move(row));
  }
  return table.ToString(terminal, "  ");
}

}  // namespace roicast::client

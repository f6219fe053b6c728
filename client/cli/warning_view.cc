#include "client/cli/warning_view.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/printable.h"
#include "client/cli/display_width.h"
#include "client/cli/format.h"

namespace roicast::client {
namespace {

constexpr int kMostLines = 5;

std::string WarningText(const v1::DataWarning& warning, const Terminal& terminal) {
  std::string line = warning.serious() ? "  warning: " : "  note: ";
  const bool names_column = absl::StartsWith(warning.message(), absl::StrCat("\"", warning.column(), "\""));
  if (!warning.column().empty() && !names_column) absl::StrAppend(&line, Printable(warning.column()), ": ");
  absl::StrAppend(&line, Printable(warning.message()));
  const std::string lines = LinesText(warning.lines(), warning.lines_size());
  const bool names_line = warning.lines_size() == 1 && absl::StrContains(warning.message(), lines);
  if (!lines.empty() && !names_line) absl::StrAppend(&line, " (", lines, ")");
  std::string text = absl::StrCat(
      terminal.Paint(WrapToWidth(line, terminal.width, 4), warning.serious() ? Tone::kBad : Tone::kPlain), "\n");
  for (int i = 0; i < warning.flags_size(); ++i) {
    absl::StrAppend(&text, i == 0 ? "    to change it: " : "              or: ", Printable(warning.flags(i)), "\n");
  }
  return text;
}

std::string WarningsOf(const DataWarnings& warnings, bool serious, const Terminal& terminal) {
  std::string text;
  for (const v1::DataWarning& warning : warnings) {
    if (warning.serious() == serious) text += WarningText(warning, terminal);
  }
  return text;
}

}  // namespace

std::string LinesText(const google::protobuf::RepeatedField<int64_t>& lines, int64_t count) {
  if (lines.empty()) return "";
  const int shown = std::min(lines.size(), kMostLines);
  const int64_t more = std::max<int64_t>(count, lines.size()) - shown;
  std::string text = shown == 1 && more == 0 ? "line " : "lines ";
  for (int i = 0; i < shown; ++i) {
    const char* const before = i == 0 ? "" : i + 1 == shown && more == 0 ? " and " : ", ";
    absl::StrAppend(&text, before, lines[i]);
  }
  if (more > 0) absl::StrAppend(&text, " and ", FormatCount(more), " more");
  return text;
}

std::string WarningsText(const DataWarnings& warnings, const Terminal& terminal) {
  return WarningsOf(warnings, true, terminal) + WarningsOf(warnings, false, terminal);
}

std::string SeriousWarningsText(const DataWarnings& warnings, const Terminal& terminal) {
  const auto others = std::count_if(warnings.begin(), warnings.end(),
                                    [](const v1::DataWarning& warning) { return !warning.serious(); });
  std::string text = WarningsOf(warnings, true, terminal);
  if (others > 0) {
    absl::StrAppend(&text, "  ", FormatCount(others), others == 1 ? " note" : " notes",
                    " on how the table is read: roicast inspect shows them\n");
  }
  return text;
}

}  // namespace roicast::client

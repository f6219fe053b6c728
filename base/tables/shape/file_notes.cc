#include "base/tables/shape/file_notes.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace roicast {
namespace {

constexpr size_t kMaxLines = 5;

std::string Rows(int64_t count) { return count == 1 ? "1 row" : absl::StrCat(count, " rows"); }
std::string Lines(int64_t count) { return count == 1 ? "1 line" : absl::StrCat(count, " lines"); }

std::string EncodingTitle(Encoding encoding) {
  switch (encoding) {
    case Encoding::kUtf8:
      return "UTF-8";
    case Encoding::kUtf16Le:
      return "UTF-16 (little-endian)";
    case Encoding::kUtf16Be:
      return "UTF-16 (big-endian)";
    case Encoding::kWindows1252:
      return "Windows-1252";
    case Encoding::kLatin1:
      return "Latin-1";
  }
  return "?";
}

std::string DelimiterFlag(char delimiter) {
  return ColumnFlag("--delimiter", "", delimiter == '\t' ? "\\t" : std::string(1, delimiter));
}

// Whether a line has more than one cell with something in it, so that it could be a header.
bool HasCells(absl::string_view line, char delimiter) {
  int filled = 0;
  bool quoted = false;
  bool in_cell = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == delimiter && !quoted) {
      in_cell = false;
    } else if (c != ' ' && !in_cell) {
      in_cell = true;
      ++filled;
    }
  }
  return filled > 1;
}

class NoteWriter {
 public:
  explicit NoteWriter(const FileFindings& findings) : findings_(findings) {}

  std::vector<TableNote> Write() && {
    AddEncoding();
    AddDelimiter();
    AddHeader();
    AddNames();
    for (const LeftOutCount& count : findings_.filter.left_out()) AddLeftOut(count);
    AddUnclearTotals();
    AddLikelySubtotals();
    AddFilledUp();
    return std::move(notes_);
  }

 private:
  void Add(bool warning, std::vector<int64_t> lines, std::string message, std::vector<std::string> flags = {}) {
    if (lines.size() > kMaxLines) lines.resize(kMaxLines);
    notes_.push_back({warning, "", std::move(lines), std::move(message), std::move(flags)});
  }

  void AddEncoding() {
    const FileForm& form = findings_.form;
    if (!findings_.options.encoding.has_value() && form.encoding != Encoding::kUtf8) {
      std::vector<std::string> flags;
      if (!form.byte_order_mark) {
        if (form.encoding == Encoding::kWindows1252) flags = {"--encoding latin-1"};
        if (form.encoding == Encoding::kLatin1) flags = {"--encoding windows-1252"};
      }
      Add(false, {}, absl::StrCat("the text is not UTF-8; it was read as ", EncodingTitle(form.encoding)), flags);
    }
    if (findings_.damaged > 0) {
      std::vector<std::string> flags;
      if (form.encoding == Encoding::kUtf8) flags = {"--encoding windows-1252"};
      Add(true, findings_.filter.damaged_lines(),
          absl::StrCat(findings_.damaged, findings_.damaged == 1 ? " character is" : " characters are", " not valid ",
                       EncodingTitle(form.encoding), " and became U+FFFD"),
          std::move(flags));
    }
  }

  void AddDelimiter() {
    const FileForm& form = findings_.form;
    if (findings_.filter.header().names.size() == 1 && !findings_.options.delimiter.has_value()) {
      Add(true, {}, "the file was read as one column, because no delimiter divides its lines alike",
          {DelimiterFlag(';'), DelimiterFlag('\t'), DelimiterFlag('|')});
      return;
    }
    if (findings_.options.delimiter.has_value() || form.delimiter == ',' || form.separator_line) return;
    Add(false, {}, absl::StrCat("cells are divided by ", DelimiterName(form.delimiter)));
  }

  void AddHeader() {
    const FileForm& form = findings_.form;
    if (findings_.shape.header_looks_like_data && !findings_.options.has_header.has_value()) {
      Add(true, {form.header_line},
          absl::StrCat("line ", form.header_line, " was taken as the header, but it looks like a row of data"),
          {"--no-header"});
    }
    int64_t above = 0;
    std::string example;
    std::vector<std::string> flags;
    for (const LeftOutCount& count : findings_.filter.left_out()) {
      if (count.reason != LeftOut::kTitle && count.reason != LeftOut::kComment) continue;
      above += count.rows;
      if (example.empty()) example = count.example;
      const bool first = count.reason == LeftOut::kTitle && !count.lines.empty() && count.lines[0] == 1;
      if (first && HasCells(count.example, form.delimiter)) flags = {"--header-line 1"};
    }
    if (above == 0 || form.header_line < 2 || findings_.options.header_line.has_value()) return;
    Add(false, {form.header_line},
        absl::StrCat("the header is on line ", form.header_line, "; ", Lines(above),
                     " of titles or comments, such as \"", example, "\", ", above == 1 ? "was" : "were", " left out"),
        std::move(flags));
  }

  void AddNames() {
    const HeaderNames& header = findings_.filter.header();
    const auto named = [&](const std::vector<size_t>& places) {
      std::vector<std::string> names;
      for (const size_t place : places) names.push_back(absl::StrCat("\"", header.names[place], "\""));
      if (names.size() > kMaxLines) {
        names.resize(kMaxLines);
        names.push_back("…");
      }
      return absl::StrJoin(names, ", ");
    };
    if (!header.repeated.empty()) {
      Add(false, {findings_.form.header_line},
          absl::StrCat("columns with the name of another are called ", named(header.repeated)));
    }
    AddSplitNames();
    if (findings_.shape.row_numbers) {
      Add(false, {findings_.form.header_line},
          absl::StrCat("the header has one name fewer than the rows have cells; the first column, which numbers the "
                       "rows, is called ",
                       named({0})));
    } else if (!header.nameless.empty() && findings_.form.header_line > 0) {
      Add(false, {findings_.form.header_line},
          absl::StrCat("columns without a name are called ", named(header.nameless)));
    }
  }

  void AddSplitNames() {
    const std::vector<size_t>& split = findings_.shape.split_names;
    std::vector<std::string> names;
    for (size_t i = 0; i < split.size(); ++i) {
      // Each name that was joined before takes one place less.
      if (i == 0 || split[i] != split[i - 1] + 1) {
        names.push_back(absl::StrCat("\"", findings_.filter.header().names[split[i] - i], "\""));
      }
    }
    if (names.empty()) return;
    Add(true, {findings_.form.header_line},
        absl::StrCat("the header has ", split.size() == 1 ? "one name" : absl::StrCat(split.size(), " names"),
                     " more than the rows have cells, because ", DelimiterName(findings_.form.delimiter),
                     " inside a name is not quoted; ", absl::StrJoin(names, " and "),
                     names.size() == 1 ? " was taken as one name" : " were taken as one name each"));
  }

  void AddLeftOut(const LeftOutCount& count) {
    const std::string were = count.rows == 1 ? " was" : " were";
    switch (count.reason) {
      case LeftOut::kTitle:
      case LeftOut::kComment:
      case LeftOut::kBlank:
        return;
      case LeftOut::kTotals:
        Add(false, count.lines,
            absl::StrCat(Rows(count.rows), " of totals, such as \"", count.example, "\",", were, " left out"),
            {"--keep-totals"});
        return;
      case LeftOut::kFooter:
        Add(false, count.lines,
            absl::StrCat(Lines(count.rows), " below the table, such as \"", count.example, "\",", were, " left out"));
        return;
      case LeftOut::kRepeatedHeader:
        Add(false, count.lines, absl::StrCat(Rows(count.rows), " that repeated the header", were, " left out"));
        return;
      case LeftOut::kMalformed:
        Add(true, count.lines, absl::StrCat(Rows(count.rows), were, " left out as malformed, such as ", count.example));
        return;
    }
  }

  void AddUnclearTotals() {
    const std::vector<int64_t>& lines = findings_.filter.unclear_totals();
    if (lines.empty()) return;
    Add(true, lines, "rows have a word for totals, but their amounts are not the sums of the others; they were kept");
  }

  void AddLikelySubtotals() {
    const TotalsFinder::KeptRows likely = findings_.filter.likely_subtotals();
    if (likely.rows > 0) {
      return Add(true, likely.lines,
                 absl::StrCat(Rows(likely.rows),
                              " without a name in the first column, with \"All\" or \"Total\" in place of one, or with "
                              "an empty cell where nearly all others have a name or a date, add up to the other rows: "
                              "they look like subtotals, but were kept; remove them from the file if they are"));
    }
    const TotalsFinder::KeptRows& unproven = findings_.filter.unproven_totals();
    if (unproven.rows == 0) return;
    Add(true, unproven.lines,
        absl::StrCat(Rows(unproven.rows), unproven.rows == 1 ? " has" : " have",
                     " a word for totals in place of another word, but ",
                     unproven.rows == 1 ? "its amounts are" : "their amounts are", " not the sums of the rows before; ",
                     unproven.rows == 1 ? "it was" : "they were", " kept; remove ", unproven.rows == 1 ? "it" : "them",
                     " from the file if ", unproven.rows == 1 ? "it is a total" : "they are totals"));
  }

  void AddFilledUp() {
    const int64_t rows = findings_.filter.filled_up();
    if (rows == 0) return;
    if (rows < findings_.filter.rows()) {
      return Add(false, {}, absl::StrCat(Rows(rows), " had fewer cells than the header; the rest is empty"));
    }
    Add(true, {findings_.form.header_line},
        absl::StrCat("no row has as many cells as the header has names: the last columns were left empty; if ",
                     DelimiterName(findings_.form.delimiter),
                     " stands inside a name, the columns behind it have the wrong names: put that name in quotes"));
  }

  const FileFindings& findings_;
  std::vector<TableNote> notes_;
};

}  // namespace

std::vector<TableNote> FileNotes(const FileFindings& findings) { return NoteWriter(findings).Write(); }

}  // namespace roicast

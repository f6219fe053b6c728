#include "base/tables/shape/table_shape.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "base/tables/shape/amount.h"
#include "base/tables/shape/lines.h"
#include "base/tables/shape/sample_row.h"
#include "base/tables/shape/totals_words.h"

namespace roicast {
namespace {

constexpr size_t kMaxRows = 1000;
// How far below a poor candidate a better header may stand.
constexpr size_t kLookAhead = 30;
constexpr char kDelimiters[] = {',', ';', '\t', '|'};

using Rows = std::vector<SampleRow>;

bool IsComment(const SampleRow& row) { return absl::StartsWith(row.cells[0], "#"); }

// The width to which most cells belong. Tables are wider than the lines above them.
size_t UsualWidth(const Rows& rows) {
  std::map<size_t, size_t> cells;
  for (const SampleRow& row : rows) cells[row.width()] += row.width() >= 2 ? row.width() : 0;
  size_t best = rows.empty() ? 0 : 1;
  size_t best_cells = 0;
  for (const auto& [width, count] : cells) {
    if (count < best_cells || count == 0) continue;
    best = width;
    best_cells = count;
  }
  return best;
}

size_t WithoutEmptyColumns(const Rows& rows, size_t width) {
  const auto is_empty = [&](const SampleRow& row) { return row.width() < width || row.cells[width - 1].empty(); };
  while (width > 1 && std::all_of(rows.begin(), rows.end(), is_empty)) --width;
  return width;
}

// "sep=;" as Excel takes it; the delimiter it names.
std::optional<char> SeparatorLine(absl::string_view line) {
  line = absl::StripAsciiWhitespace(line);
  line = absl::StripSuffix(absl::StripPrefix(line, "\""), "\"");
  if (!absl::StartsWithIgnoreCase(line, "sep=") || line.size() > 6) return std::nullopt;
  line.remove_prefix(4);
  // A tab at the end is lost with the blanks.
  if (line.empty() || line == "\\t") return '\t';
  if (line.size() > 1 || !IsDelimiter(line[0])) return std::nullopt;
  return line[0];
}

// Whether a cell has another delimiter in it; a comma between digits is a decimal or a thousands separator.
bool IsMixed(absl::string_view cell, char delimiter) {
  for (size_t i = 0; i < cell.size(); ++i) {
    const char c = cell[i];
    if (c == delimiter || std::find(std::begin(kDelimiters), std::end(kDelimiters), c) == std::end(kDelimiters))
      continue;
    const bool between_digits =
        i > 0 && i + 1 < cell.size() && absl::ascii_isdigit(cell[i - 1]) && absl::ascii_isdigit(cell[i + 1]);
    if (c != ',' || !between_digits) return true;
  }
  return false;
}

struct Candidate {
  char delimiter = ',';
  Sample sample;
  size_t width = 0;
};

Candidate ReadCandidate(char delimiter, absl::string_view text, bool whole, int64_t first_line,
                        const FileOptions& options) {
  Candidate candidate{delimiter, ReadSample(text, whole, delimiter, first_line, kMaxRows, options), 0};
  const Rows& rows = candidate.sample.rows;
  candidate.width = WithoutEmptyColumns(rows, UsualWidth(rows));
  return candidate;
}

// How well a delimiter explains the rows, from 0: the share of lines that have the usual width, less where cells look
// as if they were cut at the wrong places. divided: lines that some delimiter divides.
double ScoreOf(const Candidate& candidate, const std::map<int64_t, bool>& divided) {
  if (candidate.width < 2) return 0.0;
  size_t cells = 0;
  size_t mixed = 0;
  size_t matching = 0;
  const SampleRow* header = nullptr;
  for (const SampleRow& row : candidate.sample.rows) {
    if (row.width() < candidate.width || row.effective_width() > candidate.width) continue;
    if (header == nullptr) header = &row;
    ++matching;
    for (const std::string& cell : row.cells) {
      ++cells;
      mixed += IsMixed(cell, candidate.delimiter) ? 1 : 0;
    }
  }
  if (matching == 0) return 0.0;
  const double share = static_cast<double>(matching) / static_cast<double>(std::max(divided.size(), matching));
  const double pure = 1.0 - static_cast<double>(mixed) / static_cast<double>(cells);
  const double named = LooksLikeHeader(*header) ? 0.1 : 0.0;
  return share * (0.5 + 0.5 * pure) + named;
}

Candidate ChooseDelimiter(absl::string_view text, bool whole, int64_t first_line, const FileOptions& options) {
  std::vector<Candidate> candidates;
  std::map<int64_t, bool> divided;
  for (const char delimiter : kDelimiters) {
    Candidate candidate = ReadCandidate(delimiter, text, whole, first_line, options);
    for (const SampleRow& row : candidate.sample.rows) {
      if (row.width() > 1 && !IsComment(row)) divided[row.line] = true;
    }
    candidates.push_back(std::move(candidate));
  }
  size_t best = 0;
  double best_score = 0.0;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const double score = ScoreOf(candidates[i], divided);
    if (score <= best_score) continue;
    best_score = score;
    best = i;
  }
  return std::move(candidates[best]);
}

// Whether a row of the body has amounts, so that one without any above it names the columns.
bool HasData(const SampleRow& row) { return std::any_of(row.cells.begin(), row.cells.end(), LooksLikeData); }

class HeaderFinder {
 public:
  HeaderFinder(const Rows& rows, size_t width) : rows_(rows), width_(width) {}

  // The row with which the table begins.
  size_t Find() const {
    size_t found = rows_.size();
    for (size_t i = 0; i < rows_.size(); ++i) {
      if (!IsCandidate(rows_[i])) continue;
      if (found == rows_.size()) found = i;
      if (!IsPoor(rows_[i]) && !IsCommentAboveHeader(i)) {
        found = i;
        break;
      }
      if (!BetterBelow(i).has_value()) {
        found = i;
        break;
      }
    }
    if (found == rows_.size()) return 0;
    return BelowBlankLine(found);
  }

 private:
  bool IsCandidate(const SampleRow& row) const { return row.width() >= width_ && row.filled() > 0; }
  // Titles that a spreadsheet has padded with delimiters, or groups of columns above their names.
  bool IsPoor(const SampleRow& row) const {
    return width_ > 1 && (row.effective_width() < width_ || row.filled() * 2 < width_);
  }
  bool IsCommentAboveHeader(size_t i) const { return IsComment(rows_[i]) && BetterBelow(i).has_value(); }

  std::optional<size_t> BetterBelow(size_t i) const {
    for (size_t j = i + 1; j < std::min(rows_.size(), i + 1 + kLookAhead); ++j) {
      const SampleRow& row = rows_[j];
      if (!IsCandidate(row) || IsPoor(row) || IsComment(row)) continue;
      if (LooksLikeHeader(row)) return j;
      // The body has begun.
      return std::nullopt;
    }
    return std::nullopt;
  }

  // Pairs such as "Account,Example" are as wide as a table of two columns, but a blank line stands between.
  size_t BelowBlankLine(size_t found) const {
    for (size_t j = found + 1; j + 1 < std::min(rows_.size(), found + 1 + kLookAhead / 2); ++j) {
      const bool blank_above = rows_[j].line > rows_[j - 1].line + 1 && !SpansLines(rows_[j - 1]);
      if (!blank_above || rows_[j].cells == rows_[found].cells) continue;
      const bool names = IsCandidate(rows_[j]) && !IsPoor(rows_[j]) && LooksLikeHeader(rows_[j]);
      return names && HasData(rows_[j + 1]) && RowsFrom(j) > j - found ? j : found;
    }
    return found;
  }
  static bool SpansLines(const SampleRow& row) {
    return std::any_of(row.cells.begin(), row.cells.end(),
                       [](const std::string& cell) { return cell.find_first_of("\r\n") != std::string::npos; });
  }
  // Up to the next blank line.
  size_t RowsFrom(size_t i) const {
    size_t end = i + 1;
    while (end < rows_.size() && (rows_[end].line == rows_[end - 1].line + 1 || SpansLines(rows_[end - 1]))) ++end;
    return end - i;
  }

  const Rows& rows_;
  const size_t width_;
};

void DescribeColumns(const Rows& rows, size_t first_row, size_t columns, TableShape* shape) {
  shape->words.assign(columns, false);
  shape->amounts.assign(columns, false);
  for (size_t c = 0; c < columns; ++c) {
    size_t filled = 0;
    size_t data = 0;
    size_t amounts = 0;
    size_t total = 0;
    for (size_t i = first_row; i < rows.size(); ++i) {
      if (rows[i].width() < shape->min_width || IsTotalsWord(rows[i].cells[0])) continue;
      ++total;
      if (c >= rows[i].width() || rows[i].cells[c].empty()) continue;
      ++filled;
      data += LooksLikeData(rows[i].cells[c]) ? 1 : 0;
      amounts += IsPlausibleAmount(rows[i].cells[c]) ? 1 : 0;
    }
    shape->words[c] = filled * 2 > total && data * 2 < filled;
    shape->amounts[c] = filled > 0 && amounts * 10 >= filled * 9;
  }
}

// Years name columns, too.
bool IsYear(absl::string_view cell) {
  return cell.size() == 4 && (absl::StartsWith(cell, "19") || absl::StartsWith(cell, "20"));
}

bool HeaderLooksLikeData(const SampleRow& header, const TableShape& shape) {
  size_t columns = 0;
  size_t amounts = 0;
  for (size_t c = 0; c < std::min(header.width(), shape.amounts.size()); ++c) {
    if (!shape.amounts[c] || header.cells[c].empty()) continue;
    ++columns;
    amounts += LooksLikeData(header.cells[c]) && !IsYear(header.cells[c]) ? 1 : 0;
  }
  return amounts > 0 && amounts * 2 >= columns;
}

// Where most rows have fewer cells than the header, they leave out empty ones at their end: the width that most of them
// have. Else that of the header.
size_t ShortWidth(const Rows& rows, size_t body, size_t columns) {
  std::map<size_t, size_t> widths;
  size_t short_rows = 0;
  for (size_t i = body; i < rows.size(); ++i) {
    if (rows[i].width() < 2 || rows[i].width() >= columns) continue;
    ++short_rows;
    ++widths[rows[i].width()];
  }
  if (short_rows < 2 || short_rows * 2 < rows.size() - body) return columns;
  return std::max_element(widths.begin(), widths.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

// Of the rows from the header on, whatever stands above: a person who says the header's line gets the same.
void DescribeTable(absl::string_view table, bool whole, const FileOptions& options, TableShape* shape) {
  const Candidate read = ReadCandidate(shape->delimiter, table, whole, shape->first_line, options);
  const Rows& rows = read.sample.rows;
  if (rows.empty()) return;
  shape->width = read.width;
  const size_t columns = shape->has_header ? std::max<size_t>(rows[0].effective_width(), 1) : read.width;
  const size_t body = shape->has_header ? 1 : 0;
  shape->min_width = shape->has_header ? ShortWidth(rows, body, columns) : columns;
  DescribeColumns(rows, body, columns, shape);
  shape->header_looks_like_data = shape->has_header && HeaderLooksLikeData(rows[0], *shape);
}

}  // namespace

absl::StatusOr<TableShape> DetectShape(absl::string_view text, bool whole, const FileOptions& options) {
  TableShape shape;
  shape.line_end = UsualLineEnd(text);
  const absl::string_view first_line = text.substr(0, LineBegin(text, 2).value_or(text.size()));
  const std::optional<char> separator = SeparatorLine(first_line);
  shape.separator_line = separator.has_value();

  int64_t line = shape.separator_line ? 2 : 1;
  if (options.header_line.has_value()) line = *options.header_line;
  const std::optional<size_t> begin = LineBegin(text, line);
  if (!begin.has_value() && options.header_line.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("expected the header on line ", line, " (--header-line), got ",
                                                   whole ? "a file of fewer lines" : "no such line near the start"));
  }
  const size_t offset = begin.value_or(text.size());
  const absl::string_view table = text.substr(offset);

  const std::optional<char> said = options.delimiter.has_value() ? options.delimiter : separator;
  const Candidate chosen = said.has_value() ? ReadCandidate(*said, table, whole, line, options)
                                            : ChooseDelimiter(table, whole, line, options);
  const Rows& rows = chosen.sample.rows;
  shape.delimiter = chosen.delimiter;
  shape.has_header = options.has_header.value_or(true);
  shape.first_line = line;
  shape.first_byte = offset;
  if (rows.empty()) return shape;

  if (!options.header_line.has_value()) {
    shape.first_line = rows[HeaderFinder(rows, chosen.width).Find()].line;
    shape.first_byte = LineBegin(text, shape.first_line).value_or(offset);
  }
  DescribeTable(text.substr(shape.first_byte), whole, options, &shape);
  // A malformed line with several cells was rather the header than a title.
  for (const auto& [malformed_line, column] : chosen.sample.malformed) {
    if (options.header_line.has_value() || malformed_line >= shape.first_line) break;
    if (column < 2 && !shape.header_looks_like_data) continue;
    shape.first_line = malformed_line;
    shape.first_byte = LineBegin(text, malformed_line).value_or(offset);
  }
  return shape;
}

}  // namespace roicast

#include "base/tables/shape/table_shape.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "base/tables/shape/amount.h"
#include "base/tables/shape/delimiter_candidate.h"
#include "base/tables/shape/header_names.h"
#include "base/tables/shape/lines.h"
#include "base/tables/shape/sample_row.h"
#include "base/tables/shape/totals_words.h"

namespace roicast {
namespace {

// How far below a poor candidate a better header may stand.
constexpr size_t kLookAhead = 30;
// So many equal words make a constant.
constexpr size_t kFewestConstant = 3;

using Rows = std::vector<SampleRow>;

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

// Whether a row with a name in each cell is exactly one cell shorter than all rows below it.
bool IsOneShort(const Rows& rows, size_t header) {
  const size_t width = rows[header].width();
  return width >= 2 && rows[header].filled() == width && LooksLikeHeader(rows[header]) && header + 2 < rows.size() &&
         std::all_of(rows.begin() + static_cast<ptrdiff_t>(header) + 1, rows.end(),
                     [width](const SampleRow& row) { return row.width() == width + 1 && !row.cells[width].empty(); });
}

// Whether the first cells of the rows below the header are whole numbers, each larger than the one before.
bool AreRowNumbers(const Rows& rows, size_t header) {
  int64_t last = std::numeric_limits<int64_t>::min();
  for (size_t i = header + 1; i < rows.size(); ++i) {
    int64_t number = 0;
    if (!absl::SimpleAtoi(rows[i].cells[0], &number) || number <= last) return false;
    last = number;
  }
  return true;
}

absl::Status OneShortError(const Rows& rows, size_t header) {
  const size_t width = rows[header].width();
  return absl::InvalidArgumentError(absl::StrCat(
      "line ", rows[header].line, ": expected as many names in the header as the rows below have cells, got ", width,
      " names and ", width + 1, " cells, as in line ", rows[header + 1].line,
      ": is there a delimiter within cells that are not quoted, such as a decimal comma? (--delimiter, "
      "--header-line)"));
}

// Whether one cell ends with one to three digits and the next begins with exactly three, as around a comma for
// thousands.
bool IsSplitNumber(absl::string_view before, absl::string_view after) {
  const auto is_digit = [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); };
  const auto digits = static_cast<size_t>(std::find_if_not(before.rbegin(), before.rend(), is_digit) - before.rbegin());
  const auto others = static_cast<size_t>(std::find_if_not(after.begin(), after.end(), is_digit) - after.begin());
  return digits >= 1 && digits <= 3 && others == 3;
}

// Where a header with more names than all rows have cells has delimiters inside of its names: between digits and inside
// brackets. Empty unless these places explain the difference.
std::vector<size_t> SplitNames(const Rows& rows, char delimiter) {
  const SampleRow& header = rows[0];
  const size_t width = rows.size() < 3 ? 0 : rows[1].width();
  const bool all_narrower =
      width >= 2 && header.filled() == header.width() && width < header.width() &&
      std::all_of(rows.begin() + 1, rows.end(), [width](const SampleRow& row) { return row.width() == width; });
  if (!all_narrower) return {};
  std::vector<size_t> places;
  std::vector<size_t> in_bracket;
  int depth = 0;
  for (size_t c = 0; c < header.width(); ++c) {
    for (const char letter : header.cells[c]) {
      if (letter == '(' || letter == '[') ++depth;
      if (letter == ')' || letter == ']') depth = std::max(depth - 1, 0);
    }
    // A bracket that is never closed is no reason.
    if (depth == 0) places.insert(places.end(), in_bracket.begin(), in_bracket.end());
    if (depth == 0) in_bracket.clear();
    if (c + 1 == header.width()) break;
    if (depth > 0) {
      in_bracket.push_back(c);
    } else if (delimiter == ',' && IsSplitNumber(header.cells[c], header.cells[c + 1])) {
      places.push_back(c);
    }
  }
  return places.size() == header.width() - width ? places : std::vector<size_t>();
}

void DescribeColumns(const Rows& rows, size_t first_row, size_t columns, TableShape* shape) {
  shape->words.assign(columns, false);
  shape->amounts.assign(columns, false);
  shape->names.assign(columns, false);
  shape->constants.assign(columns, "");
  for (size_t c = 0; c < columns; ++c) {
    size_t filled = 0;
    size_t data = 0;
    size_t amounts = 0;
    size_t total = 0;
    const std::string* constant = nullptr;
    bool varies = false;
    for (size_t i = first_row; i < rows.size(); ++i) {
      if (rows[i].width() < shape->min_width || IsTotalsWord(rows[i].cells[0])) continue;
      ++total;
      if (c >= rows[i].width() || rows[i].cells[c].empty()) continue;
      ++filled;
      if (constant == nullptr) constant = &rows[i].cells[c];
      varies = varies || rows[i].cells[c] != *constant;
      data += LooksLikeData(rows[i].cells[c]) ? 1 : 0;
      amounts += IsPlausibleAmount(rows[i].cells[c]) ? 1 : 0;
    }
    shape->words[c] = filled * 2 > total && data * 2 < filled;
    if (shape->words[c] && !varies && filled >= kFewestConstant) shape->constants[c] = *constant;
    shape->amounts[c] = filled > 0 && amounts * 10 >= filled * 9;
    shape->names[c] = filled * 2 > total && !shape->amounts[c] && shape->constants[c].empty();
  }
}

// Years name columns, too.
bool IsYear(absl::string_view cell) {
  return cell.size() == 4 && (absl::StartsWith(cell, "19") || absl::StartsWith(cell, "20"));
}

// Whether nothing but numbers stands in it, whatever stands below. Years alone may be names.
bool IsAllNumbers(const SampleRow& header) {
  size_t numbers = 0, years = 0;
  for (const std::string& cell : header.cells) {
    if (cell.empty()) continue;
    double value = 0.0;
    if (!absl::SimpleAtod(cell, &value) || !std::isfinite(value)) return false;
    ++numbers;
    years += IsYear(cell) ? 1 : 0;
  }
  return numbers > years;
}

// m0, x12, col_5: letters with a number behind them.
bool IsNumberedName(absl::string_view cell) {
  const size_t digits = cell.find_first_of("0123456789");
  if (digits == 0 || digits == absl::string_view::npos) return false;
  const auto is_name = [](char c) { return c == '_' || absl::ascii_isalpha(static_cast<unsigned char>(c)); };
  return std::all_of(cell.begin(), cell.begin() + static_cast<ptrdiff_t>(digits), is_name) &&
         std::all_of(cell.begin() + static_cast<ptrdiff_t>(digits), cell.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

bool HeaderLooksLikeData(const SampleRow& header, const TableShape& shape) {
  if (IsAllNumbers(header)) return true;
  size_t columns = 0;
  size_t amounts = 0;
  for (size_t c = 0; c < std::min(header.width(), shape.amounts.size()); ++c) {
    if (!shape.amounts[c] || header.cells[c].empty()) continue;
    ++columns;
    const std::string& cell = header.cells[c];
    amounts += LooksLikeData(cell) && !IsYear(cell) && !IsNumberedName(cell) ? 1 : 0;
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
absl::Status DescribeTable(absl::string_view table, bool whole, const FileOptions& options, TableShape* shape) {
  DelimiterCandidate read = ReadCandidate(shape->delimiter, table, whole, shape->first_line, options);
  Rows& rows = read.sample.rows;
  if (rows.empty()) return absl::OkStatus();
  shape->width = read.width;
  if (shape->has_header) {
    shape->split_names = SplitNames(rows, shape->delimiter);
    JoinCells(shape->split_names, shape->delimiter, &rows[0].cells);
  }
  if (shape->has_header && IsOneShort(rows, 0)) {
    if (!AreRowNumbers(rows, 0)) return OneShortError(rows, 0);
    shape->row_numbers = true;
  }
  const size_t named = std::max<size_t>(rows[0].effective_width(), 1) + (shape->row_numbers ? 1 : 0);
  const size_t columns = shape->has_header ? named : read.width;
  const size_t body = shape->has_header ? 1 : 0;
  shape->min_width = shape->has_header ? ShortWidth(rows, body, columns) : columns;
  DescribeColumns(rows, body, columns, shape);
  shape->header_looks_like_data = shape->has_header && !shape->row_numbers && HeaderLooksLikeData(rows[0], *shape);
  return absl::OkStatus();
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
  const DelimiterCandidate chosen = said.has_value() ? ReadCandidate(*said, table, whole, line, options)
                                                     : ChooseDelimiter(table, whole, line, options);
  const Rows& rows = chosen.sample.rows;
  shape.delimiter = chosen.delimiter;
  shape.has_header = options.has_header.value_or(true);
  shape.first_line = line;
  shape.first_byte = offset;
  if (rows.empty()) return shape;

  if (!options.header_line.has_value()) {
    size_t found = HeaderFinder(rows, chosen.width).Find();
    if (shape.has_header && found > 0 && IsOneShort(rows, found - 1) && !LooksLikeHeader(rows[found])) --found;
    shape.first_line = rows[found].line;
    shape.first_byte = LineBegin(text, shape.first_line).value_or(offset);
  }
  ROICAST_RETURN_IF_ERROR(DescribeTable(text.substr(shape.first_byte), whole, options, &shape));
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

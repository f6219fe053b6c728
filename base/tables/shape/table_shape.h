// Finds the table in the first bytes of a text: its delimiter, where it begins, and how wide it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/tables/file_form.h"

namespace roicast {

struct TableShape {
  char delimiter = ',';
  bool separator_line = false;
  LineEnd line_end = LineEnd::kLf;
  // The line with which the table begins, from 1, and its first byte: the header, or the first row if there is none.
  int64_t first_line = 1;
  size_t first_byte = 0;
  bool has_header = true;
  // Of most rows, without columns at the end in which no cell has anything. 0: there is no row.
  size_t width = 0;
  // Rows with this many cells or more, but fewer than the header has, are as complete as most: the rest is empty.
  size_t min_width = 0;
  // Whether the header consists of amounts, as if it were a row.
  bool header_looks_like_data = false;
  // Whether the rows begin with a column of numbers that the header has no name for, as R writes them.
  bool row_numbers = false;
  // Cells of the header that are one name with the next cell, because it has a delimiter that is not quoted: "CPM (cost
  // per 1,000)". Rising.
  std::vector<size_t> split_names;
  // Per column, what the first rows show: words that tell rows apart, or amounts that could be added up.
  std::vector<bool> words;
  std::vector<bool> amounts;
  // Per column, whether most rows are named by its cells: words that differ, or dates.
  std::vector<bool> names;
  // Per column, the word that stands in all of the first rows, such as the account's currency; else empty.
  std::vector<std::string> constants;
};

// text: valid UTF-8 without a byte order mark; whole: whether it is all of the file. Errors: INVALID_ARGUMENT if the
// header line that a person gave is beyond the text, or if the rows have a cell more than the header for no such
// reason.
absl::StatusOr<TableShape> DetectShape(absl::string_view text, bool whole, const FileOptions& options);

}  // namespace roicast

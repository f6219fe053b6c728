// The first rows of a text under one delimiter, as the detection of a table's shape looks at them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/tables/file_form.h"

namespace roicast {

struct SampleRow {
  int64_t line = 0;
  std::vector<std::string> cells;

  size_t width() const { return cells.size(); }
  // Without the empty cells at the end.
  size_t effective_width() const;
  size_t filled() const;
};

// Whether a cell is an amount, a date, a per cent and the like: digits and signs, at most a currency or a unit beside
// them.
bool LooksLikeData(absl::string_view cell);
// Whether a row could name columns: none of its cells looks like data, and no two are the same.
bool LooksLikeHeader(const SampleRow& row);

struct Sample {
  std::vector<SampleRow> rows;
  // Where cells are malformed: line and column, from 1.
  std::vector<std::pair<int64_t, int64_t>> malformed;
};

// The first rows of a text that begins on line `first_line`, up to max_rows. whole: whether the text ends with the
// sample, so that the last row is complete. What is beyond the limits of the options is left out.
Sample ReadSample(absl::string_view text, bool whole, char delimiter, int64_t first_line, size_t max_rows,
                  const FileOptions& options);

}  // namespace roicast

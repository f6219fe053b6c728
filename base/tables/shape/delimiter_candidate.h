// Reads the first rows of a text under a delimiter, and chooses the delimiter that explains them best.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "base/tables/file_form.h"
#include "base/tables/shape/sample_row.h"

namespace roicast {

struct DelimiterCandidate {
  char delimiter = ',';
  Sample sample;
  // Of most rows, without columns at the end in which no cell has anything.
  size_t width = 0;
};

// Whether a row is a line such as GA4 writes above a table: it begins with "#".
bool IsComment(const SampleRow& row);

// Up to 1000 rows of a text that begins on line `first_line`, up to its last complete one unless it is whole.
DelimiterCandidate ReadCandidate(char delimiter, absl::string_view text, bool whole, int64_t first_line,
                                 const FileOptions& options);
// The best among comma, semicolon, tab and vertical bar; a comma if none divides the lines.
DelimiterCandidate ChooseDelimiter(absl::string_view text, bool whole, int64_t first_line, const FileOptions& options);

}  // namespace roicast

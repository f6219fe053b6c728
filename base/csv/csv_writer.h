// Writes CSV text, RFC 4180 with LF line ends, which CsvReader reads back cell by cell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace roicast {

// Appends to a string that the caller owns, and may write out and clear at any time. Not thread-safe.
class CsvWriter {
 public:
  // out must outlive the writer. delimiter: see CsvReaderOptions::delimiter.
  explicit CsvWriter(std::string* out, char delimiter = ',');

  // Quoted only where necessary.
  void Text(absl::string_view cell);
  // The fewest digits that read back as the same number; NaN becomes an empty cell.
  void Number(double value);
  // The same for float.
  void Number(float value);
  void Integer(int64_t value);
  // An empty cell.
  void Missing();
  // A row without cells becomes an empty line, which readers skip.
  void EndRow();

 private:
  void Separate();

  std::string* out_;
  char delimiter_;
  int64_t cells_ = 0;
  size_t row_begin_ = 0;
};

}  // namespace roicast

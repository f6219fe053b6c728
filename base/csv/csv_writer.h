// Rows of cells to CSV text, RFC 4180 with LF line ends: what CsvReader reads back cell by cell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace roicast {

// Appends to a string that the caller owns, empties and writes out as it likes. Not thread-safe.
class CsvWriter {
 public:
  // out has to outlive the writer. delimiter: as CsvReaderOptions.delimiter.
  explicit CsvWriter(std::string* out, char delimiter = ',');

  // Quoted where it has to be.
  void Text(absl::string_view cell);
  // The shortest digits that read back to the same number; NaN gives an empty cell.
  void Number(double value);
  // As above, for float.
  void Number(float value);
  void Integer(int64_t value);
  // An empty cell.
  void Missing();
  // Rows without cells give an empty line, which a reader skips.
  void EndRow();

 private:
  void Separate();

  std::string* out_;
  char delimiter_;
  int64_t cells_ = 0;
  size_t row_begin_ = 0;
};

}  // namespace roicast

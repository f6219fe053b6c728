// Writes tables, RFC 4180, which TableReader reads back cell by cell; also in the form of a file that was read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "base/tables/file_form.h"

namespace roicast {

// Appends to a string that the caller owns, and may write out and clear after any row. Not thread-safe.
class TableWriter {
 public:
  // UTF-8 with LF line ends. out must outlive the writer. delimiter: see FileOptions::delimiter.
  explicit TableWriter(std::string* out, char delimiter = ',');
  // As a file of this form: its encoding, with its byte order mark, its delimiter and line ends, and its "sep=;" line.
  // The mark and that line are written at once. Compression and what stood around the table are not repeated.
  TableWriter(std::string* out, const FileForm& form);

  // Quoted only where necessary.
  void Text(absl::string_view cell);
  // The fewest digits that read back as the same number; NaN becomes an empty cell.
  void Number(double value);
  // The same for float.
  void Number(float value);
  void Integer(int64_t value);
  // An empty cell.
  void Missing();
  // One or more cells, quoted and divided as they are, such as TableRow::raw of a file with the same delimiter.
  void Raw(absl::string_view cells);
  // A row without cells becomes an empty line, which readers skip.
  void EndRow();

  // From the next row on: where a reader found out late. Everything before must be the same in both, as ASCII is.
  void set_encoding(Encoding encoding) { encoding_ = encoding; }
  // Of the row so far, in UTF-8, without its end.
  size_t row_bytes() const { return row_.size(); }
  // Characters so far that the encoding does not have: they were written as \u{1F600}, with their code point.
  int64_t unencodable() const { return unencodable_; }

 private:
  void Separate();

  std::string* const out_;
  const char delimiter_;
  const LineEnd line_end_;
  Encoding encoding_ = Encoding::kUtf8;
  // In UTF-8.
  std::string row_;
  int64_t cells_ = 0;
  int64_t unencodable_ = 0;
};

}  // namespace roicast

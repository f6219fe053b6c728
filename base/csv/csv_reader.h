// A streaming CSV tokenizer: bytes in, rows of cells out. RFC 4180, with the usual extensions:
// - any one-byte delimiter; rows end with LF, CRLF or CR, which is optional for the last row;
// - a UTF-8 byte order mark is skipped; blank lines are skipped;
// - spaces and tabs around an unquoted cell, or around the quotes of a quoted one, are ignored;
// - a quote inside an unquoted cell, such as in 5" screen, is an ordinary character.
// Quoted line breaks and spaces are kept. Memory is bounded by the largest row, not by the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace roicast {

struct CsvReaderOptions {
  // One byte; not a quote, CR, LF or NUL.
  char delimiter = ',';
  // If false, the first row is data and the columns are named c0, c1, c2 …
  bool has_header = true;
  // In bytes, ≥ 1. A larger cell fails with INVALID_ARGUMENT.
  size_t max_cell_bytes = size_t{1} << 20;
  // ≥ 1. A wider row fails with INVALID_ARGUMENT.
  size_t max_columns = 10'000;

  absl::Status Validate() const;
};

// A row of data. Valid only during the callback.
struct CsvRow {
  // Line of the file on which the row begins, from 1.
  int64_t line;
  // The number of cells may differ from the header's: handling ragged rows is up to the consumer.
  absl::Span<const absl::string_view> cells;
};

// A row that is not valid CSV: there is text between a closing quote and the next delimiter.
struct CsvMalformedRow {
  // Line of the file on which the row begins, from 1.
  int64_t line;
  // The malformed cell, from 1.
  int64_t column;
  // What was expected and what was found.
  std::string message;
};

// Not thread-safe. After an error, every further call returns the same error.
class CsvReader {
 public:
  // A status other than OK stops reading and is returned from Feed or Finish.
  using RowCallback = std::function<absl::Status(const CsvRow&)>;
  using MalformedRowCallback = std::function<absl::Status(const CsvMalformedRow&)>;

  // Without on_malformed, a malformed row fails with INVALID_ARGUMENT; with it, reading continues with the next line.
  // The first call of Feed or Finish reports invalid options.
  CsvReader(CsvReaderOptions options, RowCallback on_row, MalformedRowCallback on_malformed = nullptr);
  ~CsvReader();
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  // The next bytes of the file, split at any position.
  // Errors: INVALID_ARGUMENT with the line, for an exceeded limit, an encoding other than UTF-8 or a duplicate name in
  // the header.
  absl::Status Feed(absl::string_view bytes);

  // Ends the input. Errors: those of Feed; INVALID_ARGUMENT for an unterminated quote or a missing header.
  absl::Status Finish();

  // Column names; empty until the first row has been read. A column without a name is named after its position, such as
  // c0.
  const std::vector<std::string>& header() const;

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace roicast

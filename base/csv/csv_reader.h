// A streaming CSV tokenizer: bytes in, rows of cells out. RFC 4180, with the usual extensions:
// - any one-byte delimiter; rows end with LF, CRLF or CR; the last one may lack its end;
// - a UTF-8 byte order mark is skipped; blank lines are skipped;
// - blanks and tabs around an unquoted cell, or around the quotes of a quoted one, are not part of it;
// - a quote inside an unquoted cell, such as in 5" screen, is an ordinary character.
// Cells keep their quoted line ends and blanks. Memory is bounded by the largest row, not by the file.
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
  // One byte; neither a quote nor a line end.
  char delimiter = ',';
  // False: the first row is data, and the columns are called c0, c1, c2 …
  bool has_header = true;
  // Larger cells end the reading with INVALID_ARGUMENT. Bytes, ≥ 1.
  size_t max_cell_bytes = size_t{1} << 20;
  // Wider rows end the reading with INVALID_ARGUMENT. ≥ 1.
  size_t max_columns = 10'000;

  absl::Status Validate() const;
};

// A row of data. Valid during the call that hands it over.
struct CsvRow {
  // Line of the file on which the row begins, from 1.
  int64_t line;
  // As many as the row has, which may differ from the header: what to do with ragged rows is the consumer's
  // choice.
  absl::Span<const absl::string_view> cells;
};

// A row that is no CSV: something stands between a closing quote and the next delimiter.
struct CsvMalformedRow {
  // Line of the file on which the row begins, from 1.
  int64_t line;
  // The cell with the fault, from 1.
  int64_t column;
  // What was expected, what came.
  std::string message;
};

// Not thread-safe. After an error, each further call returns it again.
class CsvReader {
 public:
  // A status that is not OK ends the reading and is returned from Feed or Finish.
  using RowCallback = std::function<absl::Status(const CsvRow&)>;
  using MalformedRowCallback = std::function<absl::Status(const CsvMalformedRow&)>;

  // Without on_malformed, a malformed row ends the reading with INVALID_ARGUMENT; with it, reading goes on
  // with the next line. Invalid options are returned by the first call of Feed or Finish.
  CsvReader(CsvReaderOptions options, RowCallback on_row, MalformedRowCallback on_malformed = nullptr);
  ~CsvReader();
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  // The next bytes of the file, cut anywhere.
  // Errors: INVALID_ARGUMENT with the line, for a limit, an encoding other than UTF-8's, a repeated name in
  // the header.
  absl::Status Feed(absl::string_view bytes);

  // No more bytes. Errors: as of Feed; INVALID_ARGUMENT for a quote that is still open, or a missing header.
  absl::Status Finish();

  // Column names; empty until the first row was read. A column without a name is called c0, c1, c2 … by its
  // place.
  const std::vector<std::string>& header() const;

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace roicast

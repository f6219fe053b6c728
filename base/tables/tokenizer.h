// Splits UTF-8 text into rows of cells as it streams. RFC 4180, with the usual extensions:
// - any one-byte delimiter; rows end with LF, CRLF or CR, which is optional for the last row;
// - spaces and tabs around an unquoted cell, or around the quotes of a quoted one, are ignored;
// - a quote inside an unquoted cell, such as in 5" screen, is an ordinary character;
// - lines without text are no rows.
// Quoted line breaks and spaces are kept. Memory is bounded by the largest row (max_row_bytes) and the largest
// piece, not by the text.
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

struct TokenizerOptions {
  // ASCII; not a quote, CR, LF or NUL.
  char delimiter = ',';
  // In bytes as written, ≥ 1. A larger cell fails with INVALID_ARGUMENT.
  size_t max_cell_bytes = size_t{1} << 20;
  // ≥ 1. A wider row fails with INVALID_ARGUMENT.
  size_t max_columns = 10'000;
  // In bytes as written, ≥ 1. A longer row fails with INVALID_ARGUMENT: the cells of a row may together have much more
  // than a process has memory for.
  size_t max_row_bytes = size_t{16} << 20;
};

// Cells and their text are valid only during the callback.
struct TokenizedRow {
  // Line on which the row begins, from 1.
  int64_t line;
  absl::Span<const absl::string_view> cells;
  // As it stands in the text, without its line end.
  absl::string_view raw;
};

// A row with text between a closing quote and the next delimiter.
struct MalformedRow {
  int64_t line;
  // The malformed cell, from 1.
  int64_t column;
  // What was expected and what was found.
  std::string message;
  absl::string_view raw;
};

// Not thread-safe. After an error, every further call returns the same error.
class Tokenizer {
 public:
  // A status other than OK stops, and is returned from Commit or Finish.
  struct Sink {
    virtual ~Sink() = default;
    virtual absl::Status OnRow(const TokenizedRow& row) = 0;
    virtual absl::Status OnMalformed(const MalformedRow& row) = 0;
    // A line without text.
    virtual absl::Status OnBlank(int64_t line) = 0;
  };

  // sink must outlive this. first_line: the number of the line with which the text begins.
  Tokenizer(const TokenizerOptions& options, Sink* sink, int64_t first_line = 1);

  // Room for the next `size` bytes of text; Commit says how many were written there. This spares a copy.
  char* Prepare(size_t size);
  absl::Status Commit(size_t size);
  // The next bytes of text, split at any position. Errors: INVALID_ARGUMENT with the line, for an exceeded limit.
  absl::Status Feed(absl::string_view text);
  // Ends the text. Errors: those of Feed; INVALID_ARGUMENT for a quote left open.
  absl::Status Finish();

  // Of the text that is held: at most some three times the longest row.
  size_t memory_bytes() const { return capacity_ + unquoted_.capacity(); }
  // Of the end of what was fed: line and column from 1.
  int64_t line() const { return line_; }
  int64_t column() const { return static_cast<int64_t>(ends_count_) + 1; }

 private:
  // Bit i stands for byte i of a block of 64.
  struct BlockMasks {
    uint64_t delimiters = 0;
    uint64_t line_ends = 0;
    uint64_t quotes = 0;
  };
  enum class State : uint8_t { kPlain, kQuoted, kQuoteSeen, kSkipping };

  void Scan();
  static BlockMasks FindSpecials(const char* block, char delimiter);
  bool IsRegular(size_t block, size_t size, const BlockMasks& masks) const;
  bool TakeRegularBlock(size_t block, size_t size, const BlockMasks& masks);
  bool TakePlainBlock(size_t block, uint64_t delimiters, uint64_t line_ends, bool quoted);
  void TakeDelimiters(size_t block, uint64_t delimiters);
  bool TakeBlock(size_t block, uint64_t specials);
  bool TakeSpecial(size_t position);
  bool EndRow(size_t position, char c);
  bool EndMalformed(size_t position, size_t bad);
  void BeginRowAfter(size_t position, char line_end);
  absl::Status HandOver();
  absl::string_view QuotedCell(absl::string_view cell);
  bool CheckLimits(size_t position);
  absl::Status LimitExceeded(size_t row_size) const;
  void ReserveEnds();
  size_t CellBegin() const { return ends_count_ == 0 ? row_begin_ : row_begin_ + ends_[ends_count_ - 1] + 1; }
  bool Fail(absl::Status status);
  size_t FirstNonBlank(size_t begin, size_t end) const;
  bool IsBlank(char c) const { return (c == ' ' || c == '\t') && c != delimiter_; }

  const char delimiter_;
  const size_t max_cell_bytes_;
  const size_t max_columns_;
  const size_t max_row_bytes_;
  Sink* const sink_;
  absl::Status status_;

  // The text not yet handed over begins at row_begin_; bytes before scanned_ have been looked at.
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;
  size_t size_ = 0;
  size_t row_begin_ = 0;
  size_t scanned_ = 0;

  State state_ = State::kPlain;
  // Position of the last quote in state kQuoteSeen.
  size_t quote_ = 0;
  // Whether a CR has just ended a row, so that an LF belongs to it.
  bool after_cr_ = false;
  // Whether the current row may have quoted cells, and doubled quotes in them.
  bool row_quoted_ = false;
  bool row_doubled_ = false;
  int64_t line_;
  int64_t row_line_;
  // Where the cells of the current row end, from row_begin_.
  std::vector<size_t> ends_;
  size_t ends_count_ = 0;
  std::vector<absl::string_view> cells_;
  // Cells with doubled quotes, without them.
  std::string unquoted_;
};

}  // namespace roicast
